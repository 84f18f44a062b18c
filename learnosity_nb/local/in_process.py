"""The service inside the caller's own process, with a thread that runs its jobs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..files.access import Access
from .app import App
from .jobs.worker import ThreadWorker
from .service import Service
from .state.directory import open_state
from .tables import Tables

__all__ = ["InProcess", "open_in_process"]


@dataclass(frozen=True, slots=True)
class InProcess:
    """An open service.

    Attributes
    ----------
    app
        The WSGI application.
    state
        The state directory's path.
    close
        Ends the worker and closes the service.
    """

    app: App
    state: Path
    close: Callable[[], None]

    def close_soon(self) -> None:
        """Close the service from a thread of its own, where there are threads.

        For a finalizer: it may run in any thread, the worker too, in the middle of a transaction.
        """
        try:
            threading.Thread(target=self.close, name="learnosity_nb closing", daemon=True).start()
        except RuntimeError:  # no threads here (Pyodide)
            self.close()


def open_in_process(tables: Tables, access: Access, *, state: Path | None, data: Path | None) -> InProcess:
    """Open the service for the callers of this process.

    Parameters
    ----------
    tables
        The analyst's tables.
    access
        Who may call.
    state, data
        As for `open_state`.

    Raises
    ------
    StateError
        If the state directory cannot be used.
    """
    directory = open_state(state, data=data)
    service = Service(tables, directory, access)
    try:
        worker = ThreadWorker(service.queue, service.owners, service.handlers)
    except BaseException:
        service.close()
        raise
    service.wake = worker.wake
    worker.wake()  # jobs that an earlier process left

    def close() -> None:
        worker.close()
        service.close()

    return InProcess(App(service), directory.root, close)
