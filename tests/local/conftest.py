"""One service on a directory of its own, with a clock that a test moves and jobs that run when a test says so."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import pytest

from learnosity_nb.credentials import Secret
from learnosity_nb.files.access import Access, ConsumerAccess
from learnosity_nb.local.app import App
from learnosity_nb.local.jobs.worker import run_next
from learnosity_nb.local.service import Service
from learnosity_nb.local.state.directory import StateDirectory, open_state
from learnosity_nb.local.tables import FrameTables
from learnosity_nb.wire.in_process import InProcessTransport

TYPE = "sessions-summary-by-group"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
CONSUMERS = {
    "key": ConsumerAccess("key", Secret("secret"), (7, 8)),
    "bare": ConsumerAccess("bare", Secret("other secret")),
}
SESSIONS = [(f"s{number}", f"u{number}", float(number), 20.0) for number in range(10)]


class Clock:
    """Unix seconds that pass only when a test says so."""

    def __init__(self) -> None:
        self.now = NOON.timestamp()

    def __call__(self) -> float:
        return self.now

    def stamp(self) -> str:
        return datetime.fromtimestamp(self.now, UTC).strftime("%Y%m%d-%H%M")


class Desk:
    """The service, its application and the shortest words for what tests do to them."""

    def __init__(self, state: StateDirectory, clock: Clock) -> None:
        frame = pd.DataFrame(SESSIONS, columns=["session_id", "user_id", "score", "max_score"])
        self.clock = clock
        self.service = Service(FrameTables({"sessions": frame}), state, Access(CONSUMERS), clock)
        self.app = App(self.service)
        self.http = httpx.Client(transport=InProcessTransport(self.app), base_url="http://local.invalid")

    def form(self, request: Mapping[str, Any], action: str = "get", consumer: str = "key") -> dict[str, str]:
        security = {"consumer_key": consumer, "domain": "localhost", "timestamp": self.clock.stamp()}
        text = json.dumps(request)
        message = "_".join([*security.values(), text, action]).encode()
        digest = hmac.digest(CONSUMERS[consumer].secret.reveal().encode(), message, hashlib.sha256).hex()
        return {"security": json.dumps({**security, "signature": f"$02${digest}"}), "request": text, "action": action}

    def call(self, endpoint: str, request: Mapping[str, Any], action: str = "get", consumer: str = "key") -> Any:
        return self.http.post(f"/v1/{endpoint}", data=self.form(request, action, consumer))

    def initialise(self, **changes: Any) -> dict[str, Any]:
        request = {"dataset_type": TYPE, "file_count": 1, "groups": [{"key": "a"}, {"key": "b"}], **changes}
        answer = self.call("reports/datasets", request, "set")
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    def upload(self, *lines: Mapping[str, Any], **changes: Any) -> str:
        made = self.initialise(**changes)
        assert self.http.put(made["input_files"][0], content=ndjson(lines)).status_code == 200
        return made["dataset_id"]

    def start(self, dataset_id: str) -> httpx.Response:
        return self.call("jobs/reports/datasets", {"dataset_type": TYPE, "dataset_id": dataset_id}, "set")

    def run(self) -> None:
        while run_next(self.service.queue, self.service.owner, self.service.handlers):
            pass

    def build(self, *lines: Mapping[str, Any], **changes: Any) -> str:
        dataset_id = self.upload(*lines, **changes)
        reference = self.start(dataset_id).json()["data"]["job_reference"]
        self.run()
        assert self.service.queue.status(reference) == "completed"
        return dataset_id

    def url(self, dataset_id: str, path: list[str], **more: Any) -> str:
        request = {"dataset_type": TYPE, "dataset_id": dataset_id, "group_paths": [path], **more}
        [url] = self.call("reports/datasets", request).json()["data"]
        return url

    def file(self, dataset_id: str, *path: str, **more: Any) -> dict[str, Any]:
        return self.http.get(self.url(dataset_id, list(path), **more)).json()

    def files(self, dataset_id: str, folder: str) -> list[Path]:
        """What lies in a dataset's ``infiles`` or ``outfiles``."""
        found = getattr(self.service.datasets, folder)(dataset_id)
        return sorted(found.iterdir()) if found.exists() else []

    def close(self) -> None:
        self.http.close()
        self.service.close()


def line(user: str, sessions: list[str], *path: str) -> dict[str, Any]:
    return {"user_id": user, "session_id": sessions, "group_path": list(path)}


def ndjson(lines: Iterable[Mapping[str, Any]]) -> bytes:
    return "".join(json.dumps(one) + "\n" for one in lines).encode()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk(tmp_path: Path, clock: Clock) -> Iterator[Desk]:
    opened = Desk(open_state(tmp_path / "state", data=None), clock)
    yield opened
    opened.close()


@pytest.fixture
def make_line() -> Callable[..., dict[str, Any]]:
    return line


@pytest.fixture
def make_ndjson() -> Callable[..., bytes]:
    return ndjson
