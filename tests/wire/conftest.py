"""Shared parts of the client's tests: a false time, a transport that fails on demand, real servers."""

from __future__ import annotations

import contextlib
import gzip
import json
import logging
import random
import socket
import ssl
import threading
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from urllib.parse import parse_qs

import httpx
import pytest

from learnosity_nb.credentials import Consumer
from learnosity_nb.wire.client import DataApi
from learnosity_nb.wire.retry import RetryBudget, RetryPolicy
from learnosity_nb.wire.timing import Timing
from learnosity_nb.wire.transfer import Transfers

SECRET = "CANARY-secret-5f1d"
SIGNED = "AWSAccessKeyId=CANARY-key&Expires=1483588877&Signature=CANARY-signature"


class FalseTime:
    """A clock that only moves when somebody sleeps, or a transport takes its time."""

    def __init__(self, seed: int = 7) -> None:
        self.seconds = 1000.0
        self.slept: list[float] = []
        self.dice = random.Random(seed)
        self.start = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds

    def now(self) -> datetime:
        return self.start + timedelta(seconds=self.seconds - 1000.0)

    @property
    def timing(self) -> Timing:
        return Timing(clock=lambda: self.seconds, now=self.now, sleep=self.sleep, random=self.dice.random)


class Stream(httpx.SyncByteStream):
    def __init__(self, chunks) -> None:
        self.chunks = chunks

    def __iter__(self) -> Iterator[bytes]:
        yield from self.chunks


Step = Callable[[httpx.Request, FalseTime], httpx.Response]


@cache
def compressed_zeros(megabytes: int) -> bytes:
    return gzip.compress(bytes(megabytes << 20))


def envelope(data=None, **meta) -> bytes:
    return json.dumps({"meta": {"status": True, "timestamp": 1, **meta}, "data": [] if data is None else data}).encode()


class Fault:
    """Steps of a script: each answers one request, or fails it."""

    @staticmethod
    def ok(data=None, **meta) -> Step:
        return Fault.body(envelope(["fine"] if data is None else data, **meta))

    @staticmethod
    def body(content: bytes, status: int = 200, headers=()) -> Step:
        return lambda request, time: httpx.Response(status, headers=list(headers), stream=Stream([content]))

    @staticmethod
    def status(status: int, code: int | None = None, message: str = "no", headers=(), **more) -> Step:
        meta = {"status": False, "message": message, **more} | ({} if code is None else {"code": code})
        return Fault.body(json.dumps({"meta": meta}).encode(), status, headers)

    @staticmethod
    def error(kind: type[httpx.TransportError], cause: Exception | None = None, takes: float = 0.0) -> Step:
        def fail(request, time):
            time.seconds += takes
            raise kind(f"failed at {request.url}") from cause

        return fail

    @staticmethod
    def refuse() -> Step:
        return Fault.error(httpx.ConnectError, ConnectionRefusedError(111, "Connection refused"))

    @staticmethod
    def unknown_host() -> Step:
        return Fault.error(httpx.ConnectError, socket.gaierror(-2, "Name or service not known"))

    @staticmethod
    def bad_certificate() -> Step:
        return Fault.error(httpx.ConnectError, ssl.SSLError("certificate verify failed"))

    @staticmethod
    def silence(takes: float = 5.0) -> Step:
        return Fault.error(httpx.ReadTimeout, takes=takes)

    @staticmethod
    def reset(after: int) -> Step:
        def chunks():
            yield envelope(["fine"])[:after]
            raise httpx.ReadError("connection reset")

        return lambda request, time: httpx.Response(200, stream=Stream(chunks()))

    @staticmethod
    def drip(content: bytes | None = None, pause: float = 1.0) -> Step:
        def respond(request, time):
            def chunks():
                for byte in envelope(["fine"]) if content is None else content:
                    time.seconds += pause
                    yield bytes([byte])

            return httpx.Response(200, stream=Stream(chunks()))

        return respond

    @staticmethod
    def truncated() -> Step:
        return Fault.body(envelope(["fine"])[:-5])

    @staticmethod
    def html() -> Step:
        return Fault.body(b"<html><title>Sign in to the network</title></html>")

    @staticmethod
    def bomb(megabytes: int = 8) -> Step:
        return Fault.body(compressed_zeros(megabytes), headers=[("content-encoding", "gzip")])

    @staticmethod
    def redirect(to: str, status: int = 307) -> Step:
        return Fault.body(b"", status, [("location", to)])

    @staticmethod
    def interrupt() -> Step:
        def press(request, time):
            raise KeyboardInterrupt

        return press


class FaultTransport(httpx.BaseTransport):
    """Plays a script, one step for each request, and keeps what was sent. The last step stays."""

    def __init__(self, time: FalseTime, *script: Step) -> None:
        self.time = time
        self.script = list(script)
        self.requests: list[httpx.Request] = []
        self.bodies: list[bytes] = []
        self.closed = False
        self._lock = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        body = b"".join(request.stream)
        with self._lock:
            self.requests.append(request)
            self.bodies.append(body)
            step = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        return step(request, self.time)

    def close(self) -> None:
        self.closed = True

    def forms(self) -> list[dict[str, str]]:
        return [{key: value[0] for key, value in parse_qs(body.decode()).items()} for body in self.bodies]

    def asked(self) -> list[dict]:
        return [json.loads(form["request"]) for form in self.forms()]


@pytest.fixture
def time() -> FalseTime:
    return FalseTime()


@pytest.fixture
def consumer() -> Consumer:
    return Consumer("the-key", SECRET)


@pytest.fixture
def fault() -> type[Fault]:
    return Fault


@pytest.fixture
def scripted(time, consumer):
    """Make a client over a script: ``api, transport = scripted(step, …)``."""

    def make(*script: Step, **options):
        transport = FaultTransport(time, *script)
        api = DataApi("https://data.test", "v2026.2.LTS", consumer, transport, timing=time.timing, **options)
        return api, transport

    return make


@pytest.fixture
def answering(time, consumer):
    """Make a client whose answers a function gives: ``api, transport = answering(lambda request: (data, meta))``."""

    def make(answer, **options):
        def step(request, time):
            form = parse_qs(b"".join(request.stream).decode())
            data, meta = answer(json.loads(form["request"][0]))
            return httpx.Response(200, stream=Stream([envelope(data, **meta)]))

        transport = FaultTransport(time, step)
        api = DataApi("https://data.test", "v2026.2.LTS", consumer, transport, timing=time.timing, **options)
        return api, transport

    return make


@pytest.fixture
def transferring(time):
    """Make transfers over a script: ``transfers, transport = transferring(step, …)``."""

    def make(*script: Step, **options):
        transport = FaultTransport(time, *script)
        return Transfers(transport, timing=time.timing, **options), transport

    return make


@pytest.fixture
def url() -> str:
    return f"https://files.test/reports/0034/infiles/0.ndjson?{SIGNED}"


@pytest.fixture
def no_retry() -> dict:
    return {"policy": RetryPolicy(attempts=1), "budget": RetryBudget()}


class RawServer:
    """A socket server whose handler gets each connection, in a thread of its own."""

    def __init__(self, handle: Callable[[socket.socket], None], context: ssl.SSLContext | None = None) -> None:
        self._handle = handle
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.connections = 0
        self.ended = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(30)
        try:
            if self._context is not None:
                connection = self._context.wrap_socket(connection, server_side=True)
            self._handle(connection)
        except OSError as error:
            logging.getLogger("raw server").debug("gone: %s", error)
        finally:
            connection.close()

    def close(self) -> None:
        self.ended.set()
        with contextlib.suppress(OSError):  # not every system shuts a listener down
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@pytest.fixture
def raw_server():
    """Start socket servers: ``server = raw_server(handle)``; closed at the end of the test."""
    servers: list[RawServer] = []

    def start(handle, context=None) -> RawServer:
        servers.append(RawServer(handle, context))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def read_request(connection: socket.socket) -> tuple[bytes, bytes]:
    """Read one HTTP request and return its head and body; empty when the peer has gone."""
    received = b""
    while b"\r\n\r\n" not in received:
        chunk = connection.recv(65_536)
        if not chunk:
            return b"", b""
        received += chunk
    head, _, body = received.partition(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
    )
    while len(body) < length:
        body += connection.recv(65_536)
    return head, body


def http_response(content: bytes, *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(content)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


@pytest.fixture
def http():
    """Return the pair of functions that speak HTTP over a bare socket."""
    return read_request, http_response


@pytest.fixture
def enveloped():
    return envelope


@pytest.fixture
def shown():
    """Return what can be seen of an error: text, repr, attributes, and the traceback with every local variable.

    The frames of the test itself are left out: they hold what is secret.
    """

    def show(error: BaseException) -> str:
        frames = error.__traceback__
        while frames is not None and "learnosity_nb" not in frames.tb_frame.f_code.co_filename:
            frames = frames.tb_next
        assert frames is not None
        told = traceback.TracebackException(type(error), error, frames, capture_locals=True)
        return "".join(told.format()) + str(error) + repr(error) + repr(vars(error))

    return show
