from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from learnosity_nb.local.presigned import Presigner, UrlRefused

PATH = "/reports/0007/x/0.ndjson"


@pytest.fixture
def presigner(clock) -> Presigner:
    return Presigner(b"a key", clock)


def query(url: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(url).query, keep_blank_values=True)


def test_a_url_gives_back_the_consumer_it_was_issued_to(presigner) -> None:
    url = presigner.sign("https://host:1", "PUT", PATH, "ké y&=", include="a b")
    assert url.startswith(f"https://host:1{PATH}?")
    assert query(url)["include"] == ["a b"]
    assert presigner.verify("PUT", PATH, query(url)) == "ké y&="


def test_a_url_is_good_for_an_hour(presigner, clock) -> None:
    found = query(presigner.sign("http://h", "GET", PATH, "key"))
    assert int(found["Expires"][0]) == clock.now + 3601
    clock.now += 3601
    assert presigner.verify("GET", PATH, found) == "key"
    clock.now += 1
    with pytest.raises(UrlRefused, match="expired"):
        presigner.verify("GET", PATH, found)


@pytest.mark.parametrize(
    ("method", "path", "change", "reason"),
    [
        ("PUT", PATH, {}, "SignatureDoesNotMatch"),
        ("get", PATH, {}, "SignatureDoesNotMatch"),
        ("GET", PATH + "x", {}, "SignatureDoesNotMatch"),
        ("GET", PATH, {"AWSAccessKeyId": ["other"]}, "SignatureDoesNotMatch"),
        ("GET", PATH, {"Expires": ["99999999999"]}, "SignatureDoesNotMatch"),
        ("GET", PATH, {"Expires": ["never"]}, "SignatureDoesNotMatch"),
        ("GET", PATH, {"Signature": ["é\U0001f600"]}, "SignatureDoesNotMatch"),
        ("GET", PATH, {"Signature": [""]}, "SignatureDoesNotMatch"),
        ("GET", PATH, {"more": [""]}, "SignatureDoesNotMatch"),
        ("GET", PATH, {"Expires": ["1", "2"]}, "AccessDenied"),
        ("GET", PATH, {"Signature": []}, "AccessDenied"),
    ],
)
def test_anything_else_is_refused(presigner, method, path, change, reason) -> None:
    found = query(presigner.sign("http://h", "GET", PATH, "key"))
    with pytest.raises(UrlRefused, match=reason):
        presigner.verify(method, path, {**found, **change})


@pytest.mark.parametrize("missing", ["AWSAccessKeyId", "Expires", "Signature"])
def test_every_signed_key_must_be_there(presigner, missing) -> None:
    found = query(presigner.sign("http://h", "GET", PATH, "key"))
    del found[missing]
    with pytest.raises(UrlRefused, match="AccessDenied"):
        presigner.verify("GET", PATH, found)


def test_another_key_signs_other_urls(presigner, clock) -> None:
    found = query(Presigner(b"another key", clock).sign("http://h", "GET", PATH, "key"))
    with pytest.raises(UrlRefused):
        presigner.verify("GET", PATH, found)
