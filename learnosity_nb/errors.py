"""Every error this package raises, in one tree.

::

    LearnosityError
    ├── InputError (ValueError)        what you passed is wrong; ``.faults`` lists every fault found
    │   └── ColumnError                a table lacks columns, or has them with the wrong kind of values
    ├── CredentialsError               no consumer or token, or one that cannot be used
    ├── TransportError                 no usable answer came back
    │   ├── ConnectionFailed           nobody answered at that address
    │   ├── TlsError                   the server's certificate was refused
    │   ├── DeadlineExceeded           no complete answer in the time allowed
    │   ├── ResponseTooLarge           the answer is larger than the cap
    │   ├── ProtocolError              the answer is not what the API promises
    │   │   └── PaginationError        the pages do not lead to an end
    │   └── UncertainOutcome           a change was sent and its answer was lost
    ├── ApiError                       the service answered with an error code
    │   └── ServerError                the service failed (HTTP 5xx), also after retries
    ├── JobError                       a job did not end well
    │   ├── JobHalted                  it stopped with a reason
    │   ├── JobNotFound                no job has this reference
    │   └── JobTimeout                 it was not finished in the time you allowed
    ├── GroupNotFound (KeyError)       the dataset has no such group path
    ├── IncompleteResult               a part came back; ``.frame`` holds it
    ├── NotOffered                     the service behind this connection has no such call
    ├── StateError                     the local state directory cannot be used
    └── MissingExtra (ImportError)     an optional package is not installed

Messages say what happened, to what, and what to do next. No message holds a
secret, a signature or a pre-signed query.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

__all__ = [
    "ApiError",
    "ColumnError",
    "ConnectionFailed",
    "CredentialsError",
    "DeadlineExceeded",
    "Fault",
    "GroupNotFound",
    "IncompleteResult",
    "InputError",
    "JobError",
    "JobHalted",
    "JobNotFound",
    "JobTimeout",
    "LearnosityError",
    "MissingExtra",
    "NotOffered",
    "PaginationError",
    "ProtocolError",
    "ResponseTooLarge",
    "ServerError",
    "StateError",
    "TlsError",
    "TransportError",
    "UncertainOutcome",
]

FAULTS_SHOWN = 20
VALUE_WIDTH = 80


def shorten(value: object, width: int = VALUE_WIDTH) -> str:
    """Quote a value for a message, cut to `width` characters."""
    text = repr(value)
    return text if len(text) <= width else text[: width - 1] + "…"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with an input.

    Attributes
    ----------
    kind
        A stable word for the sort of fault, such as ``"missing_key"``.
    message
        What is wrong and what was expected, in one sentence.
    file
        File name as the user knows it; None for a DataFrame or a parameter.
    line
        1-based line of the file, or row of the table.
    byte
        0-based offset of the line in the file.
    key
        Column, JSON key or parameter path.
    value
        The value found, quoted and cut to 80 characters.
    """

    kind: str
    message: str
    file: str | None = None
    line: int | None = None
    byte: int | None = None
    key: str | None = None
    value: str | None = None

    def __str__(self) -> str:
        place = [self.file] if self.file else []
        if self.line is not None:
            place.append(f"line {self.line}" if self.file else f"row {self.line}")
        if self.key:
            place.append(self.key)
        said = f"{', '.join(place)}: {self.message}" if place else self.message
        return f"{said} (found {self.value})" if self.value is not None else said

    def as_dict(self) -> dict[str, Any]:
        """Return the fault as a plain dict without its empty parts."""
        return {key: value for key, value in asdict(self).items() if value is not None}


class LearnosityError(Exception):
    """Root of every error of this package; each can be copied, and sent to another process."""

    def __reduce__(self) -> tuple[Any, ...]:
        return restore_error, (type(self), self.args, self.__dict__.copy())


E = TypeVar("E", bound=LearnosityError)


def restore_error(kind: type[E], arguments: tuple[Any, ...], state: dict[str, Any]) -> E:
    """Make an error of a kind as another one was, whatever the kind takes to be made anew."""
    error = kind.__new__(kind)
    error.args = arguments
    error.__dict__.update(state)
    return error


class InputError(LearnosityError, ValueError):
    """What was passed in is wrong.

    Parameters
    ----------
    summary
        One line: what could not be done.
    faults
        Every fault found (or the first ones, where `count` is larger).
    count
        How many faults there are in all; the number of `faults` when omitted.
    kinds
        How many faults there are of each kind; counted from `faults` when omitted.

    Attributes
    ----------
    faults : tuple of Fault
    count : int
    kinds : dict of str to int
    """

    def __init__(
        self,
        summary: str,
        faults: Iterable[Fault] = (),
        *,
        count: int | None = None,
        kinds: dict[str, int] | None = None,
    ) -> None:
        self.faults = tuple(faults)
        self.kinds = dict(kinds) if kinds is not None else dict(Counter(f.kind for f in self.faults))
        self.count = count if count is not None else max(len(self.faults), sum(self.kinds.values()))
        self.summary = summary
        super().__init__(self._text())

    def _text(self) -> str:
        lines = [self.summary]
        lines += [f"  {fault}" for fault in self.faults[:FAULTS_SHOWN]]
        shown = min(len(self.faults), FAULTS_SHOWN)
        if self.count > shown:
            counts = ", ".join(f"{kind}: {n}" for kind, n in sorted(self.kinds.items()))
            lines.append(f"  … {self.count} faults in all ({counts})")
        return "\n".join(lines)


class ColumnError(InputError):
    """A table lacks columns, or holds the wrong kind of values in them."""


class CredentialsError(LearnosityError):
    """No consumer or token was given, or it cannot be used."""


class TransportError(LearnosityError):
    """No usable answer came back from the service."""


class ConnectionFailed(TransportError):
    """Nobody answered at the service's address."""


class TlsError(TransportError):
    """The server's certificate was refused."""


class DeadlineExceeded(TransportError):
    """No complete answer came in the time allowed."""


class ResponseTooLarge(TransportError):
    """The answer is larger than the cap for its kind."""


class ProtocolError(TransportError):
    """The answer is not what the API promises."""


class PaginationError(ProtocolError):
    """The pages of an answer do not lead to an end."""


class UncertainOutcome(TransportError):
    """A change was sent and its answer was lost: it may or may not have been made."""


class ApiError(LearnosityError):
    """The service answered with an error.

    Parameters
    ----------
    message
        The service's own words.
    code
        The service's error code, such as 20012; None where it sent none.
    status
        HTTP status.
    endpoint
        The endpoint called, without host or query.
    details
        What else the service said, such as a list of faults.
    """

    def __init__(
        self,
        message: str,
        *,
        code: int | str | None = None,
        status: int | None = None,
        endpoint: str | None = None,
        details: Sequence[Any] = (),
    ) -> None:
        self.message = message
        self.code = code
        self.status = status
        self.endpoint = endpoint
        self.details = tuple(details)
        marks = [str(part) for part in (endpoint, f"code {code}" if code is not None else None) if part]
        if status is not None:
            marks.append(f"HTTP {status}")
        super().__init__(f"{message} [{', '.join(marks)}]" if marks else message)


class ServerError(ApiError):
    """The service failed (HTTP 5xx), also after every retry allowed."""


class JobError(LearnosityError):
    """A job did not end well.

    Parameters
    ----------
    message
        What happened, and what to do next.
    reference
        The job's reference: give it to ``wait`` to look again.
    """

    def __init__(self, message: str, *, reference: str) -> None:
        self.reference = reference
        super().__init__(message)


class JobHalted(JobError):
    """The job stopped with a reason; ``.error`` is what the service gave."""

    def __init__(self, message: str, *, reference: str, error: Any = None) -> None:
        self.error = error
        super().__init__(message, reference=reference)


class JobNotFound(JobError):
    """No job has this reference."""


class JobTimeout(JobError):
    """The job was not finished in the time allowed; it goes on."""


class GroupNotFound(LearnosityError, KeyError):
    """The dataset has no group with this path."""

    def __str__(self) -> str:  # KeyError would print the repr of the message
        return str(self.args[0])


class IncompleteResult(LearnosityError):
    """Only a part of the rows could be had; ``.frame`` holds that part."""

    def __init__(self, message: str, frame: Any) -> None:
        self.frame = frame
        super().__init__(message)


class NotOffered(LearnosityError):
    """The service behind this connection has no such call."""


class StateError(LearnosityError):
    """The local state directory cannot be used."""


class MissingExtra(LearnosityError, ImportError):
    """An optional package is not installed.

    Parameters
    ----------
    package
        The package that is missing.
    extra
        The extra of ``learnosity-nb`` that brings it.
    purpose
        What it is needed for.
    """

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        super().__init__(f"{purpose} needs {package}: pip install 'learnosity-nb[{extra}]'")
