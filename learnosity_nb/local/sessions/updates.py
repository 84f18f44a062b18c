"""What the service itself knows of sessions: the statuses, metadata and scores that jobs gave them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from ...compute.subscores import Tally
from ..state.database import Database

__all__ = ["KEPT_COLUMNS", "Attachments", "SessionUpdate", "SessionUpdates"]

KEPT_COLUMNS: Final[dict[str, pa.DataType]] = {
    "status": pa.string(),
    "score": pa.float64(),
    "max_score": pa.float64(),
    "attempted_max_score": pa.float64(),
    "unscored_max_score": pa.float64(),
    "num_attempted": pa.int64(),
    "num_questions": pa.int64(),
}
"""The columns of the sessions table that an update can replace."""

_PUT: Final = """
INSERT INTO session_updates VALUES (
    :session_id, :status, :metadata, :rescored, :score, :max_score, :attempted_max_score, :unscored_max_score,
    :num_attempted, :num_questions, :subscores, :updated, :change
)
ON CONFLICT (session_id) DO UPDATE SET
    status = coalesce(excluded.status, session_updates.status),
    metadata = coalesce(excluded.metadata, session_updates.metadata),
    rescored = max(excluded.rescored, session_updates.rescored),
    score = iif(excluded.rescored, excluded.score, session_updates.score),
    max_score = iif(excluded.rescored, excluded.max_score, session_updates.max_score),
    attempted_max_score = iif(excluded.rescored, excluded.attempted_max_score, session_updates.attempted_max_score),
    unscored_max_score = iif(excluded.rescored, excluded.unscored_max_score, session_updates.unscored_max_score),
    num_attempted = iif(excluded.rescored, excluded.num_attempted, session_updates.num_attempted),
    num_questions = iif(excluded.rescored, excluded.num_questions, session_updates.num_questions),
    subscores = coalesce(excluded.subscores, session_updates.subscores),
    updated = excluded.updated,
    change = excluded.change
"""
_LAST_CHANGE: Final = "SELECT coalesce(max(change), 0) FROM session_updates"


@dataclass(frozen=True, slots=True)
class SessionUpdate:
    """New values for a session; None leaves what there is.

    Attributes
    ----------
    session_id
        The session.
    status
        Its status.
    metadata, subscores
        JSON texts.
    tally
        What its responses add up to: its new score and figures.
    """

    session_id: str
    status: str | None = None
    metadata: str | None = None
    subscores: str | None = None
    tally: Tally | None = None

    def _values(self) -> dict[str, object]:
        tally = self.tally
        return {
            "session_id": self.session_id,
            "status": self.status,
            "metadata": self.metadata,
            "subscores": self.subscores,
            "rescored": tally is not None,
            "score": tally and tally.session_score,
            "max_score": tally and tally.max_score,
            "attempted_max_score": tally and tally.attempted_max_score,
            "unscored_max_score": tally and tally.unmarked_max_score,
            "num_attempted": tally and tally.num_attempted,
            "num_questions": tally and tally.num_questions,
        }


@dataclass(frozen=True, slots=True)
class Attachments:
    """What a session has beside its row: JSON texts, None where it was given none."""

    metadata: str | None = None
    subscores: str | None = None


class SessionUpdates:
    """The table ``session_updates``.

    Parameters
    ----------
    database
        The state database.
    clock
        Unix seconds.
    """

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock

    def put(self, updates: Iterable[SessionUpdate], within: sqlite3.Connection) -> None:
        """Store updates, all as one change."""
        [last] = within.execute(_LAST_CHANGE).fetchone()
        stamp = {"updated": self._clock(), "change": last + 1}
        within.executemany(_PUT, [{**update._values(), **stamp} for update in updates])

    def last_change(self) -> int:
        """Return the number of the latest change; 0 before the first."""
        [row] = self._database.read(_LAST_CHANGE)
        return int(row[0])

    def since(self, change: int) -> pa.Table:
        """Return the sessions that were updated after a change.

        Returns
        -------
        pyarrow.Table
            ``session_id``, ``rescored``, `KEPT_COLUMNS`, ``dt_updated`` and ``change``; null where nothing was given.
        """
        rows = self._database.read("SELECT * FROM session_updates WHERE change > ?", (change,))
        columns = {name: pa.array([row[name] for row in rows], kind) for name, kind in KEPT_COLUMNS.items()}
        moments = pa.array([round(row["updated"] * 1_000_000) for row in rows], pa.int64())
        return pa.table(
            {
                "session_id": pa.array([row["session_id"] for row in rows], pa.string()),
                "rescored": pa.array([bool(row["rescored"]) for row in rows], pa.bool_()),
                **columns,
                "dt_updated": moments.cast(pa.timestamp("us", "UTC")),
                "change": pa.array([row["change"] for row in rows], pa.int64()),
            }
        )

    def attachments(self, session_ids: Sequence[str]) -> dict[str, Attachments]:
        """Return the metadata and subscores of those sessions that were given any."""
        rows = self._database.read(
            "SELECT session_id, metadata, subscores FROM session_updates "
            "WHERE session_id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(session_ids)),),
        )
        return {row["session_id"]: Attachments(row["metadata"], row["subscores"]) for row in rows}
