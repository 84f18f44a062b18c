"""The heartbeat that keeps a running job in its worker's hands."""

from __future__ import annotations

import logging
import threading
from contextlib import suppress
from types import TracebackType

from ...errors import StateError
from ..state.crash_points import crash_point
from .queue import Claim, JobQueue, LeaseLost

__all__ = ["Heartbeat"]

_log = logging.getLogger(__name__)


class Heartbeat:
    """Renews a claim's lease from a thread of its own while its block runs."""

    def __init__(self, queue: JobQueue, claim: Claim) -> None:
        self._queue = queue
        self._claim = claim
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"heartbeat {claim.reference}", daemon=True)

    def __enter__(self) -> None:
        with suppress(RuntimeError):  # no threads here (Pyodide): then no other process takes the job either
            self._thread.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _beat(self) -> None:
        while not self._ended.wait(self._queue.lease / 3):
            crash_point("in_heartbeat")
            try:
                self._queue.heartbeat(self._claim)
            except LeaseLost:
                return  # the handler learns of it when it next writes
            except StateError as error:
                _log.warning("Could not renew the lease of job %s: %s", self._claim.reference, error)
