"""Addresses: which ones the client may call, and how a message names them."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Final

import httpx

from ..errors import InputError, shorten
from .quiet import redact

__all__ = ["IN_PROCESS", "REGIONS", "check_base_url", "check_url", "hosted_url", "is_local", "place", "same_origin"]

REGIONS: Final[tuple[str, ...]] = ("va", "ie", "au", "ca")
"""Regions of the hosted Data API. ``ca`` is Learnosity's load test region."""

IN_PROCESS_HOST: Final = "local.invalid"
IN_PROCESS: Final = f"http://{IN_PROCESS_HOST}"
"""The base URL of the service inside this process."""


def hosted_url(region: str) -> str:
    """Return the base URL of the hosted Data API in a region.

    Raises
    ------
    InputError
        If the region is not known.
    """
    if region not in REGIONS:
        raise InputError(f"No Learnosity region is called {shorten(region)}; the regions are {', '.join(REGIONS)}.")
    return "https://data.learnosity.com" if region == "va" else f"https://data-{region}.learnosity.com"


def is_local(host: str) -> bool:
    """Tell whether a host is this machine, or the service inside this process."""
    if host in {"localhost", IN_PROCESS_HOST}:
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def check_url(text: str) -> httpx.URL:
    """Return a URL that may be called: https, or http to this machine.

    Raises
    ------
    InputError
        Saying what is wrong with it. The query is not shown.
    """
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, TypeError):
        raise InputError(f"Not a URL: {shorten(redact(str(text)))}.") from None
    if url.scheme not in {"http", "https"} or not url.host:
        raise InputError(f"Not a web address: {shorten(redact(text))}. It must begin with https://.")
    if url.userinfo:
        raise InputError(f"The address of {url.host} holds a user name or password. Leave them out.")
    if url.scheme == "http" and not is_local(url.host):
        raise InputError(f"{url.host} would be called without encryption. Use https://; http:// is for this machine.")
    return url


def check_base_url(text: str) -> httpx.URL:
    """Return the base URL of a service, checked as `check_url` does; it has no query and no fragment."""
    url = check_url(text)
    if url.query or url.fragment:
        raise InputError(f"A base URL has no query and no fragment: {shorten(redact(text))}.")
    return url


def place(url: httpx.URL) -> str:
    """Return host and path, the part of an address that a message may show."""
    path = url.raw_path.partition(b"?")[0]
    return f"{url.netloc.decode('ascii')}{path.decode('ascii')}"


def same_origin(one: httpx.URL, other: httpx.URL) -> bool:
    """Tell whether two URLs have the same scheme, host and port."""
    return (one.scheme, one.host, one.port) == (other.scheme, other.host, other.port)
