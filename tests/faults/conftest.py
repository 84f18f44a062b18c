"""Shared parts of the sweep over faults."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import pytest

from learnosity_nb.credentials import Consumer, Secret
from learnosity_nb.files.access import Access, ConsumerAccess
from learnosity_nb.local.app import App
from learnosity_nb.local.jobs.worker import run_next
from learnosity_nb.local.service import Service
from learnosity_nb.local.state.directory import open_state
from learnosity_nb.local.tables import FrameTables
from learnosity_nb.wire.client import DataApi
from learnosity_nb.wire.exchange import Limits
from learnosity_nb.wire.in_process import InProcessTransport
from learnosity_nb.wire.timing import Timing
from learnosity_nb.wire.transfer import Transfers

HERE = Path(__file__).parent
PACKAGE = str(HERE.parents[1])
MEMORY = "/dev/shm"
CAP = 1 << 18
SECRET = "CANARY-the-secret"
SESSIONS = [(f"s{number}", f"u{number}", float(number), 20.0) for number in range(12)]


@pytest.fixture(scope="session")
def figures() -> Iterator[Counter[str]]:
    """What was counted; written to the file that ``LNB_FIGURES`` names, where it names one."""
    counted: Counter[str] = Counter()
    yield counted
    if "LNB_FIGURES" in os.environ:
        Path(os.environ["LNB_FIGURES"]).write_text(json.dumps(counted), encoding="utf-8")


@pytest.fixture(scope="session")
def live() -> Iterator[Callable[[list[dict[str, Any]]], list[dict[str, Any]]]]:
    """Lives lives of a service at once, each in a process of its own: ``{"folder": …, "seed": …, "users": …}``."""
    if not hasattr(os, "fork"):
        pytest.skip("forks processes")
    environment = {**os.environ, "PYTHONPATH": PACKAGE}
    with subprocess.Popen(
        [sys.executable, str(HERE / "lives.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as program:

        def ask(commands: list[dict[str, Any]]) -> list[dict[str, Any]]:
            program.stdin.write(json.dumps(commands, default=str) + "\n")
            program.stdin.flush()
            return json.loads(program.stdout.readline())

        yield ask
        program.stdin.close()


class World:
    """A service whose jobs run while its client sleeps, and the time of both."""

    def __init__(self, folder) -> None:
        self.seconds = 0.0
        self.begin = datetime(2026, 3, 1, 12, tzinfo=UTC)
        frame = pd.DataFrame(SESSIONS, columns=["session_id", "user_id", "score", "max_score"])
        access = Access({"key": ConsumerAccess("key", Secret(SECRET))})
        state = open_state(folder, data=None)
        self.service = Service(FrameTables({"sessions": frame}), state, access, lambda: self.now().timestamp())
        self.service.database.read("PRAGMA synchronous = OFF")
        self.transport = InProcessTransport(App(self.service))

    def now(self) -> datetime:
        return self.begin + timedelta(seconds=self.seconds)

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        while run_next(self.service.queue, self.service.owner, self.service.handlers):
            pass

    def clients(self, transport: httpx.BaseTransport, dice: random.Random) -> tuple[DataApi, Transfers]:
        timing = Timing(lambda: self.seconds, self.now, self.sleep, dice.random)
        options = {"timing": timing, "limits": Limits(cap=CAP)}
        api = DataApi("http://local.invalid", "v1", Consumer("key", SECRET), transport, **options)
        return api, Transfers(transport, **options)

    def jobs(self) -> Counter[str]:
        return Counter(row["type"] for row in self.service.database.read("SELECT type FROM jobs"))


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """A service with its files in memory, where the system has a place for that: here no machine loses its power."""
    with tempfile.TemporaryDirectory(dir=MEMORY if os.access(MEMORY, os.W_OK) else None) as folder:
        made = World(Path(folder))
        yield made
        made.service.close()
