from __future__ import annotations

import datetime as dt
import json
import os
import select
import socket
import ssl
import threading
import time as real_time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs

import pytest
import trustme

from learnosity_nb.errors import ConnectionFailed, DeadlineExceeded, InputError, TlsError
from learnosity_nb.wire.client import DataApi
from learnosity_nb.wire.exchange import Limits
from learnosity_nb.wire.retry import RetryPolicy
from learnosity_nb.wire.transfer import Transfers

ONCE = RetryPolicy(attempts=1)


def proxies_gone(monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch):
    proxies_gone(monkeypatch)


@pytest.fixture
def echo(http, enveloped):
    """Answer each request with the ``id`` it asked for, over one kept-alive connection."""
    read_request, http_response = http

    def handle(connection):
        while True:
            head, body = read_request(connection)
            if not head:
                return
            asked = json.loads(parse_qs(body.decode())["request"][0])
            connection.sendall(http_response(enveloped([asked.get("id")])))

    return handle


def client(server, consumer, *, host="127.0.0.1", scheme="http", **options) -> DataApi:
    return DataApi(f"{scheme}://{host}:{server.port}", "v1", consumer, **options)


def test_a_call_over_a_real_socket(raw_server, echo, consumer):
    server = raw_server(echo)
    with client(server, consumer) as api:
        assert api.call("jobs", "get", {"id": "é"}).data == ["é"]
        assert api.call("jobs", "get", {"id": 2}).data == [2]
    assert server.connections == 1


def test_t01_a_closed_port_is_a_connection_failure(consumer):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with (
        DataApi(f"http://127.0.0.1:{port}", "v1", consumer, policy=ONCE) as api,
        pytest.raises(ConnectionFailed, match=r"nobody answered.*refused"),
    ):
        api.call("jobs", "get", {})


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"no http at all\r\n\r\n",
        b"",
    ],
    ids=["wrong length", "cut chunk", "bad chunk", "no http", "nothing"],
)
def test_t07_an_answer_broken_off_is_an_error_and_never_partial_data(raw_server, http, consumer, answer):
    def handle(connection):
        http[0](connection)
        connection.sendall(answer)

    server = raw_server(handle)
    with client(server, consumer, policy=ONCE) as api, pytest.raises(ConnectionFailed, match="connection broke"):
        api.call("jobs", "get", {})


@pytest.mark.parametrize("prefix", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"], ids=["head", "body"])
def test_t12_a_server_that_drips_meets_the_deadline(raw_server, http, consumer, prefix):
    def handle(connection):
        http[0](connection)
        connection.sendall(prefix)
        while not server.ended.wait(0.02):
            connection.sendall(b"H" if not prefix else b" ")

    server = raw_server(handle)
    began = real_time.monotonic()
    limits = Limits(deadline=0.5)
    with client(server, consumer, policy=ONCE, limits=limits) as api, pytest.raises(DeadlineExceeded):
        api.call("jobs", "get", {})
    assert real_time.monotonic() - began < 5.0


def test_t12_a_server_that_does_not_read_meets_the_deadline_of_an_upload(raw_server):
    server = raw_server(lambda connection: server.ended.wait(30))
    transfers = Transfers(policy=ONCE, limits=Limits(deadline=0.5))
    size = 64 << 20
    with transfers, pytest.raises(DeadlineExceeded):
        transfers.put(f"http://127.0.0.1:{server.port}/file", lambda: [bytes(size)], size)


def test_t12_a_silent_server_meets_the_limit_of_silence(raw_server, consumer):
    server = raw_server(lambda connection: server.ended.wait(30))
    limits = Limits(silence=0.2)
    with client(server, consumer, policy=ONCE, limits=limits) as api, pytest.raises(DeadlineExceeded):
        api.call("jobs", "get", {})


def test_t16_a_kept_connection_that_the_server_closed_is_replaced(raw_server, http, enveloped, consumer):
    closed = threading.Event()

    def handle(connection):
        http[0](connection)
        connection.sendall(http[1](enveloped([1])))
        connection.close()
        closed.set()

    server = raw_server(handle)
    with client(server, consumer, policy=ONCE) as api:
        for count in range(1, 4):
            assert api.call("jobs", "set", {}).data == [1]
            assert closed.wait(10)
            closed.clear()
            assert server.connections == count


def test_t20_sixteen_threads_share_a_client_without_cross_talk(raw_server, echo, consumer):
    server = raw_server(echo)
    with client(server, consumer) as api, ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda number: api.call("jobs", "get", {"id": number}).data[0], range(400)))
    assert answers == list(range(400))
    assert server.connections <= 16


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_t20_a_forked_child_opens_a_connection_of_its_own(raw_server, echo, consumer):
    server = raw_server(echo)
    with client(server, consumer) as api:
        api.call("jobs", "get", {"id": 1})
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.write(writer, str(api.call("jobs", "get", {"id": 2}).data).encode())
            os._exit(0)
        ready, _, _ = select.select([reader], [], [], 30)
        assert ready
        assert os.read(reader, 100) == b"[2]"
        os.waitpid(child, 0)
        os.close(reader)
        os.close(writer)
        assert api.call("jobs", "get", {"id": 3}).data == [3]
    assert server.connections == 2


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_t21_this_machine_is_not_reached_by_a_proxy(raw_server, echo, consumer, monkeypatch, host):
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    server = raw_server(echo)
    with client(server, consumer, host=host, policy=ONCE) as api:
        assert api.call("jobs", "get", {"id": 1}).data == [1]


def test_a_proxy_of_another_kind_is_refused_by_its_name_in_the_environment(consumer, monkeypatch):
    monkeypatch.setenv("all_proxy", "socks5://user:pass@127.0.0.1:9")
    with pytest.raises(InputError, match="ALL_PROXY of the environment names a socks5 proxy") as raised:
        DataApi("https://data.test", "v1", consumer, policy=ONCE)
    assert "pass" not in str(raised.value)


@pytest.mark.parametrize("address", ["http://user:pass@127.0.0.1:{}", "127.0.0.1:{}"])
def test_t21_other_hosts_are_reached_by_the_proxy_of_the_environment(raw_server, http, consumer, monkeypatch, address):
    heads: list[bytes] = []

    def refuse(connection):
        heads.append(http[0](connection)[0])
        connection.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")

    proxy = raw_server(refuse)
    monkeypatch.setenv("https_proxy", address.format(proxy.port))
    with (
        DataApi("https://data.test", "v1", consumer, policy=ONCE) as api,
        pytest.raises(ConnectionFailed, match="407"),
    ):
        api.call("jobs", "get", {})
    assert heads[0].startswith(b"CONNECT data.test:443")
    assert (b"Proxy-Authorization: Basic" in heads[0]) == ("user" in address)


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


def server_context(certificate) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


@pytest.fixture
def trusted(authority, monkeypatch, tmp_path):
    file = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(file))
    monkeypatch.setenv("SSL_CERT_FILE", str(file))


def test_t11_a_certificate_of_a_named_authority_is_accepted(raw_server, echo, consumer, authority, trusted):
    server = raw_server(echo, server_context(authority.issue_cert("127.0.0.1", "localhost")))
    with client(server, consumer, scheme="https", host="localhost") as api:
        assert api.call("jobs", "get", {"id": 1}).data == [1]


def test_t11_a_self_signed_certificate_is_refused(raw_server, echo, consumer, authority):
    server = raw_server(echo, server_context(authority.issue_cert("127.0.0.1")))
    assert_refused(server, consumer, "self.signed|local issuer")


def test_t11_a_certificate_for_another_host_is_refused(raw_server, echo, consumer, authority, trusted):
    server = raw_server(echo, server_context(authority.issue_cert("other.test")))
    assert_refused(server, consumer, "mismatch")


def test_t11_an_expired_certificate_is_refused(raw_server, echo, consumer, authority, trusted):
    yesterday = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    certificate = authority.issue_cert("127.0.0.1", not_before=yesterday - dt.timedelta(days=9), not_after=yesterday)
    assert_refused(raw_server(echo, server_context(certificate)), consumer, "expired")


def test_t11_a_server_without_tls_is_refused(raw_server, consumer):
    def handle(connection):
        connection.recv(10)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    assert_refused(raw_server(handle), consumer, "(?i)ssl")


def assert_refused(server, consumer, reason) -> None:
    with client(server, consumer, scheme="https") as api, pytest.raises(TlsError, match=reason):
        api.call("jobs", "set", {})
    assert server.connections == 1


def test_files_are_fetched_over_kept_connections(raw_server, http):
    def handle(connection):
        while http[0](connection)[0]:
            connection.sendall(http[1](b"file"))

    server = raw_server(handle)
    with Transfers() as transfers:
        urls = [f"http://127.0.0.1:{server.port}/{number}?Signature=x" for number in range(50)]
        assert transfers.get_many(urls) == [b"file"] * 50
    assert server.connections <= 8
