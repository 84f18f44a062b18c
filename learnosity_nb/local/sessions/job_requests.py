"""The requests of session jobs: read, and checked whole before anything is queued.

Source: Jobs endpoints, ``/jobs/sessions/scores/subscores``,
``/jobs/sessions/statuses`` and ``/jobs/sessions/metadata``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from ...domain.session_statuses import SETTABLE_STATUSES
from ...errors import shorten
from .listing import SessionListing
from .reading import RequestReader

__all__ = ["MAX_SESSIONS", "read_metadata", "read_session_ids", "read_statuses"]

MAX_SESSIONS: Final = 100

CheckValue = Callable[[RequestReader, str, Any], Any]
"""Returns the value to queue, after noting what is wrong with the one found at a place."""


def read_session_ids(request: Mapping[str, Any]) -> list[str]:
    """Return the sessions whose subscores are asked for, each once.

    Raises
    ------
    Refusal
        Naming every fault of the request at once, as the functions below do.
    """
    reader = RequestReader(request)
    found = reader.objects("session_id", MAX_SESSIONS)
    for position, session_id in enumerate(found):
        if not isinstance(session_id, str):
            reader.fault(20003, f"session_id[{position}]", "must be a text", session_id)
    reader.refuse()
    return list(dict.fromkeys(found))


def read_statuses(listing: SessionListing, request: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the ``session_id`` and ``status`` of each session to change.

    Parameters
    ----------
    listing
        The sessions as they are now.
    request
        The request.
    """
    return _read_updates(listing, request, "statuses", "status", _status)


def read_metadata(listing: SessionListing, request: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the ``session_id`` and ``metadata``, as JSON text, of each session to change; see `read_statuses`."""
    return _read_updates(listing, request, "session_metadata", "metadata", _metadata)


def _read_updates(
    listing: SessionListing, request: Mapping[str, Any], name: str, key: str, check: CheckValue
) -> list[dict[str, str]]:
    reader = RequestReader(request)
    entries = reader.objects(name, MAX_SESSIONS)
    values = []
    first: dict[str, str] = {}
    for position, entry in enumerate(entries):
        place = f"{name}[{position}]"
        if not isinstance(entry, dict):
            reader.fault(20003, place, f"must be an object with session_id, user_id and {key}", entry)
            continue
        session_id, user_id = (_text(reader, place, entry, part) for part in ("session_id", "user_id"))
        if key not in entry:
            reader.fault(20000, f"{place}.{key}", "is missing")
        else:
            values.append(check(reader, f"{place}.{key}", entry[key]))
        if session_id is None:
            continue
        if session_id in first:
            reader.fault(20011, f"{place}.session_id", f"names the same session as {first[session_id]}", session_id)
        first.setdefault(session_id, place)
        _check_session(reader, listing, place, session_id, user_id)
    reader.refuse()
    return [{"session_id": entry["session_id"], key: value} for entry, value in zip(entries, values, strict=True)]


def _text(reader: RequestReader, place: str, entry: Mapping[str, Any], key: str) -> str | None:
    found = entry.get(key)
    if key not in entry:
        reader.fault(20000, f"{place}.{key}", "is missing")
    elif not isinstance(found, str):
        reader.fault(20003, f"{place}.{key}", "must be a text", found)
    else:
        return found
    return None


def _check_session(
    reader: RequestReader, listing: SessionListing, place: str, session_id: str, user_id: str | None
) -> None:
    row = listing.find(session_id)
    if row is None:
        reader.fault(20016, f"{place}.session_id", "there is no such session", session_id)
    elif user_id is not None and listing.value(row, "user_id") != user_id:
        said = f"session {shorten(session_id)} is recorded for another user"
        reader.fault(20016, f"{place}.user_id", said, user_id)


def _status(reader: RequestReader, place: str, status: Any) -> Any:
    if not isinstance(status, str):
        reader.fault(20003, place, "must be a text", status)
    elif status not in SETTABLE_STATUSES:
        reader.fault(20004, place, f"must be {', '.join(SETTABLE_STATUSES[:-1])} or {SETTABLE_STATUSES[-1]}", status)
    return status


def _metadata(reader: RequestReader, place: str, metadata: Any) -> str:
    if not isinstance(metadata, dict):
        reader.fault(20003, place, "must be an object", metadata)
    try:
        return json.dumps(metadata, ensure_ascii=False, separators=(",", ":"))
    except RecursionError:
        reader.fault(20003, place, "is nested too deeply")
        return ""
