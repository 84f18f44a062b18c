"""The sessions that count, and the figures of the users who sat them.

Source: sessions-summary-by-group, "options.user_fields", "filters.mintime" and
"filters.maxtime". A session counts if it is Completed, inside the time bounds
and recorded for the user who lists it. A session without a score is seen, but
adds neither score nor maximum.
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
from .arrays import (
    Bools,
    Codes,
    Floats,
    Ints,
    add_parts,
    bits_for,
    code_type,
    encode,
    exact_parts,
    starts_of_runs,
    whole,
)
from .roster import Roster
from .text_index import TextIndex, find_texts, same_texts

__all__ = ["CountedSessions", "UserFigures", "count_sessions", "once", "usable_sessions", "user_figures"]

FEW: Final = 16  # sessions of one user: to compare so many pairwise is faster than to sort
POINTS: Final = ("score", "max_score", "attempted_max_score", "unscored_max_score")


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
        If there is a bound and no ``dt_completed``.
    """
    row = find_texts(roster.sessions, keys or sessions["session_id"])
    known = row >= 0
    place, row = _where(known, roster.listed_place, row)
    own = same_texts(roster.users, roster.place_user.take(place), sessions["user_id"], row)
    mismatched_session = _first(sessions["session_id"], row[~own])
    counted = own & usable_sessions(sessions, mintime, maxtime).take(row)
    place, row = once(*_where(counted, place, row), sessions.num_rows)
    return CountedSessions(
        place=place,
        row=row,
        unknown=int(np.count_nonzero(~known)),
        mismatched=int(np.count_nonzero(~own)),
        uncounted=int(np.count_nonzero(own & ~counted)),
        unknown_session=_first(roster.listed_session, np.flatnonzero(~known)),
        mismatched_session=mismatched_session,
    )


@dataclass(frozen=True)
class UserFigures:
    """Figures of users, one element each; NaN where there is none.

    Attributes
    ----------
    score, max_score
        Sums over the counted sessions that have a score.
    percent
        100 * score / max_score; NaN where max_score is 0.
    attempted_max_score, unscored_max_score
        Sums over the counted sessions that have them.
    attempted_percent
        100 * attempted_max_score / the sum of max_score, over the counted sessions
        that have the former; NaN where one of them lacks the latter.
    seen_activities
        Distinct activities among the counted sessions; 0, never NaN.
    """

    score: Floats
    max_score: Floats
    percent: Floats
    attempted_max_score: Floats
    unscored_max_score: Floats
    attempted_percent: Floats
    seen_activities: Floats


def user_figures(entry: Ints, row: Ints, sessions: pa.Table, size: int) -> UserFigures:
    """Sum sessions up into the figures of `size` users.

    Parameters
    ----------
    entry, row
        For each counted session, the user it belongs to (0 … `size` - 1) and its
        row in `sessions`.
    sessions
        Columns ``score`` and ``max_score`` and, where known,
        ``attempted_max_score``, ``unscored_max_score`` and ``activity_id``.
    """
    taken = {name: _values(sessions, name, row) for name in POINTS if name in sessions.column_names}
    scores, maxima = taken["score"], taken["max_score"]
    score, max_score = _sums(entry, size, scores, maxima)
    nothing = np.full(size, np.nan)
    attempted, attempted_percent, unscored = nothing, nothing, nothing
    if "attempted_max_score" in taken:
        attempted, possible = _sums(entry, size, taken["attempted_max_score"], maxima)
        attempted_percent = _percent(attempted, possible)
    if "unscored_max_score" in taken:
        (unscored,) = _sums(entry, size, taken["unscored_max_score"])
    return UserFigures(
        score=score,
        max_score=max_score,
        percent=_percent(score, max_score),
        attempted_max_score=attempted,
        unscored_max_score=unscored,
        attempted_percent=attempted_percent,
        seen_activities=_seen(entry, row, sessions, size),
    )


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
    seen = np.zeros(rows, dtype=np.bool_)
    seen[row] = True
    if np.count_nonzero(seen) == len(row):
        return place, row
    first = ~pd.Series(place * rows + row).duplicated().to_numpy()
    return place[first], row[first]


def _where(mask: Bools, place: Ints, row: Ints) -> tuple[Ints, Ints]:
    """Return places and rows where a mask is true; where it always is, without a copy."""
    return (place, row) if mask.all() else (place[mask], row[mask])


def _values(sessions: pa.Table, name: str, row: Ints) -> Floats:
    values: Floats = sessions[name].to_numpy().astype(np.float64, copy=False)
    return values.take(row)


def _sums(entry: Ints, size: int, first: Floats, *others: Floats) -> list[Floats]:
    """Sum columns by entry over the sessions that have a value in the first of them.

    NaN where there is no such session, or where one of them lacks the value.
    """
    missing = np.isnan(first)
    if missing.any():
        entry = np.where(missing, size, entry)  # those without a value are summed apart
        first = np.where(missing, 0.0, first)
    without = np.bincount(entry, minlength=size)[:size] == 0
    found = []
    for column in (first, *others):
        parts = [np.bincount(entry, weights=part, minlength=size)[:size] for part in exact_parts(column)]
        sums = add_parts([part.astype(np.float64, copy=False) for part in parts])  # whole numbers where there is no row
        sums[without] = np.nan
        found.append(sums)
    return found


def _percent(part: Floats, whole: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(whole == 0, np.nan, 100 * part / whole)


def _seen(entry: Ints, row: Ints, sessions: pa.Table, size: int) -> Floats:
    sat = np.bincount(entry, minlength=size)
    if "activity_id" not in sessions.column_names or not len(entry) or sat.max() <= 1:
        return sat.astype(np.float64)
    codes, texts = encode(sessions["activity_id"])
    alone = np.flatnonzero(codes < 0)  # a session without an activity stands for one of its own
    codes[alone] = np.arange(len(texts), len(texts) + len(alone))
    bound = len(texts) + len(alone)
    return _count_distinct(entry, codes.astype(code_type(bound)).take(row), bound, sat)


def _count_distinct(entry: Ints, codes: Codes, bound: int, counts: Ints) -> Floats:
    """Count the distinct codes (each 0 … `bound` - 1) of each entry, which has so many of them."""
    most = int(counts.max())
    if most <= FEW and np.count_nonzero(starts_of_runs(entry)) == np.count_nonzero(counts):
        again = np.zeros(len(entry), dtype=np.bool_)
        for back in range(1, most):  # all of an entry stand together: compare each with those before it
            again[back:] |= (entry[back:] == entry[:-back]) & (codes[back:] == codes[:-back])
        return (counts - np.bincount(entry[again], minlength=len(counts))).astype(np.float64)
    shift = bits_for(bound)
    pairs = ((entry << shift) | codes.astype(np.int64)).astype(code_type(len(counts) << shift))
    pairs.sort()
    return np.bincount(pairs[starts_of_runs(pairs)] >> shift, minlength=len(counts)).astype(np.float64)


def _numpy_mask(mask: Any) -> Bools:
    found: Bools = whole(mask).to_numpy(zero_copy_only=False)
    return found
