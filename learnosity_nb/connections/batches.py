"""One call over many sessions as requests of a hundred, of which nothing is lost when one is refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final, TypeVar

from ..domain.jobs import JobBatch, JobReference
from ..errors import ApiError, Fault, InputError, LearnosityError
from ..wire.envelope import read_fault
from ..wire.session_jobs import SESSIONS_AT_ONCE
from .progress import Progress

__all__ = ["Recalculation", "RecalculationBatch", "as_one_result", "in_batches"]

One = TypeVar("One")
Job = TypeVar("Job", bound=JobReference)

ENTRY: Final = re.compile(r"^(?:statuses|session_metadata|session_id)\[(\d+)\]\.?")
"""How the service names an entry of a request in a fault."""


class Recalculation(JobReference):
    """The reference of a job that works out subscores.

    Attributes
    ----------
    ignored_sessions : tuple of str
        Sessions that it passes over: unknown, or without subscore information.
    """

    __slots__ = ("ignored_sessions",)

    ignored_sessions: tuple[str, ...]

    def __new__(cls, reference: str, ignored_sessions: Sequence[str] = ()) -> Recalculation:
        """Return a reference that knows the sessions passed over."""
        made = super().__new__(cls, reference)
        made.ignored_sessions = tuple(ignored_sessions)
        return made


class RecalculationBatch(JobBatch):
    """The references of the jobs that work out subscores for one call.

    Attributes
    ----------
    ignored_sessions : tuple of str
        Sessions that they pass over, of all of them.
    """

    @property
    def ignored_sessions(self) -> tuple[str, ...]:
        """Return them in the order of the requests."""
        return tuple(session for job in self for session in getattr(job, "ignored_sessions", ()))


def in_batches(entries: Sequence[One], send: Callable[[Sequence[One]], Job], *, what: str, show: bool) -> list[Job]:
    """Send entries a hundred at a time, in order, and return the job of each request.

    Parameters
    ----------
    entries
        What the requests hold; entry n is row n + 1 of what the user passed.
    send
        Sends one request.
    what
        What is sent, for messages: ``statuses``.
    show
        Whether to show a progress bar.

    Raises
    ------
    InputError
        If there are no entries, or the service refuses some: with a fault for each row that it named.
    LearnosityError, KeyboardInterrupt
        Whatever else `send` raises. The notes of each of these name the rows of the request, and the jobs accepted
        before it.
    """
    if not entries:
        raise InputError(f"There are no {what} to send.")
    jobs: list[Job] = []
    with Progress(-(-len(entries) // SESSIONS_AT_ONCE), shown=show) as progress:
        for start in range(0, len(entries), SESSIONS_AT_ONCE):
            part = entries[start : start + SESSIONS_AT_ONCE]
            rows = f"{start + 1:,} to {start + len(part):,} of {len(entries):,}"
            progress.say(f"{what} {rows}")
            try:
                jobs.append(send(part))
            except (KeyboardInterrupt, LearnosityError) as error:
                told = _by_row(error, what, start)
                told.add_note(f"This was the request for rows {rows}; no later row was sent.")
                if jobs:
                    told.add_note(f"Rows 1 to {start:,} were accepted before it: wait({[str(job) for job in jobs]!r}).")
                raise told from None
            progress.step()
    return jobs


def as_one_result(references: Sequence[JobReference]) -> JobReference | JobBatch:
    """Return the job of a call that took one request, and the batch of one that took several."""
    return references[0] if len(references) == 1 else JobBatch(references)


def _by_row(error: BaseException, what: str, start: int) -> BaseException:
    """Return an error as one of the user's rows, where the service said which entries it means."""
    faults = _faults(error, start) if isinstance(error, ApiError) else []
    return InputError(f"The service refused some {what}: {error}", faults) if faults else error


def _faults(error: ApiError, start: int) -> list[Fault]:
    faults = []
    for fault in map(read_fault, error.details):
        key = fault.key if fault is not None and fault.key else ""
        found = ENTRY.match(key)
        if fault is not None and found is not None:
            faults.append(replace(fault, key=key[found.end() :] or None, line=start + int(found[1]) + 1))
    return faults
