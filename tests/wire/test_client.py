from __future__ import annotations

import json

import pytest

from learnosity_nb.errors import (
    ApiError,
    ConnectionFailed,
    DeadlineExceeded,
    InputError,
    PaginationError,
    ProtocolError,
    ServerError,
    TlsError,
    TransportError,
    UncertainOutcome,
)
from learnosity_nb.wire.client import DataApi
from learnosity_nb.wire.retry import RetryBudget


def test_a_call_posts_a_signed_form_to_the_versioned_endpoint(scripted, fault):
    api, transport = scripted(fault.ok([1, 2]))
    answer = api.call("/jobs", "get", {"references": ["é"]})
    assert answer.data == [1, 2]
    request = transport.requests[0]
    assert (request.method, str(request.url)) == ("POST", "https://data.test/v2026.2.LTS/jobs")
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert transport.forms()[0]["action"] == "get"
    assert transport.forms()[0]["request"] == '{"references":["é"]}'
    assert "authorization" not in request.headers
    assert "cookie" not in request.headers


@pytest.mark.parametrize(
    ("base_url", "version"),
    [
        ("https://data.test?x=1", "v1"),
        ("https://data.test/#part", "v1"),
        ("http://data.test", "v1"),
        ("https://data.test", ""),
        ("https://data.test", "v1/../admin"),
        ("https://data.test", None),
    ],
)
def test_a_base_url_or_version_that_cannot_be_used_is_refused(base_url, version, consumer, fault):
    with pytest.raises(InputError):
        DataApi(base_url, version, consumer)


def test_a_client_shows_its_base_url_and_consumer_key_only(scripted, fault):
    api, _ = scripted(fault.ok())
    assert repr(api) == "DataApi('https://data.test', consumer='the-key')"


def test_a_client_closes_its_transport(scripted, fault):
    api, transport = scripted(fault.ok())
    with api as same:
        assert same is api
    assert transport.closed


def test_a_closed_client_sends_nothing_and_says_so_at_once(scripted, fault, time):
    api, transport = scripted(fault.ok())
    api.close()
    with pytest.raises(TransportError, match=r"This connection was closed\. Connect again\."):
        api.call("jobs", "get", {})
    with pytest.raises(TransportError, match="closed"):
        next(api.pages("jobs", {}))
    assert (transport.requests, time.slept) == ([], [])


def test_t01_a_refused_connection_is_tried_again(scripted, fault, time):
    api, transport = scripted(fault.refuse(), fault.refuse(), fault.ok([1]))
    assert api.call("jobs", "set", {}).data == [1]
    assert len(transport.requests) == 3
    assert len(time.slept) == 2
    assert time.slept[0] <= 0.5
    assert time.slept[1] <= 1.0


def test_t01_nobody_there_is_a_connection_failure_that_counts_the_attempts(scripted, fault):
    api, transport = scripted(fault.refuse())
    with pytest.raises(ConnectionFailed, match=r"data.test/v2026.2.LTS/jobs.*after 5 attempts"):
        api.call("jobs", "get", {})
    assert len(transport.requests) == 5


def test_t02_a_get_whose_answer_is_late_is_tried_again(scripted, fault):
    api, transport = scripted(fault.silence(), fault.ok([1]))
    assert api.call("jobs", "get", {}).data == [1]
    assert len(transport.requests) == 2


@pytest.mark.parametrize("action", ["set", "update"])
@pytest.mark.parametrize("how", ["silence", "reset", "drip", "502", "504"])
def test_t02_a_change_whose_answer_is_lost_is_not_sent_again(scripted, fault, action, how):
    step = {
        "silence": fault.silence(),
        "reset": fault.reset(10),
        "drip": fault.drip(),
        "502": fault.status(502),
        "504": fault.status(504),
    }[how]
    api, transport = scripted(step, fault.ok())
    with pytest.raises(UncertainOutcome, match=r"jobs/sessions/statuses.*since 2026-03-01 12:00:00 UTC"):
        api.call("jobs/sessions/statuses", action, {})
    assert len(transport.requests) == 1


def test_t02_a_change_marked_as_repeatable_is_sent_again(scripted, fault):
    api, transport = scripted(fault.silence(), fault.reset(10), fault.status(502), fault.ok([1]))
    assert api.call("jobs/reports/datasets", "set", {}, repeatable=True).data == [1]
    assert len(transport.requests) == 4


def test_t02_a_repeatable_change_ends_as_late_without_a_doubt(scripted, fault):
    api, _ = scripted(fault.silence(20.0))
    with pytest.raises(DeadlineExceeded):
        api.call("jobs/reports/datasets", "set", {}, repeatable=True)


@pytest.mark.parametrize("http_status", [429, 200])
def test_t03_too_many_requests_are_waited_out(scripted, fault, time, http_status):
    api, _ = scripted(fault.status(http_status, 42000), fault.ok([1]))
    assert api.call("jobs", "update", {}).data == [1]
    assert 5.0 <= time.slept[0] <= 5.5


@pytest.mark.parametrize(
    ("values", "shortest", "longest"),
    [
        (["2"], 2.0, 2.5),
        (["Sun, 01 Mar 2026 12:00:30 GMT"], 30.0, 30.5),
        (["-1"], 5.0, 5.5),
        (["1e12"], 120.0, 120.5),
        (["soon"], 5.0, 5.5),
        (["3", "60"], 3.0, 3.5),
    ],
    ids=str,
)
def test_t04_retry_after_is_obeyed_as_far_as_it_makes_sense(scripted, fault, time, values, shortest, longest):
    headers = [("Retry-After", value) for value in values]
    api, _ = scripted(fault.status(429, 42000, headers=headers), fault.ok([1]))
    assert api.call("jobs", "get", {}).data == [1]
    assert shortest <= time.slept[0] <= longest


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize("run", [1, 2, 3, 4, 5, 6])
def test_t05_a_run_of_server_errors_is_survived_up_to_four(scripted, fault, status, run):
    api, transport = scripted(*[fault.status(status, 10000, "oh")] * run, fault.ok([1]))
    if run <= 4:
        assert api.call("jobs", "get", {}).data == [1]
        assert len(transport.requests) == run + 1
        return
    with pytest.raises(ServerError) as caught:
        api.call("jobs", "get", {})
    assert caught.value.status == status
    assert caught.value.details == (f"HTTP {status}",) * 5
    assert len(transport.requests) == 5


def test_t05_a_change_that_failed_midway_is_a_server_error_at_once(scripted, fault):
    api, transport = scripted(fault.status(500, 10000), fault.ok())
    with pytest.raises(ServerError):
        api.call("jobs/sessions/metadata", "set", {})
    assert len(transport.requests) == 1


def test_t05_a_503_without_the_services_word_leaves_a_doubt_about_a_change(scripted, fault):
    api, transport = scripted(fault.body(b"<h1>Service unavailable</h1>", 503), fault.ok())
    with pytest.raises(UncertainOutcome, match="It may have been done"):
        api.call("jobs/sessions/metadata", "set", {})
    assert len(transport.requests) == 1


def test_t06_a_captive_portal_is_a_protocol_error_with_a_hint(scripted, fault):
    api, transport = scripted(fault.html())
    with pytest.raises(ProtocolError, match=r"sign-in page.*Sign in to the network"):
        api.call("jobs", "get", {})
    assert len(transport.requests) == 2


def test_t07_a_change_whose_answer_cannot_be_read_says_that_it_may_have_been_done(scripted, fault):
    api, transport = scripted(fault.truncated(), fault.ok())
    with pytest.raises(ProtocolError) as caught:
        api.call("jobs/sessions/metadata", "set", {})
    assert "may have been done" in caught.value.__notes__[0]
    assert len(transport.requests) == 1


@pytest.mark.parametrize("name", ["truncated", "reset"])
def test_t07_a_cut_answer_is_tried_again_and_never_half_read(scripted, fault, name):
    step = {"truncated": fault.truncated(), "reset": fault.reset(20)}[name]
    api, _ = scripted(step, fault.ok([1]))
    assert api.call("jobs", "get", {}).data == [1]
    api, _ = scripted(step)
    with pytest.raises({"truncated": ProtocolError, "reset": ConnectionFailed}[name]):
        api.call("jobs", "get", {})


def test_t08_a_false_status_in_a_200_is_an_api_error(scripted, fault):
    api, transport = scripted(fault.status(200, 20004, "limit is wrong", details=["one"], request_uuid="u-9"))
    with pytest.raises(ApiError) as caught:
        api.call("jobs", "get", {})
    error = caught.value
    assert not isinstance(error, ServerError)
    assert (error.message, error.code, error.status, error.endpoint) == ("limit is wrong", 20004, 200, "jobs")
    assert error.details == ("one",)
    assert "u-9" in error.__notes__[0]
    assert len(transport.requests) == 1


def test_t09_a_missing_key_is_a_protocol_error(scripted, fault):
    api, _ = scripted(fault.body(b'{"data": []}'))
    with pytest.raises(ProtocolError, match="no object 'meta'"):
        api.call("jobs", "get", {})


def test_t10_a_redirected_form_is_not_sent_on(scripted, fault):
    api, transport = scripted(fault.redirect("https://evil.test/v1/jobs?Signature=CANARY"), fault.ok())
    with pytest.raises(ProtocolError, match=r"evil.test"):
        api.call("jobs", "get", {})
    assert [request.url.host for request in transport.requests] == ["data.test"]


def test_t11_a_bad_certificate_is_refused_at_once(scripted, fault):
    api, transport = scripted(fault.bad_certificate(), fault.ok())
    with pytest.raises(TlsError, match="SSL_CERT_FILE"):
        api.call("jobs", "get", {})
    assert len(transport.requests) == 1


def test_t12_a_slow_drip_meets_the_deadline_of_the_attempt(scripted, fault, time):
    api, transport = scripted(fault.drip(pause=2.0))
    with pytest.raises(DeadlineExceeded, match="too slowly"):
        api.call("jobs", "get", {})
    assert len(transport.requests) == 1
    assert time.seconds <= 1062.0


def test_t14_an_empty_budget_fails_fast_and_says_so(scripted, fault, time):
    api, transport = scripted(fault.status(503, 10000), budget=RetryBudget(tokens=4, cost=5))
    with pytest.raises(ServerError, match="circuit is open"):
        api.call("jobs", "get", {})
    assert len(transport.requests) == 1
    assert time.slept == []


def test_t15_an_unknown_host_is_tried_twice(scripted, fault):
    api, transport = scripted(fault.unknown_host())
    with pytest.raises(ConnectionFailed, match="host name is not known"):
        api.call("jobs", "get", {})
    assert len(transport.requests) == 2


def test_t17_ctrl_c_during_a_call_and_during_a_wait_stops_at_once(scripted, fault, consumer, time):
    api, transport = scripted(fault.interrupt())
    with pytest.raises(KeyboardInterrupt):
        api.call("jobs", "get", {})
    assert len(transport.requests) == 1

    def press(seconds):
        raise KeyboardInterrupt

    time.sleep = press
    api, transport = scripted(fault.refuse())
    with pytest.raises(KeyboardInterrupt):
        api.call("jobs", "get", {})
    assert len(transport.requests) == 1


def test_t18_a_refused_timestamp_tells_the_difference_of_the_clocks(scripted, fault):
    step = fault.status(403, 41004, "Timestamp", headers=[("Date", "Sun, 01 Mar 2026 12:17:00 GMT")])
    api, transport = scripted(step)
    with pytest.raises(ApiError, match="17 min behind"):
        api.call("jobs", "get", {})
    assert len(transport.requests) == 1


def test_t19_each_attempt_is_signed_anew(scripted, fault):
    api, transport = scripted(fault.status(503, headers=[("Retry-After", "90")]), fault.ok())
    api.call("jobs", "get", {})
    first, second = [json.loads(form["security"])["timestamp"] for form in transport.forms()]
    assert (first, second) == ("20260301-1200", "20260301-1201")


@pytest.mark.parametrize("status", [401, 403])
def test_t22_a_refused_signature_stops_at_once(scripted, fault, status):
    api, transport = scripted(fault.status(status, 41003, "Signatures do not match"))
    with pytest.raises(ApiError, match="Signatures do not match"):
        api.call("jobs", "get", {})
    assert len(transport.requests) == 1


def test_a_request_that_is_not_json_is_refused_before_anything_is_sent(scripted, fault):
    api, transport = scripted(fault.ok())
    with pytest.raises(InputError):
        api.call("jobs", "get", {"a": float("nan")})
    assert transport.requests == []


def test_pages_follow_next_to_the_page_without_one(scripted, fault):
    api, transport = scripted(fault.ok([1], next="A"), fault.ok([2], next="B"), fault.ok([3]))
    assert [answer.data for answer in api.pages("jobs", {"limit": 1})] == [[1], [2], [3]]
    assert transport.asked() == [{"limit": 1}, {"limit": 1, "next": "A"}, {"limit": 1, "next": "B"}]


def test_pages_end_at_an_empty_page_with_the_next_that_was_asked_for(scripted, fault):
    api, transport = scripted(fault.ok([1], next="A"), fault.ok([], next="A"))
    assert [answer.data for answer in api.pages("sessions/scores", {})] == [[1]]
    assert len(transport.requests) == 2


def test_pages_of_nothing_are_none(scripted, fault):
    api, transport = scripted(fault.ok([]))
    assert list(api.pages("jobs", {})) == []
    assert len(transport.requests) == 1


def test_j01_the_same_page_twice_is_a_pagination_error(scripted, fault):
    api, transport = scripted(fault.ok([1], next="A"))
    with pytest.raises(PaginationError, match="twice"):
        list(api.pages("jobs", {}))
    assert len(transport.requests) == 2


def test_j01_a_longer_circle_of_pages_is_noticed_too(answering):
    pages = {None: ([1], "A"), "A": ([2], "B"), "B": ([3], "A")}
    api, transport = answering(lambda asked: (pages[asked.get("next")][0], {"next": pages[asked.get("next")][1]}))
    with pytest.raises(PaginationError, match="twice"):
        list(api.pages("jobs", {}))
    assert len(transport.requests) == 4


def test_the_number_of_pages_is_bounded(answering, monkeypatch):
    monkeypatch.setattr("learnosity_nb.wire.client.PAGES", 5)
    api, transport = answering(lambda asked: ([asked], {"next": str(len(transport.requests))}))
    with pytest.raises(PaginationError, match="more than 5 pages"):
        list(api.pages("jobs", {}))
    assert len(transport.requests) == 5


def test_j02_three_empty_pages_with_a_new_next_are_borne(scripted, fault):
    script = [fault.ok([], next=token) for token in "ABC"]
    api, _ = scripted(*script, fault.ok([9]))
    assert [answer.data for answer in api.pages("jobs", {})] == [[9]]


def test_j02_a_fourth_empty_page_is_an_error(scripted, fault):
    api, transport = scripted(*[fault.ok([], next=token) for token in "ABCDE"])
    with pytest.raises(PaginationError, match="4 empty pages"):
        list(api.pages("jobs", {}))
    assert len(transport.requests) == 4
