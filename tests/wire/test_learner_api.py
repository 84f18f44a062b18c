"""The client of the learner analytics API, over a script of answers and faults."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import httpx
import pytest

from learnosity_nb.credentials import LearnerToken
from learnosity_nb.errors import (
    ApiError,
    ConnectionFailed,
    CredentialsError,
    DeadlineExceeded,
    InputError,
    PaginationError,
    ProtocolError,
    ResponseTooLarge,
    ServerError,
    TransportError,
)
from learnosity_nb.wire.exchange import Limits
from learnosity_nb.wire.learner_api import LearnerApi

COURSE = "course-v1:edX+DemoX+Demo_2014"
OLD_COURSE = "edX/DemoX/Demo_Course"
BASE = "https://learn.test/api/v0"

EXAMPLE: dict[str, Any] = {
    "last_updated": "2015-11-09",
    "username": "dan-friedman",
    "name": "Daniel Friedman",
    "email": "dfriedman@edx.org",
    "account_url": "https://openedx-platform-instance.org/api/user/v1/accounts/dan-friedman",
    "enrollment_mode": "honor",
    "enrollment_date": "2015-10-26 18:13:32.656640",
    "cohort": None,
    "segments": ["has_potential"],
    "engagements": {
        "date_range": {"start": "2015-10-19", "end": "2015-10-26"},
        "discussion_contributions": 24,
        "problems_attempted": 138,
        "problems_completed": 76,
        "videos_viewed": 26,
        "problem_attempts_per_completed": 4.5,
    },
}
METADATA: dict[str, Any] = {
    "cohorts": {"Cohort A": 1000, "Cohort B": 900},
    "segments": {"low_grades": 4, "struggling": 12},
    "enrollment_modes": {"honor": 2000, "verified": 100},
    "engagement_ranges": {
        "date_range": {"start": "2015-10-19", "end": "2015-10-26"},
        "problems_attempted": {"below_average": [0, 5], "average": [5, 15.2], "above_average": [15.2, None]},
        "problem_attempts_per_completed": {"below_average": None, "average": [0, None], "above_average": None},
    },
}


def learner(username: str = "dan-friedman", **changes: Any) -> dict[str, Any]:
    return {**EXAMPLE, "username": username, **changes}


def page(usernames: list[str], following: str | None = None, count: int | None = None) -> bytes:
    learners = [learner(name) for name in usernames]
    document = {"count": len(learners) if count is None else count, "num_pages": 1, "next": following, "previous": None}
    return json.dumps({**document, "results": learners}).encode()


@pytest.fixture
def speaking(scripted, time) -> Callable[..., Any]:
    """Make a client over a script: ``api, transport = speaking(step, …)``."""

    def make(*script: Any, base_url: str = BASE, **options: Any) -> Any:
        _, transport = scripted(*script)
        token = LearnerToken("CANARY-token")
        return LearnerApi(base_url, token, transport, timing=time.timing, **options), transport

    return make


def usernames(api: LearnerApi, **options: Any) -> list[str]:
    return [one["username"] for part in api.learners(COURSE, **options) for one in part.learners]


def test_a_learner_is_asked_for_with_the_token_and_read_in_the_documented_shape(speaking, fault):
    api, transport = speaking(fault.body(json.dumps(EXAMPLE).encode()))
    found = api.learner(COURSE, "dan-friedman")
    request = transport.requests[0]
    assert (request.method, request.url.path) == ("GET", "/api/v0/learners/dan-friedman/")
    assert parse_qs(request.url.query.decode()) == {"course_id": [COURSE]}
    assert request.headers["authorization"] == "Token CANARY-token"
    assert request.headers["accept"] == "application/json"
    assert found["engagements"]["problem_attempts_per_completed"] == 4.5
    assert found["segments"] == ["has_potential"]


@pytest.mark.parametrize("course", [COURSE, OLD_COURSE, "course-v1:é+日本+x"])
def test_e03_a_course_of_either_form_reaches_the_server_as_it_is(speaking, fault, course):
    api, transport = speaking(fault.body(json.dumps(METADATA).encode()))
    api.metadata(course)
    raw = transport.requests[0].url.raw_path.decode()
    assert "%2B" not in raw
    assert unquote(raw) == f"/api/v0/course_learner_metadata/{course}/"


@pytest.mark.parametrize("course", [COURSE, OLD_COURSE, "a b&c=d#e"])
def test_a_course_in_a_query_is_encoded_so_that_a_plus_stays_a_plus(speaking, fault, course):
    api, transport = speaking(fault.body(json.dumps({"days": []}).encode()))
    assert api.days(course, "u", {"start_date": "2015-10-06"}) == []
    query = urlsplit(str(transport.requests[0].url)).query
    assert parse_qs(query) == {"course_id": [course], "start_date": ["2015-10-06"]}
    assert "+" not in query


@pytest.mark.parametrize("username", ["a.b+c@d", "é", "a/b", "a b", "50%", "?x=1", "..", "."])
def test_a_username_stays_one_segment_of_the_path(speaking, fault, username):
    api, transport = speaking(fault.body(json.dumps(EXAMPLE).encode()))
    api.learner(COURSE, username)
    raw = transport.requests[0].url.raw_path.decode().partition("?")[0]
    assert raw.startswith("/api/v0/learners/")
    assert raw.count("/") == 5
    assert unquote(raw) == f"/api/v0/learners/{username}/"


def test_metadata_keeps_infinity_as_null_and_ranges_that_are_not_there(speaking, fault):
    api, _ = speaking(fault.body(json.dumps(METADATA).encode()))
    ranges = api.metadata(COURSE)["engagement_ranges"]
    assert ranges["problems_attempted"]["above_average"] == (15.2, None)
    assert ranges["problem_attempts_per_completed"]["below_average"] is None
    assert "videos_viewed" not in ranges


@pytest.mark.parametrize(
    ("base_url", "called"),
    [
        ("https://learn.test", "/api/v0/learners/u/"),
        ("https://learn.test/", "/api/v0/learners/u/"),
        ("https://learn.test/api/learner_analytics/v0/", "/api/learner_analytics/v0/learners/u/"),
        ("http://127.0.0.1:8080/api/v0", "/api/v0/learners/u/"),
    ],
)
def test_the_usual_path_is_added_to_an_address_without_one(speaking, fault, base_url, called):
    api, transport = speaking(fault.body(json.dumps(EXAMPLE).encode()), base_url=base_url)
    api.learner(COURSE, "u")
    assert transport.requests[0].url.path == called


@pytest.mark.parametrize("base_url", ["http://learn.test", "https://learn.test/?x=1", "ftp://x", "learn.test", ""])
def test_an_address_that_would_not_do_is_refused(speaking, fault, base_url):
    with pytest.raises(InputError):
        speaking(fault.ok(), base_url=base_url)


@pytest.mark.parametrize("token", ["two words", "line\nbreak", "tökën"])
def test_a_token_that_cannot_be_sent_is_refused_and_not_shown(token):
    with pytest.raises(CredentialsError) as caught:
        LearnerApi(BASE, LearnerToken(token))
    assert token not in str(caught.value)


def test_a_client_closes_its_transport_and_shows_its_address_only(speaking, fault):
    api, transport = speaking(fault.ok())
    with api as same:
        assert repr(same) == f"LearnerApi({BASE!r})"
    assert transport.closed


def test_a_closed_client_sends_nothing_and_says_so_at_once(speaking, fault):
    api, transport = speaking(fault.ok())
    api.close()
    for call in (lambda: api.learner(COURSE, "ann"), lambda: next(api.learners(COURSE)), lambda: api.metadata(COURSE)):
        with pytest.raises(TransportError, match=r"^This connection was closed\. Connect again\.$"):
            call()
    assert transport.requests == []


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "course_not_specified"),
        (401, "not_authenticated"),
        (403, "permission_denied"),
        (404, "no_learner_for_course"),
    ],
)
def test_e08_a_refusal_has_its_code_and_message_and_is_not_tried_again(speaking, fault, status, code):
    body = json.dumps({"error_code": code, "developer_message": "because of this"}).encode()
    api, transport = speaking(fault.body(body, status))
    with pytest.raises(ApiError) as caught:
        api.learner(COURSE, "u")
    assert (caught.value.code, caught.value.message, caught.value.status) == (code, "because of this", status)
    assert caught.value.endpoint == "learners/<username>"
    assert len(transport.requests) == 1


def test_a_refusal_in_the_other_shape_of_such_servers_is_read_too(speaking, fault):
    api, _ = speaking(fault.body(b'{"detail": "Invalid token."}', 401))
    with pytest.raises(ApiError, match="Invalid token") as caught:
        api.metadata(COURSE)
    assert caught.value.code is None


@pytest.mark.parametrize("body", [b"<html>no</html>", b"[]", b""])
def test_a_refusal_without_a_message_says_how_it_begins(speaking, fault, body):
    api, _ = speaking(fault.body(body, 404))
    with pytest.raises(ApiError, match="gave no message"):
        api.metadata(COURSE)


def test_a_failing_server_is_tried_again_and_then_a_server_error(speaking, fault, time):
    api, transport = speaking(fault.body(b"{}", 503), fault.body(b"{}", 500), fault.body(json.dumps(EXAMPLE).encode()))
    assert api.learner(COURSE, "u")["username"] == "dan-friedman"
    assert len(time.slept) == 2
    api, transport = speaking(fault.body(b"{}", 500))
    with pytest.raises(ServerError):
        api.learner(COURSE, "u")
    assert len(transport.requests) == 5


def test_a_retry_after_is_obeyed(speaking, fault, time):
    busy = fault.body(b"{}", 429, [("retry-after", "30")])
    api, _ = speaking(busy, fault.body(json.dumps(EXAMPLE).encode()))
    api.learner(COURSE, "u")
    assert 30 <= time.slept[0] <= 31


@pytest.mark.parametrize(
    ("step", "error"),
    [("refuse", ConnectionFailed), ("silence", DeadlineExceeded), ("bomb", ResponseTooLarge), ("html", ProtocolError)],
)
def test_an_answer_that_does_not_come_whole_is_an_error_of_its_kind(speaking, fault, step, error):
    api, _ = speaking(getattr(fault, step)(), limits=Limits(cap=1 << 20))
    with pytest.raises(error, match=r"GET learn.test/api/v0/learners/<username>/"):
        api.learner(COURSE, "u")


def broken(path: str, value: Any) -> bytes:
    document = json.loads(page(["a"]))
    *parents, last = path.split(".")
    place = document
    for parent in parents:
        place = place[int(parent) if parent.isdigit() else parent]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("count", "many", "count"),
        ("results", {}, "results"),
        ("next", 2, "next"),
        ("results.0.username", None, "username"),
        ("results.0.username", ..., "username"),
        ("results.0.segments", "struggling", "segments"),
        ("results.0.engagements", ..., "engagements"),
        ("results.0.engagements.videos_viewed", "26", "videos_viewed"),
        ("results.0.engagements.problem_attempts_per_completed", "x", "problem_attempts_per_completed"),
        ("results.0.engagements.date_range.start", "2015-13-01", "date_range.start"),
        ("results.0.last_updated", "yesterday", "last_updated"),
        ("results.0.enrollment_date", "yesterday", "enrollment_date"),
        ("results.0.enrollment_date", "2015-02-30", "enrollment_date"),
    ],
)
def test_an_answer_of_another_shape_names_the_key(speaking, fault, path, value, said):
    api, _ = speaking(fault.body(broken(path, value)))
    with pytest.raises(ProtocolError, match=said):
        usernames(api)


def test_the_date_range_of_a_learner_may_be_missing(speaking, fault):
    api, _ = speaking(fault.body(broken("results.0.engagements.date_range", ...)))
    assert usernames(api) == ["a"]


def test_pages_are_followed_to_the_end(speaking, fault):
    steps = [
        fault.body(page(["a", "b"], f"{BASE}/learners/?course_id=x&page=2", 3)),
        fault.body(page(["c"], None, 3)),
    ]
    api, transport = speaking(*steps)
    assert usernames(api, parameters={"cohort": "A & B"}, page_size=2) == ["a", "b", "c"]
    first, second = (parse_qs(request.url.query.decode()) for request in transport.requests)
    assert first == {"course_id": [COURSE], "cohort": ["A & B"], "page_size": ["2"]}
    assert second == {"course_id": ["x"], "page": ["2"]}
    assert all(request.headers["authorization"] for request in transport.requests)


def test_a_relative_next_is_followed_and_its_fragment_dropped(speaking, fault):
    api, transport = speaking(fault.body(page(["a"], "?page=2#part", 2)), fault.body(page(["b"], None, 2)))
    assert usernames(api) == ["a", "b"]
    assert str(transport.requests[1].url) == f"{BASE}/learners/?page=2"


def test_j01_the_same_next_twice_ends_in_an_error(speaking, fault):
    following = f"{BASE}/learners/?page=2"
    api, transport = speaking(fault.body(page(["a"], following)), fault.body(page(["b"], following)))
    with pytest.raises(PaginationError, match="same page"):
        usernames(api)
    assert len(transport.requests) == 2


@pytest.mark.parametrize("names", [[], ["a"]])
def test_j02_pages_that_bring_nobody_new_end_in_an_error(speaking, names):
    def step(request, time):
        number = len(transport.requests)
        return httpx.Response(200, stream=httpx.ByteStream(page(names, f"{BASE}/learners/?page={number}", 5)))

    api, transport = speaking(step)
    with pytest.raises(PaginationError, match="nobody new"):
        usernames(api)
    assert len(transport.requests) <= 5


def test_j02_a_few_empty_pages_in_between_are_passed_over(speaking, fault):
    steps = [page(["a"], "?page=2", 2), page([], "?page=3", 2), page([], "?page=4", 2), page(["b"], None, 2)]
    api, _ = speaking(*map(fault.body, steps))
    assert usernames(api) == ["a", "b"]


def test_j03_a_learner_on_two_pages_is_listed_once_and_the_count_checked(speaking, fault):
    api, _ = speaking(fault.body(page(["a", "b"], "?page=2", 3)), fault.body(page(["b"], None, 3)))
    with pytest.warns(UserWarning, match=r"counts 3 learners and its pages gave 2 \(1 came twice"):
        assert usernames(api) == ["a", "b"]


def test_j03_a_repeated_learner_does_not_warn_where_nobody_is_missing(speaking, fault, caplog):
    caplog.set_level("INFO")
    api, _ = speaking(fault.body(page(["a", "b"], "?page=2", 3)), fault.body(page(["b", "c"], None, 3)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert usernames(api) == ["a", "b", "c"]
    assert "1 learners came on more than one page" in caplog.text


@pytest.mark.parametrize("count", [2, 0])
def test_j05_a_count_that_differs_from_the_rows_warns(speaking, fault, count):
    api, _ = speaking(fault.body(page(["a"], None, count)))
    with pytest.warns(UserWarning, match=f"counts {count} learners and its pages gave 1:.*Read it again"):
        usernames(api)


@pytest.mark.parametrize(
    "following",
    [
        "https://evil.test/api/v0/learners/?page=2",
        "//evil.test/api/v0/learners/?page=2",
        "http://learn.test/api/v0/learners/?page=2",
        "https://learn.test:8443/api/v0/learners/?page=2",
        "https://learn.test@evil.test/learners/",
        "https://user:word@learn.test/api/v0/learners/?page=2",
        "https://learn.test.evil.test/",
        "file:///etc/passwd",
        "https://[::1/x",
    ],
)
def test_j04_a_next_to_another_host_is_refused_and_gets_no_token(speaking, fault, following):
    api, transport = speaking(fault.body(page(["a"], following, 2)), fault.body(page(["b"], None, 2)))
    pages = api.learners(COURSE)
    next(pages)
    with pytest.raises(ProtocolError, match="points to"):
        next(pages)
    assert [request.url.host for request in transport.requests] == ["learn.test"]


def test_a_redirection_on_the_same_origin_is_followed(speaking, fault):
    moved = fault.redirect(f"{BASE}/learners/u/?course_id=x", 301)
    api, transport = speaking(moved, fault.body(json.dumps(EXAMPLE).encode()))
    assert api.learner(COURSE, "u")["username"] == "dan-friedman"
    assert transport.requests[1].headers["authorization"] == "Token CANARY-token"


@pytest.mark.parametrize("to", ["https://evil.test/", "http://learn.test/", "//evil.test"])
def test_a_redirection_to_another_origin_is_refused_and_gets_no_token(speaking, fault, to):
    api, transport = speaking(fault.redirect(to, 302))
    with pytest.raises(ProtocolError, match=r"token is for https://learn\.test only"):
        api.learner(COURSE, "u")
    assert len(transport.requests) == 1


def test_redirections_without_an_end_are_refused(speaking, fault):
    api, transport = speaking(fault.redirect(f"{BASE}/learners/u/", 302))
    with pytest.raises(ProtocolError, match="more than 3 redirections"):
        api.learner(COURSE, "u")
    assert len(transport.requests) == 4
