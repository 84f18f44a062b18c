"""The session endpoints: scores, responses and statuses of sessions, page by page.

``/sessions/scores``, ``/sessions/responses`` and ``/sessions/statuses``, action get.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Final, NotRequired, TypedDict

from ..domain.fields import near_names
from ..domain.session_statuses import SESSION_STATUSES
from ..domain.times import parse_time, unix_time
from ..errors import Fault, InputError, shorten
from .client import DataApi
from .jobs import Moment

__all__ = [
    "ENDPOINTS",
    "IDS_AT_ONCE",
    "ResponseRecord",
    "SessionPage",
    "SessionRecord",
    "read_session_pages",
    "session_requests",
]

ENDPOINTS: Final[Mapping[str, str]] = {
    "scores": "sessions/scores",
    "responses": "sessions/responses",
    "statuses": "sessions/statuses",
}
"""What can be asked of sessions, and where."""

IDS_AT_ONCE: Final = 1_000
MOST_AT_ONCE: Final = 50
METADATA: Final = "sessions.session_metadata"

Number = int | float


class ResponseRecord(TypedDict):
    """A response within a session."""

    response_id: str
    score: NotRequired[Number | None]
    max_score: NotRequired[Number | None]
    question_reference: NotRequired[str | None]
    item_reference: NotRequired[str | None]
    attempted: NotRequired[bool | None]
    automarkable: NotRequired[bool | None]


class SessionRecord(TypedDict):
    """A session as the endpoints give it; each gives some of the keys. Times are UTC: ``2026-01-31T08:00:00Z``."""

    session_id: str
    user_id: str
    activity_id: NotRequired[str | None]
    status: NotRequired[str | None]
    score: NotRequired[Number | None]
    max_score: NotRequired[Number | None]
    num_attempted: NotRequired[int | None]
    num_questions: NotRequired[int | None]
    session_duration: NotRequired[Number | None]
    dt_started: NotRequired[str | None]
    dt_saved: NotRequired[str | None]
    dt_completed: NotRequired[str | None]
    subscores: NotRequired[list[dict[str, Any]] | None]
    responses: NotRequired[list[ResponseRecord] | None]
    metadata: NotRequired[Any]


@dataclass(frozen=True, slots=True)
class SessionPage:
    """One page of sessions.

    Attributes
    ----------
    records
        Its sessions, at most 50.
    next
        By which the page after it is asked for; None where the service says that there is none.
    timestamp
        When the service gave it, Unix seconds by its own clock; 0 where it does not say.
    """

    records: tuple[SessionRecord, ...]
    next: str | None
    timestamp: int


def session_requests(
    *,
    session_id: Sequence[str] | str | None = None,
    user_id: Sequence[str] | str | None = None,
    activity_id: Sequence[str] | str | None = None,
    status: Sequence[str] | str | None = None,
    times: Mapping[str, Moment | None] | None = None,
    sort: str | None = None,
    metadata: Sequence[str] | None = None,
) -> list[dict[str, Any]]:
    """Return the requests that together ask for the sessions that fit; each session fits one of them.

    Parameters
    ----------
    session_id, user_id, activity_id
        Only these; any number, asked for 1,000 at a time. An empty list gives no request.
    status
        Only sessions with these statuses; all four are named when omitted.
    times
        Bounds by the API's names: ``mintime`` and ``maxtime`` of the last update, ``mintime_started``,
        ``mintime_completed`` and so on. A None is no bound.
    sort
        ``asc`` or ``desc`` by the time of the last update; as the service likes when omitted.
    metadata
        Attributes of the metadata to add; none when omitted. The local service gives all of it for an empty list.

    Raises
    ------
    InputError
        Naming every parameter that is wrong.
    """
    request: dict[str, Any] = {"limit": MOST_AT_ONCE, "status": list(SESSION_STATUSES)}
    faults: list[Fault] = []
    ids = {"session_id": session_id, "user_id": user_id, "activity_id": activity_id}
    checks = [
        *((key, value, _texts) for key, value in ids.items()),
        ("status", status, _statuses),
        *((key, value, _seconds) for key, value in (times or {}).items()),
        ("sort", sort, _order),
        ("metadata", metadata, _texts),
    ]
    for key, value, check in checks:
        if value is not None:
            try:
                request[key] = check(value)
            except ValueError as error:
                faults.append(Fault("bad_parameter", str(error), key=key, value=shorten(value)))
    faults += _crossed(request)
    if faults:
        raise InputError("The sessions cannot be listed.", faults)
    if metadata is not None:
        request["include"] = {METADATA: request.pop("metadata")}
    return _split(request, [key for key in ids if key in request])


def read_session_pages(
    api: DataApi, what: str, request: Mapping[str, Any], *, after: str | None = None
) -> Iterator[SessionPage]:
    """Return an iterator over the pages of a request of `session_requests`.

    Parameters
    ----------
    api
        The connection.
    what
        One of `ENDPOINTS`.
    request
        What is asked for.
    after
        The `SessionPage.next` of the last page that is known, to go on from it.

    Raises
    ------
    InputError
        If `what` is something else.
    ProtocolError, ApiError, TransportError
        While iterating, as `DataApi.pages` raises them.
    """
    if what not in ENDPOINTS:
        near = near_names(str(what), ENDPOINTS)
        raise InputError(f"what must be one of {', '.join(ENDPOINTS)}, not {shorten(what)}{near}")
    asked = {**request, "next": after} if after is not None else request
    return _pages(api, ENDPOINTS[what], asked)


def _pages(api: DataApi, endpoint: str, request: Mapping[str, Any]) -> Iterator[SessionPage]:
    for answer in api.pages(endpoint, request):
        records = tuple(answer.read(list[SessionRecord]))
        timestamp = answer.meta.get("timestamp")
        yield SessionPage(records, answer.meta.get("next"), timestamp if isinstance(timestamp, int) else 0)


def _split(request: dict[str, Any], keys: Sequence[str]) -> list[dict[str, Any]]:
    portions = [
        [request[key][first : first + IDS_AT_ONCE] for first in range(0, len(request[key]), IDS_AT_ONCE)]
        for key in keys
    ]
    return [{**request, **dict(zip(keys, chosen, strict=True))} for chosen in product(*portions)]


def _crossed(request: Mapping[str, Any]) -> Iterator[Fault]:
    for low in [key for key in request if key.startswith("mintime")]:
        high = f"max{low[3:]}"
        if high in request and request[low] > request[high]:
            yield Fault("empty_span", f"{low} is after {high}", key=low)


def _texts(value: Any) -> list[str]:
    texts = [value] if isinstance(value, str) else list(value) if isinstance(value, Iterable) else [value]
    if not all(isinstance(text, str) and text.strip() for text in texts):
        raise ValueError("expected a list of texts that are not blank")
    return list(dict.fromkeys(str(text) for text in texts))


def _statuses(value: Any) -> list[str]:
    statuses = _texts(value)
    for status in statuses:
        if status not in SESSION_STATUSES:
            near = near_names(status, SESSION_STATUSES)
            raise ValueError(f"expected statuses among {', '.join(SESSION_STATUSES)}{near}")
    return statuses


def _seconds(value: Any) -> int:
    return unix_time(parse_time(value))


def _order(value: Any) -> str:
    if value not in ("asc", "desc"):
        raise ValueError("expected asc or desc")
    return str(value)
