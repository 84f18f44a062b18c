"""The figures of users: what the sessions of each add up to.

Source: sessions-summary-by-group, "options.user_fields". A session without a
score is seen, but adds neither score nor maximum; in attempted percent it counts,
with its own maximum.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from .arrays import (
    Codes,
    Floats,
    Ints,
    add_parts,
    as_whole,
    bits_for,
    code_type,
    encode,
    exact_parts,
    starts_of_runs,
)

__all__ = ["UserFigures", "user_figures"]

FEW_SESSIONS: Final = 16  # sessions of one user: to compare so many pairwise is faster than to sort


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
    maxima = _figure(sessions, "max_score", row)
    score, max_score = _sums(entry, size, _figure(sessions, "score", row), maxima)
    nothing = np.full(size, np.nan)
    attempted, attempted_percent, unscored = nothing, nothing, nothing
    if "attempted_max_score" in sessions.column_names:
        tried, possible = _sums(entry, size, _figure(sessions, "attempted_max_score", row), maxima)
        attempted, attempted_percent = tried.plain, _percent(tried, possible)
    if "unscored_max_score" in sessions.column_names:
        (found,) = _sums(entry, size, _figure(sessions, "unscored_max_score", row))
        unscored = found.plain
    return UserFigures(
        score=score.plain,
        max_score=max_score.plain,
        percent=_percent(score, max_score),
        attempted_max_score=attempted,
        unscored_max_score=unscored,
        attempted_percent=attempted_percent,
        seen_activities=_seen(entry, row, sessions, size),
    )


@dataclass(frozen=True)
class _Scaled:
    """A figure in units of which `scale` make 1, so that decimals are whole numbers; None where they are not."""

    values: Floats
    scale: float | None

    @property
    def unit(self) -> float:
        return self.scale or 1.0

    @property
    def plain(self) -> Floats:
        return self.values / self.unit


def _figure(sessions: pa.Table, name: str, row: Ints) -> _Scaled:
    values: Floats = sessions[name].to_numpy().astype(np.float64, copy=False)
    return _Scaled(*as_whole(values.take(row), len(row)))


def _sums(entry: Ints, size: int, first: _Scaled, *others: _Scaled) -> list[_Scaled]:
    """Sum columns by entry over the sessions that have a value in the first of them, which is changed.

    NaN where there is no such session, or where one of them lacks the value.
    """
    missing = np.isnan(first.values)
    if missing.any():
        entry = np.where(missing, size, entry)  # those without a value are summed apart
        first.values[missing] = 0.0
    without = np.bincount(entry, minlength=size)[:size] == 0
    found = []
    for column in (first, *others):
        parts = [np.bincount(entry, weights=part, minlength=size)[:size] for part in exact_parts(column.values)]
        sums = add_parts([part.astype(np.float64, copy=False) for part in parts])  # whole numbers where there is no row
        sums[without] = np.nan
        found.append(_Scaled(sums, column.scale))
    return found


def _percent(part: _Scaled, whole: _Scaled) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        percent = 100 * whole.unit * part.values / (part.unit * whole.values)
    percent[whole.values == 0] = np.nan
    return percent


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
    if most <= FEW_SESSIONS and np.count_nonzero(starts_of_runs(entry)) == np.count_nonzero(counts):
        again = np.zeros(len(entry), dtype=np.bool_)
        for back in range(1, most):  # all of an entry stand together: compare each with those before it
            again[back:] |= (entry[back:] == entry[:-back]) & (codes[back:] == codes[:-back])
        return (counts - np.bincount(entry[again], minlength=len(counts))).astype(np.float64)
    shift = bits_for(bound)
    pairs = ((entry << shift) | codes.astype(np.int64)).astype(code_type(len(counts) << shift))
    pairs.sort()
    users = (pairs[starts_of_runs(pairs)] >> shift).astype(np.int64)
    return np.bincount(users, minlength=len(counts)).astype(np.float64)
