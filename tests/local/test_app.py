from __future__ import annotations

import errno
import logging
import sqlite3
from contextlib import closing

import pytest

from learnosity_nb.local.datasets import table_files
from learnosity_nb.local.state import directory

USER = {"user_id": "u1", "session_id": ["s1"], "group_path": ["x", "y"]}


def test_a_busy_database_gives_503_and_when_to_come_back(desk) -> None:
    """C05."""
    desk.service.database.read("PRAGMA busy_timeout = 20")
    with closing(sqlite3.connect(desk.service.database.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        request = {"dataset_type": "sessions-summary-by-group", "file_count": 1, "groups": [{"key": "a"}]}
        refused = desk.call("reports/datasets", request, "set")
        assert desk.http.get("/status").status_code == 200  # reading goes on
        other.execute("ROLLBACK")
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
    assert refused.json()["meta"]["code"] == 10000
    assert desk.call("reports/datasets", request, "set").status_code == 200


@pytest.mark.parametrize(
    ("number", "status"),
    [(errno.ENOSPC, 507), (errno.EACCES, 500), (errno.EIO, 500)],
    ids=["full", "refused", "broken"],
)
@pytest.mark.parametrize("module", [directory, table_files], ids=["the bytes", "the columns"])
def test_a_file_that_cannot_be_written_is_said_and_leaves_nothing(desk, monkeypatch, module, number, status) -> None:
    """C06: the upload before is intact, and a later one is taken."""
    made = desk.initialise()
    [url] = made["input_files"]
    content = b'{"user_id": "u1", "session_id": ["s1"], "group_path": ["x", "y"]}'
    assert desk.http.put(url, content=content).status_code == 200
    before = desk.files(made["dataset_id"], "infiles")

    def fail(descriptor: int) -> None:
        raise OSError(number, "it cannot be written")

    with monkeypatch.context() as patch:
        patch.setattr(module.os, "fsync", fail)
        refused = desk.http.put(url, content=content)
        assert (refused.status_code, refused.json()["meta"]["code"]) == (status, 10000)
        assert "it cannot be written" in refused.json()["meta"]["message"]
    assert desk.files(made["dataset_id"], "infiles") == before
    assert desk.http.put(url, content=content).status_code == 200
    assert len(desk.files(made["dataset_id"], "infiles")) == 2


def test_a_full_disk_halts_the_job_and_a_new_start_completes_it(desk, monkeypatch) -> None:
    dataset_id = desk.upload(USER)
    first = desk.start(dataset_id).json()["data"]["job_reference"]

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "no space")

    with monkeypatch.context() as patch:
        patch.setattr(table_files.os, "fsync", full)
        desk.run()
    assert desk.service.queue.status(first) == "halted"
    assert desk.http.get(desk.url(dataset_id, [])).status_code == 404
    second = desk.start(dataset_id).json()["data"]["job_reference"]
    desk.run()
    assert desk.service.queue.status(second) == "completed"
    assert desk.file(dataset_id)["rows_total"] == 1


def test_state_that_cannot_be_used_is_said(desk) -> None:
    desk.service.database.close()
    answer = desk.call("jobs", {})
    assert (answer.status_code, answer.json()["meta"]["code"]) == (500, 10000)
    assert "was closed" in answer.json()["meta"]["message"]


def test_a_fault_of_one_request_is_logged_and_does_not_end_the_service(desk, monkeypatch, caplog) -> None:
    def fail(*_: object) -> None:
        raise KeyError("a learner's name")

    with monkeypatch.context() as patch:
        patch.setattr(desk.service.queue, "records", fail)
        with caplog.at_level(logging.ERROR):
            answer = desk.call("jobs", {})
    assert (answer.status_code, answer.json()["meta"]["code"]) == (500, 10000)
    assert "learner" not in answer.text
    assert caplog.records[0].getMessage() == "POST /v1/jobs failed"
    assert desk.call("jobs", {}).status_code == 200


def test_a_compiled_file_that_is_gone_is_said_once_it_is_asked_for(desk) -> None:
    dataset_id = desk.build(USER)
    url = desk.url(dataset_id, [])
    for path in desk.files(dataset_id, "outfiles")[0].iterdir():
        path.unlink()
    answer = desk.http.get(url)
    assert answer.status_code == 500
    assert "groups.arrow" in answer.json()["meta"]["message"]
