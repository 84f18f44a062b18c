"""Jobs: their states, and the reference by which one is found again."""

from __future__ import annotations

from typing import Final

from ..errors import InputError, shorten

__all__ = ["ENDED", "JOB_STATUSES", "JobBatch", "JobReference", "parse_statuses"]

JOB_STATUSES: Final[tuple[str, ...]] = ("queued", "running", "halted", "completed")
"""Every state of a job, as the Jobs endpoints name them."""

ENDED: Final[frozenset[str]] = frozenset({"halted", "completed"})
"""The states a job stays in."""


class JobReference(str):
    """The reference of a job: a text, so that it can be kept anywhere and given to ``wait`` later."""

    __slots__ = ()


class JobBatch(tuple[JobReference, ...]):
    """The references of one call that was split over several requests; ``wait`` takes it whole."""

    __slots__ = ()


def parse_statuses(statuses: object) -> tuple[str, ...]:
    """Return job statuses as a tuple; all four for None.

    Raises
    ------
    InputError
        If one is not a job status.
    """
    if statuses is None:
        return JOB_STATUSES
    listed = [statuses] if isinstance(statuses, str) else statuses
    if not isinstance(listed, list | tuple) or not all(status in JOB_STATUSES for status in listed):
        raise InputError(f"status must be among {', '.join(JOB_STATUSES)}, not {shorten(statuses)}.")
    return tuple(listed)
