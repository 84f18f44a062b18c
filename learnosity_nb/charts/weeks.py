"""Two weeks of engagement beside each other."""

from __future__ import annotations

from typing import Final

import altair as alt
import numpy as np
import pandas as pd

from ..errors import ColumnError
from ..frames.columns import Column, typed_frame
from .drawing import assemble, keyed, layer, rows_high, tip, titled
from .metrics import METRIC_TITLES, metric_title
from .reference import name_axis
from .words import NUMBER, number_text

__all__ = ["week_over_week", "week_rows"]

NOTHING: Final = "Nothing to compare"

WEEK_COLUMNS: Final = (
    Column("name", "str", "the metric in words"),
    Column("before", "float64", "the figure of the first week"),
    Column("after", "float64", "the figure of the second week"),
    Column("change", "float64", "by how many percent it changed; null from zero"),
    Column("label", "str", "both figures in words"),
)


def week_over_week(
    before: pd.DataFrame, after: pd.DataFrame, *, title: str | None = None, dark: bool | None = None
) -> alt.LayerChart:
    """Draw by how many percent each metric changed from one week to the next.

    Parameters
    ----------
    before, after
        Both averages, as ``lrn.course_averages(course_id)`` gives them (kept from week to week, or of two cohorts):
        their means are compared. Or both days of one learner, such as ``timeline[-14:-7]`` and ``timeline[-7:]``:
        sums of days are compared, and the number of active days.
    title
        Over the chart.
    dark
        Whether the background is dark; None for colours that read on both.

    Raises
    ------
    ColumnError
        If a frame is neither.
    """
    rows = week_rows(before, after)
    told = [tip("name", "Metric"), tip("before", "Before", NUMBER), tip("after", "After", NUMBER)]
    told.append(tip("change", "Change (percent)", "+,.1~f"))
    x = alt.X(field="change", type="quantitative", title="Change (percent)").axis(domain=False)
    bars = keyed("weeks").mark_bar(style="figure", height=13).encode(x=x, y=name_axis(), tooltip=told)
    zero = layer("weeks").mark_rule(style="zero").encode(x=alt.XDatum(0))
    words = keyed("weeks").mark_text(
        style="strong-label", align="left", baseline="middle", x=alt.ExprRef("width"), dx=10
    )
    words = words.encode(y=name_axis(), text=alt.Text(field="label", type="nominal"))
    chart = assemble([bars, zero, words], {"weeks": rows}, height=rows_high(24), dark=dark, empty=NOTHING)
    return titled(chart, title)


def week_rows(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Return the metrics that both weeks have: ``name``, ``before``, ``after``, ``change`` in percent, ``label``."""
    first, second = _figures(before), _figures(after)
    metrics = [metric for metric in METRIC_TITLES if metric in first and metric in second]
    values = [(first[metric], second[metric]) for metric in metrics]
    return typed_frame(
        WEEK_COLUMNS,
        {
            "name": [metric_title(metric) for metric in metrics],
            "before": [one for one, _ in values],
            "after": [other for _, other in values],
            "change": [100 * (other - one) / one if one else np.nan for one, other in values],
            "label": [f"{number_text(one)} → {number_text(other)}" for one, other in values],
        },
    )


def _figures(week: pd.DataFrame) -> dict[str, float]:
    if {"metric", "mean"} <= {*week.columns}:
        known = week.dropna(subset="mean")
        return dict(zip(known["metric"], known["mean"].astype(float), strict=True))
    metrics = [str(name) for name in week.columns if name in METRIC_TITLES]
    if not metrics:
        raise ColumnError(
            "This must be averages, as lrn.course_averages(course_id) gives them, or days of a learner, as "
            "lrn.engagement_timeline(course_id, username) does."
        )
    days = week[metrics].astype("float64")
    return {
        **{metric: float(days[metric].sum()) for metric in metrics},
        "active_days": float((days > 0).any(axis=1).sum()),
    }
