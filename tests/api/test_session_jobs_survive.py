"""Mixed jobs and a server that is killed: every job ends completed, and each result is written once."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

KINDS = ("dataset", "subscores", "statuses", "metadata")
EACH = 5
USERS = 3000
SIZE = 10
TYPE = "activity-summary-by-group"
LOG = """
CREATE TABLE written (what TEXT, name TEXT);
CREATE TRIGGER a AFTER UPDATE OF status ON jobs WHEN NEW.status IN ('completed', 'halted')
    BEGIN INSERT INTO written VALUES (NEW.status, NEW.reference); END;
CREATE TRIGGER b AFTER UPDATE OF current_attempt ON datasets
    BEGIN INSERT INTO written VALUES ('dataset', NEW.dataset_id); END;
CREATE TRIGGER c AFTER INSERT ON session_updates
    BEGIN INSERT INTO written VALUES ('session', NEW.session_id); END;
CREATE TRIGGER d AFTER UPDATE ON session_updates
    BEGIN INSERT INTO written VALUES ('session', NEW.session_id); END;
"""


def write(folder: Path, name: str, rows) -> None:
    (folder / f"{name}.ndjson").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "access.toml").write_text('[consumers.consumer-0]\nsecret = "secret of consumer-0"\n', encoding="utf-8")
    known = [f"s{number}" for number in range(USERS)]
    owner = {"score": 1, "max_score": 4, "activity_id": "act"}
    write(folder, "sessions", [{"session_id": each, "user_id": f"u{each[1:]}", **owner} for each in known])
    answers = {"score": 1.5, "max_score": 2, "item_reference": "i"}
    write(folder, "responses", [{"session_id": each, "response_id": f"r{each}", **answers} for each in known])
    write(folder, "items", [{"activity_id": "act", "item_reference": "i", "subscore_id": "x", "subscore_title": "X"}])
    return folder


def sessions_of(kind: str, number: int) -> list[str]:
    """Other sessions for each job, so that each is written once."""
    first = (KINDS.index(kind) * EACH + number) * SIZE
    return [f"s{each}" for each in range(first, first + SIZE)]


def request_job(api, kind: str, number: int, dataset_ids: list[str]) -> str:
    sessions = sessions_of(kind, number)
    if kind == "dataset":
        answer = api.start(dataset_ids[number], TYPE)
    elif kind == "subscores":
        answer = api.call("jobs/sessions/scores/subscores", {"session_id": sessions})
    else:
        value = {"status": "Completed"} if kind == "statuses" else {"metadata": {"number": number}}
        entries = [{"session_id": each, "user_id": f"u{each[1:]}", **value} for each in sessions]
        name = "statuses" if kind == "statuses" else "session_metadata"
        answer = api.call(f"jobs/sessions/{kind}", {name: entries}, "update" if kind == "statuses" else "set")
    return answer.data["job_reference"]


def asked(data: Path, sql: str) -> list[tuple]:
    with closing(sqlite3.connect(data / ".learnosity_nb" / "state.sqlite3", timeout=60)) as database:
        return database.execute(sql).fetchall()


def until(reached) -> None:
    deadline = time.monotonic() + 120
    while not reached():
        assert time.monotonic() < deadline, "not reached in time"
        time.sleep(0.005)


@dataclass(frozen=True)
class Work:
    """Twenty queued jobs, and the datasets that five of them compile."""

    dataset_ids: list[str]
    references: list[str]


def queue_jobs(api, data: Path) -> Work:
    lines = api.ndjson({"user_id": f"u{user}", "group_path": [f"class {user % 99}"]} for user in range(USERS))
    parameters = {"dataset_type": TYPE, "filters": {"activity_id": ["act"]}, "groups": [{"key": "class"}]}
    dataset_ids = [api.upload(lines, **parameters) for _ in range(EACH)]
    with closing(sqlite3.connect(data / ".learnosity_nb" / "state.sqlite3", timeout=60)) as database:
        database.executescript(LOG)
    references = [request_job(api, kind, number, dataset_ids) for number in range(EACH) for kind in KINDS]
    return Work(dataset_ids, references)


def assert_each_written_once(api, data: Path, work: Work) -> None:
    assert {api.wait(reference)["status"] for reference in work.references} == {"completed"}
    changed = [each for kind in KINDS[1:] for number in range(EACH) for each in sessions_of(kind, number)]
    wanted = [("completed", each) for each in work.references] + [("dataset", each) for each in work.dataset_ids]
    written = asked(data, "SELECT what, name FROM written")
    assert Counter(written) == Counter([*wanted, *(("session", each) for each in changed)])


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="kills with SIGKILL")
def test_twenty_mixed_jobs_outlive_three_kills_of_the_server(serve, caller, data) -> None:
    served = serve(data)
    work = queue_jobs(caller(served, data), data)
    for done in (1, 7, 13):
        until(lambda done=done: len(asked(data, "SELECT 1 FROM jobs WHERE status = 'completed'")) >= done)
        os.kill(served.process.pid, signal.SIGKILL)
        served.wait()
        assert asked(data, "SELECT 1 FROM jobs WHERE status IN ('queued', 'running')"), "the jobs were done too soon"
        served = serve(data)
    api = caller(served, data)
    assert_each_written_once(api, data, work)
    assert_effects(api, work.dataset_ids)


def test_two_servers_on_one_directory_write_each_result_once(serve, caller, data) -> None:
    first, second = serve(data), serve(data)
    work = queue_jobs(caller(first, data), data)
    assert_each_written_once(caller(second, data), data, work)
    for served in (first, second):
        assert_effects(caller(served, data), work.dataset_ids)


def test_of_two_workers_none_lets_a_session_job_overtake_an_earlier_one(serve, caller, data) -> None:
    """Sessions that become Completed are scored again, which takes longer than to discard them."""
    known = [f"s{number}" for number in range(100)]
    answers = {"score": 1.5, "max_score": 2, "item_reference": "i"}
    write(data, "responses", [{"session_id": s, "response_id": f"r{n}", **answers} for s in known for n in range(100)])
    api = caller(serve(data, "--workers", "2"), data)
    for _ in range(4):
        references = []
        for status in ("Completed", "Discarded"):
            statuses = [{"session_id": each, "user_id": f"u{each[1:]}", "status": status} for each in known]
            answer = api.call("jobs/sessions/statuses", {"statuses": statuses}, "update")
            references.append(answer.data["job_reference"])
        for reference in references:
            assert api.wait(reference)["status"] == "completed"
        found = api.call("sessions/statuses", {"session_id": known[:50]}).data
        assert {record["status"] for record in found} == {"Discarded"}


def assert_effects(api, dataset_ids: list[str]) -> None:
    for number in range(EACH):
        root = api.file(dataset_ids[number], dataset_type=TYPE)
        assert root["self"][root["fields"].index("population")] == USERS
        for kind in KINDS[1:]:
            request = {"session_id": sessions_of(kind, number), "include": ["sessions.session_metadata"]}
            for record in api.call("sessions/scores", request).data:
                assert record["score"] == (1.5 if kind == "statuses" else 1)
                assert bool(record["subscores"]) == (kind != "metadata")
                assert record["metadata"] == ({"number": number} if kind == "metadata" else {})
