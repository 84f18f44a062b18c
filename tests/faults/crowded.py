"""A program that works while hardly a file can be opened, and says as JSON how each of its calls ended.

A program of its own, as the limit on open files is that of a process. Each call is made with no, one, two … free
descriptors; after each round everything must work again.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

import learnosity_nb as lnb

LIMIT = 100
MOST_FREE = 4
USERS = [f"u{number}" for number in range(30)]


@contextmanager
def crowd(free: int) -> Iterator[None]:
    """Hold all descriptors but some."""
    held: list[int] = []
    try:
        while True:
            held.append(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        for _ in range(free):
            os.close(held.pop())
    try:
        yield
    finally:
        for one in held:
            os.close(one)


class Analyst:
    """What is done, over and over."""

    def __init__(self, folder: Path, lrn: lnb.Connection) -> None:
        self.folder = folder
        self.lrn = lrn
        self.roster = pd.DataFrame({"user_id": USERS, "session_id": USERS, "school": [*"xyz"] * 10})
        self.dataset = lrn.build_dataset(self.roster, levels=["school"])
        self.walked = self.dataset.walk()

    def build(self) -> bool:
        built = self.lrn.build_dataset(self.roster, levels=["school"], timeout=60)
        return built.groups()["population"].tolist() == [10, 10, 10]

    def read(self) -> bool:
        return self.lrn.open_dataset(self.dataset.dataset_id, levels=["school"]).walk().equals(self.walked)

    def update(self) -> bool:
        frame = pd.DataFrame({"session_id": ["u1"], "user_id": ["u1"], "status": ["Completed"]})
        return self.lrn.wait(self.lrn.update_session_statuses(frame), timeout=60)["status"].tolist() == ["completed"]

    def connect(self) -> bool:
        with lnb.connect_local(self.folder, progress=False) as other:
            return len(other.jobs(limit=1)) == 1


def ending(call: Callable[[], bool]) -> dict[str, Any]:
    try:
        return {"right": call()}
    except lnb.errors.LearnosityError as error:
        return {"error": type(error).__name__, "message": str(error)}
    except Exception as error:  # noqa: BLE001  told to the test
        return {"foreign": repr(error)}


def main(folder: Path) -> None:
    sessions = pd.DataFrame({"session_id": USERS, "user_id": USERS, "score": 1.0, "max_score": 2.0})
    sessions.to_csv(folder / "sessions.csv", index=False)
    resource.setrlimit(resource.RLIMIT_NOFILE, (LIMIT, LIMIT))
    told = []
    with lnb.connect_local(folder, progress=False) as lrn:
        analyst = Analyst(folder, lrn)
        calls = (analyst.build, analyst.read, analyst.update, analyst.connect)
        for free in range(MOST_FREE):
            for call in calls:
                with crowd(free):
                    found = ending(call)
                told.append({"free": free, "call": call.__name__, **found})
            told += [{"free": LIMIT, "call": call.__name__, **ending(call)} for call in calls]
        statuses = lrn.jobs()["status"].tolist()
        descriptors = len(list(Path("/proc/self/fd").iterdir()))
    json.dump({"calls": told, "statuses": statuses, "descriptors": descriptors}, sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
