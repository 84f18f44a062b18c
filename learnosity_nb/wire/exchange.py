"""One request and its answer: a bounded time, a bounded body, no redirect, no exception of the HTTP library."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import httpx

from .failures import Failure, Kind, failure_from
from .quiet import Body, SignedUrl
from .sockets import until

__all__ = ["Limits", "Outgoing", "Reply", "exchange"]

MEGABYTE = 1 << 20
INFLATED_AT_ONCE = MEGABYTE
GZIP_OR_ZLIB = 47  # zlib's number for "find out which"


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one attempt.

    Attributes
    ----------
    deadline
        Seconds for the whole attempt.
    cap
        Bytes of the answer's body, after decompression.
    connect, silence
        Seconds to connect, and between two signs of life.
    """

    deadline: float = 60.0
    cap: int = 64 * MEGABYTE
    connect: float = 10.0
    silence: float = 30.0


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request to be sent; `content` is a body, or makes a fresh iterator over one."""

    method: str
    url: SignedUrl
    headers: dict[str, str]
    content: Body | Callable[[], Iterable[bytes]] = field(default=Body(), repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete answer, its body decompressed."""

    status: int
    headers: httpx.Headers = field(repr=False)
    body: Body = field(repr=False)


def exchange(
    transport: httpx.BaseTransport, outgoing: Outgoing, limits: Limits, clock: Callable[[], float]
) -> Reply | Failure:
    """Send one request and read its answer whole, or return why that failed.

    Parameters
    ----------
    transport
        Carries the request.
    outgoing
        What to send.
    limits
        The bounds of this attempt.
    clock
        Seconds that never run backwards.
    """
    try:
        return _exchange(transport, outgoing, limits, clock)
    except KeyboardInterrupt as stop:
        # The frames below hold the URL and the body, which a verbose traceback would show.
        raise stop.with_traceback(None) from None


def _exchange(
    transport: httpx.BaseTransport, outgoing: Outgoing, limits: Limits, clock: Callable[[], float]
) -> Reply | Failure:
    end = clock() + limits.deadline

    def remaining() -> float:
        return end - clock()

    request = httpx.Request(
        outgoing.method,
        str(outgoing.url),
        headers=outgoing.headers,
        content=outgoing.content() if callable(outgoing.content) else outgoing.content,
        extensions={"timeout": _timeouts(limits)},
    )
    try:
        with until(remaining):
            response = transport.handle_request(request)
            try:
                body = _read(response, limits.cap, remaining)
            finally:
                response.close()
    except httpx.TransportError as error:
        return failure_from(error)
    return body if isinstance(body, Failure) else Reply(response.status_code, response.headers, body)


def _read(response: httpx.Response, cap: int, remaining: Callable[[], float]) -> Body | Failure:
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in {"identity", "gzip", "x-gzip", ""}:
        return Failure(Kind.GARBLED, f"the answer is encoded as {encoding!r}, which was not asked for")
    assert isinstance(response.stream, httpx.SyncByteStream)
    chunks = _timely(response.stream, remaining)
    taken = bytearray()
    try:
        for piece in chunks if encoding in {"identity", ""} else _inflated(chunks):
            taken += piece
            if len(taken) > cap:
                return Failure(Kind.TOO_LARGE, f"the answer is larger than {cap / MEGABYTE:g} MB, the most accepted")
    except zlib.error as error:
        return Failure(Kind.LOST, f"the compressed answer is damaged: {error}")
    return Body(taken)


def _timely(chunks: Iterable[bytes], remaining: Callable[[], float]) -> Iterator[bytes]:
    for chunk in chunks:
        if remaining() <= 0:
            raise httpx.ReadTimeout("the answer came too slowly")
        yield chunk


def _inflated(chunks: Iterable[bytes]) -> Iterator[bytes]:
    inflater = zlib.decompressobj(wbits=GZIP_OR_ZLIB)
    for chunk in chunks:
        waiting = chunk
        while waiting:
            yield inflater.decompress(waiting, INFLATED_AT_ONCE)
            waiting = inflater.unconsumed_tail
    yield inflater.flush()
    if not inflater.eof:
        raise zlib.error("it ends too early")


def _timeouts(limits: Limits) -> dict[str, float]:
    return {
        "connect": limits.connect,
        "read": limits.silence,
        "write": limits.silence,
        "pool": limits.silence,
    }
