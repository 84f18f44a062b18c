"""Rosters: which users, with which sessions, belong to which group."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..compute.arrays import Bools, whole
from ..compute.fingerprints import text_bounds
from ..domain.group_paths import Level
from .columns import Column
from .conversions import RawColumn, are_names, convert_column, fast_column, has_blank, is_text, refuse_foreign
from .findings import Findings
from .sources import Source, Wanted, frame_source
from .tables import missing_column, open_source, unusable
from .values import is_missing, plain_value, read_value

__all__ = ["check_roster", "read_roster"]

USER = Column("user_id", "text", "who belongs to the group", required=True, filled=True)
TEXTS: Final = pa.list_(pa.string())
ENCODED: Final = pa.dictionary(pa.int32(), pa.string())  # as names of groups come from NDJSON


def read_roster(path: Path, levels: Sequence[Level], *, with_sessions: bool = True) -> pa.Table:
    """Read a roster file: ``.parquet``, ``.csv`` or ``.ndjson``.

    In CSV a list of sessions and a group path are compact JSON, such as ``["Oregon","Salem"]``.

    Parameters
    ----------
    path
        The file.
    levels
        The levels of the hierarchy, from the top down.
    with_sessions
        As for `check_roster`.

    Returns
    -------
    pyarrow.Table
        As `check_roster` gives it.

    Raises
    ------
    ColumnError
        With every fault of the roster.
    InputError
        If the file cannot be read at all.
    """
    return _checked(
        open_source(path, _wanted(levels, with_sessions=with_sessions)), levels, with_sessions=with_sessions
    )


def check_roster(frame: Any, levels: Sequence[Level], *, with_sessions: bool = True) -> pa.Table:
    """Check a roster and give it fixed columns.

    Parameters
    ----------
    frame
        A pandas DataFrame, a pyarrow Table, or anything with ``__arrow_c_stream__``, with ``user_id``; ``session_id``
        (one, a list, or null for a user without a session); and a column for each level, or ``group_path``.
    levels
        The levels of the hierarchy, from the top down.
    with_sessions
        False where only the users matter: ``session_id`` is then neither needed nor read.

    Returns
    -------
    pyarrow.Table
        A row for each row given: ``user_id`` string, ``session_id`` list of string (empty where there is none or it
        is not read, never null), and a dictionary of string for each level's key. Whole numbers become text in each
        of them, but not in a group path.

    Raises
    ------
    ColumnError
        With every fault of the roster.
    InputError
        If `frame` is no table.
    """
    return _checked(
        frame_source(frame, _wanted(levels, with_sessions=with_sessions), "The roster"),
        levels,
        with_sessions=with_sessions,
    )


def _wanted(levels: Sequence[Level], *, with_sessions: bool) -> Wanted:
    fixed: dict[str, Any] = {"user_id": "text", "group_path": "repeated texts"}
    if with_sessions:
        fixed["session_id"] = "texts"
    return fixed | dict.fromkeys([level.key for level in levels], "repeated text")


def _checked(source: Source, levels: Sequence[Level], *, with_sessions: bool) -> pa.Table:
    findings = Findings(source.file, source.lines_of, source.faults)
    keys = [level.key for level in levels]
    by_path = "group_path" in source.columns and not all(key in source.columns for key in keys)
    said = {fault.key for fault in source.faults}
    for key in ("user_id", *(["session_id"] if with_sessions else []), *([] if by_path else keys)):
        if key not in source.columns and key not in said:
            findings.add(missing_column(key, source, _wanted(levels, with_sessions=with_sessions)))
    columns: dict[str, Any] = {}
    if "user_id" in source.columns:
        columns["user_id"] = convert_column(source.columns["user_id"], USER, findings)
    if "session_id" in source.columns and not _refused("session_id", source, findings):
        columns["session_id"] = _session_lists(source.columns["session_id"], findings)
    if not with_sessions:
        columns["session_id"] = pa.repeat(pa.scalar([], TEXTS), source.rows)
    if by_path and not _refused("group_path", source, findings):
        columns |= _levels_of_path(source.columns["group_path"], keys, findings)
    if not by_path:
        parts = [Column(key, "text", "a level", filled=True, repeats=True) for key in keys if key in source.columns]
        columns |= {part.name: convert_column(source.columns[part.name], part, findings) for part in parts}
    findings.raise_if_any(unusable(source))
    return pa.table(columns)


def _refused(key: str, source: Source, findings: Findings) -> bool:
    return refuse_foreign(source.columns[key], key, "text", findings)


def _session_lists(raw: RawColumn, findings: Findings) -> pa.ChunkedArray:
    fast = _fast_lists(raw)
    if fast is None:
        return _exact_lists(raw, findings)
    lists = pc.if_else(pc.is_null(fast), pa.scalar([], TEXTS), fast) if fast.null_count else fast
    parts = pc.list_flatten(lists)
    if not parts.null_count and not has_blank(parts):
        return lists
    return _exact_lists(lists, findings)


def _fast_lists(raw: RawColumn) -> pa.ChunkedArray | None:
    """Return lists of texts, of one for each single text; None where a value needs a closer look."""
    if not isinstance(raw, pa.ChunkedArray):
        return None
    if _holds_lists(raw.type):
        inner = raw.type.value_type
        return raw.cast(TEXTS) if _is_text_or_null(inner) or pa.types.is_integer(inner) else None
    texts = fast_column(raw, "text")
    if texts is None or pc.any(pc.starts_with(texts, "[")).as_py():
        return None
    return pa.chunked_array([_lists_of_one(chunk) for chunk in texts.chunks], TEXTS)


def _holds_lists(kind: pa.DataType) -> bool:
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind))


def _is_text_or_null(kind: pa.DataType) -> bool:
    return is_text(kind) or bool(pa.types.is_null(kind))


def _lists_of_one(texts: pa.StringArray) -> pa.ListArray:
    valid = np.asarray(pc.is_valid(texts))
    offsets = np.zeros(len(texts) + 1, np.int32)
    np.cumsum(valid, out=offsets[1:])
    return pa.ListArray.from_arrays(offsets, _without_nulls(texts, valid))


def _without_nulls(texts: pa.StringArray, valid: Bools) -> pa.StringArray:
    """Drop nulls; where these have no bytes, as nulls seldom do, without a copy of the others."""
    bounds = text_bounds(texts)
    if (np.diff(bounds)[~valid] > 0).any():
        return texts.drop_null()
    kept = bounds[np.append(valid, True)]
    return pa.StringArray.from_buffers(len(kept) - 1, pa.py_buffer(kept), texts.buffers()[2])


def _exact_lists(raw: RawColumn, findings: Findings) -> pa.ChunkedArray:
    lists = []
    for row, value in enumerate(_values(raw)):
        try:
            lists.append(_sessions(value))
        except ValueError as error:
            lists.append([])
            findings.add_row("bad_session_id", "session_id", row, str(error), value)
    return pa.chunked_array([pa.array(lists, TEXTS)])


def _sessions(value: object) -> list[object]:
    found = _decoded(value)
    parts = found if isinstance(found, list) else [] if is_missing(plain_value(found)) else [found]
    read = [read_value(part, "text") for part in parts]
    if any(part is None or not str(part).strip() for part in read):
        raise ValueError("a session's identifier is blank")
    return read


def _decoded(value: object) -> object:
    """Return a list for any sequence and for its JSON text; another value as it is."""
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            return msgspec.json.decode(value)
        except msgspec.DecodeError:
            raise ValueError('expected a JSON list such as ["a","b"]') from None
    return list(value) if isinstance(value, tuple | np.ndarray) else value


def _values(raw: RawColumn) -> Sequence[Any]:
    return list(raw.to_pylist()) if isinstance(raw, pa.ChunkedArray) else raw


def _levels_of_path(raw: RawColumn, keys: Sequence[str], findings: Findings) -> dict[str, pa.ChunkedArray]:
    textual = isinstance(raw, pa.ChunkedArray) and is_text(raw.type)
    paths = _paths_of_json(raw, len(keys)) if textual else _fast_paths(raw)
    names = None if paths is None else _names_of_paths(paths, len(keys))
    if names is None:
        names = whole(pc.list_flatten(_exact_paths(raw, len(keys), findings)).dictionary_encode())
    codes = names.indices.to_numpy().reshape(-1, len(keys))
    return {
        key: pa.DictionaryArray.from_arrays(pa.array(np.ascontiguousarray(codes[:, position])), names.dictionary)
        for position, key in enumerate(keys)
    }


def _fast_paths(raw: RawColumn) -> pa.ChunkedArray | None:
    """Return lists of names; None where a value needs a closer look, or is no list."""
    if not isinstance(raw, pa.ChunkedArray) or not _holds_lists(raw.type):
        return None
    inner = raw.type.value_type
    if inner == ENCODED:
        return raw
    return raw.cast(TEXTS) if _is_text_or_null(inner) else None


def _paths_of_json(texts: pa.ChunkedArray, depth: int) -> pa.ChunkedArray | None:
    """Read each different text once; None where one is not a path."""
    encoded = whole(texts).dictionary_encode()
    try:
        paths = [_path(text, depth) for text in encoded.dictionary.to_pylist()]
    except ValueError:
        return None
    return pa.chunked_array([pa.array(paths, TEXTS).take(encoded.indices)])


def _names_of_paths(paths: pa.ChunkedArray, depth: int) -> pa.DictionaryArray | None:
    """Return the names of all paths one after the other, each different one kept once; None where one is at fault."""
    if paths.null_count or pc.any(pc.not_equal(pc.list_value_length(paths), depth)).as_py():
        return None
    names = whole(pc.list_flatten(paths).dictionary_encode().unify_dictionaries())
    return names if not names.null_count and are_names(names.dictionary) else None


def _exact_paths(raw: RawColumn, depth: int, findings: Findings) -> pa.ChunkedArray:
    paths = []
    for row, value in enumerate(_values(raw)):
        try:
            paths.append(_path(value, depth))
        except ValueError as error:
            paths.append([""] * depth)
            findings.add_row("bad_group_path", "group_path", row, str(error), value)
    return pa.chunked_array([pa.array(paths, TEXTS)])


def _path(value: object, depth: int) -> list[Any]:
    found = _decoded(value)
    if not isinstance(found, list):
        raise ValueError("expected a list of group names")
    if len(found) != depth:
        raise ValueError(f"expected {depth} group names, one for each level, found {len(found)}")
    if not all(isinstance(part, str) for part in found):
        raise ValueError("each group name must be text")
    if not all(part.strip() for part in found):
        raise ValueError("a group name is blank")
    return [read_value(part, "text") for part in found]
