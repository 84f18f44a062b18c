from __future__ import annotations

from datetime import UTC, datetime

import pytest

from learnosity_nb.errors import InputError, PaginationError, ProtocolError
from learnosity_nb.wire.sessions import ENDPOINTS, SessionPage, read_session_pages, session_requests

STATUSES = ["Completed", "Incomplete", "Discarded", "Pending Scoring"]


def session(number: int) -> dict:
    return {"session_id": f"s{number}", "user_id": f"u{number}", "status": "Completed", "score": number}


def paged(pages: int, last_next: str | None = "end"):
    """Answer `pages` pages and then an empty one that names itself, as the hosted endpoints do."""

    def answer(request):
        at = {"end": pages, None: 0}.get(request.get("next"))
        at = int(request["next"]) if at is None else at
        following = "end" if at >= pages - 1 else str(at + 1)
        return ([session(at)] if at < pages else []), {"next": following, "timestamp": 1000 + at}

    return answer


def test_every_filter_is_sent_in_the_apis_words():
    requests = session_requests(
        session_id="s1",
        user_id=["u1", "u2", "u1"],
        activity_id=("a",),
        status="Discarded",
        times={
            "mintime": datetime(2026, 3, 1, tzinfo=UTC),
            "maxtime": "2026-03-02T00:00:00Z",
            "mintime_started": 5,
            "maxtime_completed": None,
        },
        sort="asc",
        metadata=["term"],
    )
    assert requests == [
        {
            "limit": 50,
            "session_id": ["s1"],
            "user_id": ["u1", "u2"],
            "activity_id": ["a"],
            "status": ["Discarded"],
            "mintime": 1772323200,
            "maxtime": 1772409600,
            "mintime_started": 5,
            "sort": "asc",
            "include": {"sessions.session_metadata": ["term"]},
        }
    ]


def test_all_statuses_are_named_unless_told_otherwise():
    assert session_requests() == [{"limit": 50, "status": STATUSES}]


@pytest.mark.parametrize(
    ("count", "sizes"), [(0, []), (1, [1]), (1000, [1000]), (1001, [1000, 1]), (2500, [1000] * 2 + [500])]
)
def test_ids_are_asked_for_a_thousand_at_a_time(count, sizes):
    requests = session_requests(session_id=[f"s{number}" for number in range(count)])
    assert [len(request["session_id"]) for request in requests] == sizes
    assert len({one for request in requests for one in request["session_id"]}) == count


def test_two_long_lists_of_ids_are_crossed():
    users, activities = [f"u{number}" for number in range(1001)], [f"a{number}" for number in range(1500)]
    requests = session_requests(user_id=users, activity_id=activities)
    sizes = [(len(request["user_id"]), len(request["activity_id"])) for request in requests]
    assert sizes == [(1000, 1000), (1000, 500), (1, 1000), (1, 500)]


def test_every_wrong_parameter_is_named_and_nothing_is_sent():
    with pytest.raises(InputError) as caught:
        session_requests(
            session_id=["s1", ""],
            user_id=[1],  # type: ignore[list-item]
            status="completed",
            times={"mintime": "soon", "mintime_started": 9, "maxtime_started": 8},
            sort="up",
        )
    assert [fault.key for fault in caught.value.faults] == [
        "session_id",
        "user_id",
        "status",
        "mintime",
        "sort",
        "mintime_started",
    ]
    assert "did you mean `Completed`" in str(caught.value)


@pytest.mark.parametrize("what", list(ENDPOINTS))
def test_pages_are_read_to_the_empty_one(answering, what):
    api, transport = answering(paged(3))
    pages = list(read_session_pages(api, what, {"limit": 50}))
    assert [page.records[0]["session_id"] for page in pages] == ["s0", "s1", "s2"]
    assert [page.timestamp for page in pages] == [1000, 1001, 1002]
    assert transport.requests[0].url.path == f"/v2026.2.LTS/sessions/{what}"
    assert [asked.get("next") for asked in transport.asked()] == [None, "1", "2", "end"]


def test_reading_goes_on_after_a_known_page(answering):
    api, _ = answering(paged(3))
    first = next(read_session_pages(api, "scores", {"limit": 50}))
    rest = list(read_session_pages(api, "scores", {"limit": 50}, after=first.next))
    assert [page.records[0]["session_id"] for page in rest] == ["s1", "s2"]


def test_reading_after_the_last_page_gives_nothing(answering):
    api, transport = answering(paged(3))
    assert list(read_session_pages(api, "scores", {"limit": 50}, after="end")) == []
    assert len(transport.requests) == 1


def test_j01_the_same_page_twice_is_no_end(answering):
    api, _ = answering(lambda request: ([session(1)], {"next": "x"}))
    with pytest.raises(PaginationError):
        list(read_session_pages(api, "scores", {}))


def test_keys_that_nobody_asked_for_are_left_out(scripted, fault):
    api, _ = scripted(
        fault.ok([{**session(1), "items": [1], "responses": [{"response_id": "r", "response": "secret"}]}])
    )
    (page,) = read_session_pages(api, "responses", {})
    assert page == SessionPage(({**session(1), "responses": [{"response_id": "r"}]},), None, 1)  # type: ignore[typeddict-item]


def test_a_page_may_lack_a_timestamp(answering):
    api, _ = answering(lambda request: ([session(1)], {"timestamp": None}))
    assert next(read_session_pages(api, "scores", {})).timestamp == 0


@pytest.mark.parametrize("record", [{"user_id": "u"}, {"session_id": 1, "user_id": "u"}, {**session(1), "score": "7"}])
def test_a_record_that_is_not_as_documented_is_refused(scripted, fault, record):
    api, _ = scripted(fault.ok([record]))
    with pytest.raises(ProtocolError):
        list(read_session_pages(api, "scores", {}))


def test_only_the_three_endpoints_can_be_asked(scripted, fault):
    api, transport = scripted(fault.ok([]))
    with pytest.raises(InputError, match="did you mean `scores`"):
        read_session_pages(api, "score", {})
    assert transport.requests == []
