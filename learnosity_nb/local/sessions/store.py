"""The sessions as the service knows them: the analyst's tables under the service's own updates."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa

from ...compute.rows_by_id import RowsById
from ...compute.subscores import Response, SubscoreGroup, group_items
from ...files.columns import RESPONSES
from ..state.database import Database
from ..tables import Tables
from .listing import SessionListing
from .overlay import lay_over, with_update_times
from .updates import SessionUpdates

__all__ = ["SessionStore"]

NO_RESPONSE: Final[Mapping[str, None]] = dict.fromkeys(RESPONSES.names)


@dataclass(slots=True)
class _Current:
    """The sessions at one moment: the table they came from, the last change laid over it, and both together.

    The listing takes an index over all ids: it is made when it is asked for, which no dataset does.
    """

    base: pa.Table
    change: int
    table: pa.Table
    rows: RowsById | None = None
    listing: SessionListing | None = None


class SessionStore:
    """Sessions with their responses and subscores.

    Parameters
    ----------
    tables
        The analyst's tables.
    database
        The state database.
    clock
        Unix seconds.
    """

    def __init__(self, tables: Tables, database: Database, clock: Callable[[], float]) -> None:
        self.updates = SessionUpdates(database, clock)
        self._tables = tables
        self._lock = threading.Lock()
        self._current: _Current | None = None
        self._responses: tuple[object, pa.Table, RowsById] | None = None
        self._groups: tuple[object, Mapping[str, tuple[SubscoreGroup, ...]]] | None = None

    def listing(self) -> SessionListing:
        """Return the sessions as they are now, with their index.

        Raises
        ------
        InputError
            If there is no table of sessions, or it cannot be used.
        """
        base = self._tables.sessions()
        with self._lock:
            current = self._latest(base)
            if current.rows is None:
                current.rows = RowsById(current.table["session_id"])
            if current.listing is None:
                current.listing = SessionListing(current.table, current.rows)
            return current.listing

    def table(self) -> pa.Table:
        """Return the table of sessions as they are now; raises as `listing` does."""
        base = self._tables.sessions()
        with self._lock:
            return self._latest(base).table

    def responses(self, session_ids: Sequence[str]) -> dict[str, list[Response]]:
        """Return the responses of sessions, in the order of the file; a session without any has an empty list.

        Raises
        ------
        InputError
            If the table of responses cannot be used.
        """
        version = self._tables.version("responses")
        with self._lock:
            if self._responses is None or self._responses[0] != version:
                table = self._tables.responses()
                table = pa.table({"session_id": pa.array([], pa.string())}) if table is None else table
                self._responses = (version, table, RowsById(table["session_id"]))
            _, table, index = self._responses
        rows = {session_id: index.find(session_id) for session_id in session_ids}
        taken = table.take(np.concatenate([*rows.values(), np.array([], dtype=np.int64)]))
        found = iter([_response(row) for row in taken.to_pylist()])
        return {session_id: [next(found) for _ in mine] for session_id, mine in rows.items()}

    def subscore_groups(self) -> Mapping[str, tuple[SubscoreGroup, ...]]:
        """Return the subscores of each activity.

        Raises
        ------
        InputError
            If the table of items cannot be used.
        """
        version = self._tables.version("items")
        with self._lock:
            if self._groups is None or self._groups[0] != version:
                items = self._tables.items()
                self._groups = (version, {} if items is None else group_items(items))
            return self._groups[1]

    def _latest(self, base: pa.Table) -> _Current:
        current = self._current
        if current is None or current.base is not base:
            current = _Current(base, 0, with_update_times(base))
        if self.updates.last_change() != current.change:
            news = self.updates.since(current.change)
            change = max(news["change"].to_pylist())
            current = _Current(base, change, lay_over(current.table, news), current.rows)
        self._current = current
        return current


def _response(row: dict[str, Any]) -> Response:
    whole: Any = {**NO_RESPONSE, **row}
    found: Response = whole
    return found
