"""Differences between groups with their confidence intervals: a forest plot."""

from __future__ import annotations

from typing import Final, Literal

import altair as alt
import pandas as pd

from ..errors import ColumnError, InputError, shorten
from ..frames.columns import Column, typed_frame
from ..frames.origin import origin_of
from .drawing import assemble, keyed, layer, rows_high, tip, titled
from .group_rows import IDENTITY_COLUMNS, MOST_ROWS, figures, identity
from .reference import name_axis
from .words import NUMBER, WHOLE, counted

__all__ = ["comparison", "comparison_rows"]

Difference = Literal["mean_difference", "median_difference", "hedges_g"]

TITLES: Final[dict[str, str]] = {
    "mean_difference": "Difference of means",
    "median_difference": "Difference of medians",
    "hedges_g": "Hedges' g (pooled standard deviations)",
}
SIGNED: Final = "+,.2~f"
UNITS: Final = {"score": "points", "percent": "points of percent"}

COMPARISON_COLUMNS: Final = (
    *IDENTITY_COLUMNS,
    Column("difference", "float64", "the second less the first, or the group less the first group"),
    Column("low", "float64", "lower end of its confidence interval; null where there is none"),
    Column("high", "float64", "its upper end"),
    Column("first", "float64", "the first's own mean or median; null for Hedges' g"),
    Column("second", "float64", "the second's"),
    Column("sure", "str", "yes where the interval does not hold zero, else no"),
    Column("note", "str", "what to bear in mind; null where nothing"),
)


def comparison(
    frame: pd.DataFrame,
    *,
    difference: Difference = "mean_difference",
    field: Literal["score", "percent"] | None = None,
    title: str | None = None,
    dark: bool | None = None,
) -> alt.LayerChart:
    """Draw differences with their confidence intervals; filled points where an interval does not hold zero.

    Parameters
    ----------
    frame
        As ``dataset.compare(other)`` or ``dataset.compare_groups(paths)`` gives it; the first 50 rows are drawn. How
        sure its intervals are is what it says it was asked for, if it says so.
    difference
        ``"mean_difference"``, ``"median_difference"`` or ``"hedges_g"``.
    field
        What was compared, for the unit on the axis; what the frame says it is of, else without a unit, when None.
    title
        Over the chart.
    dark
        Whether the background is dark; None for colours that read on both.

    Raises
    ------
    InputError
        If there is no such difference, or `frame` is no comparison.
    """
    rows = comparison_rows(frame, difference)
    asked = origin_of(frame).get("call") or {}
    interval, field = _interval(asked.get("confidence")), field or asked.get("field")
    unit = f" ({UNITS[field]})" if field in UNITS and difference != "hedges_g" else ""
    name = TITLES[difference] + unit
    axis_title = [name, f"line: {interval} · filled: it does not hold zero"]
    x = alt.X(field="difference", type="quantitative", title=axis_title)
    x = x.axis(domain=False, titleAnchor="start").scale(zero=True, nice=True)
    told = [tip("name", "Group"), tip("difference", name, SIGNED)]
    told += [tip("low", f"{interval[0].upper()}{interval[1:]} from", SIGNED), tip("high", "to", SIGNED)]
    told += [tip("first", "First", NUMBER), tip("second", "Second", NUMBER)]
    told += [tip("population", "Learners", WHOLE), tip("note", "Note")]
    chart = assemble(
        _marks(x, told),
        {"groups": rows.head(MOST_ROWS)},
        height=rows_high(20),
        dark=dark,
        empty="Nothing to compare",
    )
    notes = (
        [f"{counted(len(frame) - len(rows), 'group')} without a difference left out"] if len(rows) < len(frame) else []
    )
    return titled(chart, title, notes)


def _marks(x: alt.X, told: list[alt.Tooltip]) -> list[alt.Chart]:
    """Return the line of zero, the intervals, and the points: filled where an interval does not hold zero."""
    low, y = alt.X(field="low", type="quantitative"), name_axis()
    zero = layer("groups").mark_rule(style="zero").encode(x=alt.XDatum(0))
    lines = keyed("groups").mark_rule(style="figure-hairline").encode(x=low, x2="high", y=y, tooltip=told)
    rings = keyed("groups").mark_point(style="figure-ring", opacity=1).encode(x=x, y=y, tooltip=told)
    sure = alt.FieldEqualPredicate(field="sure", equal="yes")
    dots = keyed("groups").transform_filter(sure).mark_circle(style="figure-dot", opacity=1)
    return [zero, lines, rings, dots.encode(x=x, y=y, tooltip=told)]


def _interval(confidence: object) -> str:
    """Return what the intervals of a comparison are called: with how sure they are, where that is known."""
    return f"{100 * confidence:.10g} % interval" if isinstance(confidence, float) else "confidence interval"


def comparison_rows(frame: pd.DataFrame, difference: str = "mean_difference") -> pd.DataFrame:
    """Return groups that have the difference, in their order.

    Returns
    -------
    DataFrame
        ``id``, ``name``, ``population`` (both together where two datasets are compared), ``difference``, ``low``,
        ``high``, ``first``, ``second``, ``sure``, ``note``.
    """
    if difference not in TITLES:
        raise InputError(f"difference is {', '.join(TITLES)}, not {shorten(difference)}.")
    there = getattr(frame, "columns", ())
    missing = [name for name in (difference, f"{difference}_low", f"{difference}_high") if name not in there]
    if missing:
        raise ColumnError(f"This is no comparison, as dataset.compare(other) gives it: it lacks {', '.join(missing)}.")
    of, _, _ = difference.partition("_difference")
    low, high = figures(frame, f"{difference}_low"), figures(frame, f"{difference}_high")
    paired = "n_1" in frame.columns
    learners = figures(frame, "n_1") + figures(frame, "n_2") if paired else figures(frame, "n")
    ends = [figures(frame, f"{of}_{side}") for side in (1, 2)]
    if not paired and of in frame.columns and len(frame):
        ends = [pd.Series(figures(frame, of)[0], index=range(len(frame))).to_numpy(), figures(frame, of)]
    named = identity(frame.assign(population=learners))
    rows = typed_frame(
        COMPARISON_COLUMNS,
        {
            **named,
            "difference": figures(frame, difference),
            "low": low,
            "high": high,
            "first": ends[0],
            "second": ends[1],
            "sure": ["yes" if one > 0 or other < 0 else "no" for one, other in zip(low, high, strict=True)],
            "note": [*frame["note"]] if "note" in frame.columns else [None] * len(frame),
        },
    )
    return rows.dropna(subset="difference", ignore_index=True)
