"""Running jobs: one to its end, and one after the other in a thread of this process."""

from __future__ import annotations

import logging
import sqlite3
import threading
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from ...domain.jobs import JobReference
from ...errors import InputError, LearnosityError, StateError
from ..refusals import Refusal
from ..state.crash_points import crash_point
from ..state.database import Busy
from ..state.owners import Owner
from .heartbeat import Heartbeat
from .queue import Claim, JobQueue, LeaseLost
from .records import JobFault

__all__ = ["Handler", "JobContext", "Outcome", "ThreadWorker", "run_next"]

_log = logging.getLogger(__name__)

INTERNAL_ERROR = 50100
WRONG_VALUE = 20004


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a handler made of its job.

    Attributes
    ----------
    data
        What callers see as the job's ``data``.
    commit
        Called with the connection of the transaction that completes the job: its writes are stored together with
        the completion, or not at all. It must be quick, and must not commit.
    """

    data: dict[str, Any] = field(default_factory=dict)
    commit: Callable[[sqlite3.Connection], None] | None = None


class JobContext:
    """What a handler knows of the job it runs.

    Attributes
    ----------
    reference : JobReference
    consumer : str
    organisation : int or None
    payload : dict
        What the job was added with.
    attempt : str
        A name no other try of any job has, for the files of this one.
    """

    __slots__ = ("_claim", "_queue", "attempt", "consumer", "organisation", "payload", "reference")

    def __init__(self, queue: JobQueue, owner: Owner, claim: Claim) -> None:
        self._queue = queue
        self._claim = claim
        self.attempt = owner.new_attempt()
        self.reference: JobReference = claim.reference
        self.consumer = claim.consumer
        self.organisation = claim.organisation
        self.payload = claim.payload

    def report(self, data: dict[str, Any]) -> None:
        """Replace the data that callers see, and learn whether to go on.

        Raises
        ------
        LeaseLost
            If the job was given to another worker or this one is to stop. Let it pass: do not catch it.
        """
        self._queue.progress(self._claim, data)
        crash_point("after_report")


Handler: TypeAlias = Callable[[JobContext], Outcome]
"""Does one type of job. What it raises halts the job; see `run_next`."""


def run_next(queue: JobQueue, owner: Owner, handlers: Mapping[str, Handler]) -> bool:
    """Claim one job and run it to its end.

    A handler that raises a `Refusal` or one of this package's errors halts its job with that reason; any other
    `Exception` halts it with code 50100, and the log has the traceback. A `BaseException` passes through, and the
    job is left to its lease.

    Parameters
    ----------
    queue
        The jobs.
    owner
        Who works on them.
    handlers
        What to do for each job type.

    Returns
    -------
    bool
        Whether there was a job.

    Raises
    ------
    StateError
        If the database cannot be used; the job is then left to its lease.
    """
    claim = queue.claim(owner)
    if claim is None:
        return False
    crash_point("after_claim")
    with Heartbeat(queue, claim), suppress(LeaseLost):
        try:
            outcome = handlers[claim.job_type](JobContext(queue, owner, claim))
            _complete(queue, claim, outcome)
        except Busy:
            queue.release(owner)  # nothing is wrong with the job: it is tried again
        except LeaseLost:
            raise
        except Exception as error:  # noqa: BLE001  a handler's fault must not end the worker
            queue.halt(claim, _fault(claim, error))
    crash_point("after_completion")
    return True


def _complete(queue: JobQueue, claim: Claim, outcome: Outcome) -> None:
    crash_point("before_completion")
    with queue.database.transaction() as connection:
        queue.complete(claim, outcome.data, within=connection)
        if outcome.commit is not None:
            outcome.commit(connection)
        crash_point("in_completion")


def _fault(claim: Claim, error: Exception) -> JobFault:
    if isinstance(error, Refusal):
        return {"code": error.code, "message": error.message, "details": error.details}
    if isinstance(error, InputError):
        return {"code": WRONG_VALUE, "message": error.summary, "details": [fault.as_dict() for fault in error.faults]}
    if isinstance(error, LearnosityError):
        return {"code": INTERNAL_ERROR, "message": str(error), "details": []}
    _log.error("Job %s (%s) failed with %s", claim.reference, claim.job_type, _where(error))
    kind = type(error).__name__
    return {
        "code": INTERNAL_ERROR,
        "message": f"The job failed with {kind}; the service's log has the details under {claim.reference}.",
        "details": [],
    }


def _where(error: Exception) -> str:
    """Return an error's kind and traceback without its own text, which may quote a learner's data."""
    return f"{type(error).__name__}:\n{''.join(traceback.format_tb(error.__traceback__))}"


class ThreadWorker:
    """Runs jobs one after the other in a thread of this process, started when there is something to do.

    Parameters
    ----------
    queue
        The jobs.
    owners
        The folder of owner files.
    handlers
        What to do for each job type.
    server
        The owner id of the server this worker belongs to; None where the process is its own server.
    poll
        Seconds between looks for jobs that other processes added or lost.
    idle_looks
        So many looks in a row without an open job end the thread; `wake` starts another.

    Attributes
    ----------
    owner : Owner
        Who the claims of this worker name.
    """

    def __init__(
        self,
        queue: JobQueue,
        owners: Path,
        handlers: Mapping[str, Handler],
        *,
        server: str | None = None,
        poll: float = 1.0,
        idle_looks: float = 30,
    ) -> None:
        self._queue = queue
        self._handlers = handlers
        self._poll = poll
        self._idle_looks = idle_looks
        self.owner = Owner.open(owners, server)
        self._changed = threading.Condition()
        self._called = False
        self._closing = False
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """Say that there may be a job: it is run soon, or before this call returns where there are no threads."""
        with self._changed:
            if self._closing:
                return
            self._called = True
            self._changed.notify()
            if self._thread is not None and self._thread.is_alive():
                return
            self._thread = threading.Thread(target=self._run, name="learnosity_nb jobs", daemon=True)
            try:
                self._thread.start()
                return
            except RuntimeError:  # no threads here (Pyodide)
                self._thread = None
        while run_next(self._queue, self.owner, self._handlers):
            pass

    def close(self, patience: float = 5.0) -> None:
        """End the thread after the job it runs; may be called again.

        Parameters
        ----------
        patience
            Seconds that a running job may still take. After that it is queued again for another worker.
        """
        with self._changed:
            self._closing = True
            self._changed.notify()
            thread = self._thread
        try:
            if thread is not None:
                thread.join(patience)
                if thread.is_alive():
                    self._queue.release(self.owner)
        finally:
            self.owner.close()

    def _run(self) -> None:
        quiet = 0
        while True:
            ran, still_open = self._look()
            quiet = 0 if ran or still_open else quiet + 1
            with self._changed:
                if self._closing:
                    return
                if not ran and not self._called:
                    if quiet > self._idle_looks:
                        self._thread = None
                        return
                    self._changed.wait(self._poll)
                self._called = False

    def _look(self) -> tuple[bool, bool]:
        """Run a job if there is one; return whether there was, and whether any is open now."""
        try:
            return run_next(self._queue, self.owner, self._handlers), self._queue.has_open()
        except StateError as error:
            _log.warning("Could not work on jobs: %s", error)
        except Exception as error:  # noqa: BLE001  a thread that ends unseen leaves every job queued
            _log.error("Could not work on jobs: %s", _where(error))
        return False, True
