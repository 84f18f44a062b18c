"""Who is turned away before an endpoint is asked: pages of other sites, and names that are not this service's.

A page in a browser may point a name of its own at this machine (DNS rebinding) and would then count as this
service's own page. The ``Host`` header gives it away: it holds that name.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from werkzeug import Request

from ...errors import shorten

__all__ = ["HostList", "is_loopback"]

WILDCARDS: Final = {"0.0.0.0", "::", ""}  # noqa: S104  recognised, not bound


def is_loopback(host: str) -> bool:
    """Return whether a host name or address means this machine only."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


class HostList:
    """The names by which a service on a port may be called.

    Loopback names always may. An address may too where the service listens at
    every address: only names can be pointed elsewhere.

    Parameters
    ----------
    bound
        The host it listens at.
    more
        Further names it is known by.
    """

    def __init__(self, bound: str, more: Iterable[str] = ()) -> None:
        self._names = {name.strip("[]").lower() for name in (bound, *more)} - WILDCARDS
        self._any_address = bound in WILDCARDS

    def fault(self, request: Request) -> str | None:
        """Return why a request is turned away, or None where it is not.

        A client that names neither a host nor an origin is no browser, and is let in.
        """
        host = request.environ.get("HTTP_HOST")
        if host is not None and not self._has(f"//{host}"):
            return (
                f"this service is not called {shorten(host)}. If it should be, start it with --allow-host and that name"
            )
        origin = request.environ.get("HTTP_ORIGIN")
        if origin is not None and not self._has(origin):
            return f"pages of {shorten(origin)} may not call this service"
        return None

    def _has(self, address: str) -> bool:
        try:
            parts = urlsplit(address)
            name, _ = parts.hostname or "", parts.port  # a port that is no number is an error
        except ValueError:
            return False
        if parts.username is not None or parts.path or parts.query:
            return False
        return name in self._names or is_loopback(name) or (self._any_address and _is_address(name))


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
