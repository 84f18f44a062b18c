"""What groups reached against what they tried."""

from __future__ import annotations

from typing import Final

import altair as alt
import pandas as pd

from ..frames.columns import Column, typed_frame
from .drawing import assemble, layer, tip, titled
from .group_rows import (
    IDENTITY_COLUMNS,
    MOST_POINTS,
    check_fields,
    figures,
    identity,
    own_name,
    reason_for_none,
    said_of_missing,
    shown_groups,
)
from .reference import aligned
from .typed_rows import no_rows
from .words import NUMBER, WHOLE, ScoreMeasure, field_title

__all__ = ["ATTEMPTED", "attempted_rows", "draw_attempted", "score_against_attempted"]

ATTEMPTED: Final = "mean_attempted_percent"
HEIGHT: Final = 340

ATTEMPTED_COLUMNS: Final = (
    *IDENTITY_COLUMNS,
    Column("attempted", "float64", "mean percent of the maximum that the group's learners attempted"),
    Column("value", "float64", "their mean score or percent"),
)


def score_against_attempted(
    groups: pd.DataFrame,
    *,
    measure: ScoreMeasure = "percent",
    parent: pd.DataFrame | None = None,
    title: str | None = None,
    dark: bool | None = None,
) -> alt.LayerChart:
    """Draw each group's mean against how much its learners attempted, the area of a point for its learners.

    Two low means are not alike: low on the right is work that was tried and is not yet known, low on the left
    is work that was not tried.

    Parameters
    ----------
    groups
        Rows of ``dataset.groups(path)``; the 200 largest are drawn.
    measure
        ``"score"`` or ``"percent"``.
    parent
        One row of ``dataset.group(path)``: drawn as two lines that cross.
    title
        Over the chart.
    dark
        Whether the background is dark; None for colours that read on both.

    Raises
    ------
    ColumnError
        If the groups lack a field: naming the list to build the dataset with.
    """
    chart = draw_attempted(groups, parent, measure, dark=dark)
    shown = shown_groups(groups, [ATTEMPTED, f"mean_{measure}"])
    return titled(chart, title, said_of_missing(groups, shown, min(len(shown), MOST_POINTS)))


def attempted_rows(groups: pd.DataFrame | None, measure: ScoreMeasure) -> pd.DataFrame:
    """Return groups that have both figures and may be shown, in their order.

    Returns
    -------
    DataFrame
        ``id``, ``name``, ``population``, ``attempted``, ``value``.
    """
    if groups is None:
        return no_rows(ATTEMPTED_COLUMNS)
    shown = shown_groups(groups, [ATTEMPTED, f"mean_{measure}"])
    values = {"attempted": figures(shown, ATTEMPTED), "value": figures(shown, f"mean_{measure}")}
    return typed_frame(ATTEMPTED_COLUMNS, {**identity(shown), **values})


def draw_attempted(
    groups: pd.DataFrame, own: pd.DataFrame | None, measure: ScoreMeasure, *, dark: bool | None = None
) -> alt.LayerChart:
    """Draw means against what was attempted without a title: datasets ``groups`` and ``own``."""
    field = f"mean_{measure}"
    check_fields(groups, [ATTEMPTED, field], "A chart of scores against what was attempted")
    rows = {"groups": largest(attempted_rows(groups, measure)), "own": _named(attempted_rows(own, measure), own)}
    x = alt.X(field="attempted", type="quantitative", title=field_title(ATTEMPTED)).scale(zero=False, nice=True)
    y = alt.Y(field="value", type="quantitative", title=field_title(field)).scale(zero=False, nice=True)
    x, y = x.axis(domain=False), y.axis(domain=False)
    area = alt.Size(field="population", type="quantitative", title="Learners")
    area = area.scale(range=[0, 500], zero=True)
    area = area.legend(tickCount=3, format=WHOLE, labelExpr="datum.value ? datum.label : ''")
    told = [
        tip("name", "Group"),
        tip("attempted", field_title(ATTEMPTED), NUMBER),
        tip("value", field_title(field), NUMBER),
        tip("population", "Learners", WHOLE),
    ]
    bubbles = layer("groups").mark_circle(style="bubble", opacity=1).encode(x=x, y=y, size=area, tooltip=told)
    return assemble([*_cross(), bubbles], rows, height=HEIGHT, dark=dark, empty=reason_for_none(groups))


def largest(rows: pd.DataFrame, most: int = MOST_POINTS) -> pd.DataFrame:
    """Return the groups with most learners, in their order."""
    if len(rows) <= most:
        return rows
    order = rows["population"].rank(method="first", ascending=False, na_option="bottom")
    return rows.loc[order <= most].reset_index(drop=True)


def _named(rows: pd.DataFrame, own: pd.DataFrame | None) -> pd.DataFrame:
    return rows if own is None or not len(rows) else rows.assign(name=own_name(own))


def _cross() -> list[alt.Chart]:
    x, y = alt.X(field="attempted", type="quantitative"), alt.Y(field="value", type="quantitative")
    words = layer("own").mark_text(style="reference-label", baseline="bottom", y=-4, align=aligned("attempted"))
    return [
        layer("own").mark_rule(style="reference").encode(x=x),
        layer("own").mark_rule(style="reference").encode(y=y),
        words.encode(x=x, text=alt.Text(field="name", type="nominal")),
    ]
