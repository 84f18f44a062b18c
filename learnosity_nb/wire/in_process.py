"""The service inside this process: a transport that calls a WSGI application (PEP 3333).

The application sees what it would see behind a socket: the path as it was sent,
the body as a stream, of any length.
"""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Any
from urllib.parse import unquote_to_bytes
from wsgiref.types import WSGIApplication, WSGIEnvironment

import httpx

__all__ = ["InProcessTransport"]

BUFFER = 65_536

log = logging.getLogger(__name__)

ExceptionInfo = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None]


class InProcessTransport(httpx.BaseTransport):
    """Calls a WSGI application instead of a server. Threads may share one.

    An exception of the application is logged and becomes an HTTP 500; one that
    comes after the answer has begun breaks the answer off.

    Parameters
    ----------
    application
        The WSGI application.
    """

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Call the application and return its response, whose body is still to be read."""
        start = _Start()
        try:
            chunks = self._application(_environment(request), start)
            stream = _ResponseBody(chunks, start.written)
            stream.begin()
            status, headers = start.response()
        except Exception:
            log.exception("The application failed: %s %s", request.method, request.url.path)
            return httpx.Response(500, text="The service failed; its log has the traceback.")
        return httpx.Response(status, headers=headers, stream=stream)


class _Start:
    """The ``start_response`` callable, and what it was told."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self._told: tuple[str, list[tuple[str, str]]] | None = None

    def __call__(self, status: str, headers: list[tuple[str, str]], exc_info: ExceptionInfo | None = None, /) -> Any:
        if self._told is not None and exc_info is None:
            raise AssertionError("start_response was called twice")
        self._told = (status, headers)
        return self.written.append

    def response(self) -> tuple[int, list[tuple[bytes, bytes]]]:
        if self._told is None:
            raise AssertionError("start_response was not called before the body")
        status, headers = self._told
        encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        return int(status.split(" ", 1)[0]), encoded


class _ResponseBody(httpx.SyncByteStream):
    def __init__(self, chunks: Iterable[bytes], written: list[bytes]) -> None:
        self._chunks = chunks
        self._rest = iter(chunks)
        self._first = written

    def begin(self) -> None:
        """Run the application up to the first bytes of its body: only then are status and headers final."""
        try:
            self._first.extend(next(([chunk] for chunk in self._rest if chunk), []))
        except BaseException:
            self.close()
            raise

    def __iter__(self) -> Iterator[bytes]:
        yield from self._first
        try:
            yield from self._rest
        except Exception:
            log.exception("The application failed after its answer had begun")
            raise httpx.RemoteProtocolError("the answer was broken off") from None

    def close(self) -> None:
        close = getattr(self._chunks, "close", None)
        if close is not None:
            close()


class _RequestBody(io.RawIOBase):
    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._left = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._left:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._left = memoryview(chunk)
        count = min(len(buffer), len(self._left))
        buffer[:count] = self._left[:count]
        self._left = self._left[count:]
        return count


def _environment(request: httpx.Request) -> WSGIEnvironment:
    url = request.url
    path, _, query = url.raw_path.partition(b"?")
    assert isinstance(request.stream, httpx.SyncByteStream)
    environment: WSGIEnvironment = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query.decode("ascii"),
        "REQUEST_URI": url.raw_path.decode("ascii"),
        "RAW_URI": url.raw_path.decode("ascii"),
        "SERVER_NAME": url.host,
        "SERVER_PORT": str(url.port or {"http": 80, "https": 443}[url.scheme]),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": url.scheme,
        "wsgi.input": io.BufferedReader(_RequestBody(request.stream), BUFFER),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name in request.headers:
        key = name.upper().replace("-", "_")
        key = key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"
        environment[key] = ",".join(request.headers.get_list(name))
    return environment
