"""The kinds of chart of a group explorer: one call for each view, whose spec stays the same when the group changes."""

from __future__ import annotations

from contextlib import suppress
from typing import Final, Literal, get_args

import altair as alt
import pandas as pd

from ..domain.fields import find_group_field, near_names
from ..errors import ColumnError, InputError, NotOffered, shorten
from .attempts import draw_attempted
from .distributions import draw_ecdf, draw_histogram
from .funnels import draw_funnel
from .percentiles import draw_percentiles
from .rankings import draw_ranking
from .spreads import Distribution
from .words import measure_of

__all__ = ["KINDS", "Kind", "empty_charts", "kind_chart", "ranked_field"]

Kind = Literal["distribution", "ecdf", "percentiles", "ranking", "funnel", "attempted"]

KINDS: Final = (
    {"key": "distribution", "label": "Distribution"},
    {"key": "ecdf", "label": "Cumulative distribution"},
    {"key": "percentiles", "label": "Percentiles"},
    {"key": "ranking", "label": "Ranking"},
    {"key": "funnel", "label": "Funnel"},
    {"key": "attempted", "label": "Score and attempts"},
)
"""Each kind's key and its name in a menu, in the menu's order."""


def kind_chart(
    kind: str,
    children: pd.DataFrame,
    own: pd.DataFrame | None,
    distribution: Distribution | None,
    field: str,
    *,
    dark: bool | None = None,
) -> alt.LayerChart:
    """Draw a view of a group: the group itself, or those directly below it.

    For one kind and field, the spec without its datasets depends only on which percentiles the groups have: not on
    the rows, and on no name. The chart has no title and is as wide as what holds it.

    Parameters
    ----------
    kind
        A key of `KINDS`.
    children
        Rows of ``dataset.groups(path)``; those of a page, but for a funnel all: its limits rest on them.
    own
        The row of ``dataset.group(path)``, or None.
    distribution
        ``dataset.distribution(path)`` of the measure of `field`, or None where the service gives none; a dict of
        names to such frames draws up to six groups over each other.
    field
        A group field, or only ``"score"`` or ``"percent"``.
    dark
        Whether the background is dark; None for colours that read on both.

    Raises
    ------
    InputError
        If there is no such kind.
    ColumnError
        If the groups lack a field: naming the list to build the dataset with.
    NotOffered
        If the kind needs a distribution and there is none.
    """
    if kind not in get_args(Kind):
        raise InputError(f"There is no kind of chart {shorten(kind)}{near_names(str(kind), get_args(Kind))}.")
    measure = measure_of(field, children)
    if kind == "ranking":
        return draw_ranking(children, own, ranked_field(field, children), dark=dark)
    if kind == "percentiles":
        return draw_percentiles(children, own, measure, "box", dark=dark)
    if kind == "funnel":
        return draw_funnel(children, own, measure, dark=dark)
    if kind == "attempted":
        return draw_attempted(children, own, measure, dark=dark)
    if distribution is None:
        raise NotOffered(
            "This service gives no distributions. The chart of percentiles shows the same from the fields "
            f"`p25_{measure}`, `median_{measure}`, `p75_{measure}`."
        )
    draw = draw_histogram if kind == "distribution" else draw_ecdf
    return draw(distribution, field=measure, dark=dark)


def empty_charts(groups: pd.DataFrame, field: str, *, with_distributions: bool) -> dict[str, alt.LayerChart]:
    """Return a chart without rows of each kind that can be drawn, by kind: those whose fields the groups have.

    Parameters
    ----------
    groups
        Any rows of ``dataset.groups``; only the columns count.
    field
        As for `kind_chart`.
    with_distributions
        Whether the service gives distributions.
    """
    nobody = pd.DataFrame({"value": pd.Series(dtype="float64"), "count": pd.Series(dtype="int64")})
    drawn = {}
    for kind in get_args(Kind):
        with suppress(ColumnError, NotOffered):
            drawn[kind] = kind_chart(kind, groups.iloc[:0], None, nobody if with_distributions else None, field)
    return drawn


def ranked_field(field: str, groups: pd.DataFrame) -> str:
    """Return the field that a ranking is by: of a measure alone its mean, or its median where there is no mean."""
    if find_group_field(field) is not None or field not in {"score", "percent"}:
        return field
    mean, median = f"mean_{field}", f"median_{field}"
    return median if mean not in groups.columns and median in groups.columns else mean
