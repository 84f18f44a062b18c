from __future__ import annotations

import signal
import threading
import time as real_time

import httpx
import pytest

from learnosity_nb.errors import (
    ApiError,
    ConnectionFailed,
    ProtocolError,
    ResponseTooLarge,
    ServerError,
    TransportError,
)
from learnosity_nb.wire.exchange import Limits
from learnosity_nb.wire.transfer import NotThere, Transfers, UrlExpired

OUT = "https://files.test/outfiles"


class Shelf(httpx.BaseTransport):
    """Serves files by path. A URL is good while its query is the current one."""

    def __init__(self, files: dict[str, bytes], current: str = "Signature=1") -> None:
        self.files = files
        self.current = current
        self.asked: list[str] = []

    def handle_request(self, request):
        self.asked.append(request.url.path)
        if request.url.query.decode() != self.current:
            return httpx.Response(403, text="<Error><Code>AccessDenied</Code></Error>")
        found = self.files.get(request.url.path)
        return httpx.Response(404, text="NoSuchKey") if found is None else httpx.Response(200, content=found)


def test_an_upload_is_a_bare_put_of_the_declared_size(transferring, fault, url):
    transfers, transport = transferring(fault.body(b""))
    transfers.put(url, lambda: iter([b"one\n", b"two\n"]), 8)
    request = transport.requests[0]
    assert (request.method, str(request.url)) == ("PUT", url)
    assert dict(request.headers) == {
        "host": "files.test",
        "content-type": "application/x-www-form-urlencoded",
        "content-length": "8",
    }
    assert transport.bodies == [b"one\ntwo\n"]


@pytest.mark.parametrize("status", [200, 201, 204])
def test_each_way_of_saying_stored_is_understood(transferring, fault, url, status):
    transfers, _ = transferring(fault.body(b"", status))
    transfers.put(url, lambda: [b""], 0)


def test_a_repeated_upload_asks_for_fresh_chunks(transferring, fault, url):
    transfers, transport = transferring(fault.status(503), fault.silence(), fault.refuse(), fault.body(b""))
    made = []

    def chunks():
        made.append(1)
        return iter([b"whole"])

    transfers.put(url, chunks, 5)
    assert transport.bodies == [b"whole"] * 4
    assert len(made) == 4


@pytest.mark.parametrize(
    ("status", "error"), [(403, UrlExpired), (404, NotThere), (400, ApiError), (409, ApiError), (500, ServerError)]
)
def test_a_refused_upload_is_an_error_naming_method_and_path_only(transferring, fault, url, status, error):
    transfers, _ = transferring(fault.body(b"<Error>Signature=CANARY</Error>", status))
    with pytest.raises(error) as caught:
        transfers.put(url, lambda: [b""], 0)
    assert caught.value.status == status
    assert "PUT files.test/reports/0034/infiles/0.ndjson" in str(caught.value)
    assert "CANARY" not in str(caught.value)


def test_a_redirected_upload_is_not_sent_on(transferring, fault, url):
    transfers, transport = transferring(fault.redirect("https://files.test/elsewhere"), fault.ok())
    with pytest.raises(ProtocolError, match=r"files.test/elsewhere, which is not followed"):
        transfers.put(url, lambda: [b""], 0)
    assert len(transport.requests) == 1


def test_a_download_is_a_bare_get(transferring, fault, url):
    transfers, transport = transferring(fault.body(b"content"))
    assert transfers.get(url) == b"content"
    assert dict(transport.requests[0].headers) == {"host": "files.test", "accept-encoding": "gzip"}


@pytest.mark.parametrize(("status", "error"), [(403, UrlExpired), (404, NotThere), (410, ApiError)])
def test_a_refused_download_is_an_error_of_its_own(transferring, fault, url, status, error):
    transfers, transport = transferring(fault.body(b"", status))
    with pytest.raises(error, match=r"gave no reason.*GET files.test/reports/0034/infiles/0.ndjson"):
        transfers.get(url)
    assert len(transport.requests) == 1


def test_a_download_survives_what_passes(transferring, fault, url):
    script = [fault.refuse(), fault.silence(), fault.reset(5), fault.body(b"content")]
    transfers, transport = transferring(*script)
    assert transfers.get(url) == b"content"
    assert len(transport.requests) == 4


def test_nobody_there_is_a_connection_failure(transferring, fault, url):
    transfers, _ = transferring(fault.refuse())
    with pytest.raises(ConnectionFailed, match=r"GET files.test"):
        transfers.get(url)


def test_t13_a_file_larger_than_the_cap_is_refused(transferring, fault, url):
    transfers, transport = transferring(fault.bomb(2), limits=Limits(cap=1 << 20))
    with pytest.raises(ResponseTooLarge, match=r"GET files.test.*larger than 1 MB"):
        transfers.get(url)
    assert len(transport.requests) == 1


@pytest.mark.parametrize("target", ["/moved?Signature=2", "https://files.test/moved?Signature=2", "//files.test/moved"])
def test_a_redirection_at_the_same_origin_is_followed(transferring, fault, url, target):
    transfers, transport = transferring(fault.redirect(target, 302), fault.body(b"content"))
    assert transfers.get(url) == b"content"
    assert transport.requests[1].url.path == "/moved"


def test_three_redirections_are_followed_and_no_more(transferring, fault, url):
    hop = fault.redirect("/again", 302)
    transfers, _ = transferring(hop, hop, hop, fault.body(b"content"))
    assert transfers.get(url) == b"content"
    transfers, transport = transferring(hop)
    with pytest.raises(ProtocolError, match="more than 3 redirections"):
        transfers.get(url)
    assert len(transport.requests) == 4


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.test/f?Signature=CANARY",
        "http://files.test/f",
        "https://files.test:8443/f",
        "https://files.test:x/",
    ],
)
def test_t10_a_redirection_elsewhere_is_refused(transferring, fault, url, target):
    transfers, transport = transferring(fault.redirect(target, 302), fault.body(b"content"))
    with pytest.raises(ProtocolError, match="redirection") as caught:
        transfers.get(url)
    assert len(transport.requests) == 1
    assert "CANARY" not in str(caught.value)


@pytest.mark.parametrize("bad", ["http://files.test/f?Signature=CANARY", "ftp://files.test/f", "nonsense"])
def test_a_url_that_cannot_be_used_is_the_services_fault(transferring, fault, bad):
    transfers, transport = transferring(fault.ok())
    with pytest.raises(ProtocolError, match="The service gave a URL") as caught:
        transfers.get(bad)
    assert transport.requests == []
    assert "CANARY" not in str(caught.value)


def test_many_files_come_in_the_order_of_their_urls_and_none_where_there_is_none(time):
    shelf = Shelf({f"/{number}": str(number).encode() for number in range(0, 200, 2)})
    transfers = Transfers(shelf, timing=time.timing)
    files = transfers.get_many([f"https://files.test/{number}?Signature=1" for number in range(200)])
    assert files == [None if number % 2 else str(number).encode() for number in range(200)]


def test_no_urls_give_no_files(transferring, fault):
    assert transferring(fault.ok())[0].get_many([]) == []


def test_expired_urls_are_renewed_once_and_only_they(time):
    shelf = Shelf({f"/{number}": str(number).encode() for number in range(6)}, current="Signature=2")
    transfers = Transfers(shelf, timing=time.timing)
    old = [f"https://files.test/{number}?Signature={1 + number % 2}" for number in range(6)]
    renewals = []

    def renew(positions):
        renewals.append(positions)
        return [f"https://files.test/{position}?Signature=2" for position in positions]

    assert transfers.get_many(old, renew=renew) == [b"0", b"1", b"2", b"3", b"4", b"5"]
    assert renewals == [[0, 2, 4]]
    assert len(shelf.asked) == 9


def test_urls_that_stay_refused_are_an_error(time):
    transfers = Transfers(Shelf({}, current="never"), timing=time.timing)
    with pytest.raises(UrlExpired):
        transfers.get_many(
            ["https://files.test/1?x", "https://files.test/2?x"], renew=lambda positions: ["https://files.test/1?y"] * 2
        )
    with pytest.raises(UrlExpired):
        transfers.get_many(["https://files.test/1?x"])


def test_one_download_that_fails_for_good_ends_them_all(transferring, fault):
    transfers, _ = transferring(fault.body(b"", 410))
    with pytest.raises(ApiError, match="HTTP 410"):
        transfers.get_many([f"https://files.test/{number}" for number in range(20)])


def test_threads_download_at_the_same_time(time):
    together = threading.Barrier(4, timeout=20)

    def serve(request):
        together.wait()
        return httpx.Response(200, content=b"x")

    transfers = Transfers(httpx.MockTransport(serve), timing=time.timing)
    assert transfers.get_many([f"https://files.test/{number}" for number in range(8)], threads=4) == [b"x"] * 8


def test_one_file_alone_takes_no_thread(time):
    threads = []

    def serve(request):
        threads.append(threading.current_thread())
        return httpx.Response(200, content=b"x")

    transfers = Transfers(httpx.MockTransport(serve), timing=time.timing)
    assert transfers.get_many(["https://files.test/1"]) == [b"x"]
    assert threads == [threading.current_thread()]


@pytest.fixture
def heeds_ctrl_c():
    """Python ignores Ctrl-C where it was started in a shell's background, as a run of all tests may be."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="needs POSIX signals")
@pytest.mark.usefixtures("heeds_ctrl_c")
def test_t17_ctrl_c_during_downloads_does_not_wait_for_them(time):
    pressed = threading.Event()
    begun = threading.Event()

    def hang(request):
        begun.set()
        pressed.wait(20)
        return httpx.Response(200, content=b"x")

    def press():
        begun.wait(20)
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

    transfers = Transfers(httpx.MockTransport(hang), timing=time.timing)
    threading.Thread(target=press, daemon=True).start()
    began = real_time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        transfers.get_many(["https://files.test/1", "https://files.test/2"])
    pressed.set()
    assert real_time.monotonic() - began < 5


def test_transfers_close_their_transport(transferring, fault):
    transfers, transport = transferring(fault.ok())
    with transfers as same:
        assert same is transfers
    assert transport.closed


def test_closed_transfers_send_nothing_and_say_so_at_once(transferring, fault, url, time):
    transfers, transport = transferring(fault.body(b""))
    transfers.close()
    for move in (
        lambda: transfers.put(url, lambda: [b""], 0),
        lambda: transfers.get(url),
        lambda: transfers.get_many([url, url]),
    ):
        with pytest.raises(TransportError, match=r"This connection was closed\. Connect again\."):
            move()
    assert (transport.requests, time.slept) == ([], [])
