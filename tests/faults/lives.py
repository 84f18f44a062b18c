"""Lives of a service, one after the other on one state directory, each in a process that may be killed.

A program of its own: it imports the package and lives once, so that the lives after it are short; then it reads a line
of commands from its input (JSON), lives them at the same time, each in a forked process, and writes how they ended.
One life does everything a patient client does: it initialises a dataset, uploads
its files, starts its job, runs what is queued and reads the result. All of it may be repeated, so the next life does
the same again; what an earlier life was told is kept in the file ``told`` and must still hold.
"""

from __future__ import annotations

import gc
import hashlib
import json
import os
import random
import signal
import sqlite3
import sys
import tempfile
from pathlib import Path
from typing import Any
from uuid import UUID

import pandas as pd
from werkzeug.test import Client

from learnosity_nb.files.access import Access
from learnosity_nb.local.answers import Caller
from learnosity_nb.local.app import App
from learnosity_nb.local.datasets.endpoints import get_group_urls, initialise, start
from learnosity_nb.local.datasets.uploads import accept_upload
from learnosity_nb.local.jobs.worker import run_next
from learnosity_nb.local.refusals import Refusal
from learnosity_nb.local.service import Service
from learnosity_nb.local.state import crash_points
from learnosity_nb.local.state.directory import open_state
from learnosity_nb.local.tables import FrameTables

CALLER = Caller("key", (), "http://local.invalid")
TYPE = "sessions-summary-by-group"


class Life:
    """One life of a service over a seeded data set."""

    def __init__(self, folder: Path, seed: int, users: int) -> None:
        self.dice = random.Random(seed)
        self.told = folder / "told"
        self.dataset_id = str(UUID(int=seed, version=4))
        self.files = self.dice.randint(1, 3)
        self.users = users
        rows = [(f"s{user}", f"u{user}", self.dice.randint(0, 40) / 2, 20.0) for user in range(users)]
        frame = pd.DataFrame(rows, columns=["session_id", "user_id", "score", "max_score"])
        self.service = Service(FrameTables({"sessions": frame}), open_state(folder / "state", data=None), Access({}))

    def live(self, lease: float | None) -> dict[str, Any]:
        if lease is not None:
            self.service.queue.lease = lease
        self.tell({"dataset": self.initialise()})
        for number in range(self.files):
            self.upload(number)
        self.tell({"job": self.start()})
        while run_next(self.service.queue, self.service.owner, self.service.handlers):
            pass
        return self.result()

    def initialise(self) -> str:
        groups = [{"key": "school"}, {"key": "class"}]
        request = {"dataset_type": TYPE, "dataset_id": self.dataset_id, "file_count": self.files, "groups": groups}
        return initialise(self.service, CALLER, request).data["dataset_id"]

    def upload(self, number: int) -> None:
        """Upload a file, unless an earlier life was told that the job had been accepted."""
        lines = [
            json.dumps(
                {"user_id": f"u{user}", "session_id": [f"s{user}"], "group_path": [f"{user % 5}", f"{user % 9}"]}
            )
            for user in range(number, self.users, self.files)
        ]
        service = self.service
        try:
            content = [f"{line}\n".encode() for line in lines]
            accept_upload(service.datasets, service.queue, service.owner, self.dataset_id, number, content)
        except Refusal as refusal:
            if refusal.code != 20011:  # it was started: its files are fixed
                raise

    def start(self) -> str:
        return start(self.service, CALLER, {"dataset_type": TYPE, "dataset_id": self.dataset_id}).data["job_reference"]

    def tell(self, fact: dict[str, str]) -> None:
        """Note what the client now knows, and compare it with what it was told before."""
        told = [json.loads(line) for line in self.told.read_text().splitlines()] if self.told.exists() else []
        for known in told:
            assert known.keys() != fact.keys() or known == fact, (known, fact)
        with self.told.open("a") as file:
            file.write(json.dumps(fact) + "\n")

    def result(self) -> dict[str, Any]:
        service = self.service
        paths = [[], *([str(school)] for school in range(5)), ["0", "0"]]
        request = {
            "dataset_type": TYPE,
            "dataset_id": self.dataset_id,
            "group_paths": paths,
            "include": ["distribution"],
        }
        visitor = Client(App(service))
        files = [visitor.get(url) for url in get_group_urls(service, CALLER, request).data]
        assert {file.status_code for file in files} == {200}
        jobs = service.database.read("SELECT reference, status, attempt FROM jobs")
        infiles, outfiles = (list(getattr(service.datasets, where)(self.dataset_id).iterdir()) for where in FOLDERS)
        service.close()
        return {
            "digest": hashlib.sha256(b"".join(file.data for file in files)).hexdigest(),
            "jobs": [tuple(job) for job in jobs],
            "infiles": len(infiles) - 2 * self.files,
            "outfiles": len(outfiles) - 1,
            "torn": [path.name for path in (*infiles, *outfiles) if path.name.startswith(".tmp-")],
            "integrity": integrity(service.database.path),
        }


FOLDERS = ("infiles", "outfiles")


def integrity(path: Path) -> str:
    connection = sqlite3.connect(path)
    try:
        return connection.execute("PRAGMA integrity_check").fetchone()[0]
    finally:
        connection.close()


def live(command: dict[str, Any]) -> dict[str, Any]:
    crash_points.NAME, _, nth = command.get("crash", "").partition(":")
    crash_points.NTH = int(nth or 1)
    if command.get("seconds"):
        signal.setitimer(signal.ITIMER_REAL, command["seconds"])  # SIGALRM ends a process that does not handle it
    life = Life(Path(command["folder"]), command["seed"], command["users"])
    return life.live(command.get("lease"))


def begin(command: dict[str, Any]) -> tuple[int, int]:
    """Fork and live; return the process and the pipe on which its result comes."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            found = live(command)
        except BaseException as error:  # noqa: BLE001  told to the test
            found = {"failed": repr(error)}
        os.write(writing, json.dumps(found).encode())
        os._exit(0)
    os.close(writing)
    return child, reading


def end(child: int, reading: int) -> dict[str, Any]:
    """Return how a life ended: its result, or the signal that killed it."""
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    return {"killed": os.WTERMSIG(status)} if os.WIFSIGNALED(status) else json.loads(said)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        live({"folder": folder, "seed": 0, "users": 9})
    gc.freeze()  # collecting what all lives share would copy it in each
    for line in sys.stdin:
        begun = [begin(command) for command in json.loads(line)]
        print(json.dumps([end(*life) for life in begun]), flush=True)
