"""A group explorer's settings as traits: what may be set, and what a set changes beside it."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, Final

import traitlets

from ..domain.fields import USER_FIELDS, near_names
from ..domain.group_paths import GroupPath, parse_group_path
from ..errors import Fault, GroupNotFound, InputError, shorten
from .group_chart import CHART_KINDS
from .group_source import GroupSource
from .group_state import GroupState, follow
from .group_view import MARK_LIMIT, rows_in_order
from .paged_traits import PagedSettings, check_chart, check_sort_field
from .paging import check_order, check_page, page_count
from .refusals import refusing

__all__ = ["STATE_NAMES", "GroupSettings", "check_fields", "checked", "fitted"]

STATE_NAMES: Final = tuple(field.name for field in fields(GroupState))
OTHER_SORTS: Final = ("group_name", "user_id", *USER_FIELDS)


class GroupSettings(PagedSettings):
    """The traits of a group explorer, beside those of every explorer; they always describe a view that exists.

    Attributes
    ----------
    group_path : tuple of str
        The group in view.
    fields : tuple of str
    selection : tuple of str
        The marked groups among those in view, 5 at most.
    """

    group_path = traitlets.Tuple()
    fields = traitlets.Tuple()
    selection = traitlets.Tuple()
    chart = traitlets.Unicode("distribution")

    _charts = CHART_KINDS
    _source: GroupSource
    _shown: GroupState
    _page_size: int

    def _gathered(self, **other: Any) -> GroupState:
        """Return the traits as a state, with what they bring along; `other` in place of theirs."""
        return follow(self._shown, GroupState(**{name: getattr(self, name) for name in STATE_NAMES} | other))

    @traitlets.validate("group_path")
    def _check_path(self, proposal: Any) -> GroupPath:
        with refusing():
            path = parse_group_path(proposal["value"])
            self._source.own(path)
            return path

    @traitlets.validate("fields")
    def _check_fields(self, proposal: Any) -> tuple[str, ...]:
        with refusing():
            return check_fields(proposal["value"], self._source)

    @traitlets.validate("selection")
    def _check_selection(self, proposal: Any) -> tuple[str, ...]:
        with refusing():
            return check_selection(proposal["value"], self._gathered().group_path, self._source)

    def _sortable(self) -> list[str]:
        return sortable(self._source)

    def _page_there(self, page: int) -> int:
        return fitted(self._gathered(page=page), self._source, self._page_size).page


def checked(state: GroupState, source: GroupSource) -> GroupState:
    """Refuse a state that asks for what the dataset lacks."""
    source.own(state.group_path)
    check_sort_field(state.sort_field, sortable(source))
    check_order(state.sort_order)
    check_fields(state.fields, source)
    check_selection(state.selection, state.group_path, source)
    check_chart(state.chart, CHART_KINDS)
    check_page(state.page)
    return state


def sortable(source: GroupSource) -> list[str]:
    """Return the columns that rows of some level can be sorted by."""
    return [*source.figures, *OTHER_SORTS]


def check_fields(names: tuple[Any, ...], source: GroupSource) -> tuple[str, ...]:
    """Return the figures called `names`; refuse those that the dataset lacks or that come twice."""
    faults = []
    for position, name in enumerate(names):
        if name not in source.figures:
            near = near_names(str(name), source.figures)
            faults.append(Fault("unknown_field", f"the dataset has no figure {shorten(name)}{near}", key="fields"))
        elif name in names[:position]:
            faults.append(Fault("duplicate_field", f"{name} is listed twice", key="fields"))
    if faults:
        raise InputError("These figures cannot be shown.", faults)
    return tuple(names)


def check_selection(names: tuple[Any, ...], path: GroupPath, source: GroupSource) -> tuple[str, ...]:
    """Return the groups called `names` below `path`; refuse more than can be compared, and unknown ones."""
    if not all(isinstance(name, str) for name in names):
        raise InputError(f"selection lists names of groups, not {shorten(names)}.")
    distinct = tuple(dict.fromkeys(names))
    if not distinct:
        return ()
    if len(distinct) > MARK_LIMIT:
        raise InputError(f"At most {MARK_LIMIT} groups can be marked, not {len(distinct)}.")
    rows = source.rows(path)
    known = set(rows.frame[rows.name_column]) if rows.of == "groups" else set()
    unknown = [name for name in distinct if name not in known]
    if unknown:
        near = near_names(str(unknown[0]), known)
        raise GroupNotFound(f"There is no group {shorten(unknown[0])} in {list(path) or 'the root group'}{near}")
    return distinct


def fitted(state: GroupState, source: GroupSource, page_size: int) -> GroupState:
    """Return the state on a page that there is."""
    if state.page == 1:
        return state
    return replace(state, page=min(state.page, page_count(len(rows_in_order(state, source)), page_size)))
