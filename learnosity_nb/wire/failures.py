"""What can go wrong with one attempt, as a value, and the error that the caller gets in the end.

An attempt returns its failure instead of raising it. The error is then raised
where no variable holds a body, a signature or a pre-signed URL.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import groupby
from typing import Any, Final

import httpx

from ..errors import (
    ApiError,
    ConnectionFailed,
    DeadlineExceeded,
    LearnosityError,
    ProtocolError,
    ResponseTooLarge,
    ServerError,
    TlsError,
    TransportError,
    UncertainOutcome,
)
from .quiet import redact

__all__ = ["Defeat", "Failure", "Kind", "closed_error", "error_for", "failure_from"]

GATEWAY_LOST_IT: Final = frozenset({502, 504})

STATUS_OF_CODE: Final = {42000: 429, 10000: 500}
"""The HTTP status of codes that may come within HTTP 200 too, and that another attempt may cure."""


class Kind(Enum):
    """The sorts of failure, as far as retrying and reporting differ."""

    UNREACHED = "not reached"  # so nothing was sent
    UNKNOWN_HOST = "unknown host"
    TLS = "certificate refused"
    LOST = "connection broke"  # after sending had begun
    LATE = "too late"  # also after sending had begun
    TOO_LARGE = "too large"
    GARBLED = "not the API's answer"
    REDIRECTED = "redirected"
    ANSWERED = "error"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why one attempt gave no result.

    Attributes
    ----------
    kind
        The sort of failure.
    reason
        What happened, fit to be shown.
    status
        HTTP status of an answer.
    code
        The service's error code.
    retry_after
        Seconds that the service asked to wait.
    details
        What else the service said.
    request_uuid
        The service's own name for the request.
    """

    kind: Kind
    reason: str
    status: int | None = None
    code: int | str | None = None
    retry_after: float | None = None
    details: tuple[Any, ...] = ()
    request_uuid: str | None = None

    @property
    def meaning(self) -> int | None:
        """The HTTP status that fits the answer: some errors come within HTTP 200."""
        if self.status is not None and self.status < 400 and isinstance(self.code, int):
            return STATUS_OF_CODE.get(self.code, self.status)
        return self.status

    @property
    def leaves_doubt(self) -> bool:
        """Whether the service may have done what was asked.

        A 503 without the service's own code may be a proxy's, said when the
        service had done the work and the connection to it broke.
        """
        from_proxy = self.status == 503 and self.code is None
        return self.kind in {Kind.LOST, Kind.LATE} or self.status in GATEWAY_LOST_IT or from_proxy

    def __str__(self) -> str:
        return f"HTTP {self.meaning}" if self.kind is Kind.ANSWERED else self.kind.value


@dataclass(frozen=True, slots=True)
class Defeat:
    """The failures of every attempt of a call that was given up.

    Attributes
    ----------
    failures
        One for each attempt, in order; at least one.
    circuit_open
        Whether only the empty retry budget kept the call from being tried again.
    """

    failures: Sequence[Failure]
    circuit_open: bool = False


def closed_error() -> TransportError:
    """Return the error of a call through a connection that was closed."""
    return TransportError("This connection was closed. Connect again.")


def failure_from(error: httpx.TransportError) -> Failure:
    """Sort an exception of the HTTP library."""
    reason = redact(str(error)) or type(error).__name__
    if isinstance(error, httpx.ConnectError):
        refusal = _cause(error, ssl.SSLError)
        if refusal is not None:
            return Failure(Kind.TLS, getattr(refusal, "verify_message", "") or reason)
        if _cause(error, socket.gaierror) is not None:
            return Failure(Kind.UNKNOWN_HOST, reason)
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout | httpx.ProxyError):
        return Failure(Kind.UNREACHED, reason)
    if isinstance(error, httpx.TimeoutException):
        return Failure(Kind.LATE, reason)
    return Failure(Kind.LOST, reason)


def error_for(defeat: Defeat, call: str, endpoint: str, *, doubt: str | None) -> LearnosityError:
    """Return the error that tells a caller why a call was given up.

    Parameters
    ----------
    defeat
        Every failure of the call; the last one decides which error it is.
    call
        Method, host and path, as the message names the call.
    endpoint
        The endpoint, for an error that the service answered.
    doubt
        What to check where the service may have done it all the same; None where repeating does no harm.
    """
    last = defeat.failures[-1]
    reason = "; ".join((last.reason, *_history(defeat)))
    if doubt is not None and last.leaves_doubt:
        return UncertainOutcome(f"{call} was sent and its answer was lost: {reason}. It may have been done. {doubt}")
    if last.kind is Kind.ANSWERED:
        return _answered(last, defeat, reason, endpoint)
    kind, words = _LOCAL_ERRORS[last.kind]
    error = kind(f"{call}: {words.format(reason)}")
    if doubt is not None and last.kind in {Kind.GARBLED, Kind.TOO_LARGE}:
        error.add_note(f"It may have been done. {doubt}")
    return error


_LOCAL_ERRORS: dict[Kind, tuple[type[LearnosityError], str]] = {
    Kind.UNREACHED: (ConnectionFailed, "nobody answered ({}). Is the service running, and the network up?"),
    Kind.UNKNOWN_HOST: (ConnectionFailed, "this host name is not known ({}). Check the address, and the network."),
    Kind.TLS: (
        TlsError,
        "the server's certificate was refused ({}). If your organisation has its own authority, set SSL_CERT_FILE.",
    ),
    Kind.LOST: (ConnectionFailed, "the connection broke before the answer was complete ({})."),
    Kind.LATE: (DeadlineExceeded, "no complete answer in the time allowed ({})."),
    Kind.TOO_LARGE: (ResponseTooLarge, "{}"),
    Kind.GARBLED: (ProtocolError, "{}"),
    Kind.REDIRECTED: (ProtocolError, "{}"),
}


def _answered(last: Failure, defeat: Defeat, message: str, endpoint: str) -> ApiError:
    failed = last.meaning is not None and last.meaning >= 500
    details = last.details or (tuple(str(failure) for failure in defeat.failures) if failed else ())
    error = (ServerError if failed else ApiError)(
        message, code=last.code, status=last.status, endpoint=endpoint, details=details
    )
    if last.request_uuid is not None:
        error.add_note(f"The service calls this request {last.request_uuid}: name it when you ask its support.")
    return error


def _history(defeat: Defeat) -> Iterator[str]:
    if len(defeat.failures) > 1:
        runs = [(text, len(list(run))) for text, run in groupby(map(str, defeat.failures))]
        told = ", ".join(f"{text} ×{count}" if count > 1 else text for text, count in runs)
        yield f"after {len(defeat.failures)} attempts: {told}"
    if defeat.circuit_open:
        yield "not tried again, as too many calls failed lately: the circuit is open"


def _cause(error: BaseException | None, kind: type[BaseException]) -> BaseException | None:
    while error is not None and not isinstance(error, kind):
        error = error.__cause__ or error.__context__
    return error
