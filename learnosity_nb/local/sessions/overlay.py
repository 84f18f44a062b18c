"""The analyst's sessions with the service's own updates laid over them."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from .updates import KEPT_COLUMNS

__all__ = ["lay_over", "with_update_times"]

UTC_TIME = pa.timestamp("us", "UTC")


def with_update_times(sessions: pa.Table) -> pa.Table:
    """Add the column ``dt_updated``: when a session was completed, else when it began, else null."""
    known = [sessions[name] for name in ("dt_completed", "dt_started") if name in sessions.column_names]
    times = pc.coalesce(*known) if known else pa.nulls(sessions.num_rows, UTC_TIME)
    return sessions.append_column("dt_updated", times)


def lay_over(sessions: pa.Table, updates: pa.Table) -> pa.Table:
    """Replace values of sessions by those of their updates.

    Parameters
    ----------
    sessions
        The table of sessions with ``dt_updated``; no session twice.
    updates
        As `SessionUpdates.since` gives them. Null leaves the value of `sessions`, but for the score of a rescored
        session. Updates of sessions that the table does not hold are passed over.

    Returns
    -------
    pyarrow.Table
        A new table; columns that `sessions` lacks are added where an update has a value for them.
    """
    found = pc.index_in(sessions["session_id"].combine_chunks(), value_set=updates["session_id"].combine_chunks())
    changed, source = pc.is_valid(found), found.drop_null()
    if not len(source):
        return sessions
    news = updates.take(source).combine_chunks()
    for name, kind in {**KEPT_COLUMNS, "dt_updated": UTC_TIME}.items():
        there = name in sessions.column_names
        if news[name].null_count == len(source) and not (there and name == "score"):
            continue
        column = sessions[name].cast(kind).combine_chunks() if there else pa.nulls(sessions.num_rows, kind)
        merged = pc.replace_with_mask(column, changed, _merged(name, news, column.filter(changed)))
        place = sessions.column_names.index(name) if there else sessions.num_columns
        sessions = (sessions.set_column if there else sessions.add_column)(place, name, merged)
    return sessions


def _merged(name: str, news: pa.Table, kept: pa.Array) -> pa.Array:
    new = news[name].combine_chunks()
    merged: Any = (
        pc.if_else(news["rescored"].combine_chunks(), new, kept) if name == "score" else pc.coalesce(new, kept)
    )
    return merged
