from __future__ import annotations

import gzip
import tracemalloc
import zlib

import httpx
import pytest

from learnosity_nb.wire.exchange import MEGABYTE, Limits, Outgoing, Reply, exchange
from learnosity_nb.wire.failures import Failure, Kind
from learnosity_nb.wire.quiet import Body, SignedUrl


class Chunks(httpx.SyncByteStream):
    def __init__(self, chunks) -> None:
        self.chunks = chunks
        self.closed = False

    def __iter__(self):
        yield from self.chunks

    def close(self) -> None:
        self.closed = True


def fetch(chunks, *, encoding=None, cap=MEGABYTE, deadline=60.0, clock=lambda: 0.0):
    stream = Chunks(chunks)
    headers = {"content-encoding": encoding} if encoding else {}
    transport = httpx.MockTransport(lambda request: httpx.Response(200, headers=headers, stream=stream))
    limits = Limits(cap=cap, deadline=deadline)
    outcome = exchange(transport, Outgoing("GET", SignedUrl("https://files.test/a?b=1"), {}), limits, clock)
    assert stream.closed
    return outcome


def pieces(content: bytes, size: int) -> list[bytes]:
    return [content[start : start + size] for start in range(0, len(content), size)]


def test_an_answer_is_read_whole():
    reply = fetch([b"one ", b"two"])
    assert isinstance(reply, Reply)
    assert (reply.status, reply.body) == (200, b"one two")
    assert isinstance(reply.body, Body)


@pytest.mark.parametrize("size", [1, 7, 100_000])
@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", " GZip "])
def test_a_compressed_answer_is_decompressed_however_it_is_cut(size, encoding):
    content = b"pupil,score\n" * 5_000
    reply = fetch(pieces(gzip.compress(content), size), encoding=encoding)
    assert isinstance(reply, Reply)
    assert reply.body == content


def test_a_compressed_answer_larger_than_a_step_of_decompression_is_whole():
    content = bytes(5 * MEGABYTE + 3)
    reply = fetch([gzip.compress(content)], encoding="gzip", cap=6 * MEGABYTE)
    assert isinstance(reply, Reply)
    assert reply.body == content


@pytest.mark.parametrize("damage", [lambda body: body[:-9], lambda body: b"no gzip " + body, lambda body: b""])
def test_t07_a_damaged_compressed_answer_is_lost(damage):
    outcome = fetch([damage(gzip.compress(b"content" * 100))], encoding="gzip")
    assert isinstance(outcome, Failure)
    assert outcome.kind is Kind.LOST


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip"])
def test_an_encoding_that_was_not_asked_for_is_refused(encoding):
    outcome = fetch([b"x"], encoding=encoding)
    assert isinstance(outcome, Failure)
    assert outcome.kind is Kind.GARBLED
    assert encoding in outcome.reason


@pytest.mark.parametrize("encoding", [None, "gzip"])
@pytest.mark.parametrize(("size", "accepted"), [(MEGABYTE, True), (MEGABYTE + 1, False)])
def test_the_cap_is_exact(encoding, size, accepted):
    content = bytes(size)
    outcome = fetch([gzip.compress(content) if encoding else content], encoding=encoding)
    assert isinstance(outcome, Reply if accepted else Failure)
    if isinstance(outcome, Failure):
        assert outcome.kind is Kind.TOO_LARGE
        assert "larger than 1 MB" in outcome.reason


def test_t13_a_gzip_bomb_stops_at_the_cap_and_costs_less_than_twice_the_cap():
    cap = 64 * MEGABYTE
    squeeze = zlib.compressobj(9, wbits=31)
    bomb = b"".join(squeeze.compress(bytes(MEGABYTE)) for _ in range(256)) + squeeze.flush()
    assert len(bomb) < MEGABYTE
    tracemalloc.start()
    outcome = fetch(pieces(bomb, 65_536), encoding="gzip", cap=cap)
    _, grown = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert isinstance(outcome, Failure)
    assert outcome.kind is Kind.TOO_LARGE
    assert grown < 2 * cap


def test_t12_the_deadline_is_checked_between_chunks():
    ticks = iter(range(1000))
    outcome = fetch([b"x"] * 500, deadline=20.0, clock=lambda: next(ticks))
    assert isinstance(outcome, Failure)
    assert outcome.kind is Kind.LATE


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (httpx.ConnectError, Kind.UNREACHED),
        (httpx.ConnectTimeout, Kind.UNREACHED),
        (httpx.PoolTimeout, Kind.UNREACHED),
        (httpx.ProxyError, Kind.UNREACHED),
        (httpx.ReadTimeout, Kind.LATE),
        (httpx.WriteTimeout, Kind.LATE),
        (httpx.ReadError, Kind.LOST),
        (httpx.WriteError, Kind.LOST),
        (httpx.CloseError, Kind.LOST),
        (httpx.RemoteProtocolError, Kind.LOST),
        (httpx.LocalProtocolError, Kind.LOST),
        (httpx.UnsupportedProtocol, Kind.LOST),
    ],
)
def test_every_exception_of_the_http_library_becomes_a_failure(error, kind):
    def fail(request):
        raise error("at https://files.test/a?Signature=CANARY")

    outcome = exchange(httpx.MockTransport(fail), Outgoing("GET", SignedUrl("https://a.test"), {}), Limits(), lambda: 0)
    assert isinstance(outcome, Failure)
    assert outcome.kind is kind
    assert "CANARY" not in outcome.reason


def test_an_exception_without_words_is_named():
    def fail(request):
        raise httpx.ReadTimeout("")

    outcome = exchange(httpx.MockTransport(fail), Outgoing("GET", SignedUrl("https://a.test"), {}), Limits(), lambda: 0)
    assert outcome == Failure(Kind.LATE, "ReadTimeout")
