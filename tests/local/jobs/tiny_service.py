"""A service of a few lines for worker processes under test.

Each completion writes a row whose key is the job's reference: a second
completion of one job would break the table's key, and halt the job.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from pathlib import Path

from learnosity_nb.local.jobs.queue import JobQueue
from learnosity_nb.local.jobs.worker import JobContext, Outcome
from learnosity_nb.local.state.database import Database


class TinyService:
    def __init__(self, data: Path, state: Path) -> None:
        self.data = data
        self.database = Database(state / "state.sqlite3")
        self.owners = state / "owners"
        self.queue = JobQueue(self.database, self.owners, lease=float(os.environ.get("TINY_LEASE", "30")))
        self.handlers = {"quick": quick, "brief": brief, "deadly": deadly, "gated": self.gated}

    def gated(self, context: JobContext) -> Outcome:
        """Wait for the file ``open`` in the data directory."""
        while not (self.data / "open").exists():
            time.sleep(0.01)
        return quick(context)

    def close(self) -> None:
        self.database.close()


def quick(context: JobContext) -> Outcome:
    def commit(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO meta (key, value) VALUES (?, x'')", (context.reference,))

    return Outcome({"process": os.getpid()}, commit)


def brief(context: JobContext) -> Outcome:
    for step in range(5):
        context.report({"step": step})
        time.sleep(0.005)
    return quick(context)


def deadly(context: JobContext) -> Outcome:
    os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
    raise AssertionError


def open_service(data: Path, state: Path) -> TinyService:
    return TinyService(data, state)
