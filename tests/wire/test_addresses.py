from __future__ import annotations

import httpx
import pytest

from learnosity_nb.errors import InputError
from learnosity_nb.wire.addresses import REGIONS, check_url, hosted_url, is_local, place, same_origin


def test_each_region_has_its_base_url():
    assert [hosted_url(region) for region in REGIONS] == [
        "https://data.learnosity.com",
        "https://data-ie.learnosity.com",
        "https://data-au.learnosity.com",
        "https://data-ca.learnosity.com",
    ]


def test_an_unknown_region_is_refused_naming_the_known_ones():
    with pytest.raises(InputError, match="'us'; the regions are va, ie, au, ca"):
        hosted_url("us")


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.8.9.10", True),
        ("::1", True),
        ("local.invalid", True),
        ("data.learnosity.com", False),
        ("10.0.0.1", False),
        ("localhost.evil.test", False),
        ("127.0.0.1.evil.test", False),
        ("", False),
    ],
)
def test_which_hosts_are_this_machine(host, local):
    assert is_local(host) is local


@pytest.mark.parametrize(
    "text",
    [
        "https://data.learnosity.com",
        "http://localhost:8080",
        "http://127.0.0.1:1",
        "http://[::1]:9",
        "http://local.invalid",
    ],
)
def test_https_and_this_machine_may_be_called(text):
    assert str(check_url(text)) == text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("http://data.learnosity.com", "without encryption"),
        ("http://10.0.0.1:8080", "without encryption"),
        ("ftp://files.test", "must begin with https"),
        ("data.learnosity.com", "must begin with https"),
        ("https://", "must begin with https"),
        ("https://user:CANARY@host.test", "user name or password"),
        ("https://host.test:port", "Not a URL"),
        (None, "Not a URL"),
        ("http://evil.test/?Signature=CANARY", "without encryption"),
        ("ftp://evil.test/?Signature=CANARY", "must begin with https"),
    ],
)
def test_other_addresses_are_refused_without_showing_what_is_secret(text, reason):
    with pytest.raises(InputError, match=reason) as caught:
        check_url(text)
    assert "CANARY" not in str(caught.value)


def test_a_place_has_host_port_and_path_only():
    url = httpx.URL("https://user:CANARY@host.test:8443/a/b%20c?Signature=CANARY#part")
    assert place(url) == "host.test:8443/a/b%20c"


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ("https://host.test/other", True),
        ("https://host.test:443/", True),
        ("http://host.test/", False),
        ("https://host.test:8443/", False),
        ("https://other.test/", False),
    ],
)
def test_same_origin_means_scheme_host_and_port(other, same):
    assert same_origin(httpx.URL("https://host.test/"), httpx.URL(other)) is same
