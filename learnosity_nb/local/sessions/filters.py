"""What a request for sessions asks for.

Source: the Data API's ``sessions/responses``, request body parameters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ...domain.policy import SESSIONS_ORDER
from ...domain.session_statuses import SESSION_STATUSES
from ..jobs.listing import read_limit
from ..refusals import Refusal
from .listing import Place, SessionFilter, read_token
from .reading import RequestReader

__all__ = ["MAX_IDS", "MAX_LIMIT", "Asked", "read_asked"]

MAX_IDS: Final = 1000
MAX_LIMIT: Final = 50
METADATA: Final = "sessions.session_metadata"
TIMES: Final = {"": "dt_updated", "_started": "dt_started", "_completed": "dt_completed"}
"""The column that each kind of time bound looks at, by the end of the bound's name."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for a page of sessions.

    Attributes
    ----------
    filter
        Which sessions.
    descending
        Whether the latest come first.
    limit
        At most this many.
    after
        The place of the last session of the page before.
    metadata
        Which attributes of the metadata to add; None for none, empty for all.
    response_scores
        Whether to add the scores of responses.
    """

    filter: SessionFilter
    descending: bool
    limit: int
    after: Place | None
    metadata: tuple[str, ...] | None
    response_scores: bool


def read_asked(request: Mapping[str, Any]) -> Asked:
    """Read and check a request.

    Raises
    ------
    Refusal
        Naming every fault of the request at once, with the first one's code.
    """
    reader = RequestReader(request)
    asked = Asked(
        filter=SessionFilter(
            session_id=reader.texts("session_id", MAX_IDS),
            user_id=reader.texts("user_id", MAX_IDS),
            activity_id=reader.texts("activity_id", MAX_IDS),
            status=_statuses(reader),
            bounds=_bounds(reader),
        ),
        descending=reader.choice("sort", ("asc", "desc"), SESSIONS_ORDER) == "desc",
        limit=_limit(reader, request),
        after=_after(reader),
        metadata=_include(reader),
        response_scores=reader.flag("include_response_scores"),
    )
    reader.refuse()
    return asked


def _statuses(reader: RequestReader) -> tuple[str, ...] | None:
    found = reader.texts("status", MAX_IDS)
    for position, status in enumerate(found or ()):
        if status not in SESSION_STATUSES:
            reader.fault(20004, f"status[{position}]", f"must be among {', '.join(SESSION_STATUSES)}", status)
    return found


def _bounds(reader: RequestReader) -> tuple[tuple[str, Any, Any], ...]:
    bounds = []
    for suffix, column in TIMES.items():
        earliest, latest = reader.time(f"mintime{suffix}"), reader.time(f"maxtime{suffix}")
        if earliest and latest and earliest > latest:
            reader.fault(20004, f"mintime{suffix}", f"is after maxtime{suffix}")
        if earliest or latest:
            bounds.append((column, earliest, latest))
    return tuple(bounds)


def _limit(reader: RequestReader, request: Mapping[str, Any]) -> int:
    try:
        return read_limit(request, MAX_LIMIT)
    except Refusal as refusal:
        reader.fault(refusal.code, "limit", refusal.message)
        return MAX_LIMIT


def _after(reader: RequestReader) -> Place | None:
    found = reader.given("next")
    try:
        if found is None:
            return None
        if isinstance(found, str):
            return read_token(found)
        reader.fault(20003, "next", "must be the text that the page before gave", found)
    except (ValueError, RecursionError):
        reader.fault(20004, "next", "must be the text that the page before gave", found)
    return None


def _include(reader: RequestReader) -> tuple[str, ...] | None:
    """Return which attributes of the metadata are asked for: listed under its name, or all by the name alone."""
    found = reader.given("include")
    if not found:
        return None
    if isinstance(found, dict) and list(found) == [METADATA] and isinstance(found[METADATA], list):
        return tuple(str(attribute) for attribute in found[METADATA])
    if isinstance(found, list) and all(name == METADATA for name in found):
        return ()
    reader.fault(20004, "include", f'may hold "{METADATA}", alone or with a list of attributes', found)
    return None
