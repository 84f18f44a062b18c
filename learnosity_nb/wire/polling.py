"""Waiting for jobs: a patient schedule that survives restarts of the service and a laptop's sleep."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

from ..domain.jobs import ENDED, JOB_STATUSES, JobReference
from ..errors import (
    VALUE_WIDTH,
    ApiError,
    ConnectionFailed,
    DeadlineExceeded,
    JobHalted,
    JobNotFound,
    JobTimeout,
    LearnosityError,
    ProtocolError,
    ServerError,
    shorten,
)
from .client import DataApi
from .envelope import read_fault
from .jobs import JobRecord, find_jobs
from .timing import Timing

__all__ = ["JobState", "poll"]

FIRST_PAUSE: Final = 0.05
QUICK_UNTIL: Final = 1.0
LONGEST_PAUSE: Final = 15.0
GRACE: Final = 30.0
"""Seconds for which a reference may be unknown: a new job is not listed everywhere at once."""

DETAILS_SHOWN: Final = 5
"""Faults of halted jobs that a message tells; the error's ``.error`` has all."""

FAILED_POLLS: Final = 20
"""Polls in a row that may fail; with the pauses between them several minutes."""


@dataclass(frozen=True, slots=True)
class JobState:
    """What the service says about a job.

    Attributes
    ----------
    reference
        The job.
    status
        ``queued``, ``running``, ``halted`` or ``completed``.
    type
        The sort of job, in the service's words.
    dt_created, dt_completed
        UTC, such as ``2015-04-24 01:30:02``; None where not known.
    data, error
        What the job gave, and why it halted, where the service says so.
    """

    reference: JobReference
    status: str
    type: str | None = None
    dt_created: str | None = None
    dt_completed: str | None = None
    data: Any = field(default=None, repr=False)
    error: Any = field(default=None, repr=False)

    @classmethod
    def read(cls, record: JobRecord) -> JobState:
        """Return the state in a record of the job list.

        Raises
        ------
        ProtocolError
            If the status is not one of the four.
        """
        if record["status"] not in JOB_STATUSES:
            raise ProtocolError(
                f"Job {shorten(record['reference'])} has the status {shorten(record['status'])}; "
                f"known are {', '.join(JOB_STATUSES)}."
            )
        return cls(
            JobReference(record["reference"]),
            record["status"],
            record.get("type"),
            record.get("dt_created"),
            record.get("dt_completed"),
            record.get("data"),
            record.get("error"),
        )


def poll(
    api: DataApi,
    references: str | Iterable[str],
    *,
    timeout: float | None = None,
    on_change: Callable[[list[JobState]], None] | None = None,
    timing: Timing | None = None,
) -> list[JobState]:
    """Wait until every job has ended and return their states in the order of `references`.

    The first poll is at once and the next ones follow quickly, so that a short
    job is not waited for; then the pauses grow to 15 seconds. A poll that fails
    leaves the schedule as it is.

    Parameters
    ----------
    api
        The connection.
    references
        One job or many. References are all that is needed: waiting can go on in another process.
    timeout
        Seconds to wait at most; no limit when omitted.
    on_change
        Called with the states that changed, after each poll that found any.
    timing
        Where time and chance come from; that of `api` when omitted.

    Raises
    ------
    JobHalted
        If a job halted, once all have ended.
    JobNotFound
        If a reference stays unknown for 30 seconds.
    JobTimeout
        If `timeout` passed; the jobs go on.
    ProtocolError
        If the service names a state that is not documented.
    ApiError, TransportError
        If 20 polls in a row failed, or one was refused.
    """
    wanted = [JobReference(reference) for reference in ([references] if isinstance(references, str) else references)]
    watch = _Watch(api, wanted, timing or api.timing)
    try:
        watch.run(timeout, on_change)
    except (KeyboardInterrupt, ConnectionFailed, DeadlineExceeded, ApiError) as stop:
        stop.add_note(f"What has been started goes on. {watch.advice}")
        raise
    watch.raise_if_halted()
    return [watch.states[reference] for reference in wanted]


def pauses(random: Callable[[], float]) -> Iterator[float]:
    """Yield the pauses between polls, in seconds, each with a jitter of a fifth."""
    pause = FIRST_PAUSE
    while True:
        yield pause * (0.8 + 0.4 * random())
        pause = min(LONGEST_PAUSE, pause * (2 if pause < QUICK_UNTIL else 1.5))


class _Watch:
    """The jobs that are waited for, and what was last heard of each."""

    def __init__(self, api: DataApi, references: list[JobReference], timing: Timing) -> None:
        self.states: dict[str, JobState] = {}
        self.pending = dict.fromkeys(references)
        self._api = api
        self._timing = timing
        self._missing_since: dict[str, float] = {}
        self._failed_polls = 0

    @property
    def advice(self) -> str:
        waiting = [str(reference) for reference in self.pending]
        return f"Wait again with wait({waiting[0]!r})." if len(waiting) == 1 else f"Wait again with wait({waiting!r})."

    def run(self, timeout: float | None, on_change: Callable[[list[JobState]], None] | None) -> None:
        began = self._timing.clock()
        for pause in pauses(self._timing.random):
            changed = self._look()
            if changed and on_change is not None:
                on_change(changed)
            if not self.pending:
                return
            left = pause if timeout is None else timeout - (self._timing.clock() - began)
            if left <= 0:
                self._raise_timeout(timeout)
            self._timing.sleep(min(pause, left))

    def raise_if_halted(self) -> None:
        halted = [state for state in self.states.values() if state.status == "halted"]
        if halted:
            told = "; ".join(f"job {_named(state.reference)} halted: {_reason(state.error)}" for state in halted)
            count = f" ({len(halted)} of {len(self.states)} jobs)" if len(self.states) > 1 else ""
            lines = [f"{told[0].upper()}{told[1:]}{count}.", *_details([state.error for state in halted])]
            raise JobHalted("\n  ".join(lines), reference=halted[0].reference, error=halted[0].error)

    def _look(self) -> list[JobState]:
        if not self.pending:
            return []
        try:
            records = find_jobs(self._api, references=self.pending, include=("data",))
            found = [JobState.read(record) for record in records]
        except LearnosityError as error:
            self._failed_polls += 1
            if not _may_pass(error) or self._failed_polls >= FAILED_POLLS:
                raise
            return []
        self._failed_polls = 0
        changed = [state for state in found if self._is_news(state)]
        for state in changed:
            self.states[state.reference] = state
            if state.status in ENDED:
                del self.pending[state.reference]
        self._check_missing({state.reference for state in found})
        return changed

    def _is_news(self, state: JobState) -> bool:
        if state.reference not in self.pending:
            return False
        known = self.states.get(state.reference)
        return known is None or (known.status, known.data) != (state.status, state.data)

    def _check_missing(self, found: set[JobReference]) -> None:
        now = self._timing.clock()
        for reference in self.pending:
            if reference in found:
                self._missing_since.pop(reference, None)
            elif now - self._missing_since.setdefault(reference, now) >= GRACE:
                raise JobNotFound(
                    f"The service knows no job {_named(reference)}. Is it the right reference, and the same consumer?",
                    reference=reference,
                )

    def _raise_timeout(self, timeout: float | None) -> NoReturn:
        told = ", ".join(f"{_named(ref)} ({self._status(ref)})" for ref in list(self.pending)[:5])
        more = f" and {len(self.pending) - 5} more" if len(self.pending) > 5 else ""
        raise JobTimeout(
            f"Not ended after {timeout:g} s: {told}{more}. They go on. {self.advice}",
            reference=next(iter(self.pending)),
        )

    def _status(self, reference: str) -> str:
        return self.states[reference].status if reference in self.states else "not found"


def _named(reference: str) -> str:
    """Return a reference for a message: one that no service gave may hold anything, line ends too."""
    return reference if reference.isprintable() and len(reference) <= VALUE_WIDTH else shorten(reference)


def _may_pass(error: LearnosityError) -> bool:
    if isinstance(error, ApiError):
        return isinstance(error, ServerError) or error.status == 429
    return isinstance(error, ConnectionFailed | DeadlineExceeded)


def _reason(error: Any) -> str:
    if isinstance(error, dict) and isinstance(error.get("message"), str):
        return shorten(error["message"], 400).strip("'\"").rstrip(".")
    return "the service gave no reason" if error is None else shorten(error, 400)


def _details(errors: Iterable[Any]) -> list[str]:
    given = [error.get("details") for error in errors if isinstance(error, dict)]
    details = [detail for each in given if isinstance(each, list) for detail in each]
    told = [str(read_fault(detail) or shorten(detail, 400)) for detail in details[:DETAILS_SHOWN]]
    return told if len(details) <= DETAILS_SHOWN else [*told, f"… {len(details):,} faults in all"]
