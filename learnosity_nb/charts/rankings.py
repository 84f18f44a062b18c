"""Groups in the order of a figure, against the group above."""

from __future__ import annotations

from typing import Final

import altair as alt
import numpy as np
import pandas as pd

from ..compute.intervals import mean_interval
from ..domain.fields import find_group_field
from ..frames.columns import Column, typed_frame
from .drawing import assemble, keyed, rows_high, tip, titled
from .group_rows import (
    IDENTITY_COLUMNS,
    MOST_ROWS,
    Floats,
    check_fields,
    figures,
    identity,
    reason_for_none,
    reference_rows,
    said_of_missing,
    scored,
    shown_groups,
)
from .reference import name_axis, reference_line
from .words import NUMBER, WHOLE, field_title

__all__ = ["draw_ranking", "ranking", "ranking_rows"]

RANKING_COLUMNS: Final = (
    *IDENTITY_COLUMNS,
    Column("value", "float64", "the figure that the groups are ordered by"),
    Column("low", "float64", "lower end of the 95 % interval of a mean; null where there is none"),
    Column("high", "float64", "its upper end"),
)


def ranking(
    groups: pd.DataFrame,
    field: str = "mean_percent",
    *,
    parent: pd.DataFrame | None = None,
    intervals: bool = True,
    limit: int = MOST_ROWS,
    title: str | None = None,
    dark: bool | None = None,
) -> alt.LayerChart:
    """Draw groups in the order of a figure, highest first: points with intervals, or bars for counts.

    The order of small groups is mostly chance: where intervals overlap, do not read a rank off it. `funnel` shows
    which groups differ by more than chance.

    Parameters
    ----------
    groups
        Rows of ``dataset.groups(path)``.
    field
        The figure.
    parent
        One row of ``dataset.group(path)``: drawn as a line.
    intervals
        Whether to draw 95 % intervals: columns ``low`` and ``high`` of the groups where they have them; else for a
        mean by Student's t from ``stddev_…`` of the same measure and ``n``, the learners with a score, which you
        can add; from ``population`` without it. Learners without a score are in the population too: where there
        are many, the intervals are too short.
    limit
        The most groups drawn, the highest of them.
    title
        Over the chart.
    dark
        Whether the background is dark; None for colours that read on both.

    Raises
    ------
    InputError
        If `groups` is no frame of groups.
    ColumnError
        If the groups lack the field: naming the list to build the dataset with.
    """
    chart = draw_ranking(groups, parent, field, intervals=intervals, limit=limit, dark=dark)
    kept = shown_groups(groups, [field])
    notes = said_of_missing(groups, kept)
    if len(kept) > limit:
        notes.append(f"The {limit:,} highest of {len(kept):,} groups")
    return titled(chart, title, notes)


def ranking_rows(groups: pd.DataFrame, field: str, *, intervals: bool = True) -> pd.DataFrame:
    """Return groups that have the figure and may be shown, highest first, equal ones by name.

    Returns
    -------
    DataFrame
        ``id``, ``name``, ``population``, ``value``, ``low``, ``high``; the last two null without an interval.
    """
    shown = shown_groups(groups, [field])
    none = np.full(len(shown), np.nan)
    low, high = _bounds(shown, field) if intervals else (none, none)
    values = {**identity(shown), "value": figures(shown, field), "low": low, "high": high}
    rows = typed_frame(RANKING_COLUMNS, values).sort_values("name", kind="stable")
    return rows.sort_values("value", ascending=False, kind="stable", ignore_index=True)


def draw_ranking(
    groups: pd.DataFrame,
    own: pd.DataFrame | None,
    field: str,
    *,
    intervals: bool = True,
    limit: int = MOST_ROWS,
    dark: bool | None = None,
) -> alt.LayerChart:
    """Draw a ranking without a title: datasets ``groups`` and ``own``."""
    check_fields(groups, [field], "A ranking")
    rows = {
        "groups": ranking_rows(groups, field, intervals=intervals).head(limit),
        "own": reference_rows(own, field),
    }
    known = find_group_field(field)
    name, title = field_title(field), [field_title(field)]
    told = [tip("name", "Group"), tip("value", name, NUMBER), tip("population", "Learners", WHOLE)]
    if known is not None and known.whole:
        x = alt.X(field="value", type="quantitative", title=title).axis(domain=False, tickMinStep=1, format=WHOLE)
        bars = keyed("groups").mark_bar(style="figure", height=11).encode(x=x, y=name_axis(), tooltip=told)
        return assemble([bars], rows, height=rows_high(), dark=dark, empty=reason_for_none(groups))
    if intervals and known is not None and known.statistic == "mean":
        title.append("point: mean · line: 95 % interval")
        told += [tip("low", "95 % interval from", NUMBER), tip("high", "to", NUMBER)]
    x = alt.X(field="value", type="quantitative", title=title).scale(zero=False, nice=True, padding=6)
    x = x.axis(domain=False, titleAnchor="start")
    reach = alt.X(field="low", type="quantitative")
    lines = keyed("groups").mark_rule(style="figure-hairline").encode(x=reach, x2="high", y=name_axis(), tooltip=told)
    dots = keyed("groups").mark_circle(style="figure-dot", opacity=1).encode(x=x, y=name_axis(), tooltip=told)
    return assemble(
        [*reference_line(), lines, dots], rows, height=rows_high(), dark=dark, empty=reason_for_none(groups)
    )


def _bounds(groups: pd.DataFrame, field: str) -> tuple[Floats, Floats]:
    """Return both ends of each group's interval; nan where there is none."""
    known = find_group_field(field)
    if {"low", "high"} <= {*groups.columns} or known is None or known.statistic != "mean":
        return figures(groups, "low"), figures(groups, "high")
    return mean_interval(scored(groups), figures(groups, field), figures(groups, f"stddev_{known.measure}"))
