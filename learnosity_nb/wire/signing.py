"""Signing a Data API request, scheme ``$02$``: pure functions from a request to its form.

The signature covers the request's JSON text as it is sent, so the text is made
once and never written anew.
"""

from __future__ import annotations

import hmac
import json
import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from ..credentials import Consumer
from ..errors import Fault, InputError, shorten
from .quiet import Body

__all__ = ["form", "request_text", "sign", "timestamp"]


def request_text(request: Mapping[str, Any]) -> str:
    """Return a request as compact JSON, with characters outside ASCII as they are.

    Raises
    ------
    InputError
        Naming every value that JSON or UTF-8 cannot hold: NaN, infinities, lone surrogates, other types.
    """
    try:
        text = json.dumps(request, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        text.encode()
    except (ValueError, TypeError, RecursionError) as error:
        reason = str(error)
    else:
        return text
    faults = list(_unwritable(request, "request", 0))
    raise InputError("The request cannot be written as JSON.", faults or [Fault("not_json", shorten(reason))])


def timestamp(moment: datetime) -> str:
    """Return a moment as a signature holds it: ``YYYYMMDD-HHMM``, UTC."""
    return moment.astimezone(UTC).strftime("%Y%m%d-%H%M")


def sign(consumer: Consumer, text: str, action: str, stamp: str) -> str:
    """Return the ``security`` JSON of a request.

    Parameters
    ----------
    consumer
        Who is calling.
    text
        The request's JSON, exactly as it will be sent.
    action
        ``get``, ``set`` or ``update``.
    stamp
        The time of signing, as `timestamp` writes it.
    """
    message = "_".join((consumer.key, consumer.domain, stamp, text, action)).encode()
    signature = hmac.digest(consumer.secret.reveal().encode(), message, "sha256").hex()
    return json.dumps(
        {
            "consumer_key": consumer.key,
            "domain": consumer.domain,
            "timestamp": stamp,
            "signature": f"$02${signature}",
        }
    )


def form(consumer: Consumer, text: str, action: str, moment: datetime) -> Body:
    """Return the signed form of a request, URL-encoded: ``security``, ``request``, ``action``."""
    security = sign(consumer, text, action, timestamp(moment))
    return Body(urlencode({"security": security, "request": text, "action": action}).encode("ascii"))


def _unwritable(value: object, key: str, depth: int) -> Iterator[Fault]:
    if depth >= 50 and isinstance(value, Mapping | list | tuple):
        yield Fault("too_deep", "nested too deep, or holds itself", key=shorten(key))
    elif isinstance(value, Mapping):
        for name, part in value.items():
            yield from _unwritable(name, f"{key}, a name", depth + 1)
            yield from _unwritable(part, f"{key}.{name}", depth + 1)
    elif isinstance(value, list | tuple):
        for position, part in enumerate(value):
            yield from _unwritable(part, f"{key}[{position}]", depth + 1)
    elif isinstance(value, float):
        if not math.isfinite(value):
            yield Fault("not_a_number", "JSON has no NaN and no infinity", key=key, value=repr(value))
    elif isinstance(value, str):
        if any("\ud800" <= character <= "\udfff" for character in value):
            yield Fault("lone_surrogate", "half of a character, which UTF-8 cannot hold", key=key, value=shorten(value))
    elif value is not None and not isinstance(value, int):
        yield Fault("not_json", f"a {type(value).__name__} has no form in JSON", key=key, value=shorten(value))
