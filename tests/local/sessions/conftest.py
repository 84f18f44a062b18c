from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from learnosity_nb.local.jobs.queue import JobQueue
from learnosity_nb.local.sessions.handlers import session_handlers
from learnosity_nb.local.sessions.store import SessionStore
from learnosity_nb.local.state.database import Database
from learnosity_nb.local.state.directory import open_state
from learnosity_nb.local.state.owners import Owner
from learnosity_nb.local.tables import FrameTables

Rows = list[dict[str, Any]]


class Room:
    """Sessions, the jobs on them, and a clock that a test moves."""

    def __init__(self, path: Path, tables: Mapping[str, Rows]) -> None:
        self.now = 1_800_000_000.5
        state = open_state(path, data=None)
        self.owners = state.owners
        self.database = Database(state.database)
        self.tables = FrameTables({name: pd.DataFrame(rows) for name, rows in tables.items()})
        self.store = SessionStore(self.tables, self.database, self.clock)
        self.handlers = session_handlers(self.store)
        self.queue = JobQueue(self.database, self.owners, self.clock)
        self._opened: list[Owner] = []

    def clock(self) -> float:
        return self.now

    def owner(self) -> Owner:
        self._opened.append(Owner.open(self.owners))
        return self._opened[-1]

    def put(self, *updates: Any) -> None:
        with self.database.transaction() as connection:
            self.store.updates.put(updates, connection)

    def close(self) -> None:
        for owner in self._opened:
            owner.close()
        self.database.close()


@pytest.fixture
def room_of(tmp_path: Path) -> Iterator[Callable[..., Room]]:
    made: list[Room] = []

    def make(sessions: Rows | None = None, **tables: Rows) -> Room:
        default = [{"session_id": f"s{n}", "user_id": f"u{n}", "score": 1.0, "max_score": 4.0} for n in range(3)]
        rows = default if sessions is None else sessions
        made.append(Room(tmp_path / "state", {"sessions": rows, **tables}))
        return made[-1]

    yield make
    for room in made:
        room.close()


@pytest.fixture
def room(room_of) -> Room:
    return room_of()
