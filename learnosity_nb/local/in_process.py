"""The service inside the caller's own process, with a thread that runs its jobs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..credentials import Consumer
from ..files.access import ConsumerAccess
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


def open_in_process(tables: Tables, consumer: Consumer, *, state: Path | None, data: Path | None) -> InProcess:
    """Open the service for one consumer.

    Parameters
    ----------
    tables
        The analyst's tables.
    consumer
        Who will sign the requests.
    state, data
        As for `open_state`.

    Raises
    ------
    StateError
        If the state directory cannot be used.
    """
    directory = open_state(state, data=data)
    access = {consumer.key: ConsumerAccess(consumer.key, consumer.secret)}
    service = Service(tables, directory, access)
    worker = ThreadWorker(service.queue, service.owners, service.handlers)
    service.wake = worker.wake
    worker.wake()  # jobs that an earlier process left

    def close() -> None:
        worker.close()
        service.close()

    return InProcess(App(service), directory.root, close)
