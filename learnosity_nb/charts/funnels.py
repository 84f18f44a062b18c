"""Groups' means against their size, with the limits of what chance alone does."""

from __future__ import annotations

from typing import Any, Final

import altair as alt
import pandas as pd

from .drawing import assemble, encoded, layer, tip, titled
from .funnel_rows import (
    ZONES,
    funnel_limits,
    funnel_rows,
    funnel_selection,
    limit_names,
    outside,
    said_of_no_limits,
    said_of_sizes,
)
from .group_rows import MOST_POINTS, check_fields, reason_for_none, said_of_missing, says_scored, shown_groups
from .words import NUMBER, WHOLE, ScoreMeasure, counted, field_title

__all__ = ["draw_funnel", "funnel"]

HEIGHT: Final = 340
SHAPES: Final = ["circle", "diamond", "square", "cross"]
SIZES: Final = [24, 46, 70, 40]
"""Larger points for groups outside, so that they stand out without another colour."""


def funnel(
    groups: pd.DataFrame,
    *,
    measure: ScoreMeasure = "percent",
    parent: pd.DataFrame | None = None,
    title: str | None = None,
    dark: bool | None = None,
) -> alt.LayerChart:
    """Draw groups' means against their size, between limits of 95 % and 99.8 %.

    The limits are where means of groups of that size would lie if all groups' learners were drawn from the same
    scores: wide for small groups. A class of three that is far above the others is inside; a large school outside
    differs by more than chance. A group without a standard deviation, as it has fewer than two scores, is a grey cross:
    limits say nothing of it.

    A mean is of the learners who have a score, and the population counts those without one too: a group in which
    many have none lies farther out than it should. Add a column ``n``, the learners with a score, and sizes are
    taken from it.

    Parameters
    ----------
    groups
        Rows of ``dataset.groups(path)`` with population, mean and standard deviation of the measure, and ``n`` if
        you have it, as ``dataset.compare_groups`` gives it. Of more than 200 groups a selection is drawn, evenly
        over their sizes, and those farthest out.
    measure
        ``"score"`` or ``"percent"``.
    parent
        One row of ``dataset.group(path)``: its mean is the middle line; the groups' mean, weighted by size, when
        None.
    title
        Over the chart.
    dark
        Whether the background is dark; None for colours that read on both.

    Raises
    ------
    InputError
        If `groups` is no frame of groups.
    ColumnError
        If the groups lack a field: naming the list to build the dataset with.
    """
    chart = draw_funnel(groups, parent, measure, dark=dark)
    rows = funnel_rows(groups, measure, parent)
    shown = shown_groups(groups, ["population", f"mean_{measure}"])
    far = f"{len(outside(rows)):,} of {counted(len(rows), 'group')} outside the limits of 99.8 %" if len(rows) else None
    missing = said_of_missing(groups, shown, min(len(rows), MOST_POINTS))
    return titled(chart, title, [far, said_of_no_limits(rows), *missing, said_of_sizes(groups, rows)])


def draw_funnel(
    groups: pd.DataFrame, own: pd.DataFrame | None, measure: ScoreMeasure, *, dark: bool | None = None
) -> alt.LayerChart:
    """Draw a funnel without a title: datasets ``groups``, ``limits``, ``limit_names`` and ``middle``."""
    field = f"mean_{measure}"
    check_fields(groups, ["population", field, f"stddev_{measure}"], "A funnel")
    limits = funnel_limits(groups, measure, own)
    rows = {
        "groups": funnel_selection(funnel_rows(groups, measure, own)),
        "limits": limits,
        **limit_names(limits, own),
    }
    parts = [*_limit_lines(), *_points(field, "Learners with a score" if says_scored(groups) else "Learners")]
    return assemble(parts, rows, height=HEIGHT, dark=dark, empty=reason_for_none(groups))


def _limit_lines() -> list[alt.Chart]:
    x = alt.X(field="population", type="quantitative")

    def line(name: str, style: str) -> alt.Chart:
        drawn = layer("limits").mark_line(style=style)
        return encoded(drawn, x=x, y=alt.Y(field=name, type="quantitative"))

    y, text = alt.Y(field="value", type="quantitative"), alt.Text(field="label", type="nominal")
    names = layer("limit_names").mark_text(style="label", align="left", baseline="bottom", dx=4, dy=-2)
    middle = layer("middle").mark_text(style="reference-label", align="left", baseline="middle", dx=5)
    words = [part.encode(x=x, y=y, text=text) for part in (names, middle)]
    lines = [line(name, "limit") for name in ("low_95", "high_95")]
    lines += [line(name, "limit-outer") for name in ("low_998", "high_998")]
    return [*lines, line("middle", "reference"), *words]


def _points(field: str, who: str) -> list[alt.Chart]:
    x = alt.X(field="population", type="quantitative", title=f"{who} in the group (square-root scale)")
    x = x.scale(type="sqrt", zero=False, nice=False, padding=8).axis(domain=False, grid=False, format=WHOLE)
    y = alt.Y(field="value", type="quantitative", title=field_title(field)).scale(zero=False).axis(domain=False)
    told = [
        tip("name", "Group"),
        tip("value", field_title(field), NUMBER),
        tip("population", who, WHOLE),
        tip("zone", "Limits"),
        tip("z", "Standard errors from the middle", NUMBER),
    ]
    legend = alt.Legend(columns=2)
    zones: dict[str, Any] = {"field": "zone", "type": "nominal", "title": None, "legend": legend}
    shape = alt.Shape(**zones).scale(domain=ZONES, range=SHAPES)
    fill = alt.Fill(**zones).scale(domain=ZONES, range="ordinal")
    size = alt.Size(**zones).scale(domain=ZONES, range=SIZES)
    near_end = "scale('x', datum['population']) > width - 150"
    dots = layer("groups").mark_point(style="figure-dot", filled=True, opacity=1)
    names = layer("groups").mark_text(
        style="strong-label",
        baseline="middle",
        limit=150,
        align=alt.ExprRef(f"{near_end} ? 'right' : 'left'"),
        dx=alt.ExprRef(f"{near_end} ? -8 : 8"),
    )
    return [
        dots.encode(x=x, y=y, shape=shape, fill=fill, size=size, tooltip=told),
        names.encode(x=x, y=y, text=alt.Text(field="label", type="nominal")),
    ]
