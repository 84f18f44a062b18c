"""Data files and frames, read and checked into tables with fixed columns and types."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from ..compute.arrays import whole
from ..compute.text_index import TextIndex, all_distinct, index_texts
from ..errors import Fault, InputError, shorten
from .columns import TableSpec, suggest_column
from .conversions import convert_column
from .csv_files import csv_source
from .findings import Findings
from .ndjson_files import ndjson_source
from .sources import SUFFIXES, Source, Wanted, frame_source, parquet_source

__all__ = [
    "KeyedTable",
    "check_keyed",
    "check_table",
    "missing_column",
    "open_source",
    "read_keyed",
    "read_table",
    "unusable",
]

READERS: Final[Mapping[str, Callable[[Path, Wanted], Source]]] = {
    ".parquet": parquet_source,
    ".csv": csv_source,
    ".ndjson": ndjson_source,
}

NAMES_WIDTH: Final = 200


@dataclass(frozen=True, eq=False)
class KeyedTable:
    """A checked table.

    Attributes
    ----------
    table
        Its columns, as `read_table` gives them.
    keys
        The index of the column that identifies a row; None where there is none, or there are several.
    names
        The names of all columns that were found, also of those the table leaves out.
    """

    table: pa.Table
    keys: TextIndex | None
    names: tuple[str, ...]


def read_table(path: Path, table: TableSpec) -> pa.Table:
    """Read a data file: ``.parquet``, ``.csv`` or ``.ndjson``.

    Parameters
    ----------
    path
        The file.
    table
        What it should hold.

    Returns
    -------
    pyarrow.Table
        The known columns that the file has, in the order of `table`: text is string, or a dictionary of string in a
        column that repeats, number float64, whole int64,
        time timestamp[us, UTC], boolean bool, date date32. Missing values are null; NaN and empty text are missing.

    Raises
    ------
    ColumnError
        With every fault of the file: absent columns, and values by line, column and value.
    InputError
        If the file cannot be read at all.
    """
    return read_keyed(path, table).table


def read_keyed(path: Path, table: TableSpec) -> KeyedTable:
    """Read a data file as `read_table` does, and keep what was worked out to check its keys."""
    return _checked(open_source(path, _wanted(table)), table)


def check_table(frame: Any, table: TableSpec, name: str | None = None) -> pa.Table:
    """Check a frame as `read_table` checks a file; the result is the same for the same data.

    Parameters
    ----------
    frame
        A pandas DataFrame, a pyarrow Table, or anything with ``__arrow_c_stream__``.
    table
        What it should hold.
    name
        What messages call it; the name of `table` when omitted.

    Raises
    ------
    ColumnError
        With every fault of the frame; ``Fault.line`` is the row, counted from 1.
    InputError
        If it is no table.
    """
    return check_keyed(frame, table, name).table


def check_keyed(frame: Any, table: TableSpec, name: str | None = None) -> KeyedTable:
    """Check a frame as `check_table` does, and keep what was worked out to check its keys."""
    return _checked(frame_source(frame, _wanted(table), f"The {name or table.name} table"), table)


def open_source(path: Path, wanted: Wanted) -> Source:
    """Read the wanted columns of a data file, also as ``~/…``, unchecked, by its suffix.

    Raises
    ------
    InputError
        If the file cannot be read, or has another suffix.
    """
    path = path.expanduser()
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise InputError(
            f"{path.name} is not a data file: its name must end in {', '.join(SUFFIXES)}. Save a workbook's sheet as "
            "CSV UTF-8, or pass the frame that pandas reads from it."
        )
    if not path.is_file():
        raise InputError(f"There is no file {path}.")
    return reader(path, wanted)


def missing_column(key: str, source: Source, known: Wanted) -> Fault:
    """Return the fault of a column that is absent, naming columns that may be meant."""
    others = [name for name in source.names if name not in known]
    return Fault("missing_column", f"no column `{key}`{suggest_column(key, others)}", file=source.file)


def unusable(source: Source) -> str:
    """Return that a table cannot be used; if it has none of the columns looked for, with the names of those it has."""
    if source.columns or source.faults or not source.names:
        return f"{source.title} cannot be used."
    found = shorten(", ".join(source.names), NAMES_WIDTH)
    return f"{source.title} cannot be used: it has none of the columns needed. Those it has: {found}."


def _wanted(table: TableSpec) -> Wanted:
    return {column.name: "repeated text" if column.repeats else column.kind for column in table.columns}


def _checked(source: Source, table: TableSpec) -> KeyedTable:
    findings = Findings(source.file, source.lines_of, source.faults)
    said = {fault.key for fault in source.faults}
    columns = {}
    for column in table.columns:
        if column.name in source.columns:
            columns[column.name] = convert_column(source.columns[column.name], column, findings)
        elif column.required and column.name not in said:
            findings.add(missing_column(column.name, source, _wanted(table)))
    keys = _check_identity(columns, table.identity, findings)
    if keys is not None:
        columns[table.identity[0]] = pa.chunked_array([keys.known.texts])  # the pieces it was read in can go
    findings.raise_if_any(unusable(source))
    return KeyedTable(pa.table(columns), keys, source.names)


def _check_identity(
    columns: Mapping[str, pa.ChunkedArray], identity: tuple[str, ...], findings: Findings
) -> TextIndex | None:
    """Look for rows that repeat the identity of an earlier one; return the identities where they are one text each."""
    if not identity or not all(key in columns for key in identity):
        return None
    single = len(identity) == 1 and not columns[identity[0]].null_count
    found = index_texts(whole(columns[identity[0]])) if single else None
    if found is None or not all_distinct(found):
        _find_repeated(columns, identity, findings)
    return found


def _find_repeated(columns: Mapping[str, pa.ChunkedArray], identity: tuple[str, ...], findings: Findings) -> None:
    """Add a fault for each row that repeats the identity of an earlier one; rows without one are faults already."""
    keys = pa.table({key: columns[key] for key in identity})
    if keys.group_by(identity).aggregate([]).num_rows == keys.num_rows:
        return
    frame = keys.to_pandas()
    repeated = frame.duplicated() & frame.notna().all(axis=1)
    said = f"an earlier row has the same {' and '.join(identity)}"
    key = identity[-1]
    for row in repeated.to_numpy().nonzero()[0].tolist():
        findings.add_row(f"duplicate_{key}", key, row, said, frame[key][row])
