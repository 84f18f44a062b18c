"""The envelope of every Data API answer: ``meta`` and ``data``, checked before anything is believed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import httpx
import msgspec

from ..errors import Fault, ProtocolError, shorten
from .exchange import Reply
from .failures import Failure, Kind
from .quiet import Body, excerpt, redact
from .retry import retry_after, server_date

__all__ = ["Answer", "read_answer", "read_fault"]

Shape = TypeVar("Shape")

STALE_TIMESTAMP = 41004


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer.

    Attributes
    ----------
    data
        A list or a dict, as the endpoint documents.
    meta
        What the service says about it: ``timestamp``, ``records``, ``next``.
    call
        Method, host and path that gave it, for messages.
    """

    data: list[Any] | dict[str, Any] = field(repr=False)
    meta: dict[str, Any] = field(repr=False)
    call: str = ""

    def read(self, shape: type[Shape]) -> Shape:
        """Return `data` as a documented shape.

        Parameters
        ----------
        shape
            A type that msgspec can check.

        Raises
        ------
        ProtocolError
            Naming the key that is missing or of the wrong type.
        """
        try:
            return msgspec.convert(self.data, type=shape)
        except msgspec.ValidationError as error:
            reason = str(error)
        raise ProtocolError(f"{self.call} answered with other data than documented: {reason}, within data.")


def read_answer(reply: Reply, call: str, now: datetime) -> Answer | Failure:
    """Read a reply of the Data API.

    Parameters
    ----------
    reply
        The whole answer.
    call
        How messages name the call.
    now
        The wall clock, to be compared with the server's.
    """
    document = _decode(reply.body)
    if 300 <= reply.status < 400:
        return Failure(Kind.REDIRECTED, _redirection(reply.headers), status=reply.status)
    if reply.status >= 400 or _status(document) is False:
        return _refusal(reply, document, now)
    problem = _problem(document)
    if problem:
        return Failure(Kind.GARBLED, f"{problem}. It begins: {excerpt(reply.body)}", status=reply.status)
    return Answer(document["data"], document["meta"], call)


def read_fault(detail: object) -> Fault | None:
    """Return a fault that a service told in the details of a refusal or a halt; None for a detail of another shape."""
    try:
        return msgspec.convert({"kind": "refused", **detail}, Fault)  # type: ignore[dict-item]
    except (TypeError, msgspec.ValidationError):
        return None


def _decode(body: Body) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None


def _status(document: Any) -> Any:
    meta = document.get("meta") if isinstance(document, dict) else None
    return meta.get("status") if isinstance(meta, dict) else None


def _problem(document: Any) -> str:
    if document is None:
        return (
            "the answer is not JSON. Something may stand between you and the service, such as a proxy or a "
            "network's sign-in page, or the address is wrong"
        )
    if not isinstance(document, dict):
        return f"the answer is a JSON {type(document).__name__}, not an object with meta and data"
    if not isinstance(document.get("meta"), dict):
        return "the answer has no object 'meta'"
    if _status(document) is not True:
        return "the answer's 'meta.status' is neither true nor false"
    if not isinstance(document.get("data"), list | dict):
        return "the answer has no array or object 'data'"
    return ""


def _refusal(reply: Reply, document: Any, now: datetime) -> Failure:
    found = document.get("meta") if isinstance(document, dict) else None
    meta = found if isinstance(found, dict) else {}
    code = meta.get("code")
    message = meta.get("message")
    words = redact(message) if isinstance(message, str) else f"the service gave no message, only {excerpt(reply.body)}"
    if code == STALE_TIMESTAMP:
        words += _clock_advice(reply.headers, now)
    details = meta.get("details")
    uuid = meta.get("request_uuid")
    return Failure(
        Kind.ANSWERED,
        words,
        status=reply.status,
        code=code if isinstance(code, int | str) else None,
        retry_after=retry_after(reply.headers, now),
        details=tuple(details) if isinstance(details, list) else (),
        request_uuid=shorten(uuid) if isinstance(uuid, str) else None,
    )


def _clock_advice(headers: httpx.Headers, now: datetime) -> str:
    theirs = server_date(headers)
    minutes = round((theirs - now).total_seconds() / 60) if theirs else 0
    if minutes == 0:
        return ""
    side = "behind" if minutes > 0 else "ahead of"
    return f" (your clock is {abs(minutes)} min {side} the server's: set it right and try again)"


def _redirection(headers: httpx.Headers) -> str:
    target = redact(headers.get("location", "an address it did not name"))
    return (
        f"the service points to {shorten(target)}. It was not followed: a signed form is for the address it was made "
        "for. Check the base URL"
    )
