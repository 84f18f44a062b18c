"""What a learner explorer reads: a course's learners, under the explorer's privacy rule, each thing read once."""

from __future__ import annotations

import threading
from collections.abc import Hashable, Iterable
from typing import Any, Final

import pandas as pd

from ..connections.connection import Connection
from ..frames.learners import averages_frame
from ..frames.sorting import sort_learners
from ..frames.withholding import check_min_population
from .keeping import Kept
from .learner_selection import Selection, select
from .learner_state import LearnerState

__all__ = ["LearnerSource"]

MOST_DAYS: Final = 1_000
MOST_ROWS: Final = 6
MOST_CHARTS: Final = 32
AT_ONCE: Final = 20_000
"""Learners who are filtered and sorted in the kernel's own thread: it takes tens of milliseconds."""


class LearnerSource:
    """Reads of one course, and what is made of them, kept for the next time; for several threads.

    Parameters
    ----------
    connection
        The connection.
    course_id
        The course; its metadata is read when the source is made.
    min_population
        Cohorts and enrolment modes of fewer learners are withheld while
        learners appear by pseudonyms; 0 for all.
    show_names
        Whether learners appear by username, name and e-mail address rather
        than by pseudonyms.

    Attributes
    ----------
    connection, course_id, show_names
        As given.
    min_population : int
        The floor that holds: 0 with `show_names`.
    course : CourseMetadata
    size : int
        Learners of the course, as its metadata say.
    charts : Kept
        Charts that were made.
    """

    def __init__(self, connection: Connection, course_id: str, *, min_population: int, show_names: bool) -> None:
        self.connection = connection
        self.course_id = course_id
        self.show_names = show_names
        self.min_population = 0 if show_names else check_min_population(min_population)
        self.charts = Kept(MOST_CHARTS)
        self._quiet = connection.without_progress()
        self.course = self._quiet.course_metadata(course_id)
        self.size = int(self.course.enrollment_modes["learners"].sum())
        self._roster: pd.DataFrame | None = None
        self._reading = threading.Lock()
        self._names: frozenset[str] = frozenset()
        self._averages: pd.DataFrame | None = None
        self._rows = Kept(MOST_ROWS)
        self._selections = Kept(MOST_ROWS)
        self._learners = Kept(MOST_DAYS)

    @property
    def options(self) -> dict[str, Any]:
        """The keyword arguments that every read of the roster has."""
        if self.show_names:
            return {}
        return {"pseudonyms": True} | ({"min_population": self.min_population} if self.min_population else {})

    @property
    def learner_options(self) -> dict[str, Any]:
        """The keyword arguments that every read of one learner has."""
        return {} if self.show_names else {"pseudonyms": True}

    @property
    def is_read(self) -> bool:
        """Whether the roster is there."""
        return self._roster is not None

    def roster(self) -> pd.DataFrame:
        """Return all learners of the course; who asks while another thread reads them waits for that."""
        with self._reading:
            if self._roster is None:
                found = self._quiet.learners(self.course_id, **self.options)
                self._names = frozenset(found["username"])
                self._averages = averages_frame(found[~found["in_unenrolled"]])
                self._roster = found
            return self._roster

    def has(self, learner: str) -> bool:
        """Whether the course has a learner of this name, a pseudonym if learners appear by those."""
        self.roster()
        return learner in self._names

    def week(self, learner: str) -> pd.DataFrame:
        """Return a learner's row of the roster."""
        roster = self.roster()
        return roster[roster["username"] == learner]

    def averages(self) -> pd.DataFrame:
        """Return the averages of the course's week, as `Connection.course_averages` without a filter."""
        self.roster()
        assert self._averages is not None
        return self._averages

    def selection(self, state: LearnerState) -> Selection:
        """Return what a state's filters leave of the roster."""
        return self._selections.get(_filters(state), lambda: select(state, self.roster()))

    def rows(self, state: LearnerState) -> pd.DataFrame:
        """Return the learners that a state selects, sorted."""
        if state.sort_field is None:
            return self.selection(state).frame
        field, order = state.sort_field, state.sort_order
        return self._rows.get(
            (*_filters(state), field, order), lambda: sort_learners(self.selection(state).frame, field, order)
        )

    def days(self, learner: str) -> pd.DataFrame:
        """Return what a learner did on each day, as `Connection.engagement_timeline`; no rows for a learner without."""
        return self._learners.get(
            ("days", learner),
            lambda: self._quiet.engagement_timeline(self.course_id, learner, **self.learner_options, allow_empty=True),
        )

    def reasons(self, learner: str) -> pd.DataFrame:
        """Return why a learner is in each segment, as `Connection.why`."""
        return self._learners.get(
            ("why", learner), lambda: self._quiet.why(self.course_id, learner, **self.learner_options)
        )

    def holds_learner(self, learner: str) -> bool:
        """Whether a learner's page needs no more reading."""
        return self._learners.holds(("days", learner), ("why", learner))

    def holds_days(self, learners: Iterable[str]) -> bool:
        """Whether the days of all these learners were read."""
        return self._learners.holds(*(("days", learner) for learner in learners))

    def holds_rows(self, state: LearnerState) -> bool:
        """Whether the rows of a state are there, or so few that they are made at once."""
        if self._roster is None:
            return False
        sort = () if state.sort_field is None else (state.sort_field, state.sort_order)
        kept = self._rows.holds((*_filters(state), *sort)) if sort else self._selections.holds(_filters(state))
        return kept or len(self._roster) <= AT_ONCE


def _filters(state: LearnerState) -> tuple[Hashable, ...]:
    return state.search, state.segments, state.cohort, state.enrollment_mode, state.hide_inactive
