from __future__ import annotations

import pytest
from werkzeug import Request
from werkzeug.test import EnvironBuilder

from learnosity_nb.local.http.visitors import HostList, is_loopback

LOOPBACK = ["localhost", "LOCALHOST:8080", "127.0.0.1", "127.9.9.9:1", "[::1]", "[::1]:8080"]
STRANGE = [
    "",
    "localhost@evil.test",
    "localhost/evil.test",
    "localhost:x",
    "localhost?x",
    "[::1",
    "127.0.0.1.evil.test",
]


def fault(hosts: HostList, host: str | None, origin: str | None = None) -> str | None:
    environ = EnvironBuilder("/").get_environ()
    for name, value in {"HTTP_HOST": host, "HTTP_ORIGIN": origin}.items():
        environ.pop(name, None)
        if value is not None:
            environ[name] = value
    return hosts.fault(Request(environ))


@pytest.mark.parametrize("host", [*LOOPBACK, None])
def test_the_names_of_this_machine_are_let_in(host) -> None:
    assert fault(HostList("127.0.0.1"), host) is None


@pytest.mark.parametrize("host", ["evil.test", "evil.test:8080", "10.0.0.1", "localhost.evil.test", *STRANGE])
def test_a14_other_names_are_turned_away_with_a_remedy(host) -> None:
    assert "--allow-host" in fault(HostList("127.0.0.1"), host)


def test_a_name_that_was_allowed_is_let_in_however_it_is_written() -> None:
    hosts = HostList("machine.example", ["Data.Example", "[2001:db8::1]"])
    for host in ("machine.example", "data.example:443", "DATA.example", "[2001:db8::1]:80"):
        assert fault(hosts, host) is None
    assert fault(hosts, "evil.test")


@pytest.mark.parametrize("bound", ["0.0.0.0", "::"])
def test_a_service_at_every_address_answers_to_addresses_and_not_to_names(bound) -> None:
    assert fault(HostList(bound), "192.0.2.7:8080") is None
    assert fault(HostList(bound), "[2001:db8::1]") is None
    assert fault(HostList(bound), "evil.test")
    assert fault(HostList(bound), "")


@pytest.mark.parametrize(
    "origin", ["http://evil.test", "https://localhost.evil.test", "null", "", "http://evil.test/localhost"]
)
def test_a15_pages_of_other_sites_are_turned_away(origin) -> None:
    assert "may not call" in fault(HostList("127.0.0.1"), "localhost", origin)


@pytest.mark.parametrize("origin", ["http://localhost:8888", "http://127.0.0.1:8080", "https://data.example"])
def test_pages_of_this_machine_and_of_allowed_names_are_let_in(origin) -> None:
    assert fault(HostList("127.0.0.1", ["data.example"]), "localhost", origin) is None


def test_a_name_in_a_refusal_is_quoted_and_cut() -> None:
    said = fault(HostList("127.0.0.1"), "evil\r\n" + "x" * 5000)
    assert "\n" not in said
    assert len(said) < 250


@pytest.mark.parametrize(
    ("host", "expected"), [("localhost", True), ("::1", True), ("0.0.0.0", False), ("a.test", False)]
)
def test_which_hosts_are_this_machine(host, expected) -> None:
    assert is_loopback(host) is expected
