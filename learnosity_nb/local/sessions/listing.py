"""An index over the sessions as they are now: found by id, listed by the time of their last update."""

from __future__ import annotations

import base64
import json
import threading
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...compute.arrays import Bools, Ints
from ...compute.rows_by_id import RowsById
from ...domain.policy import COUNTED_STATUS

__all__ = ["Place", "SessionFilter", "SessionListing", "read_token", "write_token"]

FILTERS_KEPT: Final = 8
NEVER: Final = np.iinfo(np.int64).min
MICROSECONDS: Final = 1_000_000

Place = tuple[int, str]
"""Where a session stands in the listing: the time of its last update (µs) and its id."""


@dataclass(frozen=True, slots=True)
class SessionFilter:
    """Which sessions are asked for; None lets all pass.

    Attributes
    ----------
    session_id, user_id, activity_id, status
        Sessions with one of these. A session without a status is Completed.
    bounds
        Column of times, earliest and latest time, both inclusive, compared in whole seconds as times are shown. A
        session without the time is left out.
    """

    session_id: tuple[str, ...] | None = None
    user_id: tuple[str, ...] | None = None
    activity_id: tuple[str, ...] | None = None
    status: tuple[str, ...] | None = None
    bounds: tuple[tuple[str, datetime | None, datetime | None], ...] = ()


class SessionListing:
    """A table of sessions with its index. It does not change.

    Parameters
    ----------
    table
        Sessions with ``dt_updated``.
    rows
        Its rows by session id.
    """

    def __init__(self, table: pa.Table, rows: RowsById) -> None:
        self.table = table
        self.rows = rows
        self._updated = _integers(table["dt_updated"])
        self._order = rows.order[np.argsort(self._updated[rows.order], kind="stable")]
        self._filtered: OrderedDict[SessionFilter, Ints] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, session_id: str) -> int | None:
        """Return a session's row, or None where there is no such session."""
        rows = self.rows.find(session_id)
        return int(rows[0]) if len(rows) else None

    def value(self, row: int, column: str) -> Any:
        """Return one value of the table; None where it lacks the column."""
        return self.table[column][row].as_py() if column in self.table.column_names else None

    def page(self, asked: SessionFilter, *, descending: bool, limit: int, after: Place | None) -> Ints:
        """Return the rows of one page, by the time of the last update, ties by session id.

        Parameters
        ----------
        asked
            Which sessions.
        descending
            Whether the latest come first.
        limit
            At most this many.
        after
            The place of the last session of the page before.
        """
        rows = self._passing(asked)
        if descending:
            stop = len(rows) if after is None else bisect_left(rows, after, key=self.place)
            return rows[max(stop - limit, 0) : stop][::-1]
        start = 0 if after is None else bisect_right(rows, after, key=self.place)
        return rows[start : start + limit]

    def place(self, row: int) -> Place:
        """Return where a session stands in the listing."""
        return int(self._updated[row]), self.table["session_id"][int(row)].as_py()

    def _passing(self, asked: SessionFilter) -> Ints:
        """Return the rows that pass a filter in listing order; pages of one listing share the work."""
        with self._lock:
            if asked not in self._filtered:
                self._filtered[asked] = self._order[self._mask(asked)[self._order]]
                if len(self._filtered) > FILTERS_KEPT:
                    self._filtered.popitem(last=False)
            self._filtered.move_to_end(asked)
            return self._filtered[asked]

    def _mask(self, asked: SessionFilter) -> Bools:
        passing = np.ones(self.table.num_rows, dtype=np.bool_)
        for name in ("session_id", "user_id", "activity_id", "status"):
            wanted = getattr(asked, name)
            if wanted is not None:
                passing &= self._among(name, wanted)
        for name, earliest, latest in asked.bounds:
            passing &= self._between(name, earliest, latest)
        return passing

    def _among(self, name: str, wanted: tuple[str, ...]) -> Bools:
        size = self.table.num_rows
        column = (
            self.table[name] if name in self.table.column_names else pa.chunked_array([pa.nulls(size, pa.string())])
        )
        if name == "status":
            column = pc.fill_null(column, COUNTED_STATUS)
        found = pc.is_in(column, value_set=pa.array(wanted, pa.string()))
        mask: Bools = found.combine_chunks().to_numpy(zero_copy_only=False)
        return mask

    def _between(self, name: str, earliest: datetime | None, latest: datetime | None) -> Bools:
        if name not in self.table.column_names:
            return np.zeros(self.table.num_rows, dtype=np.bool_)
        times = _integers(self.table[name])
        inside: Bools = times != NEVER
        if earliest is not None:
            inside &= times // MICROSECONDS >= int(earliest.timestamp())
        if latest is not None:
            inside &= times // MICROSECONDS <= int(latest.timestamp())
        return inside


def write_token(place: Place | None) -> str:
    """Return the ``next`` of a page that ends at this place; None is before the first session."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def read_token(token: str) -> Place | None:
    """Return the place that `write_token` wrote.

    Raises
    ------
    ValueError
        If it is another text.
    """
    place = json.loads(base64.urlsafe_b64decode(token.encode()))
    if place is None:
        return None
    moment, session_id = place if isinstance(place, list) and len(place) == 2 else (None, None)
    if type(moment) is not int or not isinstance(session_id, str):
        raise ValueError("not a place")
    return moment, session_id


def _integers(times: pa.ChunkedArray) -> Ints:
    found: Ints = pc.fill_null(times.cast(pa.int64()), NEVER).to_numpy()
    return found
