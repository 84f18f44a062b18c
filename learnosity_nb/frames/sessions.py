"""Sessions and responses as rows, from the records of the session endpoints."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import pandas as pd

from ..errors import ProtocolError
from .columns import Column, typed_frame
from .session_columns import METADATA_COLUMN, RESPONSE_COLUMNS, SCORE_COLUMNS, SESSION_COLUMNS, STATUS_COLUMNS

__all__ = ["responses_frame", "scores_frame", "sessions_frame", "statuses_frame"]

Record = Mapping[str, Any]


def scores_frame(records: Sequence[Record], *, metadata: bool = False) -> pd.DataFrame:
    """Return records of ``sessions/scores``, one row each; columns as `session_columns.SCORE_COLUMNS`.

    Parameters
    ----------
    records
        As the endpoint gives them.
    metadata
        Whether to add the column ``metadata``.
    """
    return _frame(records, SCORE_COLUMNS, metadata=metadata)


def statuses_frame(records: Sequence[Record], *, metadata: bool = False) -> pd.DataFrame:
    """Return records of ``sessions/statuses``, one row each; columns as `session_columns.STATUS_COLUMNS`."""
    return _frame(records, STATUS_COLUMNS, metadata=metadata)


def sessions_frame(records: Sequence[Record], *, metadata: bool = False) -> pd.DataFrame:
    """Return records of ``sessions/responses``, one row for each session; columns as `session_columns.SESSION_COLUMNS`.

    The frame has the columns of a ``sessions`` data file, so that it can be given to `connect_local`.
    """
    return _frame(records, SESSION_COLUMNS, metadata=metadata)


def responses_frame(records: Sequence[Record]) -> pd.DataFrame:
    """Return the responses within records of ``sessions/responses``, one row each.

    Columns as `session_columns.RESPONSE_COLUMNS`, those of a ``responses`` data file.
    """
    rows = [
        {**response, "session_id": record["session_id"]}
        for record in records
        for response in record.get("responses") or ()
    ]
    return typed_frame(RESPONSE_COLUMNS, {column.name: _column(rows, column) for column in RESPONSE_COLUMNS})


def _frame(records: Sequence[Record], columns: Sequence[Column], *, metadata: bool) -> pd.DataFrame:
    shown = [*columns, METADATA_COLUMN] if metadata else list(columns)
    return typed_frame(shown, {column.name: _column(records, column) for column in shown})


def _column(records: Sequence[Record], column: Column) -> Any:
    read = READERS.get(column.name)
    values = [record.get(column.name) if read is None else read(record) for record in records]
    return _times(values, column.name) if column.dtype.startswith("datetime64") else values


def _times(values: list[Any], name: str) -> pd.Series:
    try:
        return pd.to_datetime(pd.Series(values, dtype="str"), utc=True, format="ISO8601")
    except ValueError:
        raise ProtocolError(f"The service gave a {name} that is no time.") from None


def _attempted(record: Record) -> float | None:
    responses = record.get("responses")
    if not responses:  # which says nothing, unless nothing was attempted
        return 0.0 if record.get("num_attempted") == 0 else None
    if any(response.get("attempted") is None for response in responses):
        return None
    return float(sum(response.get("max_score") or 0 for response in responses if response["attempted"]))


def _unscored(record: Record) -> float | None:
    if _attempted(record) is None:
        return None
    waiting = [response for response in record.get("responses") or () if response.get("score") is None]
    return float(sum(response.get("max_score") or 0 for response in waiting))


READERS: Final[Mapping[str, Callable[[Record], Any]]] = {
    "attempted_max_score": _attempted,
    "unscored_max_score": _unscored,
    "subscores": lambda record: list(record.get("subscores") or ()),
    # An empty object may come as an empty list.
    "metadata": lambda record: record.get("metadata") or {},
}
"""The columns that are not simply a key of a record."""
