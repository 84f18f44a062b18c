"""From a group explorer's state to its chart."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from typing import Any, Final

import pandas as pd

from .. import charts
from ..charts.words import scored_measure
from ..errors import InputError, LearnosityError, NotOffered
from ..pages.walk_page import place_of, withheld_sentence
from .group_source import GroupSource, Measure
from .group_state import GroupState
from .group_view import rows_in_order
from .keeping import Kept
from .paging import page_of

__all__ = [
    "CHART_KINDS",
    "chart_field",
    "chart_picture",
    "chart_view",
    "first_chart",
    "kinds_drawable",
    "measure_in_view",
    "measure_needed",
]

CHART_KINDS: Final = tuple(kind["key"] for kind in charts.KINDS)
OF_USERS: Final = ("distribution", "ecdf")
KINDS_FOUND: Final = Kept(16)
"""Kinds that can be drawn of frames with the same columns: to find them takes as long as all else of an opening."""
NOT_OF_USERS: Final = "This chart compares groups, and here are learners: go up one level, or choose the distribution."


def chart_field(state: GroupState, source: GroupSource) -> str:
    """Return the figure that charts draw: what rows are sorted by if that is a score or percent, else a middle."""
    if state.sort_field in source.figures and scored_measure(state.sort_field) is not None:
        return state.sort_field
    return charts.charted_field(source.figures) or "percent"


def measure_needed(state: GroupState, source: GroupSource) -> Measure | None:
    """Return the measure whose distributions the chart draws; None for a chart of summaries."""
    return measure_in_view(state, source) if state.chart in OF_USERS else None


def measure_in_view(state: GroupState, source: GroupSource) -> Measure:
    """Return the measure that charts and comparisons are of."""
    return scored_measure(chart_field(state, source)) or "percent"


def first_chart(source: GroupSource) -> str:
    """Return the kind to begin with: the first that can be drawn."""
    return next(iter(kinds_drawable(GroupState(), source)), CHART_KINDS[0])


def kinds_drawable(state: GroupState, source: GroupSource) -> tuple[str, ...]:
    """Return the kinds whose fields the dataset has; it depends on no group."""
    field, measure = chart_field(state, source), measure_in_view(state, source)
    return source.kept.get(("kinds", measure, field in source.figures), lambda: _drawable(field, measure, source))


def _drawable(field: str, measure: Measure, source: GroupSource) -> tuple[str, ...]:
    own, gives = source.own(()), source.gives_distributions(measure)
    columns = tuple(own.columns)
    return KINDS_FOUND.get(
        (columns, field, gives), lambda: tuple(charts.empty_charts(own, field, with_distributions=gives))
    )


def chart_view(state: GroupState, source: GroupSource, page_size: int) -> dict[str, Any]:
    """Return what the chart's face shows, as JSON's own values.

    A chart of groups draws the page in view, but a funnel all groups (200 of
    them at most, the farthest out among them); one of distributions the group
    in view, or the marked groups over each other where there are several.
    """
    drawable = kinds_drawable(state, source)
    kinds = [dict(kind) for kind in charts.KINDS if kind["key"] in (*drawable, state.chart)]
    return {"kinds": kinds, **source.kept.get(_key(state, source), lambda: _chart_view(state, source, page_size))}


def _key(state: GroupState, source: GroupSource) -> Hashable:
    """Return all that a chart depends on: most changes of a table leave a distribution as it is."""
    measure = measure_needed(state, source)
    if measure is None:
        return "chart", replace(state, fields=(), selection=()), chart_field(state, source)
    return "chart", state.chart, state.group_path, measure, state.selection if len(state.selection) > 1 else ()


def _chart_view(state: GroupState, source: GroupSource, page_size: int) -> dict[str, Any]:
    label = next(one["label"] for one in charts.KINDS if one["key"] == state.chart)
    shown: dict[str, Any] = {
        "kind": state.chart,
        "title": f"{label}: {place_of(state.group_path)}",
        "spec": {},
        "datasets": {},
        "summary": "",
        "message": None,
    }
    try:
        chart, summary = _drawn(state, source, page_size)
    except (InputError, NotOffered) as reason:
        return shown | {"message": str(reason)}
    spec, datasets = charts.split_chart(chart)
    return shown | {"spec": spec, "datasets": datasets, "summary": summary}


def chart_picture(state: GroupState, source: GroupSource, page_size: int) -> str | None:
    """Return the chart as SVG; None where it cannot be drawn."""
    try:
        return charts.to_svg(_drawn(state, source, page_size)[0])
    except LearnosityError:
        return None


def _drawn(state: GroupState, source: GroupSource, page_size: int) -> tuple[Any, str]:
    field, measure = chart_field(state, source), measure_needed(state, source)
    if source.is_withheld(state.group_path):
        raise NotOffered(withheld_sentence(source.min_population))
    if measure is None and source.rows(state.group_path).of == "users":
        raise NotOffered(NOT_OF_USERS)
    if measure is None:
        children = _children(state, source, page_size)
        own = source.own(state.group_path)
        chart = charts.kind_chart(state.chart, children, own, None, field)
        return chart, charts.describe(state.chart, children, field, own=own)
    several = source.distributions(state.group_path, state.selection, measure) if len(state.selection) > 1 else None
    groups = source.rows(state.group_path).frame
    if several:
        over = charts.kind_chart(state.chart, groups, None, several, measure)
        return over, f"{', '.join(several)}, drawn over each other."
    spread = source.distribution(state.group_path, measure)
    return charts.kind_chart(state.chart, groups, None, spread, measure), charts.describe(state.chart, spread, measure)


def _children(state: GroupState, source: GroupSource, page_size: int) -> pd.DataFrame:
    """Return the page in view; for a funnel all groups, since its limits rest on all of them."""
    groups = source.rows(state.group_path).frame
    shown = groups if state.chart == "funnel" else page_of(rows_in_order(state, source), state.page, page_size)
    return shown.assign(id=shown["group_name"])
