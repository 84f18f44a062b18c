"""The sessions endpoints: which sessions, in which order, page by page, and what of each."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from itertools import chain
from uuid import uuid4

import pytest

ENDPOINTS = ["sessions/scores", "sessions/responses", "sessions/statuses"]
START = datetime(2026, 3, 1, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
STATUSES = ["Completed", "Incomplete", "Discarded", "Pending Scoring"]


def moment(minutes: int) -> str:
    return (START + minutes * MINUTE).strftime("%Y-%m-%dT%H:%M:%SZ")


def ids(answer) -> list[str]:
    return [record["session_id"] for record in answer.data]


def pages(api, endpoint: str, request: dict) -> list[list[str]]:
    """Every page up to the first empty one."""
    found, following = [], {}
    while not found or found[-1]:
        answer = api.call(endpoint, {**request, **following})
        assert answer.meta["records"] == len(answer.data)
        found.append(ids(answer))
        following = {"next": answer.meta["next"]}
    return found


def every(api, endpoint: str, request: dict) -> list[str]:
    return list(chain(*pages(api, endpoint, request)))


@pytest.fixture(scope="module")
def world(module_api) -> list[dict]:
    """120 sessions of 4 activities, 6 users and all statuses; every tenth was never completed."""
    mark = uuid4().hex[:8]
    rows = [
        module_api.session(
            f"{mark}-{(number * 77) % 120:03d}",
            f"{mark}-user-{number % 6}",
            number / 2,
            activity_id=f"{mark}-act-{number % 4}",
            status=STATUSES[number % 3 if number % 7 else 3],
            num_attempted=number % 5,
            num_questions=5,
            dt_started=moment(number),
            dt_completed=moment(number // 4 * 4 + 200) if number % 10 else None,
        )
        for number in range(120)
    ]
    module_api.have(*rows)
    return rows


def updated(row: dict) -> str:
    return row["dt_completed"] or row["dt_started"]


def oracle(rows: list[dict], descending: bool = False) -> list[str]:
    ordered = sorted(rows, key=lambda row: (updated(row), row["session_id"]), reverse=descending)
    return [row["session_id"] for row in ordered]


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_pages_end_with_an_empty_one_and_each_has_a_next(module_api, world, endpoint) -> None:
    found = pages(module_api, endpoint, {})
    assert [len(page) for page in found] == [50, 50, 20, 0]
    assert list(chain(*found)) == oracle(world)


def test_the_token_of_an_empty_page_can_be_used_again(module_api, world) -> None:
    token = {}
    for size in (50, 50, 20, 0, 0):
        answer = module_api.call("sessions/scores", token)
        assert len(answer.data) == size
        token = {"next": answer.meta["next"]}
    empty = module_api.call("sessions/scores", {"session_id": ["none"]})
    again = module_api.call("sessions/scores", {"next": empty.meta["next"], "limit": 3})
    assert ids(again) == oracle(world)[:3]


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("sort", ["asc", "desc", None])
def test_sessions_are_sorted_by_their_last_update(module_api, world, endpoint, sort) -> None:
    request = {"limit": 31} if sort is None else {"limit": 31, "sort": sort}
    assert every(module_api, endpoint, request) == oracle(world, descending=sort == "desc")


def test_filters_pick_what_a_plain_loop_picks(module_api, world) -> None:
    users = sorted({row["user_id"] for row in world})
    activities = sorted({row["activity_id"] for row in world})
    some = [row["session_id"] for row in world[::3]]
    cases = [
        ({"session_id": some}, lambda row: row["session_id"] in some),
        ({"session_id": [*some, "unknown"]}, lambda row: row["session_id"] in some),
        ({"session_id": []}, lambda row: False),
        ({"user_id": users[:2]}, lambda row: row["user_id"] in users[:2]),
        ({"activity_id": activities[1:2]}, lambda row: row["activity_id"] == activities[1]),
        ({"activity_id": ["unknown"]}, lambda row: False),
        *(({"status": [status]}, lambda row, status=status: row["status"] == status) for status in STATUSES),
        ({"status": STATUSES}, lambda row: True),
        (
            {"user_id": users[3:], "activity_id": activities[:3], "status": STATUSES[:2], "session_id": some},
            lambda row: (
                row["user_id"] in users[3:]
                and row["activity_id"] in activities[:3]
                and row["status"] in STATUSES[:2]
                and row["session_id"] in some
            ),
        ),
    ]
    for request, passes in cases:
        found = every(module_api, "sessions/statuses", request)
        assert found == oracle([row for row in world if passes(row)]), request


@pytest.mark.parametrize(
    ("suffix", "time_of"),
    [
        ("", updated),
        ("_started", lambda row: row["dt_started"]),
        ("_completed", lambda row: row["dt_completed"]),
    ],
)
@pytest.mark.parametrize("as_number", [False, True])
def test_time_bounds_are_inclusive_and_leave_out_sessions_without_the_time(
    module_api, world, suffix, time_of, as_number
) -> None:
    for low, high in ((None, 60), (60, None), (60, 60), (204, 240), (61, 203), (0, 400)):
        bounds = {f"mintime{suffix}": low, f"maxtime{suffix}": high}
        wanted = [
            row
            for row in world
            if (when := time_of(row))
            and (low is None or when >= moment(low))
            and (high is None or when <= moment(high))
        ]
        request = {
            key: int((START + value * MINUTE).timestamp()) if as_number else moment(value)
            for key, value in bounds.items()
            if value is not None
        }
        assert every(module_api, "sessions/scores", request) == oracle(wanted), request


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("key", ["session_id", "user_id", "activity_id"])
def test_a_filter_lists_up_to_1000_ids(module_api, world, endpoint, key) -> None:
    wanted = [world[0][key], *(f"other-{number}" for number in range(1000))]
    for size in (1, 999, 1000):
        assert world[0]["session_id"] in every(module_api, endpoint, {key: wanted[:size]})
    answer = module_api.call(endpoint, {key: wanted})
    assert answer.refused == (400, 20002)
    assert answer.meta["details"][0]["key"] == key


@pytest.mark.parametrize(("limit", "size"), [(1, 1), (49, 49), (50, 50), (51, 50), ("50", 50), (10**6, 50)])
def test_limit_is_at_most_50(module_api, world, limit, size) -> None:
    assert len(module_api.call("sessions/scores", {"limit": limit}).data) == size


@pytest.mark.parametrize(
    ("request_", "code", "key"),
    [
        ({"limit": 0}, 20004, "limit"),
        ({"limit": -1}, 20004, "limit"),
        ({"limit": "many"}, 20004, "limit"),
        ({"session_id": "s"}, 20003, "session_id"),
        ({"user_id": ["u", 7]}, 20003, "user_id[1]"),
        ({"activity_id": {}}, 20003, "activity_id"),
        ({"status": ["Completed", "completed"]}, 20004, "status[1]"),
        ({"status": "Completed"}, 20003, "status"),
        ({"sort": "up"}, 20004, "sort"),
        ({"sort": 1}, 20004, "sort"),
        ({"mintime": "yesterday"}, 20004, "mintime"),
        ({"maxtime_started": []}, 20004, "maxtime_started"),
        ({"mintime_completed": 1_700_000_000_000}, 20004, "mintime_completed"),
        ({"mintime": 2, "maxtime": 1}, 20004, "mintime"),
        ({"mintime_started": 2, "maxtime_started": 1}, 20004, "mintime_started"),
        ({"next": 3}, 20003, "next"),
        ({"next": "elsewhere"}, 20004, "next"),
        ({"next": "WzEsMl0="}, 20004, "next"),
        ({"next": "W1tb" * 30_000}, 20004, "next"),  # opening brackets
        ({"include": ["session_metadata"]}, 20004, "include"),
        ({"include": "sessions.session_metadata"}, 20004, "include"),
        ({"include": {"sessions.session_metadata": "a"}}, 20004, "include"),
        ({"include_response_scores": "yes"}, 20003, "include_response_scores"),
    ],
)
def test_a_wrong_parameter_is_named(module_api, world, request_, code, key) -> None:
    answer = module_api.call("sessions/scores", request_)
    assert answer.refused == (400, code)
    assert [fault["key"] for fault in answer.meta["details"]] == [key]


def test_every_wrong_parameter_is_named_at_once(module_api, world) -> None:
    answer = module_api.call("sessions/responses", {"sort": 1, "limit": 0, "status": ["x"], "mintime": "x", "next": 1})
    assert {fault["key"] for fault in answer.meta["details"]} == {"sort", "limit", "status[0]", "mintime", "next"}


@pytest.fixture
def sat(api) -> str:
    """Id of a session with three responses in two items."""
    session_id = uuid4().hex
    api.have(
        api.session(
            session_id,
            "u",
            7.0,
            activity_id="act",
            num_attempted=2,
            num_questions=3,
            dt_started="2026-03-01T08:00:00+01:00",
            dt_completed="2026-03-01T07:20:30.9Z",
        ),
        api.session(f"{session_id}-bare", "u", None, None),
        responses=[
            {"session_id": session_id, "response_id": f"r{n}", "score": score, "max_score": 4.0, **more}
            for n, (score, more) in enumerate(
                [
                    (3.5, {"item_reference": "i1", "attempted": True, "question_reference": "q", "automarkable": True}),
                    (None, {"item_reference": "i1", "attempted": True}),
                    (0, {"item_reference": "i2", "attempted": False}),
                ]
            )
        ],
    )
    return session_id


IDENTITY = {"user_id": "u", "activity_id": "act", "status": "Completed"}
SCORES = {"score": 7, "max_score": 20}
PROGRESS = {
    "num_attempted": 2,
    "num_questions": 3,
    "session_duration": 1230,
    "dt_started": "2026-03-01T07:00:00Z",
    "dt_saved": None,
    "dt_completed": "2026-03-01T07:20:30Z",
}
UNKNOWN = dict.fromkeys(["question_type", "manual_score", "max_manual_score", "dt_score_updated", "response"])
RESPONSES = [
    {"response_id": "r0", "item_reference": "i1", "question_reference": "q", "score": 3.5, "max_score": 4}
    | {"attempted": True, "automarkable": True, **UNKNOWN},
    {"response_id": "r1", "item_reference": "i1", "question_reference": None, "score": None, "max_score": 4}
    | {"attempted": True, "automarkable": None, **UNKNOWN},
    {"response_id": "r2", "item_reference": "i2", "question_reference": None, "score": 0, "max_score": 4}
    | {"attempted": False, "automarkable": None, **UNKNOWN},
]


def scoring(score, max_score, attempted, unmarked):
    figures = {"max_score_of_attempted": attempted, "max_score_of_unmarked": unmarked}
    return {"type": None, "score": score, "max_score": max_score, **figures, "error": None}


def test_scores_have_responses_on_request(api, sat) -> None:
    for request, more in (
        ({}, {}),
        ({"include_response_scores": False}, {}),
        ({"include_response_scores": True}, {"responses": RESPONSES}),
    ):
        [record] = api.call("sessions/scores", {"session_id": [sat], **request}).data
        assert record == {"session_id": sat, **IDENTITY, **SCORES, "subscores": [], **more}


def test_statuses_say_how_far_a_session_came(api, sat) -> None:
    [record] = api.call("sessions/statuses", {"session_id": [sat]}).data
    assert record == {"session_id": sat, **IDENTITY, **PROGRESS}


def test_responses_come_with_their_session_and_items(api, sat) -> None:
    [record] = api.call("sessions/responses", {"session_id": [sat]}).data
    items = [
        {"reference": "i1", "response_ids": ["r0", "r1"], "scoring": scoring(3.5, 8, 8, 4)},
        {"reference": "i2", "response_ids": ["r2"], "scoring": scoring(0, 4, 0, 0)},
    ]
    for item in items:
        source = {"reference": item["reference"], "organisation_id": None, "item_pool_id": None}
        item |= {"source": source, "time": None, "user_flagged": None}
    metadata = dict.fromkeys(["items_api_version", "max_time", "user_agent", "activity_template_id"])
    rest = {"subscores": [], "metadata": metadata, "items": items, "responses": RESPONSES}
    assert record == {"session_id": sat, **IDENTITY, **SCORES, **PROGRESS, **rest}


def test_what_the_data_does_not_hold_is_null(api, sat) -> None:
    [record] = api.call("sessions/responses", {"session_id": [f"{sat}-bare"]}).data
    filled = {"session_id": f"{sat}-bare", "user_id": "u", "status": "Completed"}
    assert {key: value for key, value in record.items() if value not in (None, [])} == {
        **filled,
        "metadata": dict.fromkeys(record["metadata"]),
    }


def test_an_update_moves_a_session_to_the_end_and_to_what_is_asked_for_since(api) -> None:
    mark = uuid4().hex
    api.have(*[api.session(f"{mark}-{n}", "u", dt_completed=moment(n)) for n in range(3)])
    answer = api.call("sessions/statuses", {})
    assert ids(answer) == [f"{mark}-{n}" for n in range(3)]
    began = int(time.time()) - 1
    change = {"session_id": f"{mark}-0", "user_id": "u", "status": "Discarded"}
    api.wait(api.call("jobs/sessions/statuses", {"statuses": [change]}, "update").data["job_reference"])
    later = api.call("sessions/statuses", {"next": answer.meta["next"]})
    assert [(each["session_id"], each["status"]) for each in later.data] == [(f"{mark}-0", "Discarded")]
    assert ids(api.call("sessions/scores", {"mintime": began})) == [f"{mark}-0"]
    assert ids(api.call("sessions/scores", {"sort": "desc", "limit": 1})) == [f"{mark}-0"]
    assert ids(api.call("sessions/scores", {"status": ["Completed"]})) == [f"{mark}-1", f"{mark}-2"]


def test_ten_thousand_sessions_are_listed_each_once(api) -> None:
    mark = uuid4().hex
    api.have(*[api.session(f"{mark}-{n:05d}", "u", activity_id=f"act-{n % 2}") for n in range(10_000)])
    found = every(api, "sessions/scores", {"activity_id": ["act-0", "act-1"]})
    assert found == [f"{mark}-{n:05d}" for n in range(10_000)]


def test_a_sessions_file_that_cannot_be_used_is_named(api) -> None:
    api.have({"session_id": "s", "user_id": "u", "score": "many", "max_score": 1})
    answer = api.call("sessions/scores", {})
    assert answer.refused == (400, 50000)
    assert "sessions.ndjson" in json.dumps(answer.meta)
    assert api.call("jobs/sessions/statuses", {"statuses": [{}]}, "update").refused == (400, 50000)
    assert api.call("jobs/sessions/scores/subscores", {"session_id": ["s"]}).refused == (400, 50000)
    api.have(api.session("s", "u"))
