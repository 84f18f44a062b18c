"""From the bytes of an input file to columns: in bulk where every line is right, else line by line.

The bulk reader takes only what the exact one takes without a fault or warning,
so the two never disagree about a file; the exact one runs where the bulk one
stops, and says where and why.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json

from ...files.conversions import has_blank
from .exact_lines import SCHEMA, numbered_lines, read_exactly
from .line_faults import MAX_LINE_BYTES, MAX_SESSIONS, FaultLog, LineReader

__all__ = ["Intake", "level_columns", "read_lines"]

BLOCK_BYTES = 1 << 22  # more than a line; little, so that few blocks are in memory at once
OPENING, CLOSING = b"{}"
SEAM = b"}\n{"


@dataclass(frozen=True)
class Intake:
    """One input file, read.

    Attributes
    ----------
    lines
        ``user_id`` (text), ``session_id`` (list of text) where lines have it, and
        one text column per level, called as `level_columns` says; no lines where
        one has a fault.
    faults, warnings
        What is wrong, and what was accepted though it is not as specified.
    blank
        Number of blank lines, which are passed over.
    """

    lines: pa.Table
    faults: FaultLog
    warnings: FaultLog
    blank: int


@dataclass(frozen=True, slots=True)
class _Lines:
    """How many lines hold something and how many do not, and whether each of the former may be one object."""

    filled: int
    blank: int
    whole: bool


def level_columns(depth: int) -> list[str]:
    """Return the names of the level columns: by position, as a level's key may be any text."""
    return [f"level_{level}" for level in range(1, depth + 1)]


def read_lines(path: Path, name: str, depth: int, *, with_sessions: bool = True) -> Intake:
    """Read an input file of a by-group dataset.

    Parameters
    ----------
    path
        The NDJSON file.
    name
        What to call it in messages.
    depth
        Number of levels below the root: the parts of each group path.
    with_sessions
        Whether lines list the user's sessions.
    """
    schema = SCHEMA if with_sessions else SCHEMA.remove(SCHEMA.get_field_index("session_id"))
    lines = _count_plain(path) or _count_lines(path)
    table = _read_in_bulk(path, schema, depth, lines.filled) if lines.whole else None
    if table is not None:
        return Intake(_columns(table, depth), FaultLog(), FaultLog(), lines.blank)
    reader = LineReader(name, depth, with_sessions=with_sessions)
    table = read_exactly(path, reader).select(schema.names)
    return Intake(_columns(table, depth), reader.faults, reader.warnings, lines.blank)


def _read_in_bulk(path: Path, schema: pa.Schema, depth: int, filled: int) -> pa.Table | None:
    """Return the table of a file of that many objects, one to a line; None if a line has a fault."""
    if not filled:
        return schema.empty_table()
    try:
        table = pyarrow.json.read_json(
            path,
            read_options=pyarrow.json.ReadOptions(block_size=BLOCK_BYTES),
            parse_options=pyarrow.json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="error"),
        )
        table.validate(full=True)  # invalid UTF-8 passes the parser
    except (pa.ArrowException, UnicodeDecodeError):
        return None
    if table.num_rows != filled or any(column.null_count for column in table.columns):
        return None
    return table if _is_right(table, depth) else None


def _is_right(table: pa.Table, depth: int) -> bool:
    paths, names = table["group_path"], [table["user_id"]]
    if pc.any(pc.not_equal(pc.list_value_length(paths), depth)).as_py():
        return False
    if "session_id" in table.column_names:
        sessions = table["session_id"]
        if pc.any(pc.greater(pc.list_value_length(sessions), MAX_SESSIONS)).as_py():
            return False
        names.append(pc.list_flatten(sessions))
    names.append(pc.list_flatten(paths).unique())
    return not any(column.null_count or has_blank(column) for column in names)


def _columns(table: pa.Table, depth: int) -> pa.Table:
    """Spread the group paths over one dictionary column per level; all levels share the dictionary of all names."""
    flat = pc.list_flatten(table["group_path"]).dictionary_encode().unify_dictionaries().combine_chunks()
    codes = flat.indices.to_numpy().reshape(-1, depth)
    levels = {
        key: pa.DictionaryArray.from_arrays(pa.array(np.ascontiguousarray(codes[:, level])), flat.dictionary)
        for level, key in enumerate(level_columns(depth))
    }
    columns: dict[str, Any] = {name: table[name] for name in table.column_names if name != "group_path"}
    return pa.table({**columns, **levels}).combine_chunks()


def _count_plain(path: Path) -> _Lines | None:
    """Count the lines of a file in which each is one object from its first byte to its last; None for another."""
    ends, seams, first, last = 0, 0, b"", b""
    with path.open("rb") as file:
        while piece := file.read(MAX_LINE_BYTES // 2):
            found = piece.count(b"\n")
            if not found and len(piece) == MAX_LINE_BYTES // 2:
                return None  # a line may be too long
            ends += found
            seams += (last + piece).count(SEAM)
            first, last = first or piece[:1], (last + piece)[1 - len(SEAM) :]
    lines = ends + (not last.endswith(b"\n"))
    whole = first == b"{" and last.rstrip(b"\n").endswith(b"}") and seams == lines - 1
    return _Lines(lines, 0, whole=True) if whole else None


def _count_lines(path: Path) -> _Lines:
    filled, blank, whole = 0, 0, True
    for _, _, line in numbered_lines(path):
        if text := line.strip():
            filled += 1
            whole = whole and text[0] == OPENING and text[-1] == CLOSING and len(line) <= MAX_LINE_BYTES
        else:
            blank += 1
    return _Lines(filled, blank, whole)
