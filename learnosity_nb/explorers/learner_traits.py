"""A learner explorer's settings as traits: what may be set, and what a set changes beside it."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, Final

import traitlets

from ..domain.fields import near_names
from ..errors import Fault, InputError, shorten
from ..frames.learner_columns import SEGMENTS
from .learner_chart import CHARTS
from .learner_source import LearnerSource
from .learner_state import LearnerState, follow
from .learner_view import page_with
from .paged_traits import PagedSettings, check_chart, check_sort_field
from .paging import check_order, check_page, page_count
from .refusals import refusing

__all__ = ["LearnerSettings", "checked", "fitted"]

NAMES: Final = tuple(field.name for field in fields(LearnerState))
UNSORTED: Final = ("segments",)


class LearnerSettings(PagedSettings):
    """The traits of a learner explorer, as in `LearnerState`; they always describe a view that exists."""

    learner = traitlets.Unicode(None, allow_none=True)
    segments = traitlets.Tuple()
    cohort = traitlets.Unicode(None, allow_none=True)
    enrollment_mode = traitlets.Unicode(None, allow_none=True)
    hide_inactive = traitlets.Bool(False)
    chart = traitlets.Unicode("problems_attempted")

    _charts = CHARTS
    _source: LearnerSource
    _shown: LearnerState
    _page_size: int

    def _gathered(self, **other: Any) -> LearnerState:
        """Return the traits as a state, with what they bring along; `other` in place of theirs."""
        return follow(self._shown, LearnerState(**{name: getattr(self, name) for name in NAMES} | other))

    @traitlets.validate("learner")
    def _check_learner(self, proposal: Any) -> str | None:
        with refusing():
            return check_learner(proposal["value"], self._source)

    @traitlets.validate("segments")
    def _check_segments(self, proposal: Any) -> tuple[str, ...]:
        with refusing():
            return check_segments(proposal["value"])

    @traitlets.validate("cohort", "enrollment_mode")
    def _check_group(self, proposal: Any) -> str | None:
        with refusing():
            return check_group(proposal["trait"].name, proposal["value"], self._source)

    def _sortable(self) -> list[str]:
        return sortable(self._source)

    def _page_there(self, page: int) -> int:
        return fitted(self._gathered(page=page), self._source, self._page_size).page


def checked(state: LearnerState, source: LearnerSource) -> LearnerState:
    """Return a state with its segments in their order; refuse one that asks for what the course lacks."""
    check_learner(state.learner, source)
    check_group("cohort", state.cohort, source)
    check_group("enrollment_mode", state.enrollment_mode, source)
    check_sort_field(state.sort_field, sortable(source))
    check_order(state.sort_order)
    check_chart(state.chart, CHARTS)
    check_page(state.page)
    return replace(state, segments=check_segments(state.segments))


def check_learner(name: str | None, source: LearnerSource) -> str | None:
    """Refuse somebody who is not in the course."""
    if name is not None and not source.has(name):
        called = "learner" if source.show_names else "learner with the pseudonym"
        raise InputError(f"There is no {called} {shorten(name)} in {source.course_id}.")
    return name


def check_segments(names: tuple[Any, ...]) -> tuple[str, ...]:
    """Return segments in their order, each once; refuse unknown ones."""
    faults = [
        Fault(
            "unknown_segment", f"there is no segment {shorten(name)}{near_names(str(name), SEGMENTS)}", key="segments"
        )
        for name in names
        if name not in SEGMENTS
    ]
    if faults:
        raise InputError(f"segments lists some of {', '.join(SEGMENTS)}.", faults)
    return tuple(name for name in SEGMENTS if name in names)


def check_group(column: str, name: str | None, source: LearnerSource) -> str | None:
    """Refuse a cohort, or an enrolment mode, that nobody has or that is withheld."""
    if name is None:
        return None
    known = [str(one) for one in source.roster()[column].dropna().unique()]
    if name not in known:
        hidden = " It may be withheld: min_population=0 shows small ones." if source.min_population else ""
        raise InputError(f"There is no {column} {shorten(name)} in this course{near_names(name, known)}.{hidden}")
    return name


def sortable(source: LearnerSource) -> list[str]:
    """Return the columns that learners can be sorted by."""
    return [str(column) for column in source.roster().columns if column not in UNSORTED]


def fitted(state: LearnerState, source: LearnerSource, page_size: int, came_from: str | None = None) -> LearnerState:
    """Return the state on a page that there is; back from a learner, on the page of the roster that has the learner."""
    if came_from is not None and state.learner is None and state.page == 1:
        return replace(state, page=page_with(came_from, state, source, page_size))
    if state.page == 1:
        return state
    rows = source.rows(state) if state.learner is None else source.days(state.learner)
    return replace(state, page=min(state.page, page_count(len(rows), page_size)))
