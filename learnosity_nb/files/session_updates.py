"""Frames that say how sessions are to change: new statuses, new metadata."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa

from ..domain.session_statuses import SETTABLE_STATUSES
from .columns import Column
from .conversions import convert_column
from .findings import Findings
from .sources import Source, Wanted, frame_source, repeated_columns
from .tables import missing_column
from .values import is_missing, plain_value

__all__ = ["check_metadata_updates", "check_status_updates"]

SESSION = Column("session_id", "text", "the session to change", required=True, filled=True)
USER = Column("user_id", "text", "the user recorded for it", required=True, filled=True)
STATUS = Column("status", "text", "the status it is to have", required=True, filled=True)
WANTED: Final[Wanted] = {"session_id": "text", "user_id": "text"}
CONTENT: Final[Wanted] = {"metadata": "text", "session_tags": "text"}
STATUSES: Final = f"{', '.join(SETTABLE_STATUSES[:-1])} or {SETTABLE_STATUSES[-1]}"


def check_status_updates(frame: Any) -> list[dict[str, Any]]:
    """Check a frame of new statuses.

    Parameters
    ----------
    frame
        A DataFrame or Arrow table with ``session_id``, ``user_id`` and ``status``; no session twice.

    Returns
    -------
    list of dict
        For each row ``session_id``, ``user_id`` and ``status``: Completed, Incomplete or Discarded.

    Raises
    ------
    ColumnError
        With every fault of the frame, by row and column.
    InputError
        If it is no table.
    """
    source = frame_source(frame, {**WANTED, "status": "text"}, "The frame of statuses")
    findings = Findings(None, source.lines_of, source.faults)
    columns = _texts(source, (SESSION, USER, STATUS), findings)
    for row, status in enumerate(columns.get("status", ())):
        if isinstance(status, str) and status.strip() and status not in SETTABLE_STATUSES:
            findings.add_row("bad_status", "status", row, f"expected {STATUSES}", status)
    findings.raise_if_any("No status was changed: the frame cannot be used.")
    return _rows(columns)


def check_metadata_updates(frame: Any) -> list[dict[str, Any]]:
    """Check a frame of new metadata.

    Parameters
    ----------
    frame
        A DataFrame or Arrow table with ``session_id`` and ``user_id``; no session twice; and ``metadata`` (a dict, or
        the JSON text of one), ``session_tags`` (a list of dicts with ``type`` and ``name``, or its JSON text; None for
        no tags), or both: the tags then become ``metadata["session_tags"]``.

    Returns
    -------
    list of dict
        For each row ``session_id``, ``user_id`` and ``metadata``.

    Raises
    ------
    ColumnError
        With every fault of the frame, by row and column.
    InputError
        If it is no table.
    """
    source = frame_source(frame, WANTED, "The frame of metadata")
    findings = Findings(None, source.lines_of, (*source.faults, *repeated_columns(source.names, CONTENT, None)))
    columns = _texts(source, (SESSION, USER), findings)
    if not CONTENT.keys() & set(source.names):
        findings.add(missing_column("metadata", source, WANTED))
    else:
        metadata = _objects(_cells(frame, source, "metadata"), "metadata", _metadata, findings)
        tags = _objects(_cells(frame, source, "session_tags"), "session_tags", _tags, findings)
        columns["metadata"] = _merged(metadata, tags, findings)
    findings.raise_if_any("No metadata was changed: the frame cannot be used.")
    return _rows(columns)


def _merged(metadata: Sequence[Any], tags: Sequence[Any], findings: Findings) -> list[dict[str, Any]]:
    merged = []
    for row, (content, tagged) in enumerate(zip(metadata, tags, strict=True)):
        if content is None and tagged is None:
            findings.add_row("missing_value", "metadata", row, "a value is required here; {} takes all metadata away")
        if tagged is not None and "session_tags" in (content or {}):
            findings.add_row("tags_twice", "session_tags", row, "the metadata of this row has session_tags already")
        merged.append({**(content or {}), **({} if tagged is None else {"session_tags": tagged})})
    return merged


def _texts(source: Source, columns: Sequence[Column], findings: Findings) -> dict[str, list[Any]]:
    said = {fault.key for fault in source.faults}
    wanted: Wanted = {column.name: column.kind for column in columns}
    read = {}
    for column in columns:
        if column.name in source.columns:
            read[column.name] = convert_column(source.columns[column.name], column, findings).to_pylist()
        elif column.name not in said:
            findings.add(missing_column(column.name, source, wanted))
    _refuse_repeated(read.get("session_id", []), findings)
    return read


def _refuse_repeated(sessions: Sequence[str | None], findings: Findings) -> None:
    first: dict[str, int] = {}
    for row, session in enumerate(sessions):
        if session is not None and first.setdefault(session, row) != row:
            said = f"row {first[session] + 1} names the same session"
            findings.add_row("duplicate_session_id", "session_id", row, said, session)


def _cells(frame: Any, source: Source, key: str) -> Sequence[Any]:
    """Return a column as Python values. Arrow is not asked for those of pandas: a dict that holds itself ends it."""
    if source.names.count(key) != 1:
        return [None] * source.rows
    if isinstance(frame, pd.DataFrame):
        return list(frame[key].tolist())
    return list(pa.table(frame)[key].to_pylist())


def _objects(cells: Sequence[Any], key: str, read: Callable[[object], Any], findings: Findings) -> list[Any]:
    objects: list[Any] = []
    for row, value in enumerate(cells):
        found = plain_value(value)
        try:
            objects.append(None if is_missing(found) else read(found))
        except ValueError as error:
            objects.append({})
            findings.add_row(f"bad_{key}", key, row, str(error), found)
    return objects


def _metadata(value: object) -> dict[str, Any]:
    found = _plain_json(value)
    if not isinstance(found, dict):
        raise ValueError('expected a dict, or the JSON text of an object such as {"term": "autumn"}')
    return found


def _tags(value: object) -> list[dict[str, Any]]:
    found = _plain_json(value)
    if not isinstance(found, list) or not all(_is_tag(tag) for tag in found):
        raise ValueError('expected a list of tags such as [{"type": "assignment_type", "name": "homework"}]')
    return found


def _is_tag(tag: object) -> bool:
    return isinstance(tag, dict) and all(isinstance(tag.get(key), str) and tag[key].strip() for key in ("type", "name"))


def _plain_json(value: object) -> Any:
    """Return a value as JSON holds it: a text is read, anything else must survive being written."""
    if isinstance(value, tuple | np.ndarray):
        value = list(value)
    try:
        text = value if isinstance(value, str) else json.dumps(value, allow_nan=False)
        found = json.loads(text, parse_constant=_no_number)
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise ValueError("a text in it holds half a surrogate pair, which JSON in UTF-8 cannot hold") from None
    except (ValueError, TypeError, RecursionError) as error:
        raise ValueError(f"this is not JSON: {error}") from None
    return found


def _no_number(constant: str) -> Any:
    raise ValueError(f"{constant} is no number of JSON")


def _rows(columns: dict[str, list[Any]]) -> list[dict[str, Any]]:
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
