"""Input files: what a pre-signed PUT takes, what it refuses, and when."""

from __future__ import annotations

import json
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import pytest


def query_changed(url: str, change) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(query=urlencode(change(parse_qsl(parts.query)))))


def path_changed(url: str, old: str, new: str) -> str:
    assert old in url
    return url.replace(old, new, 1)


@pytest.fixture
def url(api) -> str:
    return api.initialise().data["input_files"][0]


def test_a_file_may_be_replaced_until_the_dataset_is_started(api) -> None:
    made = api.initialise().data
    [url] = made["input_files"]
    assert api.put(url, b"not json\n").status_code == 200
    assert api.start(made["dataset_id"]).refused == (400, 20009)
    first = api.put(url, api.ndjson([api.line("u", ["s"], "x", "y")]))
    assert (first.status_code, first.content) == (200, b"")
    second = api.put(url, api.ndjson([api.line("v", ["s"], "x", "z")]))
    assert second.headers["ETag"] != first.headers["ETag"]
    reference = api.start(made["dataset_id"]).data["job_reference"]
    refused = api.put(url, api.ndjson([api.line("u", ["s"], "x", "y")]))
    assert refused.status_code == 409
    assert reference in refused.text
    assert api.wait(reference)["status"] == "completed"
    assert api.put(url, b"").status_code == 409
    assert [row[2] for row in api.file(made["dataset_id"], "x")["rows"]] == ["z"]


@pytest.mark.parametrize("number", ["1", "99", "100", "-1", "x", "1000"])
def test_a_number_that_was_not_issued_is_refused(api, url, number) -> None:
    response = api.put(path_changed(url, "/0.ndjson", f"/{number}.ndjson"), b"")
    assert response.status_code == 403
    assert "SignatureDoesNotMatch" in response.text


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "HEAD", "PATCH"])
def test_an_upload_url_allows_a_put_only(api, url, method) -> None:
    assert api.http.request(method, url).status_code == 403


@pytest.mark.parametrize(
    "change",
    [
        lambda query: [(k, "consumer-999" if k == "AWSAccessKeyId" else v) for k, v in query],
        lambda query: [(k, str(int(v) + 1) if k == "Expires" else v) for k, v in query],
        lambda query: [(k, v[:-2] + ("A=" if v[-2] != "A" else "B=") if k == "Signature" else v) for k, v in query],
        lambda query: [(k, "é" if k == "Signature" else v) for k, v in query],
        lambda query: [*query, ("partNumber", "1")],
        lambda query: [*query, ("Expires", "9999999999")],
        lambda query: [pair for pair in query if pair[0] != "Signature"],
        lambda query: [pair for pair in query if pair[0] != "Expires"],
        lambda query: [],
    ],
    ids=["consumer", "expires", "signature", "strange signature", "more", "twice", "unsigned", "forever", "empty"],
)
def test_a_changed_query_is_refused(api, url, change) -> None:
    response = api.put(query_changed(url, change), b"")
    assert response.status_code == 403
    assert response.headers["Content-Type"].startswith("application/xml")


def test_the_order_of_the_query_does_not_matter(api, url) -> None:
    assert api.put(query_changed(url, lambda query: query[::-1]), b"").status_code == 200


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/infiles/", "/infiles/%2e%2e/infiles/"),
        ("/0007/", "/0008/"),
        ("/infiles/0.ndjson", "/outfiles/d751713988987e9331980363e24189ce_1.json"),
        ("sessions-summary-by-group", "activity-summary-by-group"),
    ],
)
def test_a_changed_path_is_refused(api, url, old, new) -> None:
    assert api.put(path_changed(url, old, new), b"").status_code == 403


def test_the_url_of_one_dataset_does_not_open_another(api, url) -> None:
    theirs = api.initialise().data["input_files"][0]
    swapped = urlunsplit(urlsplit(url)._replace(query=urlsplit(theirs).query))
    assert api.put(swapped, b"").status_code == 403


@pytest.mark.parametrize("kind", ["text/plain", "application/x-ndjson", "application/octet-stream", None])
def test_any_content_type_is_taken(api, url, kind) -> None:
    content = api.ndjson([api.line("u", ["s"], "x", "y")])
    headers = {} if kind is None else {"Content-Type": kind}
    assert api.http.put(url, content=content, headers=headers).status_code == 200


def test_an_upload_may_come_as_a_stream_of_unknown_length(api) -> None:
    """50 MB, in pieces that do not end where lines do."""
    text = api.ndjson([api.line(f"user-{number:06}", [f"s-{number:06}"], "x", "y" * 200) for number in range(50_000)])
    text *= 4
    assert len(text) > 50_000_000
    made = api.initialise().data
    pieces = (text[at : at + 99_991] for at in range(0, len(text), 99_991))
    assert api.put(made["input_files"][0], pieces).status_code == 200
    ended = api.wait(api.start(made["dataset_id"]).data["job_reference"])
    assert ended["data"]["users"] == 50_000


@pytest.mark.parametrize(
    "content",
    [
        b"%s\n%s",
        b"%s\r\n%s\r\n",
        b"\xef\xbb\xbf%s\n%s\n",
        b"\n\n%s\n   \n\t\r\n%s\n\n",
        b"  %s  \n\t%s\t\n",
        b"%s\n%s\n%s\n",
    ],
    ids=["no last newline", "CRLF", "byte order mark", "blank lines", "spaces around", "twice the same"],
)
def test_files_as_other_programs_write_them_are_taken(api, content) -> None:
    one = json.dumps(api.line("u", ["s"], "x", "y")).encode()
    two = json.dumps(api.line("ü", [], "x", "ž"), ensure_ascii=False).encode()
    dataset_id = api.upload(content % ((one, two, one) if content.count(b"%s") == 3 else (one, two)))
    assert api.start(dataset_id).status == 200


def test_an_unknown_path_is_refused_without_a_word_about_what_exists(api) -> None:
    for path in ("/reports", "/reports/", "/reports/0007/x"):
        assert api.http.put(f"{api.url}{path}", content=b"").status_code == 403
