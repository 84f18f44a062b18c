"""The service on a real socket: what it takes in, and from whom."""

from __future__ import annotations

import gc
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import httpx
import pytest
from waitress import wasyncore

from learnosity_nb.local.app import App
from learnosity_nb.local.http.data_api import MAX_FORM_BYTES
from learnosity_nb.local.http.sockets import MAX_HEADER_BYTES, MAX_UNSIGNED_BYTES, SILENT_SECONDS, listen
from learnosity_nb.local.http.visitors import HostList

# waitress leaves sockets of open connections to the end of the process.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(scope="module", autouse=True)
def without_left_sockets() -> Iterator[None]:
    yield
    gc.collect()


@pytest.fixture
def port(desk) -> Iterator[int]:
    server, port = listen(App(desk.service, HostList("127.0.0.1")), "127.0.0.1", 0)
    thread = threading.Thread(target=server.run)
    thread.start()
    yield port
    with suppress(OSError):  # it may be closed by the time it is pulled
        server.trigger.pull_trigger(lambda: wasyncore.close_all(server._map, ignore_all=True))
    thread.join()
    server.task_dispatcher.shutdown()


@pytest.fixture
def http(desk, port) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        yield client


@pytest.fixture
def say(port) -> Callable[[bytes], bytes]:
    """Send raw bytes, and return all that comes back."""

    def exchange(sent: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
            connection.sendall(sent)
            return b"".join(iter(lambda: connection.recv(65_536), b""))

    return exchange


def test_a14_a_page_that_points_its_own_name_here_is_turned_away(http, desk) -> None:
    for path, code in (("/v1/jobs", 40003), ("/reports/x", 40003)):
        refused = http.post(path, data=desk.form({}), headers={"Host": "evil.test"})
        assert (refused.status_code, refused.json()["meta"]["code"]) == (403, code)
    for path in ("/status", "/api/v0/learners/", "/api/v0/status/"):
        refused = http.get(path, headers={"Host": "evil.test"})
        assert (refused.status_code, refused.json()["error_code"]) == (403, "permission_denied")
    assert http.post("/v1/jobs", data=desk.form({})).status_code == 200


def test_a15_no_answer_invites_another_site(http, desk) -> None:
    for headers in ({}, {"Origin": "http://evil.test"}, {"Origin": "http://localhost:8888"}):
        for response in (http.get("/status", headers=headers), http.options("/api/v0/learners/", headers=headers)):
            assert not [name for name in response.headers if name.startswith("access-control")]
    assert http.post("/v1/jobs", data=desk.form({}), headers={"Origin": "http://evil.test"}).status_code == 403


HEAD = "POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"


@pytest.mark.parametrize("size", [MAX_UNSIGNED_BYTES, 1 << 40])
@pytest.mark.parametrize("path", ["/v1/jobs", "/reports/x?Signature=no", "/"])
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a16_a_large_body_is_refused_at_its_headers(say, method, path, size) -> None:
    """Nothing of the body is sent."""
    answer = say(f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {size}\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 413 ")


def test_a16_a_large_body_of_unknown_length_is_cut_off(http) -> None:
    chunks = (b"x" * 1_000_000 for _ in range(200))
    try:
        refused = http.post("/v1/jobs", content=chunks).status_code
    except httpx.TransportError:  # the connection was closed while it was still sending
        refused = 413
    assert refused == 413
    assert sum(1 for _ in chunks) > 100


def test_a16_a_form_a_little_too_large_is_told_in_the_apis_own_words(http) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    refused = http.post("/v1/jobs", content=b"x" * (MAX_FORM_BYTES + 1), headers=headers)
    assert (refused.status_code, refused.json()["meta"]["status"]) == (413, False)


def test_whoever_holds_an_upload_url_may_send_a_large_file(http, desk) -> None:
    [url] = desk.call("reports/datasets", dataset_request(), "set").json()["data"]["input_files"]
    path = url.partition("local.invalid")[2]
    content = b'{"user_id": "u1", "session_id": ["s1"], "group_path": ["a"]}\n' + b" " * MAX_UNSIGNED_BYTES
    assert http.put(path, content=content).status_code == 200


def dataset_request() -> dict:
    return {"dataset_type": "sessions-summary-by-group", "file_count": 1, "groups": [{"key": "a"}]}


def test_a17_headers_are_limited(say) -> None:
    head = HEAD.encode() + b"X-Long: "
    answer = say(head + b"x" * (MAX_HEADER_BYTES - len(head)))
    assert answer.startswith(b"HTTP/1.0 431 ")


def test_a17_connections_that_never_finish_their_headers_hold_nobody_up(http, port) -> None:
    slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(40)]
    try:
        for connection in slow:
            connection.sendall(HEAD.encode())
        assert http.get("/status").status_code == 200
    finally:
        for connection in slow:
            connection.close()
    assert SILENT_SECONDS <= 60


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        b"POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"GET / HTTP/1.1\r\nBad Header: x\r\n\r\n",
    ],
    ids=["two hosts", "negative length", "encoded", "nonsense", "bad header"],
)
def test_what_is_not_http_is_refused_and_the_service_goes_on(say, http, sent) -> None:
    status = int(say(sent).split(b" ")[1])
    assert status in {400, 403, 501}
    assert http.get("/status").status_code == 200
