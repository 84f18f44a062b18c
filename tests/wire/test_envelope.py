from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TypedDict

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learnosity_nb.errors import ProtocolError
from learnosity_nb.wire.envelope import Answer, read_answer
from learnosity_nb.wire.exchange import Reply
from learnosity_nb.wire.failures import Failure, Kind
from learnosity_nb.wire.quiet import Body

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def read(content, status=200, headers=()):
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return read_answer(Reply(status, httpx.Headers(list(headers)), Body(body)), "POST host/jobs (get)", NOW)


def test_a_good_answer_has_data_and_meta():
    answer = read({"meta": {"status": True, "records": 1}, "data": [1]})
    assert isinstance(answer, Answer)
    assert (answer.data, answer.meta) == ([1], {"status": True, "records": 1})


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"<html>sign in</html>", "not JSON"),
        (b"", "not JSON"),
        (b'{"meta": {"status": true}, "data": [1', "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 200_000, "not JSON"),
        ([], "a JSON list, not an object"),
        ("text", "a JSON str, not an object"),
        ({"data": []}, "no object 'meta'"),
        ({"meta": [], "data": []}, "no object 'meta'"),
        ({"meta": {}, "data": []}, "'meta.status' is neither"),
        ({"meta": {"status": "true"}, "data": []}, "'meta.status' is neither"),
        ({"meta": {"status": 1}, "data": []}, "'meta.status' is neither"),
        ({"meta": {"status": True}}, "no array or object 'data'"),
        ({"meta": {"status": True}, "data": None}, "no array or object 'data'"),
        ({"meta": {"status": True}, "data": "text"}, "no array or object 'data'"),
    ],
    ids=str,
)
def test_t06_t09_what_is_not_the_envelope_is_named_with_its_beginning(content, problem):
    failure = read(content)
    assert isinstance(failure, Failure)
    assert failure.kind is Kind.GARBLED
    assert problem in failure.reason
    assert "It begins: " in failure.reason


def test_t06_only_the_first_200_characters_of_a_strange_answer_are_shown():
    failure = read(b"<html>" + b"x" * 5000)
    assert len(failure.reason) < 500
    assert "sign-in page" in failure.reason


def test_t09_of_a_strange_json_answer_the_keys_are_shown_and_no_name():
    failure = read({"users": {"name": "CANARY", "list": ['CANARY " CANARY', 5]}})
    assert "CANARY" not in failure.reason
    assert """{"users": {"name": "…", "list": ["…", 5]}}""" in failure.reason


@pytest.mark.parametrize("status", [200, 400])
def test_t08_a_false_status_is_the_services_error_whatever_the_http_status(status):
    meta = {"status": False, "code": 20004, "message": "bad value", "details": ["a"], "request_uuid": "u-1"}
    failure = read({"meta": meta}, status)
    assert failure == Failure(
        Kind.ANSWERED, "bad value", status=status, code=20004, details=("a",), request_uuid="'u-1'"
    )


@pytest.mark.parametrize(
    "content",
    [b"Not found", b"", {"meta": "odd"}, {"meta": {"status": False, "message": 7}}, [], {"meta": {}}],
    ids=str,
)
def test_an_error_without_the_envelope_still_has_its_status(content):
    failure = read(content, 404)
    assert isinstance(failure, Failure)
    assert (failure.kind, failure.status, failure.code) == (Kind.ANSWERED, 404, None)


def test_odd_parts_of_an_error_are_left_out():
    meta = {"status": False, "code": [1], "message": "m", "details": "d", "request_uuid": 5}
    assert read({"meta": meta}, 400) == Failure(Kind.ANSWERED, "m", status=400)


@pytest.mark.parametrize(
    ("date", "told"),
    [
        ("Sun, 01 Mar 2026 12:17:10 GMT", "your clock is 17 min behind the server's"),
        ("Sun, 01 Mar 2026 11:40:00 GMT", "your clock is 20 min ahead of the server's"),
        ("Sun, 01 Mar 2026 12:00:05 GMT", None),
        ("soon", None),
        (None, None),
    ],
)
def test_t18_a_refused_timestamp_is_explained_by_the_servers_clock(date, told):
    meta = {"status": False, "code": 41004, "message": "Timestamp is not valid"}
    failure = read({"meta": meta}, 403, [("Date", date)] if date else [])
    assert isinstance(failure, Failure)
    assert failure.reason.startswith("Timestamp is not valid")
    assert (told in failure.reason) if told else ("clock" not in failure.reason)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_t10_a_redirection_is_refused_naming_its_target_without_the_query(status):
    failure = read(b"", status, [("Location", "https://evil.test/v1/jobs?Signature=CANARY")])
    assert isinstance(failure, Failure)
    assert failure.kind is Kind.REDIRECTED
    assert "https://evil.test/v1/jobs?…" in failure.reason


def test_a_redirection_to_nowhere_is_refused():
    assert "did not name" in read(b"", 302).reason


class Shape(TypedDict):
    job_reference: str


def test_data_is_read_as_a_documented_shape():
    assert Answer({"job_reference": "a", "more": 1}, {}).read(Shape) == {"job_reference": "a"}


@pytest.mark.parametrize(
    ("data", "named"),
    [({}, "`job_reference`"), ({"job_reference": 5}, r"\$\.job_reference"), ([], "Expected `object`, got `array`")],
    ids=str,
)
def test_t09_other_data_than_documented_is_named_by_its_key(data, named):
    with pytest.raises(ProtocolError, match=named) as caught:
        Answer(data, {}, "POST host/jobs (set)").read(Shape)
    assert str(caught.value).startswith("POST host/jobs (set)")
    assert caught.value.__context__ is None


def test_an_answer_does_not_show_its_data():
    assert "CANARY" not in repr(Answer(["CANARY"], {"next": "CANARY"}, "call"))


@settings(deadline=None)
@given(content=st.binary() | st.text().map(str.encode), status=st.integers(200, 599))
def test_any_bytes_with_any_status_are_an_answer_or_a_failure(content, status):
    assert isinstance(read(content, status), Answer | Failure)
