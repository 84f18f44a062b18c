from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from learnosity_nb.domain.jobs import JobReference
from learnosity_nb.local.jobs.queue import JobQueue
from learnosity_nb.local.jobs.records import JobRecord
from learnosity_nb.local.state.database import Database
from learnosity_nb.local.state.directory import StateDirectory, open_state
from learnosity_nb.local.state.owners import Owner


class Clock:
    """Seconds that pass only when a test says so."""

    def __init__(self, now: float = 1_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Bench:
    """A queue on a directory of its own, with a clock and the shortest words for what tests do to it."""

    def __init__(self, state: StateDirectory, clock: Callable[[], float], lease: float = 30.0) -> None:
        self.state = state
        self.database = Database(state.database)
        self.queue = JobQueue(self.database, state.owners, clock, lease=lease)
        self._opened: list[Owner] = []

    def owner(self, server: Owner | None = None) -> Owner:
        self._opened.append(Owner.open(self.state.owners, server.id if server else None))
        return self._opened[-1]

    def add(self, job_type: str = "quick", **payload: object) -> JobReference:
        return self.queue.add(job_type, consumer="key", organisation=1, payload=payload)

    def record(self, reference: str) -> JobRecord:
        [record] = self.queue.records("key", references=[reference])[0]
        return record

    def deaths(self, reference: str) -> int:
        return int(self.database.read("SELECT deaths FROM jobs WHERE reference = ?", (reference,))[0][0])

    def close(self) -> None:
        for owner in self._opened:
            owner.close()
        self.database.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def bench(tmp_path: Path, clock: Clock) -> Iterator[Bench]:
    made = Bench(open_state(tmp_path / "state", data=None), clock)
    yield made
    made.close()


@pytest.fixture
def live_bench(tmp_path: Path) -> Iterator[Bench]:
    """A bench on the real clock, whose leases are renewed every 20 ms."""
    made = Bench(open_state(tmp_path / "state", data=None), time.time, lease=0.06)
    yield made
    made.close()


@pytest.fixture
def until() -> Callable[[Callable[[], object]], None]:
    def wait(reached: Callable[[], object], seconds: float = 60.0) -> None:
        deadline = time.monotonic() + seconds
        while not reached():
            assert time.monotonic() < deadline, "not reached in time"
            time.sleep(0.01)

    return wait
