"""Where a learner explorer is: a plain value that can be kept, sent and restored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from .state_dicts import DISTINCT, ORDER, PAGE, TEXT, TEXT_OR_NULL, TRUTH, Check, read_state

__all__ = ["LearnerState", "follow"]


@dataclass(frozen=True, slots=True)
class LearnerState:
    """Everything that decides what a learner explorer shows, apart from its course and its privacy rule.

    Attributes
    ----------
    learner
        The learner whose days are in view; None for the roster. What follows
        filters and sorts the roster, and stays while a learner is in view.
    filter
        Only learners found by this text, as `Connection.learners` does with
        ``begins=True``.
    segments
        Only learners in any of these segments.
    cohort, enrollment_mode
        Only learners of this cohort, on this track.
    hide_inactive
        Whether to leave out learners of the segment ``inactive``.
    sort_field
        The column that the roster is sorted by; None for the learners' own order.
    sort_order
        ``"desc"`` or ``"asc"``.
    chart
        The kind of chart. One that the rows in view have not gives way to
        their first one, and is back where there is one.
    page
        Which page of the rows in view, from 1.
    """

    learner: str | None = None
    filter: str = ""
    segments: tuple[str, ...] = ()
    cohort: str | None = None
    enrollment_mode: str | None = None
    hide_inactive: bool = False
    sort_field: str | None = None
    sort_order: str = "desc"
    chart: str = "problems_attempted"
    page: int = 1

    @property
    def search(self) -> str:
        """The text that is searched for; empty for none."""
        return self.filter.strip()

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> LearnerState:
        """Read what `state_dicts.state_dict` returned; keys left out have their defaults.

        Raises
        ------
        InputError
            Naming every key that is unknown and every value that cannot be used.
        """
        return read_state(given, cls(), CHECKS)


CHECKS: Final[dict[str, Check]] = {
    "learner": TEXT_OR_NULL,
    "filter": TEXT,
    "segments": DISTINCT,
    "cohort": TEXT_OR_NULL,
    "enrollment_mode": TEXT_OR_NULL,
    "hide_inactive": TRUTH,
    "sort_field": TEXT_OR_NULL,
    "sort_order": ORDER,
    "chart": TEXT,
    "page": PAGE,
}
PLACES_ANEW: Final = tuple(name for name in CHECKS if name not in ("chart", "page"))


def follow(before: LearnerState, after: LearnerState) -> LearnerState:
    """Return `after` on page 1 if it shows other rows, unless its page was set on purpose."""
    moved = any(getattr(after, name) != getattr(before, name) for name in PLACES_ANEW)
    return replace(after, page=1) if moved and after.page == before.page else after
