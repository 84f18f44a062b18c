"""An input file line by line: the right lines as columns, and every fault and warning of the others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pyarrow as pa

from .line_faults import MAX_LINE_BYTES, Line, LineReader

__all__ = ["SCHEMA", "numbered_lines", "read_exactly"]

SCHEMA: Final = pa.schema(
    [("user_id", pa.string()), ("session_id", pa.list_(pa.string())), ("group_path", pa.list_(pa.string()))]
)
BATCH_LINES: Final = 50_000
BOM: Final = b"\xef\xbb\xbf"
REST_BYTES: Final = 1 << 22  # of an over-long line, in memory at once


def read_exactly(path: Path, reader: LineReader) -> pa.Table:
    """Return the lines of a file; none of them once one has a fault.

    A file with a fault is refused as a whole, so its other lines are only looked at.

    Parameters
    ----------
    path
        The NDJSON file.
    reader
        Logs what is wrong with it.

    Returns
    -------
    Table
        Columns as `SCHEMA`.
    """
    batches: list[pa.RecordBatch] = []
    rows: list[Line] = []
    for number, offset, line in numbered_lines(path):
        if not line.strip():
            continue
        row = reader.read(number, offset, line)
        if row is None:
            rows.clear()
            batches.clear()
        elif not reader.faults.kinds:
            rows.append(row)
        if len(rows) == BATCH_LINES:
            batches.append(_batch(rows))
            rows.clear()
    return pa.Table.from_batches([*batches, _batch(rows)])


def numbered_lines(path: Path) -> Iterator[tuple[int, int, bytes]]:
    """Yield number, offset and bytes of each line; an over-long line is cut."""
    offset = 0
    with path.open("rb") as file:
        number = 0
        while piece := file.readline(MAX_LINE_BYTES + len(BOM) + 2):
            number += 1
            line, start = piece, offset
            offset += len(piece)
            while not piece.endswith(b"\n") and (piece := file.readline(REST_BYTES)):
                offset += len(piece)
            yield number, start, line.removeprefix(BOM) if number == 1 else line


def _batch(rows: list[Line]) -> pa.RecordBatch:
    columns = list(zip(*rows, strict=True)) if rows else [(), (), ()]
    return pa.record_batch([pa.array(column, kind) for column, kind in zip(columns, SCHEMA.types, strict=True)], SCHEMA)
