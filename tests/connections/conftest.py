"""Connections to test with: in process, over TCP, and to a service that offers no more than the specification."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import learnosity_nb as lnb
from learnosity_nb.connections.connection import Connection
from learnosity_nb.connections.ledger import Ledger
from learnosity_nb.connections.opening import DEFAULT_VERSION, IN_PROCESS
from learnosity_nb.files.access import Access, ConsumerAccess
from learnosity_nb.local.in_process import open_in_process
from learnosity_nb.local.tables import FrameTables
from learnosity_nb.wire.client import DataApi
from learnosity_nb.wire.in_process import InProcessTransport
from learnosity_nb.wire.timing import Timing
from learnosity_nb.wire.transfer import Transfers

LEVELS = ["district", "school", "class"]


@pytest.fixture(scope="session")
def shared_crowd() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Sessions and roster of 600 users: uneven groups, missing scores, users in two classes, one-pupil groups."""
    draw = np.random.default_rng(5)
    count = 900
    classes = draw.integers(0, 60, count) ** 2 // 60
    roster = pd.DataFrame(
        {
            "user_id": [f"user {number % 600}" for number in range(count)],
            "session_id": [f"session {number}" for number in range(count)],
            "district": [f"district {one % 3}" for one in classes],
            "school": [f"school {one % 9 // 3}" for one in classes],  # the same names under every district
            "class": [f"class {one}" for one in classes],
        }
    )
    sessions = pd.DataFrame(
        {
            "session_id": roster["session_id"],
            "user_id": roster["user_id"],
            "activity_id": [f"activity {number % 2}" for number in range(count)],
            "score": draw.integers(-4, 41, count) / 2,
            "max_score": draw.choice([0.0, 10.0, 20.0], count, p=[0.1, 0.4, 0.5]),
            "attempted_max_score": draw.integers(0, 20, count).astype(float),
        }
    )
    sessions.loc[draw.random(count) < 0.1, "score"] = np.nan
    return sessions, roster


@pytest.fixture
def crowd(shared_crowd: tuple[pd.DataFrame, pd.DataFrame]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The same for one test, which may change them."""
    sessions, roster = shared_crowd
    return sessions.copy(), roster.copy()


def brisk(connection: Connection) -> Connection:
    """Let a connection wait a tenth of the time between two looks at a job: these take some milliseconds."""
    connection.api.timing = Timing(sleep=lambda seconds: time.sleep(seconds / 10))
    return connection


@pytest.fixture(scope="module")
def standing(shared_crowd: tuple[pd.DataFrame, pd.DataFrame]) -> Iterator[Connection]:
    """The connection of all tests of a module, for datasets that are only read."""
    with lnb.connect_local(sessions=shared_crowd[0]) as connection:
        yield brisk(connection)


@pytest.fixture
def local(crowd: tuple[pd.DataFrame, pd.DataFrame]) -> Iterator[Connection]:
    with lnb.connect_local(sessions=crowd[0]) as connection:
        yield brisk(connection)


@pytest.fixture
def hosted(crowd: tuple[pd.DataFrame, pd.DataFrame], tmp_path: Path) -> Iterator[Connection]:
    """A connection to a service that knows neither pages, nor user rows, nor distributions."""
    consumer = lnb.Consumer("hosted", "a secret of the test")
    access = Access({consumer.key: ConsumerAccess(consumer.key, consumer.secret)})
    opened = open_in_process(FrameTables({"sessions": crowd[0]}), access, state=tmp_path, data=None)
    transport = InProcessTransport(_without_additions(opened.app))
    api = DataApi(IN_PROCESS, DEFAULT_VERSION, consumer, transport)
    ledger = Ledger(tmp_path / "ledger.ndjson")
    with Connection(api, Transfers(transport), ledger, name="hosted", on_close=opened.close) as connection:
        yield brisk(connection)


ADDITIONS = {"users", "distribution", "descendants"}


def _without_additions(app: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """Give group files with the ten documented keys only, and the first page whatever page is asked for."""
    first_pages: dict[str, bytes] = {}

    def plain(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        body = b"".join(app(environ, _collect := _Started()))
        if "/outfiles/" in environ["PATH_INFO"] and _collect.status.startswith("200"):
            group = json.loads(body)
            body = json.dumps({key: group[key] for key in group if key not in ADDITIONS}).encode()
            body = first_pages.setdefault(environ["PATH_INFO"].rpartition("_")[0], body)
        headers = [(name, value) for name, value in _collect.headers if name.lower() != "content-length"]
        start_response(_collect.status, [*headers, ("Content-Length", str(len(body)))])
        return [body]

    return plain


class _Started:
    def __init__(self) -> None:
        self.status = ""
        self.headers: list[tuple[str, str]] = []

    def __call__(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], None]:
        self.status, self.headers = status, headers
        return lambda written: None
