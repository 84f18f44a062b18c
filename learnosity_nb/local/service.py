"""The local service: its data, its state and its jobs, before any HTTP."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from ..domain.policy import DATASET_JOB_TYPE
from ..files.access import Access
from .datasets.compiled import CompiledDataset
from .datasets.compiling import dataset_compiler
from .datasets.store import Dataset, DatasetStore
from .jobs.queue import JobQueue
from .jobs.worker import Handler
from .learners.courses import Courses
from .presigned import Presigner
from .sessions.handlers import session_handlers
from .sessions.store import SessionStore
from .state.database import Database
from .state.directory import StateDirectory, open_state
from .state.janitor import clean_up
from .state.owners import Owner
from .tables import DirectoryTables, Tables

__all__ = ["Service", "open_service"]

OPEN_DATASETS: Final = 8


class Service:
    """Everything the endpoints work on.

    Parameters
    ----------
    tables
        The analyst's tables.
    state
        The open state directory; closed with the service.
    access
        Who may call.
    clock
        Unix seconds.

    Attributes
    ----------
    wake
        Called when a job was queued. Whoever runs jobs in this process sets it.
    """

    def __init__(
        self,
        tables: Tables,
        state: StateDirectory,
        access: Access,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.clock = clock
        self.access = access
        self.courses = Courses(tables)
        self.wake: Callable[[], None] = lambda: None
        self._state = state
        self.owners = state.owners
        with ExitStack() as opened:  # what was opened is closed again where the rest fails
            self.database = Database(state.database, network=state.network, durable=not state.temporary)
            opened.callback(self.database.close)
            clean_up(state, self.database)
            self.owner = Owner.open(state.owners)
            opened.callback(self.owner.close)
            self.presigner = Presigner(self.database.secret_bytes("presigned"), clock)
            self.sessions = SessionStore(tables, self.database, clock)
            opened.pop_all()
        self.queue = JobQueue(self.database, state.owners, clock)
        self.datasets = DatasetStore(self.database, state.datasets, clock)
        self.handlers: Mapping[str, Handler] = {
            DATASET_JOB_TYPE: dataset_compiler(self.datasets, self.sessions.table),
            **session_handlers(self.sessions),
        }
        self._open: OrderedDict[Path, CompiledDataset] = OrderedDict()
        self._opening = threading.Lock()

    def compiled(self, dataset: Dataset) -> CompiledDataset | None:
        """Return a dataset's compiled output, open; None where there is none yet."""
        if dataset.current_attempt is None:
            return None
        path = self.datasets.outfiles(dataset.dataset_id) / dataset.current_attempt
        with self._opening:
            if path not in self._open:
                self._open[path] = CompiledDataset(path)
                if len(self._open) > OPEN_DATASETS:
                    self._open.popitem(last=False)
            self._open.move_to_end(path)
            return self._open[path]

    def close(self) -> None:
        """Give up the owner file, the database and a temporary state directory; may be called again."""
        self.owner.close()
        self._open.clear()
        self.database.close()
        self._state.close()


def open_service(data: Path, state: Path) -> Service:
    """Open the service over a data directory without callers: for a process that only runs its jobs."""
    return Service(DirectoryTables(data), open_state(state, data=data), Access({}))
