"""The service behind its two mounts, and a caller that shares no code with this package's own client.

Every test that uses `api` runs twice: in this process, and against a
``learnosity-nb serve`` process over TCP. Each test calls as a consumer of its
own, so that no test sees the jobs and datasets of another.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

import learnosity_nb
from learnosity_nb.files.access import read_access
from learnosity_nb.local.app import App
from learnosity_nb.local.jobs.worker import ThreadWorker
from learnosity_nb.local.service import Service
from learnosity_nb.local.state.directory import open_state
from learnosity_nb.local.tables import DirectoryTables
from learnosity_nb.wire.in_process import InProcessTransport

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # requests warns about versions of its own dependencies
    from learnosity_sdk.request import Init

CONSUMERS = 1000
VERSION = "v2026.2.LTS"
STATUSES = ["queued", "running", "halted", "completed"]
PATIENCE = 120.0
TYPE = "sessions-summary-by-group"
COMMAND_LINE = "from learnosity_nb.cli import main; main()"


def secret_of(consumer: str) -> str:
    return f"secret of {consumer}"


def write_access(data: Path) -> None:
    keys = [f"consumer-{number}" for number in range(CONSUMERS)]
    entries = [f'[consumers.{key}]\nsecret = "{secret_of(key)}"\norganisations = [7, 8]\n' for key in keys]
    entries.append('[tokens.everything]\n[tokens.one-course]\ncourses = ["course-v1:edX+DemoX+Demo_2014"]\n')
    entries.append('[service]\naccount_url_base = "https://lms.example/api/user/v1/accounts/"\n')
    (data / "access.toml").write_text("".join(entries), encoding="utf-8")


def write_table(data: Path, name: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Replace a table of the data directory at once, so that no job reads half of it."""
    new = data / f"{name}.new"
    new.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    new.replace(data / f"{name}.ndjson")


def session(session_id: str, user_id: str, score: float | None = 1, max_score: float | None = 20, **more: Any) -> dict:
    return {"session_id": session_id, "user_id": user_id, "score": score, "max_score": max_score, **more}


def line(user: str, sessions: list[str] | str, *path: str, **more: Any) -> dict[str, Any]:
    return {"user_id": user, "session_id": sessions, "group_path": list(path), **more}


def ndjson(lines: Iterable[Mapping[str, Any]]) -> bytes:
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in lines).encode()


class Serve:
    """A ``learnosity-nb serve`` process; ready when it is made."""

    def __init__(
        self,
        data: Path,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> None:
        package = str(Path(learnosity_nb.__file__).parents[1])
        self.process = subprocess.Popen(
            [sys.executable, "-c", COMMAND_LINE, "serve", "--data", str(data), "--port", "0", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": package, **(environment or {})},
        )
        self.said: list[str] = []
        guard = threading.Timer(PATIENCE, self.process.kill)
        guard.start()
        while not self.said or "http://" not in self.said[-1]:
            text = self.process.stdout.readline()
            if not text:
                guard.cancel()
                raise AssertionError(f"serve ended: {self.process.communicate()}")
            self.said.append(text.strip())
        guard.cancel()
        self.url = self.said[-1].rpartition(" ")[2]

    def stop(self) -> int:
        """Send SIGTERM, and return the exit code."""
        if self.process.poll() is None:
            self.process.terminate()
        return self.wait()

    def end(self) -> None:
        """Kill the process if it still runs."""
        if self.process.poll() is None:
            self.process.kill()
            self.wait()

    def wait(self) -> int:
        self.process.communicate(timeout=PATIENCE)
        return self.process.returncode


@dataclass(frozen=True)
class Mount:
    """One way to reach the service: where, by which client, and which data it serves."""

    url: str
    http: httpx.Client
    data: Path
    consumers: Iterator[int] = field(default_factory=count)


@pytest.fixture(scope="session", params=["in process", "over TCP"])
def mount(request, tmp_path_factory) -> Iterator[Mount]:
    data = tmp_path_factory.mktemp("data")
    write_access(data)
    write_table(data, "sessions", [session("s", "u")])
    if request.param == "over TCP":
        served = Serve(data, "--allow-host", "data.example")
        with httpx.Client(trust_env=False, timeout=PATIENCE) as http:
            yield Mount(served.url, http, data)
        assert served.stop() == 0
        return
    service = Service(DirectoryTables(data), open_state(None, data=data), read_access(data / "access.toml"))
    worker = ThreadWorker(service.queue, service.owners, service.handlers, server=service.owner.id, poll=0.05)
    service.wake = worker.wake
    with httpx.Client(transport=InProcessTransport(App(service)), timeout=PATIENCE) as http:
        yield Mount("http://local.invalid", http, data)
    worker.close()
    service.close()


@dataclass(frozen=True)
class Answer:
    """What the service said to a call."""

    status: int
    body: Any
    headers: httpx.Headers

    @property
    def meta(self) -> dict[str, Any]:
        return self.body["meta"]

    @property
    def data(self) -> Any:
        assert self.status == 200, self.body
        assert self.meta["status"] is True
        return self.body["data"]

    @property
    def refused(self) -> tuple[int, int]:
        """HTTP status and code."""
        assert self.meta["status"] is False
        assert self.meta["message"]
        assert self.meta["request_uuid"]
        return self.status, self.meta["code"]


class Api:
    """A caller of the Data API: signs with the vendor's own code, posts a form, reads JSON."""

    line = staticmethod(line)
    ndjson = staticmethod(ndjson)
    session = staticmethod(session)
    statuses = STATUSES
    type = TYPE

    def __init__(self, mount: Mount, consumer: str) -> None:
        self.url = mount.url
        self.http = mount.http
        self.folder = mount.data
        self.consumer = consumer
        self.secret = secret_of(consumer)

    def form(self, request: Any, action: str | None, secret: str | None = None, **security: Any) -> dict[str, str]:
        packet = {"consumer_key": self.consumer, "domain": "localhost", **security}
        return Init("data", packet, secret or self.secret, request, action).generate()

    def post(self, endpoint: str, form: Any, version: str = VERSION, **more: Any) -> Answer:
        response = self.http.post(f"{self.url}/{version}/{endpoint}", data=form, **more)
        return Answer(response.status_code, response.json(), response.headers)

    def call(self, endpoint: str, request: dict[str, Any], action: str = "get") -> Answer:
        return self.post(endpoint, self.form(request, action))

    def have(self, *sessions: Mapping[str, Any], **tables: Iterable[Mapping[str, Any]]) -> None:
        """Make these the service's sessions, and the rows of other tables."""
        for name, rows in {**tables, "sessions": sessions}.items():
            write_table(self.folder, name, rows)

    def initialise(self, **changes: Any) -> Answer:
        """Initialise a dataset of one file and the levels a and b, or as `changes` say; None leaves a key out."""
        request = {"dataset_type": TYPE, "file_count": 1, "groups": levels("a", "b"), **changes}
        return self.call("reports/datasets", {k: v for k, v in request.items() if v is not None}, "set")

    def put(self, url: str, content: Any) -> httpx.Response:
        kind = "application/x-www-form-urlencoded"
        return self.http.put(url, content=content, headers={"Content-Type": kind})

    def upload(self, *contents: bytes, **parameters: Any) -> str:
        """Initialise a dataset and upload its input files; return its id."""
        made = self.initialise(file_count=len(contents), **parameters).data
        for url, content in zip(made["input_files"], contents, strict=True):
            assert self.put(url, content).status_code == 200
        return made["dataset_id"]

    def initialise_again(self, dataset_id: str) -> list[str]:
        """Return fresh upload URLs of a dataset made by `upload` without parameters."""
        return self.initialise(dataset_id=dataset_id).data["input_files"]

    def start(self, dataset_id: str, dataset_type: str = TYPE) -> Answer:
        return self.call("jobs/reports/datasets", {"dataset_type": dataset_type, "dataset_id": dataset_id}, "set")

    def job(self, reference: str) -> dict[str, Any]:
        [record] = self.call("jobs", {"references": [reference], "status": STATUSES, "include": ["data"]}).data
        return record

    def wait(self, reference: str) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE
        while (record := self.job(reference))["status"] in {"queued", "running"}:
            assert time.monotonic() < deadline, record
            time.sleep(0.02)
        return record

    def build(self, lines: Iterable[Mapping[str, Any]], **parameters: Any) -> str:
        """Upload and compile a dataset; return its id."""
        dataset_id = self.upload(ndjson(lines), **parameters)
        started = self.start(dataset_id, parameters.get("dataset_type", TYPE))
        ended = self.wait(started.data["job_reference"])
        assert ended["status"] == "completed", ended
        return dataset_id

    def urls(self, dataset_id: str, *paths: list[str], **more: Any) -> list[str]:
        request = {"dataset_type": TYPE, "dataset_id": dataset_id, "group_paths": list(paths), **more}
        return self.call("reports/datasets", request).data

    def file(self, dataset_id: str, *path: str, **more: Any) -> dict[str, Any]:
        """Return a group's file, read by a parser that takes no NaN or Infinity."""
        [url] = self.urls(dataset_id, list(path), **more)
        response = self.http.get(url)
        assert response.status_code == 200, response.text
        return json.loads(response.text, parse_constant=pytest.fail)


def levels(*keys: str) -> list[dict[str, str]]:
    return [{"key": key, "label": key.title()} for key in keys]


@pytest.fixture(scope="session", autouse=True)
def without_telemetry() -> Iterator[None]:
    Init.disable_telemetry()
    yield
    Init.enable_telemetry()


@pytest.fixture
def other(mount: Mount) -> Api:
    """A second consumer."""
    return Api(mount, f"consumer-{next(mount.consumers)}")


@pytest.fixture
def api(mount: Mount) -> Api:
    return Api(mount, f"consumer-{next(mount.consumers)}")


@pytest.fixture(scope="module")
def module_api(mount: Mount) -> Api:
    """A consumer for the datasets that several tests of a module read."""
    return Api(mount, f"consumer-{next(mount.consumers)}")


@pytest.fixture(scope="session")
def caller() -> Iterator[Callable[[Serve, Path], Api]]:
    """Gives a consumer's calls to one `Serve` process."""
    with httpx.Client(trust_env=False, timeout=PATIENCE) as http:
        yield lambda served, data: Api(Mount(served.url, http, data), "consumer-0")


@contextmanager
def serves() -> Iterator[Callable[..., Serve]]:
    started: list[Serve] = []

    def start(data: Path, *arguments: str, **options: Any) -> Serve:
        started.append(Serve(data, *arguments, **options))
        return started[-1]

    yield start
    for served in started:
        served.end()


@pytest.fixture
def serve() -> Iterator[Callable[..., Serve]]:
    """Starts ``learnosity-nb serve`` processes, which are gone when the test ends."""
    with serves() as start:
        yield start


@pytest.fixture(scope="module")
def start_serve() -> Iterator[Callable[..., Serve]]:
    """The same for all tests of a module."""
    with serves() as start:
        yield start
