"""The sessions of a roster that count.

Source: sessions-summary-by-group, "filters.mintime" and "filters.maxtime". A session
counts if it is Completed, inside the time bounds and recorded for the user who
lists it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ..domain.policy import COUNTED_STATUS
from ..errors import InputError
from .arrays import Bools, Ints, encode, whole
from .roster import Roster, refuse_shared_sessions
from .text_index import TextIndex, find_texts, same_texts

__all__ = ["CountedSessions", "count_sessions", "once", "usable_sessions"]

FEW_LISTED: Final = 0.4  # of the table's sessions: to look these up is faster than to go through all


@dataclass(frozen=True)
class CountedSessions:
    """The listed sessions that count.

    Attributes
    ----------
    place, row
        For each: its place in the roster and its row in the table of sessions;
        every pair once.
    unknown
        Listed sessions that the table does not hold.
    mismatched
        Listed sessions that are recorded for another user, and so ignored.
    uncounted
        Listed sessions left out for their status or time.
    unknown_session, mismatched_session
        The first id of those sorts; None where there is none.
    """

    place: Ints
    row: Ints
    unknown: int
    mismatched: int
    uncounted: int
    unknown_session: str | None
    mismatched_session: str | None


def count_sessions(
    roster: Roster,
    sessions: pa.Table,
    mintime: datetime | None = None,
    maxtime: datetime | None = None,
    *,
    keys: TextIndex | None = None,
) -> CountedSessions:
    """Find the listed sessions in the table and keep those that count.

    Parameters
    ----------
    roster
        The encoded roster.
    sessions
        Columns ``session_id`` and ``user_id`` (text, no session twice) and,
        where known, ``status`` and ``dt_completed``.
    mintime, maxtime
        Inclusive bounds on ``dt_completed``; a session without it is left out
        when either is set.
    keys
        The index of ``session_id``; built here when omitted.

    Raises
    ------
    InputError
        If one session is listed for two users, naming each such session; or if there is a bound and no
        ``dt_completed``.
    """
    row = find_texts(roster.listed_session, keys or sessions["session_id"])
    known = row >= 0
    place, row = _where(known, roster.listed_place, row)
    unknown = len(known) - len(row)
    repeated = _repeats(row, sessions.num_rows)
    if repeated or unknown > 1:  # else all that are listed differ
        refuse_shared_sessions(roster)
    own = _are_own(roster, sessions["user_id"], place, row)
    mismatched_session = _first(sessions["session_id"], row[~own])
    counted = own & usable_sessions(sessions, mintime, maxtime).take(row)
    place, row = _where(counted, place, row)
    if repeated:
        place, row = once(place, row, sessions.num_rows)
    return CountedSessions(
        place=place,
        row=row,
        unknown=unknown,
        mismatched=int(np.count_nonzero(~own)),
        uncounted=int(np.count_nonzero(own & ~counted)),
        unknown_session=_first(roster.listed_session, np.flatnonzero(~known)),
        mismatched_session=mismatched_session,
    )


def _are_own(roster: Roster, recorded: pa.ChunkedArray, place: Ints, row: Ints) -> Bools:
    """Return which listed sessions are recorded for the user who lists them; none is listed for two."""
    user = roster.place_user.take(place)
    if len(row) < len(recorded) * FEW_LISTED:
        return same_texts(recorded.take(pa.array(row)), roster.users, user)
    lister = np.zeros(len(recorded), dtype=np.int64)  # a table read from front to back is compared the soonest
    lister[row] = user
    return same_texts(recorded, roster.users, lister).take(row)


def _first(ids: pa.Array | pa.ChunkedArray, rows: Ints) -> str | None:
    return str(ids[int(rows[0])].as_py()) if len(rows) else None


def usable_sessions(sessions: pa.Table, mintime: datetime | None, maxtime: datetime | None) -> Bools:
    """Return which sessions are Completed, and completed between the bounds (inclusive).

    Raises
    ------
    InputError
        If there is a bound and the table of sessions has no ``dt_completed``.
    """
    usable = np.ones(sessions.num_rows, dtype=np.bool_)
    if "status" in sessions.column_names:
        codes, statuses = encode(sessions["status"])
        counts = [status == COUNTED_STATUS for status in statuses.to_pylist()]
        usable &= np.array([*counts, True])[codes]  # the last for -1, a null
    for name, bound, inside in (("mintime", mintime, pc.greater_equal), ("maxtime", maxtime, pc.less_equal)):
        if bound is None or not sessions.num_rows:
            continue
        if "dt_completed" not in sessions.column_names:
            raise InputError(f"{name} needs the column dt_completed, which sessions lacks.")
        limit = pa.scalar(bound, type=sessions["dt_completed"].type)
        usable &= _numpy_mask(pc.fill_null(inside(sessions["dt_completed"], limit), False))
    return usable


def once(place: Ints, row: Ints, rows: int) -> tuple[Ints, Ints]:
    """Drop a session listed twice for one place."""
    if not _repeats(row, rows):
        return place, row
    first = ~pd.Series(place * rows + row).duplicated().to_numpy()
    return place[first], row[first]


def _repeats(row: Ints, rows: int) -> bool:
    """Return whether a row (each 0 … `rows` - 1) comes twice."""
    seen = np.zeros(rows, dtype=np.bool_)
    seen[row] = True
    return int(np.count_nonzero(seen)) < len(row)


def _where(mask: Bools, place: Ints, row: Ints) -> tuple[Ints, Ints]:
    """Return places and rows where a mask is true; where it always is, without a copy."""
    return (place, row) if mask.all() else (place[mask], row[mask])


def _numpy_mask(mask: Any) -> Bools:
    found: Bools = whole(mask).to_numpy(zero_copy_only=False)
    return found
