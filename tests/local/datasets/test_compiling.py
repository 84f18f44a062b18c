from __future__ import annotations

import pyarrow as pa
import pytest

from learnosity_nb.errors import InputError
from learnosity_nb.local.datasets.compiling import dataset_compiler
from learnosity_nb.local.datasets.readiness import read_parts, refuse_unready
from learnosity_nb.local.jobs.worker import run_next
from learnosity_nb.local.refusals import Refusal

USER = {"user_id": "u1", "session_id": ["s1", "s2", "gone"], "group_path": ["x", "y"]}
OTHER = {"user_id": "u3", "session_id": ["s3"], "group_path": ["x", "z"]}


def job_of(desk, dataset_id: str):
    reference = desk.service.datasets.find(dataset_id).job_reference
    [record], _ = desk.service.queue.records("key", references=[reference])
    return record


def test_a_job_tells_what_it_counted(desk) -> None:
    dataset_id = desk.build(USER, OTHER)
    assert job_of(desk, dataset_id).data == {
        "dataset_id": dataset_id,
        "users": 2,
        "groups": 4,
        "stage": "done",
        "sessions": {"counted": 2, "unknown": 1, "user_mismatch": 1, "not_counted": 0},
        "warnings": {},
    }


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({}, ["groups", "score", "percent"]),
        ({"options": {"user_fields": ["score"]}}, ["groups", "users", "score", "percent"]),
    ],
)
def test_a_job_tells_its_stages_on_the_way(desk, monkeypatch, options, names) -> None:
    dataset_id = desk.upload(USER, **options)
    desk.start(dataset_id)
    stages = []
    report = desk.service.queue.progress
    monkeypatch.setattr(
        desk.service.queue, "progress", lambda claim, data: (stages.append(data["stage"]), report(claim, data))
    )
    desk.run()
    assert stages == ["reading", "summarising", *(f"writing {name}" for name in names)]
    (folder,) = desk.files(dataset_id, "outfiles")
    assert {path.stem for path in folder.iterdir()} == set(names)


def test_data_that_cannot_be_read_halts_the_job_with_the_reason(desk) -> None:
    dataset_id = desk.upload(USER)
    desk.start(dataset_id)

    def no_sessions() -> pa.Table:
        raise InputError("There is no sessions file.")

    handlers = {"reportdataset": dataset_compiler(desk.service.datasets, no_sessions)}
    assert run_next(desk.service.queue, desk.service.owner, handlers)
    record = job_of(desk, dataset_id)
    assert (record.status, record.error["message"]) == ("halted", "There is no sessions file.")
    assert desk.files(dataset_id, "outfiles") == []


def test_a_later_output_takes_the_place_of_the_earlier_one(desk) -> None:
    """What is read is one output or the other, never a part of each."""
    dataset_id = desk.build(USER)
    first = desk.service.datasets.find(dataset_id).current_attempt
    desk.service.queue.add("reportdataset", consumer="key", organisation=7, payload={"dataset_id": dataset_id})
    desk.run()
    second = desk.service.datasets.find(dataset_id).current_attempt
    assert second != first
    assert {path.name for path in desk.files(dataset_id, "outfiles")} == {first, second}
    assert desk.file(dataset_id)["rows_total"] == 1


def test_names_of_several_files_are_one_table_with_one_dictionary(desk, make_ndjson) -> None:
    made = desk.initialise(file_count=3)
    contents = [make_ndjson([USER]), b"", make_ndjson([OTHER])]
    for url, content in zip(made["input_files"], contents, strict=True):
        assert desk.http.put(url, content=content).status_code == 200
    store = desk.service.datasets
    dataset = store.find(made["dataset_id"])
    parts = refuse_unready(store, dataset)
    assert [part.number for part in parts] == [0, 1, 2]
    table = read_parts(store, dataset, parts)
    assert table["level_2"].to_pylist() == ["y", "z"]
    assert table["user_id"].to_pylist() == ["u1", "u3"]


def test_of_many_shared_sessions_the_first_20_are_shown_and_all_are_counted(desk, make_ndjson) -> None:
    sessions = [f"t{number}" for number in range(30)]
    users = [{**USER, "user_id": user, "session_id": sessions} for user in ("a", "b")]
    dataset_id = desk.upload(*users)
    with pytest.raises(Refusal) as raised:
        refuse_unready(desk.service.datasets, desk.service.datasets.find(dataset_id))
    assert raised.value.code == 20011
    assert len(raised.value.details) == 21
    assert raised.value.details[-1] == {"kinds": {"shared_session": 30}, "count": 30}
