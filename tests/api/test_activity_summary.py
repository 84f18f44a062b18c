"""activity-summary-by-group: the latest session of each user and activity, summed."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

TYPE = "activity-summary-by-group"
START = datetime(2026, 3, 1, tzinfo=UTC)


def moment(hours: int) -> str:
    return (START + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")


def line(user: str, *path: str, **more):
    return {"user_id": user, "group_path": list(path), **more}


def of(*activities: str, **bounds):
    return {"dataset_type": TYPE, "filters": {"activity_id": list(activities), **bounds}}


def summary(
    api, lines, parameters, fields=("population", "mean_score", "mean_percent", "mean_seen_activities"), path=()
):
    dataset_id = api.build(lines, **parameters, options={"fields": list(fields)})
    return api.file(dataset_id, *path, dataset_type=TYPE)


@pytest.mark.parametrize("size", [1, 9, 10])
def test_a_dataset_names_up_to_10_activities(api, size) -> None:
    answer = api.initialise(**of(*(f"act-{number}" for number in range(size))))
    assert set(answer.data) == {"dataset_id", "input_files"}


@pytest.mark.parametrize(
    ("filters", "code", "key"),
    [
        (None, 20000, "filters.activity_id"),
        ({}, 20000, "filters.activity_id"),
        ({"activity_id": None}, 20000, "filters.activity_id"),
        ({"activity_id": []}, 20001, "filters.activity_id"),
        ({"activity_id": "act"}, 20003, "filters.activity_id"),
        ({"activity_id": ["act", 7]}, 20003, "filters.activity_id[1]"),
        ({"activity_id": [" "]}, 20003, "filters.activity_id[0]"),
        ({"activity_id": [f"act-{number}" for number in range(11)]}, 20002, "filters.activity_id"),
    ],
)
def test_other_activities_are_refused(api, filters, code, key) -> None:
    answer = api.initialise(dataset_type=TYPE, filters=filters)
    assert answer.refused == (400, code)
    assert [fault["key"] for fault in answer.meta["details"]] == [key]


def test_a_dataset_is_of_one_type(api) -> None:
    dataset_id = api.upload(api.ndjson([line("u", "x", "y")]), **of("act"))
    assert api.start(dataset_id).refused == (404, 20012)
    started = api.start(dataset_id, TYPE)
    assert list(started.data) == ["job_reference", "dataset_type", "dataset_id"]
    assert started.data["dataset_type"] == TYPE
    assert f"/{TYPE}/{dataset_id}/outfiles/" in api.urls(dataset_id, [], dataset_type=TYPE)[0]


def test_the_latest_completed_session_of_each_activity_counts(api) -> None:
    first, second = uuid4().hex, uuid4().hex
    sessions = [
        ("a-early", "ann", first, 20, 1, "Completed"),
        ("a-late", "ann", first, 8, 5, "Completed"),
        ("a-undone", "ann", first, 1, 9, "Incomplete"),
        ("a-other", "ann", second, 4, 2, "Completed"),
        ("a-third", "ann", "elsewhere", 9, 7, "Completed"),
        ("b-tie-1", "ben", first, 2, 3, "Completed"),
        ("b-tie-2", "ben", first, 6, 3, "Completed"),
        ("b-undated", "ben", first, 20, None, "Completed"),
        ("c-undated", "cy", second, 10, None, "Completed"),
    ]
    api.have(
        *[
            api.session(f"{first}-{key}", user, score, activity_id=activity, status=status)
            | {"dt_completed": None if hours is None else moment(hours)}
            for key, user, activity, score, hours, status in sessions
        ]
    )
    lines = [line("ann", "x", "y"), line("ben", "x", "z"), line("cy", "x", "z"), line("dot", "x", "z")]
    root = summary(api, lines, of(first, second))
    assert root["self"][3:] == [4, 9.33, 36.66666666666, 1]
    assert summary(api, lines, of(first, second), path=["x", "y"])["self"][3:] == [1, 12, 30, 2]
    assert summary(api, lines, of(second))["self"][3:] == [4, 7, 35, 0.5]
    assert summary(api, lines, of(first, second, maxtime=moment(4)))["self"][3:] == [4, 15, 45, 0.75]


def test_a_session_set_to_discarded_gives_way_to_the_one_before(api) -> None:
    activity = uuid4().hex
    early, late = f"{activity}-1", f"{activity}-2"
    api.have(
        api.session(early, "u", 4, activity_id=activity, dt_completed=moment(1)),
        api.session(late, "u", 10, activity_id=activity, dt_completed=moment(2)),
    )
    assert summary(api, [line("u", "x", "y")], of(activity))["self"][3:5] == [1, 10]
    change = {"session_id": late, "user_id": "u", "status": "Discarded"}
    api.call("jobs/sessions/statuses", {"statuses": [change]}, "update")
    assert summary(api, [line("u", "x", "y")], of(activity))["self"][3:5] == [1, 4]


def test_a_user_in_two_groups_counts_in_each_and_once_above(api) -> None:
    activity = uuid4().hex
    api.have(
        *[api.session(f"{activity}-{user}", user, score, activity_id=activity) for user, score in (("u", 4), ("v", 8))]
    )
    lines = [line("u", "x", "y"), line("u", "x", "z"), line("u", "x", "y"), line("v", "x", "z")]
    found = summary(api, lines, of(activity), path=["x"])
    assert {row[2]: row[3:5] for row in found["rows"]} == {"y": [1, 4], "z": [2, 6]}
    assert found["self"][3:5] == [2, 6]


def test_lines_have_no_sessions_and_what_they_list_is_not_used(api) -> None:
    activity = uuid4().hex
    api.have(
        api.session(activity, "u", 4, activity_id=activity), api.session(f"{activity}-2", "v", 9, activity_id="none")
    )
    lines = [line("u", "x", "y", session_id="not even a list"), line("v", "x", "y", session_id=[f"{activity}-2"])]
    assert summary(api, lines, of(activity))["self"][3:5] == [2, 4]


def test_wrong_lines_are_named_without_a_word_of_sessions(api) -> None:
    contents = api.ndjson([line("u", "x", "y"), {"user_id": "u"}, line("u", "x"), line("", "x", "y")])
    answer = api.start(api.upload(contents, **of("act")), TYPE)
    assert answer.refused == (400, 20009)
    *faults, _ = answer.meta["details"]
    assert [(fault["line"], fault["kind"]) for fault in faults] == [
        (2, "missing_key"),
        (3, "path_length"),
        (4, "bad_user_id"),
    ]
    assert "session" not in faults[0]["message"]


def test_what_is_no_activity_of_the_data_gives_users_without_scores(api) -> None:
    api.have(api.session(uuid4().hex, "u", 4))
    assert summary(api, [line("u", "x", "y")], of("nothing"))["self"][3:] == [1, None, None, 0]


def test_sums_agree_with_a_plain_loop(api) -> None:
    draw = random.Random(20261122)
    mark = uuid4().hex
    activities = [f"{mark}-{number}" for number in range(12)]
    sessions = [
        api.session(
            f"{mark}-{number:04d}",
            f"user-{draw.randrange(60)}",
            draw.choice([None, draw.randrange(21)]),
            activity_id=draw.choice(activities),
            status=draw.choice(["Completed", "Completed", "Discarded"]),
            dt_completed=draw.choice([None, moment(draw.randrange(24))]),
        )
        for number in range(2000)
    ]
    api.have(*sessions)
    wanted = activities[:10]
    latest: dict[tuple[str, str], dict] = {}
    for session in sorted(sessions, key=lambda row: (row["dt_completed"] or "", row["session_id"])):
        if session["status"] == "Completed" and session["activity_id"] in wanted:
            latest[session["user_id"], session["activity_id"]] = session
    groups = {f"user-{number}": ("x", f"class-{number % 7}") for number in range(70)}
    totals: dict[str, list[float]] = {}
    for (user, _), session in latest.items():
        if session["score"] is not None:
            totals.setdefault(user, []).append(session["score"])
    lines = [line(user, *path) for user, path in groups.items()]
    found = summary(api, lines, of(*wanted), ("population", "highest_score", "lowest_score"), path=["x"])
    for row in found["rows"]:
        users = [user for user, path in groups.items() if path[1] == row[2]]
        scores = [sum(totals[user]) for user in users if user in totals]
        assert row[3:] == [len(users), max(scores), min(scores)]
