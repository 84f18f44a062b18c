"""The jobs on sessions: what a request may hold, what is refused, and what the jobs do."""

from __future__ import annotations

from uuid import uuid4

import pytest

SUBSCORES = "jobs/sessions/scores/subscores"
STATUSES = "jobs/sessions/statuses"
METADATA = "jobs/sessions/metadata"
LISTED = {SUBSCORES: ("session_id", "get"), STATUSES: ("statuses", "update"), METADATA: ("session_metadata", "set")}
VALUES = {STATUSES: ("status", "Incomplete"), METADATA: ("metadata", {"a": 1})}


def entry(endpoint: str, session_id: str, **changes):
    if endpoint == SUBSCORES:
        return session_id
    key, value = VALUES[endpoint]
    return {"session_id": session_id, "user_id": "u", key: value, **changes}


def call(api, endpoint: str, entries):
    name, action = LISTED[endpoint]
    return api.call(endpoint, {name: entries}, action)


def places(answer) -> list[tuple[int, str]]:
    return [(fault["code"], fault["key"]) for fault in answer.meta["details"]]


def record(api, session_id: str, endpoint: str = "sessions/scores", **more):
    [found] = api.call(endpoint, {"session_id": [session_id], **more}).data
    return found


def response(session_id: str, number: int, score, max_score=2, **more):
    more = {"item_reference": f"item-{number % 3}", "attempted": True, **more}
    return {
        "session_id": session_id,
        "response_id": f"{session_id}-{number}",
        "score": score,
        "max_score": max_score,
    } | more


def item(activity: str, number: int, subscore: str):
    names = {"subscore_id": subscore, "subscore_title": subscore.title()}
    return {"activity_id": activity, "item_reference": f"item-{number}", **names}


@pytest.fixture
def sessions(api) -> list[str]:
    """Ids of 101 sessions of user u."""
    ids = [uuid4().hex for _ in range(101)]
    api.have(*[api.session(session_id, "u", activity_id="act") for session_id in ids])
    return ids


@pytest.mark.parametrize("endpoint", LISTED)
@pytest.mark.parametrize("size", [1, 99, 100])
def test_a_request_names_up_to_100_sessions(api, sessions, endpoint, size) -> None:
    answer = call(api, endpoint, [entry(endpoint, session_id) for session_id in sessions[:size]])
    job = api.wait(answer.data["job_reference"])
    assert job["status"] == "completed"
    assert (
        job["type"]
        == {SUBSCORES: "sessionsubscores", STATUSES: "sessionstatuses", METADATA: "sessionmetadata"}[endpoint]
    )


@pytest.mark.parametrize("endpoint", LISTED)
@pytest.mark.parametrize(
    ("entries", "code"),
    [(None, 20000), ("s", 20003), ({}, 20003), (7, 20003), ([], 20001), (101, 20002)],
)
def test_another_list_is_refused(api, sessions, endpoint, entries, code) -> None:
    name, _ = LISTED[endpoint]
    if entries == 101:
        entries = [entry(endpoint, session_id) for session_id in sessions]
    answer = call(api, endpoint, entries)
    assert answer.refused == (400, code)
    assert places(answer) == [(code, name)]
    assert api.call("jobs", {"status": api.statuses}).data == []


@pytest.mark.parametrize("endpoint", LISTED)
def test_a_list_that_is_not_there_is_missing(api, endpoint) -> None:
    assert api.call(endpoint, {}, LISTED[endpoint][1]).refused == (400, 20000)


@pytest.mark.parametrize("endpoint", LISTED)
def test_other_actions_are_refused(api, sessions, endpoint) -> None:
    name, action = LISTED[endpoint]
    for other in {"get", "set", "update", "delete"} - {action}:
        assert api.call(endpoint, {name: [entry(endpoint, sessions[0])]}, other).refused == (405, 40001)


@pytest.mark.parametrize("endpoint", VALUES)
def test_every_wrong_entry_is_named_and_none_is_applied(api, sessions, endpoint) -> None:
    name, _ = LISTED[endpoint]
    key, _ = VALUES[endpoint]
    entries = [
        entry(endpoint, sessions[0]),
        "not an object",
        {},
        entry(endpoint, sessions[1], user_id="someone else"),
        entry(endpoint, "no such session"),
        entry(endpoint, sessions[0]),
        entry(endpoint, 7, user_id=None),
        {**entry(endpoint, sessions[2]), key: ["x"]},
    ]
    answer = call(api, endpoint, entries)
    assert places(answer) == [
        (20003, f"{name}[1]"),
        (20000, f"{name}[2].session_id"),
        (20000, f"{name}[2].user_id"),
        (20000, f"{name}[2].{key}"),
        (20016, f"{name}[3].user_id"),
        (20016, f"{name}[4].session_id"),
        (20011, f"{name}[5].session_id"),
        (20003, f"{name}[6].session_id"),
        (20003, f"{name}[6].user_id"),
        (20003, f"{name}[7].{key}"),
    ]
    assert answer.refused == (400, 20003)
    assert all(f"{place}: " in answer.meta["message"] for _, place in places(answer))
    assert api.call("jobs", {"status": api.statuses}).data == []
    found = record(api, sessions[0], "sessions/statuses", include=["sessions.session_metadata"])
    assert (found["status"], found["metadata"]) == ("Completed", {})


def test_of_many_faults_the_message_tells_the_first_20_and_the_details_all(api) -> None:
    answer = call(api, STATUSES, [entry(STATUSES, f"unknown-{number}") for number in range(100)])
    assert places(answer) == [(20016, f"statuses[{number}].session_id") for number in range(100)]
    assert "statuses[19].session_id" in answer.meta["message"]
    assert answer.meta["message"].endswith("; and 80 more")


@pytest.mark.parametrize("endpoint", VALUES)
@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"session_id": "unknown"}, (400, 20016)),
        ({"user_id": "x"}, (400, 20016)),
        ({"user_id": 1}, (400, 20003)),
        ({"user_id": "U"}, (400, 20016)),
    ],
)
def test_one_fault_gives_its_own_code(api, sessions, endpoint, changes, refused) -> None:
    assert call(api, endpoint, [{**entry(endpoint, sessions[0]), **changes}]).refused == refused


@pytest.mark.parametrize("endpoint", VALUES)
def test_a_session_named_twice_is_a_conflict(api, sessions, endpoint) -> None:
    entries = [entry(endpoint, sessions[number]) for number in (0, 1, 0, 0)]
    answer = call(api, endpoint, entries)
    name = LISTED[endpoint][0]
    assert answer.refused == (409, 20011)
    assert places(answer) == [(20011, f"{name}[2].session_id"), (20011, f"{name}[3].session_id")]


@pytest.mark.parametrize("status", ["completed", "Pending Scoring", "", "Deleted"])
def test_another_status_is_refused(api, sessions, status) -> None:
    entries = [entry(STATUSES, session_id) for session_id in sessions[:3]]
    answer = call(api, STATUSES, [*entries, entry(STATUSES, sessions[3], status=status)])
    assert answer.refused == (400, 20004)
    assert places(answer) == [(20004, "statuses[3].status")]


def test_subscores_are_asked_for_by_texts(api) -> None:
    answer = call(api, SUBSCORES, ["s", 1, None])
    assert answer.refused == (400, 20003)
    assert places(answer) == [(20003, "session_id[1]"), (20003, "session_id[2]")]


@pytest.mark.parametrize("status", ["Incomplete", "Discarded"])
def test_a_session_that_is_not_completed_leaves_the_next_summary_and_comes_back(api, status) -> None:
    kept, gone = uuid4().hex, uuid4().hex
    api.have(api.session(kept, "u", 10), api.session(gone, "v", 4))
    lines = [api.line("u", [kept], "x", "y"), api.line("v", [gone], "x", "y")]
    fields = {"options": {"fields": ["population", "mean_score"]}}
    assert api.file(api.build(lines, **fields))["self"][3:] == [2, 7]
    call(api, STATUSES, [{"session_id": gone, "user_id": "v", "status": status}])
    reference = api.build(lines, **fields)
    assert api.file(reference)["self"][3:] == [2, 10]
    assert record(api, gone)["status"] == status
    call(api, STATUSES, [{"session_id": gone, "user_id": "v", "status": "Completed"}])
    assert api.file(api.build(lines, **fields))["self"][3:] == [2, 7]


def test_every_task_that_follows_a_completed_session_is_listed(api) -> None:
    scored, bare, left = uuid4().hex, uuid4().hex, uuid4().hex
    api.have(
        *[api.session(each, "u", 1, 20, activity_id="act", status="Incomplete") for each in (scored, bare, left)],
        responses=[response(scored, 0, 2), response(scored, 1, None), response(scored, 2, 0.5, attempted=False)],
        items=[item("act", 0, "algebra"), item("act", 2, "algebra"), item("act", 1, "essay"), item("other", 0, "no")],
    )
    statuses = [{"session_id": each, "user_id": "u", "status": "Completed"} for each in (scored, bare)]
    statuses.append({"session_id": left, "user_id": "u", "status": "Discarded"})
    job = api.wait(call(api, STATUSES, statuses).data["job_reference"])
    assert (job["status"], job["data"]["updated"]) == ("completed", 3)
    assert job["data"]["statuses"] == {"Completed": 2, "Discarded": 1}
    rescoring, subscores, push, adaptive = job["data"]["followup"]
    assert (rescoring["task"], rescoring["status"], rescoring["ignored_sessions"]) == ("rescoring", "completed", [bare])
    assert rescoring["sessions"] == [
        {"session_id": scored, "score": 2.5, "max_score": 6, "attempted_max_score": 4, "unscored_max_score": 2}
    ]
    assert (subscores["task"], subscores["status"], subscores["ignored_sessions"]) == ("subscores", "completed", [bare])
    [found] = subscores["sessions"]
    assert found["subscores"] == record(api, scored)["subscores"]
    for task, name in ((push, "push_events"), (adaptive, "adaptive_reports")):
        assert task == {"task": name, "status": "not_available_locally", "ignored_sessions": [scored, bare]}


def test_a_completed_session_has_the_score_of_its_responses_and_one_without_keeps_its_own(api) -> None:
    scored, bare = uuid4().hex, uuid4().hex
    api.have(
        *[api.session(each, "u", 1, 20, activity_id="act", num_questions=9) for each in (scored, bare)],
        responses=[response(scored, number, 0.1) for number in range(3)],
    )
    statuses = [{"session_id": each, "user_id": "u", "status": "Completed"} for each in (scored, bare)]
    api.wait(call(api, STATUSES, statuses).data["job_reference"])
    assert (record(api, scored)["score"], record(api, scored)["max_score"]) == (0.3, 6)
    assert (record(api, bare)["score"], record(api, bare)["max_score"]) == (1, 20)
    progress = [record(api, each, "sessions/statuses") for each in (scored, bare)]
    assert [(each["num_attempted"], each["num_questions"]) for each in progress] == [(3, 3), (None, 9)]


def test_subscores_are_worked_out_and_sessions_without_any_are_ignored(api) -> None:
    scored, bare, foreign = uuid4().hex, uuid4().hex, uuid4().hex
    api.have(
        api.session(scored, "u", activity_id="act"),
        api.session(bare, "u", activity_id="act"),
        api.session(foreign, "u", activity_id="plain"),
        responses=[
            response(scored, 0, 1, 4),
            response(scored, 1, None, 3),
            response(scored, 2, 2, 2),
            response(scored, 3, 0.5, 1, attempted=False),
            response(foreign, 0, 1),
        ],
        items=[
            item("act", 0, "algebra"),
            item("act", 1, "algebra"),
            item("act", 2, "geometry"),
            item("act", 9, "gone"),
        ],
    )
    answer = call(api, SUBSCORES, [bare, scored, "unknown", foreign, scored])
    assert answer.data["ignored_sessions"] == [bare, "unknown", foreign]
    assert answer.meta["records"] == 2
    assert record(api, bare)["subscores"] == []
    job = api.wait(answer.data["job_reference"])
    algebra = {
        "id": "algebra",
        "title": "Algebra",
        "items": ["item-0", "item-1"],
        "num_questions": 3,
        "num_attempted": 2,
        "num_unmarked": 1,
        "score": 1.5,
        "max_score": 8,
        "attempted_max_score": 7,
        "unmarked_max_score": 3,
    }
    geometry = dict(zip(algebra, ["geometry", "Geometry", ["item-2"], 1, 1, 0, 2, 2, 2, 0], strict=True))
    assert job["data"] == {
        "sessions": [{"session_id": scored, "subscores": [algebra, geometry]}],
        "ignored_sessions": [],
    }
    assert record(api, scored)["subscores"] == [algebra, geometry]
    assert record(api, scored, "sessions/responses")["subscores"] == [algebra, geometry]


def test_subscores_of_nothing_but_ignored_sessions_are_a_job_all_the_same(api, sessions) -> None:
    answer = call(api, SUBSCORES, ["unknown", sessions[0]])
    assert answer.data["ignored_sessions"] == ["unknown", sessions[0]]
    job = api.wait(answer.data["job_reference"])
    assert (job["status"], job["data"]) == ("completed", {"sessions": [], "ignored_sessions": []})


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"session_tags": [{"type": "assignment_type", "name": "homework"}]},
        {"text": "Ünï \u2028 😀 </script>", "none": None, "yes": True, "n": [1.5, -0.0, 10**30, []], "": {"a": {}}},
    ],
)
def test_metadata_is_read_back_as_it_was_set(api, sessions, metadata) -> None:
    answer = call(api, METADATA, [entry(METADATA, sessions[0], metadata=metadata)])
    assert api.wait(answer.data["job_reference"])["data"] == {"updated": 1}
    for endpoint in ("scores", "responses", "statuses"):
        found = record(api, sessions[0], f"sessions/{endpoint}", include=["sessions.session_metadata"])
        assert found["metadata"] == metadata


def test_metadata_overwrites_what_there_was(api, sessions) -> None:
    for metadata in ({"a": 1, "b": 2}, {"b": 3}):
        api.wait(call(api, METADATA, [entry(METADATA, sessions[0], metadata=metadata)]).data["job_reference"])
    found = record(api, sessions[0], include=["sessions.session_metadata"])
    assert found["metadata"] == {"b": 3}
    chosen = record(api, sessions[0], include={"sessions.session_metadata": ["a", "b"]})
    assert chosen["metadata"] == {"b": 3}


def test_jobs_of_another_consumer_are_not_listed_but_their_effects_are_seen(api, other, sessions) -> None:
    reference = call(api, STATUSES, [entry(STATUSES, sessions[0])]).data["job_reference"]
    api.wait(reference)
    assert other.call("jobs", {"references": [reference], "status": other.statuses}).data == []
    assert record(other, sessions[0])["status"] == "Incomplete"
