from __future__ import annotations

import errno
import json

import pyarrow as pa
import pytest

from learnosity_nb.local.datasets import endpoints, table_files, uploads
from learnosity_nb.local.datasets.table_files import map_table, write_table
from learnosity_nb.local.datasets.uploads import accept_upload
from learnosity_nb.local.refusals import Refusal
from learnosity_nb.local.state.failures import DiskFull

USER = {"user_id": "u1", "session_id": ["s1"], "group_path": ["x", "y"]}
CONTENT = json.dumps(USER).encode()


@pytest.fixture
def accept(desk):
    def put(dataset_id: str, chunks, number: int = 0):
        service = desk.service
        return accept_upload(service.datasets, service.queue, service.owner, dataset_id, number, chunks)

    return put


def test_a_part_holds_the_bytes_the_columns_and_a_summary(desk, accept) -> None:
    dataset_id = desk.initialise()["dataset_id"]
    part = accept(dataset_id, [CONTENT[:9], b"", CONTENT[9:], b"\n\n?\n"])
    assert part.attempt.startswith(desk.service.owner.id)
    assert part.summary["lines"] == 0
    assert part.summary["bytes"] == len(CONTENT) + 4
    assert part.summary["blank"] == 1
    assert part.summary["faults"]["kinds"] == {"not_json": 1}
    assert part.summary["warnings"] == {"kinds": {}, "first": []}
    assert desk.service.datasets.parts(dataset_id) == [part]
    columns, raw = desk.files(dataset_id, "infiles")
    assert raw.read_bytes() == CONTENT + b"\n\n?\n"
    assert map_table(columns).num_rows == 0
    corrected = accept(dataset_id, [CONTENT])
    assert (corrected.summary["lines"], corrected.summary["faults"]["kinds"]) == (1, {})
    columns, raw = desk.files(dataset_id, "infiles")
    assert raw.read_bytes() == CONTENT
    assert map_table(columns).num_rows == 1


def test_a_start_that_comes_while_a_file_is_taken_in_keeps_it_out(desk, accept) -> None:
    dataset_id = desk.upload(USER)
    before = desk.files(dataset_id, "infiles")

    def chunks():
        yield CONTENT
        assert desk.start(dataset_id).status_code == 200

    with pytest.raises(Refusal) as raised:
        accept(dataset_id, chunks())
    assert raised.value.code == 20011
    assert "is queued" in raised.value.message
    assert desk.files(dataset_id, "infiles") == before


def test_a_file_that_is_replaced_while_it_is_checked_is_checked_again(desk, accept, monkeypatch) -> None:
    """A start between two uploads queues no lines that were not looked at."""
    dataset_id = desk.upload(USER)
    check, looks = endpoints.refuse_unready, []

    def replaced_meanwhile(store, dataset):
        found = check(store, dataset)
        if not looks:
            accept(dataset_id, [b"?"])
        looks.append(found)
        return found

    monkeypatch.setattr(endpoints, "refuse_unready", replaced_meanwhile)
    answer = desk.start(dataset_id)
    assert (answer.status_code, answer.json()["meta"]["code"]) == (400, 20009)
    assert len(looks) == 1
    assert not desk.service.queue.has_open()
    accept(dataset_id, [CONTENT])
    assert desk.start(dataset_id).status_code == 200


def test_two_starts_at_the_same_moment_queue_one_job(desk, monkeypatch) -> None:
    dataset_id = desk.upload(USER)
    check, answers = endpoints.refuse_unready, []

    def started_meanwhile(store, dataset):
        found = check(store, dataset)
        if not answers:
            answers.append(None)
            answers[0] = desk.start(dataset_id).json()["data"]
        return found

    monkeypatch.setattr(endpoints, "refuse_unready", started_meanwhile)
    assert desk.start(dataset_id).json()["data"] == answers[0]
    assert len(desk.service.queue.records("key")[0]) == 1


def test_an_error_on_the_way_leaves_no_file(desk, accept, monkeypatch) -> None:
    dataset_id = desk.initialise()["dataset_id"]
    with monkeypatch.context() as patch:
        patch.setattr(uploads, "read_lines", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            accept(dataset_id, [CONTENT])
    assert desk.files(dataset_id, "infiles") == []
    assert desk.service.datasets.parts(dataset_id) == []


def test_what_was_replaced_but_cannot_be_removed_stays_for_the_clean_up(desk, accept, monkeypatch) -> None:
    dataset_id = desk.initialise()["dataset_id"]
    accept(dataset_id, [b"?"])

    def in_use(path, missing_ok=False):
        raise PermissionError(errno.EACCES, "The process cannot access the file", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(uploads.Path, "unlink", in_use)
        part = accept(dataset_id, [CONTENT])
    assert desk.service.datasets.parts(dataset_id) == [part]
    assert len(desk.files(dataset_id, "infiles")) == 4


def test_a_disk_without_room_for_a_folder_is_said_to_be_full(desk, accept, monkeypatch) -> None:
    dataset_id = desk.initialise()["dataset_id"]

    def full(path, **options):
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(uploads.Path, "mkdir", full)
        with pytest.raises(DiskFull, match="No space left"):
            accept(dataset_id, [CONTENT])


def test_a_table_is_written_whole_or_not_at_all(tmp_path, monkeypatch) -> None:
    table, path = pa.table({"a": ["x", None]}), tmp_path / "table.arrow"
    write_table(path, table)
    assert map_table(path).equals(table)
    with monkeypatch.context() as patch:
        patch.setattr(table_files.os, "fsync", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            write_table(path, pa.table({"b": [1]}))
    assert list(tmp_path.iterdir()) == [path]
    assert map_table(path).equals(table)
    write_table(path, pa.table({"b": [1]}))
    assert map_table(path).column_names == ["b"]
