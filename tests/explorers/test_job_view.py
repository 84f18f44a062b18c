"""Jobs as rows, and one job in full."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from learnosity_nb.explorers.job_details import details_text, details_view, elapsed_text
from learnosity_nb.explorers.job_view import MonitorState, code_of, counts_text, find_job, jobs_in_view, jobs_view
from learnosity_nb.frames.jobs import jobs_frame

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
CREATED = "2026-03-01 11:59:00"


def job(reference: str = "aaaaaaaa-1", status: str = "completed", **other: Any) -> dict[str, Any]:
    return {"reference": reference, "type": "reportdataset", "status": status, "dt_created": CREATED} | other


def listed(*jobs: dict[str, Any], **state: Any) -> dict[str, Any]:
    return jobs_view(jobs_frame(jobs), MonitorState(**state), 50, NOW)


def cells(view: dict[str, Any], key: str) -> list[Any]:
    at = [column["key"] for column in view["columns"]].index(key)
    return [row["cells"][at] for row in view["rows"]]


def as_read(given: dict[str, Any]) -> dict[str, Any]:
    found = find_job(jobs_frame([given]), given["reference"])
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("status", "data", "said"),
    [
        ("queued", {}, None),
        ("queued", None, None),
        ("running", {"stage": "reading"}, "reading"),
        ("running", {"stage": "summarising", "users": 1, "groups": 41}, "summarising, 1 learner, 41 groups"),
        ("completed", {"stage": "done", "users": 1200, "groups": 41}, "1,200 learners, 41 groups"),
        ("completed", {"updated": 15}, "15 sessions"),
        ("completed", ["something", "else"], None),
        ("running", {"stage": 3, "users": True, "groups": "many"}, None),
    ],
)
def test_progress_is_what_the_job_says_and_nothing_else(status: str, data: Any, said: str | None) -> None:
    assert cells(listed(job(status=status, data=data)), "progress") == [said]


@pytest.mark.parametrize(
    ("created", "completed", "status", "said"),
    [
        (CREATED, None, "running", "1 min 00 s"),
        (CREATED, "2026-03-01 11:59:07", "completed", "7 s"),
        ("2026-03-01 09:55:00", None, "queued", "2 h 05 min"),
        ("2026-02-24 10:00:00", None, "running", "5 d 2 h"),
        ("2026-03-01 12:00:09", None, "running", "0 s"),  # this machine's clock is behind
        (CREATED, None, "halted", None),
        (None, None, "running", None),
    ],
)
def test_elapsed_is_from_queued_to_the_end_or_now(created: Any, completed: Any, status: str, said: str | None) -> None:
    given = job(status=status, dt_created=created, dt_completed=completed)
    assert cells(listed(given), "elapsed") == [said]


def test_a_long_reason_is_cut_in_the_list_and_whole_in_the_details() -> None:
    reason = "the file is broken " * 20
    halted = job(status="halted", error={"code": 20004, "message": reason, "details": []})
    (short,) = cells(listed(halted), "reason")
    assert short == reason[:89] + "…"
    assert any(reason in note and "20004" in note for note in listed(halted, job="aaaaaaaa-1")["notes"])


def test_faults_are_rows_with_their_place_and_others_as_they_are() -> None:
    details = [
        {"message": "expected a number", "file": "a.csv", "line": 5, "key": "score", "value": "'x'"},
        {"something": "else"},
    ]
    halted = job(status="halted", data={"stage": "reading"}, error={"code": 1, "message": "No.", "details": details})
    view = listed(halted, job="aaaaaaaa-1")
    assert [row["cells"] for row in view["rows"]] == [
        ["expected a number", "a.csv", 5, "score", "'x'"],
        ['{"something": "else"}', None, None, None, None],
    ]
    assert "stage: reading" in view["notes"]
    assert [crumb["to"] for crumb in view["crumbs"]] == [[], ["aaaaaaaa-1"]]


def test_data_are_rows_with_the_way_to_each_value() -> None:
    data = {"a": {"b": 1, "none": {}}, "tasks": [{"task": "x"}, {"task": "y"}], "ids": ["p", "q"], "long": "z" * 300}
    view = details_view(as_read(job(data=data)), NOW)
    assert [row["cells"] for row in view["rows"]] == [
        ["a.b", "1"],
        ["a.none", "{}"],
        ["tasks[0].task", "x"],
        ["tasks[1].task", "y"],
        ["ids", '["p", "q"]'],
        ["long", "z" * 199 + "…"],
    ]


def test_a_job_of_which_little_is_known_is_shown_all_the_same() -> None:
    bare = {"reference": "r", "status": "halted", "error": "just a text"}
    view = listed(bare)
    assert view["rows"][0]["cells"] == ["job r", "halted", None, None, None, "just a text", "r"]
    assert "Halted: just a text" in details_view(as_read(bare), NOW)["notes"]
    assert json.loads(details_text(as_read(bare)))["error"] == "just a text"
    assert elapsed_text(as_read(bare), NOW) is None


def test_chips_count_all_jobs_whatever_is_in_view() -> None:
    jobs = [job("a"), job("b", "halted"), job("c", "halted")]
    view = listed(*jobs, status=("halted",))
    assert [(chip["key"], chip["count"], chip["on"]) for chip in view["chips"]] == [
        ("queued", 0, False),
        ("running", 0, False),
        ("halted", 2, True),
        ("completed", 1, False),
    ]
    assert cells(view, "reference") == ["b", "c"]
    assert view["message"] == "3 jobs: 2 halted, 1 completed"


def test_a_page_past_the_end_is_the_last_one() -> None:
    view = listed(*[job(f"{at:03d}") for at in range(120)], page=9)
    assert (view["page"], view["pages"], view["first"], view["total"]) == (3, 3, 101, 120)
    assert len(view["rows"]) == 20


@pytest.mark.parametrize("text", ["REPORT", "aaaa", "'", "no such", "."])
def test_code_gives_the_filtered_rows(text: str) -> None:
    frame = jobs_frame([job("aaaa'1"), job("bbbb", type=None)])
    state = MonitorState(filter=text)

    class Connection:
        @staticmethod
        def jobs() -> Any:
            return frame

    names: dict[str, Any] = {"lrn": Connection}
    exec(code_of(state, None), names)
    assert names["frame"].equals(jobs_in_view(frame, state))


def test_code_names_states_and_references() -> None:
    assert code_of(MonitorState(status=("halted",)), ["a"]) == "frame = lrn.jobs(status=['halted'], references=['a'])"
    assert code_of(MonitorState(), None) == "frame = lrn.jobs()"


def test_counts_are_said_in_the_order_of_a_jobs_life() -> None:
    assert counts_text(jobs_frame([job("a"), job("b", "queued")])) == "2 jobs: 1 queued, 1 completed"
    assert counts_text(jobs_frame([])) == "0 jobs"
