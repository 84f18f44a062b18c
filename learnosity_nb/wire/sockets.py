"""The network: connections over which no attempt outlasts its deadline.

httpx limits each read, not an attempt: a server that sends a byte a second
never meets that limit. Here each read and write gets what is left of the
attempt's time.
"""

from __future__ import annotations

import contextlib
import os
import ssl
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from typing import Any
from urllib.request import getproxies, proxy_bypass

import httpcore
import httpx

from ..errors import InputError
from .addresses import is_local

__all__ = ["Network", "until"]

CONNECTIONS = 32
KEPT_ALIVE = 16
KEPT_SECONDS = 5.0
WRITE_SIZE = 65_536

_remaining: ContextVar[Callable[[], float]] = ContextVar("remaining", default=lambda: float("inf"))


@contextlib.contextmanager
def until(remaining: Callable[[], float]) -> Iterator[None]:
    """Bound what this thread reads and writes meanwhile by the seconds that `remaining` returns."""
    token = _remaining.set(remaining)
    try:
        yield
    finally:
        _remaining.reset(token)


class Network(httpx.BaseTransport):
    """The transport to other machines, and to servers on this one.

    Certificates are always checked. Proxies are taken from the environment,
    except for this machine. Safe to share among threads; a forked child opens
    connections of its own.
    """

    def __init__(self) -> None:
        self._open()

    def _open(self) -> None:
        self._process = os.getpid()
        self._tls = httpx.create_ssl_context()
        self._direct = self._pool(None)
        proxies = getproxies()
        proxy = proxies.get("https") or proxies.get("all")
        self._proxied = self._pool(proxy) if proxy else None

    def _pool(self, proxy: str | None) -> httpcore.ConnectionPool:
        return httpcore.ConnectionPool(
            ssl_context=self._tls,
            proxy=_proxy(proxy) if proxy else None,
            max_connections=CONNECTIONS,
            max_keepalive_connections=KEPT_ALIVE,
            keepalive_expiry=KEPT_SECONDS,
            network_backend=_TimedBackend(),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and return its response, whose body is still to be read."""
        if os.getpid() != self._process:
            self._open()
        direct = self._proxied is None or is_local(request.url.host) or proxy_bypass(request.url.host)
        pool = self._direct if direct or self._proxied is None else self._proxied
        with _as_httpx():
            response = pool.handle_request(_for_httpcore(request))
        return httpx.Response(
            response.status,
            headers=response.headers,
            stream=_ResponseBody(response),
            extensions=response.extensions,
        )

    def close(self) -> None:
        """Close every connection."""
        for pool in (self._direct, self._proxied):
            if pool is not None:
                pool.close()


class _ResponseBody(httpx.SyncByteStream):
    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        with _as_httpx():
            yield from self._response.iter_stream()

    def close(self) -> None:
        self._response.close()


class _TimedBackend(httpcore.SyncBackend):
    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        limit = _limit(timeout, httpcore.ConnectTimeout)
        return _TimedStream(super().connect_tcp(host, port, limit, local_address, socket_options))


class _TimedStream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _limit(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        view = memoryview(buffer)
        for start in range(0, len(view), WRITE_SIZE):
            self._stream.write(bytes(view[start : start + WRITE_SIZE]), _limit(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        limit = _limit(timeout, httpcore.ConnectTimeout)
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, limit))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _limit(timeout: float | None, late: type[httpcore.TimeoutException]) -> float:
    left = _remaining.get()()
    if left <= 0:
        raise late("the time for this attempt is over")
    return left if timeout is None else min(timeout, left)


def _for_httpcore(request: httpx.Request) -> httpcore.Request:
    url = request.url
    return httpcore.Request(
        request.method,
        httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
        headers=request.headers.raw,
        content=request.stream,
        extensions=request.extensions,
    )


def _proxy(address: str) -> httpcore.Proxy:
    url = httpx.URL(address if "://" in address else f"http://{address}")
    if url.scheme not in ("http", "https"):
        raise InputError(
            f"HTTPS_PROXY or ALL_PROXY of the environment names a {url.scheme} proxy, which cannot be used. "
            "Name one that begins with http:// or https://, or unset it."
        )
    login = (url.username, url.password) if url.username else None
    bare = url.copy_with(username=None, password=None)
    return httpcore.Proxy(str(bare), auth=login)


@contextlib.contextmanager
def _as_httpx() -> Iterator[None]:
    try:
        yield
    except (
        httpcore.TimeoutException,
        httpcore.NetworkError,
        httpcore.ProtocolError,
        httpcore.ProxyError,
        httpcore.UnsupportedProtocol,
    ) as error:
        counterpart: type[httpx.TransportError] = getattr(httpx, type(error).__name__)
        raise counterpart(str(error)) from error
