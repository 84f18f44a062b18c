"""All that a learner explorer shows of one state, made in one go: in the kernel's thread or in another."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .explorer_faces import PreparedView
from .learner_chart import chart_view, learners_compared
from .learner_source import LearnerSource
from .learner_state import LearnerState
from .learner_traits import checked, fitted
from .learner_view import frame_in_view, table_view

__all__ = ["is_at_hand", "prepare", "restored"]


def is_at_hand(state: LearnerState, source: LearnerSource, page_size: int) -> bool:
    """Whether `prepare` has nothing to read any more, so that it takes milliseconds."""
    if not source.holds_rows(state):
        return False
    if state.learner is not None:
        return source.holds_learner(state.learner)
    return source.holds_days(learners_compared(state, source, page_size))


def prepare(
    state: LearnerState,
    source: LearnerSource,
    page_size: int,
    notes: tuple[str, ...] = (),
    came_from: str | None = None,
) -> PreparedView[LearnerState]:
    """Check a state, read what it needs and return its view; `came_from` is the learner who was in view.

    Raises
    ------
    InputError
        If it asks for what the course lacks.
    LearnosityError
        If the service cannot be read.
    """
    state = fitted(checked(state, source), source, page_size, came_from)
    return PreparedView(
        state,
        frame_in_view(state, source),
        table_view(state, source, page_size, notes),
        chart_view(state, source, page_size),
    )


def restored(state: LearnerState, source: LearnerSource) -> tuple[LearnerState, tuple[str, ...]]:
    """Return a kept state as far as what it names is still there, and notes on what is not."""
    roster, notes = source.roster(), []
    if state.learner is not None and not source.has(state.learner):
        notes.append("The learner who was in view is there no more.")
        state = replace(state, learner=None, page=1)
    for column, label in (("cohort", "cohort"), ("enrollment_mode", "enrolment mode")):
        wanted = getattr(state, column)
        if wanted is not None and not (roster[column] == wanted).any():
            notes.append(f"The {label} that was chosen is there no more.")
            cleared: dict[str, Any] = {column: None, "page": 1}
            state = replace(state, **cleared)
    return state, tuple(notes)
