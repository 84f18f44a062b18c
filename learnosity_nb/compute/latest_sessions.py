"""The sessions of an activity summary: of each user and activity the latest one.

Source: the Data API's activity-summary-by-group dataset, "filters.activity_id".
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..domain.policy import LATEST_SESSION_BY
from .arrays import Ints, encode, encode_sorted
from .sessions import usable_sessions

__all__ = ["latest_sessions", "list_sessions"]


def latest_sessions(
    sessions: pa.Table, activities: Sequence[str], mintime: datetime | None = None, maxtime: datetime | None = None
) -> pa.Table:
    """Return the session of each user and activity that counts: the last by completion time, ties by session id.

    Parameters
    ----------
    sessions
        Columns ``session_id`` and ``user_id`` (text) and, where known, ``activity_id``, ``status`` and
        ``dt_completed``. One without ``dt_completed`` is earlier than any with it.
    activities
        The activities to look at.
    mintime, maxtime
        Inclusive bounds on ``dt_completed``, applied before the latest is chosen.

    Returns
    -------
    pyarrow.Table
        Columns ``user_id`` and ``session_id``.
    """
    wanted = ["user_id", "session_id"]
    if "activity_id" not in sessions.column_names:
        return sessions.select(wanted).slice(0, 0)
    listed = pc.is_in(sessions["activity_id"], value_set=pa.array(activities, pa.string()))
    usable = usable_sessions(sessions, mintime, maxtime) & listed.combine_chunks().to_numpy(zero_copy_only=False)
    among = sessions.filter(pa.array(usable)).combine_chunks()
    users, _ = encode(among["user_id"])
    activity, texts = encode(among["activity_id"])
    order = np.lexsort(
        [*reversed([_sort_key(among, name) for name in LATEST_SESSION_BY]), users * len(texts) + activity]
    )
    keys = (users * len(texts) + activity)[order]
    last = np.append(keys[1:] != keys[:-1], True)[: len(keys)]
    return among.select(wanted).take(pa.array(order[last]))


def list_sessions(lines: pa.Table, sessions: pa.Table) -> pa.Table:
    """Give each line of a roster the sessions of its user.

    Parameters
    ----------
    lines
        Column ``user_id`` and others.
    sessions
        Columns ``user_id`` and ``session_id``.

    Returns
    -------
    pyarrow.Table
        `lines` with the column ``session_id``, a list of text for each line.
    """
    users, texts = encode(lines["user_id"])
    found = pc.index_in(sessions["user_id"].combine_chunks(), value_set=texts)
    mine = pc.is_valid(found)
    owner = found.drop_null().to_numpy().astype(np.int64)
    ids = sessions["session_id"].combine_chunks().filter(mine).take(pa.array(np.argsort(owner, kind="stable")))
    counts = np.bincount(owner, minlength=len(texts))
    firsts = np.cumsum(counts) - counts
    lengths = counts[users]
    stops = np.cumsum(lengths)
    rows = np.arange(lengths.sum()) + np.repeat(firsts[users] - (stops - lengths), lengths)
    offsets = pa.array(np.append(0, stops), pa.int32())
    return lines.append_column("session_id", pa.ListArray.from_arrays(offsets, ids.take(pa.array(rows))))


def _sort_key(sessions: pa.Table, name: str) -> Ints:
    """Return integers that sort as the column does, nulls first; zeros where there is no such column."""
    if name not in sessions.column_names:
        return np.zeros(sessions.num_rows, dtype=np.int64)
    column = sessions[name]
    if pa.types.is_string(column.type):
        return encode_sorted(column)[0]
    earliest = pa.scalar(np.iinfo(np.int64).min, pa.int64())
    found: Ints = pc.fill_null(column.cast(pa.int64()), earliest).to_numpy()
    return found
