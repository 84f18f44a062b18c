"""``jobs/reports/datasets`` set: checks everything, queues one job, and may be repeated."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest


def queued(api) -> list[dict]:
    return api.call("jobs", {"status": api.statuses}).data


def test_the_answer_names_the_job_and_the_dataset(api) -> None:
    dataset_id = api.upload(api.ndjson([api.line("u", ["s"], "x", "y")]))
    answer = api.start(dataset_id)
    reference = answer.data["job_reference"]
    assert answer.data == {"job_reference": reference, "dataset_type": api.type, "dataset_id": dataset_id}
    assert "records" not in answer.meta
    assert [job["reference"] for job in queued(api)] == [reference]


@pytest.mark.parametrize("uploaded", [[], [0], [2, 1], [0, 2]])
def test_missing_files_are_named(api, uploaded) -> None:
    """N37."""
    made = api.initialise(file_count=3).data
    for number in uploaded:
        assert api.put(made["input_files"][number], b"").status_code == 200
    answer = api.start(made["dataset_id"])
    assert answer.refused == (400, 50000)
    missing = [number for number in range(3) if number not in uploaded]
    assert ", ".join(f"{number}.ndjson" for number in missing) + ")" in answer.meta["message"]
    assert queued(api) == []


def test_of_many_missing_files_the_first_ten_are_named(api) -> None:
    message = api.start(api.initialise(file_count=100).data["dataset_id"]).meta["message"]
    assert "100 input files" in message
    assert "9.ndjson, …)" in message
    assert "10.ndjson" not in message


def test_the_first_20_wrong_lines_are_shown_and_all_are_counted(api) -> None:
    good = api.line("u", ["s"], "x", "y")
    wrong = [{**good, "user_id": number} for number in range(12)] + [{**good, "group_path": ["x"]}] * 30
    contents = [api.ndjson([good, *wrong[:15]]), api.ndjson(wrong[15:]), b"{\n" * 3]
    dataset_id = api.upload(*contents)
    answer = api.start(dataset_id)
    assert answer.refused == (400, 20009)
    *faults, counts = answer.meta["details"]
    places = [(fault["file"], fault["line"]) for fault in faults]
    assert places == [("0.ndjson", n) for n in range(2, 17)] + [("1.ndjson", n) for n in range(1, 6)]
    assert counts == {"kinds": {"bad_user_id": 12, "path_length": 30, "not_json": 3}, "count": 45}
    assert "bad_user_id: 12, not_json: 3, path_length: 30" in answer.meta["message"]
    assert queued(api) == []


def test_corrected_files_can_be_started(api) -> None:
    made = api.initialise(file_count=2).data
    good = api.ndjson([api.line("u", ["s"], "x", "y")])
    for url, content in zip(made["input_files"], [good, b"?"], strict=True):
        api.put(url, content)
    assert api.start(made["dataset_id"]).refused == (400, 20009)
    api.put(made["input_files"][1], b"")
    assert api.start(made["dataset_id"]).status == 200
    assert len(queued(api)) == 1


def test_starting_again_answers_with_the_same_job_whatever_its_state(api) -> None:
    dataset_id = api.upload(api.ndjson([api.line("u", ["s"], "x", "y")]))
    reference = api.start(dataset_id).data["job_reference"]
    assert api.start(dataset_id).data["job_reference"] == reference
    assert api.wait(reference)["status"] == "completed"
    assert api.start(dataset_id).data["job_reference"] == reference
    assert len(queued(api)) == 1


def test_many_starts_at_once_give_one_job(api) -> None:
    dataset_id = api.upload(api.ndjson([api.line("u", ["s"], "x", "y")]))
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(api.start, [dataset_id] * 16))
    assert len({answer.data["job_reference"] for answer in answers}) == 1
    assert len(queued(api)) == 1


def test_a_halted_dataset_can_be_corrected_and_started_anew(api) -> None:
    """A damaged data file halts the job with the fault's place; mended, a new start gives a new job."""
    dataset_id = api.upload(api.ndjson([api.line("u", ["s"], "x", "y")]))
    api.have({"session_id": "s", "user_id": "u", "score": "many", "max_score": 20})
    first = api.start(dataset_id).data["job_reference"]
    halted = api.wait(first)
    assert halted["status"] == "halted"
    assert halted["dt_completed"] is not None
    assert set(halted["error"]) == {"code", "message", "details"}
    assert halted["error"]["details"][0]["line"] == 1
    assert api.http.get(api.urls(dataset_id, [])[0]).status_code == 404
    api.have(api.session("s", "u", 4), api.session("t", "u", 6))
    [url] = api.initialise_again(dataset_id)
    assert api.put(url, api.ndjson([api.line("u", ["s", "t"], "x", "y")])).status_code == 200
    second = api.start(dataset_id).data["job_reference"]
    assert second != first
    assert api.wait(second)["status"] == "completed"
    assert api.job(first)["status"] == "halted"
    assert api.file(dataset_id, "x")["rows_total"] == 1


@pytest.mark.parametrize("files", [1, 2])
def test_a_session_of_two_users_is_a_fault_also_across_files(api, files) -> None:
    lines = [api.line("u", ["s1", "s2"], "x", "y"), api.line("v", ["s2"], "x", "z"), api.line("w", ["s3"], "x", "z")]
    contents = [api.ndjson(lines)] if files == 1 else [api.ndjson(lines[:1]), api.ndjson(lines[1:])]
    answer = api.start(api.upload(*contents))
    assert answer.refused == (409, 20011)
    fault, counts = answer.meta["details"]
    assert fault["kind"] == "shared_session"
    assert "session 's2' is listed for 2 users" in fault["message"]
    assert counts == {"kinds": {"shared_session": 1}, "count": 1}
    assert queued(api) == []


def test_a_session_listed_twice_by_its_own_user_is_no_fault(api) -> None:
    line = api.line("u", ["s", "s"], "x", "y")
    assert api.start(api.upload(api.ndjson([line]), api.ndjson([line]))).status == 200


@pytest.mark.parametrize(
    ("request_", "refused"),
    [
        ({}, (400, 20000)),
        ({"dataset_type": "sessions-summary-by-group"}, (400, 20000)),
        ({"dataset_id": str(uuid4())}, (400, 20000)),
        ({"dataset_type": "lastscore", "dataset_id": str(uuid4())}, (400, 44000)),
        ({"dataset_type": "sessions-summary-by-group", "dataset_id": "x"}, (400, 20004)),
        ({"dataset_type": "sessions-summary-by-group", "dataset_id": None}, (400, 20003)),
        ({"dataset_type": "sessions-summary-by-group", "dataset_id": str(uuid4())}, (404, 20012)),
    ],
)
def test_what_is_not_a_dataset_cannot_be_started(api, request_, refused) -> None:
    assert api.call("jobs/reports/datasets", request_, "set").refused == refused


def test_a_dataset_of_another_consumer_looks_absent(api, other) -> None:
    dataset_id = api.upload(api.ndjson([api.line("u", ["s"], "x", "y")]))
    unknown = str(uuid4())
    theirs, absent = other.start(dataset_id), other.start(unknown)
    assert theirs.refused == absent.refused == (404, 20012)
    assert theirs.meta["message"] == absent.meta["message"].replace(unknown, dataset_id)
    assert queued(api) == queued(other) == []
