from __future__ import annotations

import logging

import pytest

from learnosity_nb.wire.quiet import Body, SignedUrl, excerpt, quieten_loggers, redact

URL = "https://bucket.test/reports/0.ndjson?AWSAccessKeyId=CANARY&Expires=1&Signature=CANARY"


@pytest.mark.parametrize(
    "text",
    [
        URL,
        f"failed at '{URL}' twice: {URL}",
        f'{{"input_files":["{URL}"]}}',
        r'{"input_files":["https:\/\/bucket.test\/0.ndjson?AWSAccessKeyId=CANARY\u0026Signature=CANARY"]}',
        "GET /reports/0.ndjson?Expires=1&Signature=CANARY&AWSAccessKeyId=CANARY HTTP/1.1",
        "X-Amz-Credential=CANARY%2F2026&X-Amz-Signature=CANARY&X-Amz-Security-Token=CANARY",
        'security={"signature": "$02$CAFECAFE"}'.replace("CAFECAFE", "c0ffee" * 8),
        "security=%7B%22signature%22%3A+%22%2402%24" + "c0ffee" * 8,
    ],
)
def test_queries_signatures_and_keys_are_taken_out_of_a_text(text):
    assert "CANARY" not in redact(text)
    assert "c0ffee" not in redact(text)


@pytest.mark.parametrize("text", ["HTTP 404 at https://host.test/path", "Is it 5 = 5?", "mean_percent=74.4", ""])
def test_other_text_stays_as_it_is(text):
    assert redact(text) == text


def test_an_excerpt_is_redacted_before_it_is_cut():
    body = b"x" * 150 + URL.encode()
    assert "CANARY" not in excerpt(body)
    assert len(excerpt(body)) <= 200


def test_an_excerpt_shows_control_characters_and_bad_bytes_harmlessly():
    assert excerpt(b"a\r\nb\x1b[31m\xff") == r"'a\r\nb\x1b[31m�'"


def test_a_signed_url_is_whole_as_text_and_redacted_in_a_repr():
    url = SignedUrl(URL)
    assert str(url) == f"{url}" == URL
    assert repr([url]) == "['https://bucket.test/reports/0.ndjson?…']"


def test_a_body_shows_its_length_only():
    assert repr((Body(b"CANARY" * 1000),)) == "(<6,000 bytes>,)"


@pytest.mark.parametrize("name", ["httpx", "httpcore.http11", "httpcore.connection"])
def test_the_loggers_of_the_http_library_are_redacted_once(name, caplog):
    quieten_loggers()
    before = list(logging.getLogger(name).filters)
    quieten_loggers()
    assert logging.getLogger(name).filters == before
    with caplog.at_level(logging.DEBUG, logger=name):
        logging.getLogger(name).debug("HTTP Request: %s %s", "GET", URL)
    assert caplog.messages == ["HTTP Request: GET https://bucket.test/reports/0.ndjson?…"]
