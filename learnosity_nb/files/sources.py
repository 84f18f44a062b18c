"""A table as found, before any check: in a frame, or in a Parquet, CSV or NDJSON file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, Final, Literal

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ..errors import Fault, InputError
from .columns import Kind
from .conversions import RawColumn

__all__ = ["SUFFIXES", "Source", "Wanted", "frame_source", "parquet_source", "repeated_columns", "row_numbers"]

SUFFIXES: Final = (".parquet", ".csv", ".ndjson")
"""The kinds of data files, by suffix."""

Wanted = Mapping[str, Kind | Literal["texts", "repeated text", "repeated texts"]]
"""The columns to look for and the kind of their values; `texts` is a list of texts, `repeated` what is one of few."""


@dataclass(frozen=True, slots=True)
class Source:
    """A table whose columns have not been checked.

    Attributes
    ----------
    title
        What messages call the table: a file's name, or "The sessions table".
    file
        The file's name; None for a frame.
    names
        The names of all its columns, also of those nobody wanted.
    columns
        The wanted columns that could be read.
    rows
        The number of rows.
    lines_of
        Gives the lines (1-based) of rows (0-based, ascending).
    faults
        What was found wrong while reading.
    """

    title: str
    file: str | None
    names: tuple[str, ...]
    columns: Mapping[str, RawColumn]
    rows: int
    lines_of: Callable[[Sequence[int]], list[int]]
    faults: tuple[Fault, ...] = ()


def row_numbers(rows: Sequence[int]) -> list[int]:
    """Return rows counted from 1: the lines of a table without a header line."""
    return [row + 1 for row in rows]


def frame_source(frame: Any, wanted: Wanted, title: str) -> Source:
    """Take the wanted columns of a pandas frame, an Arrow table, or anything with ``__arrow_c_stream__``.

    Raises
    ------
    InputError
        If `frame` is no table, as a Series or an array is not.
    """
    if isinstance(frame, pd.DataFrame):
        return _pandas_source(frame, wanted, title)
    table = _arrow_table(frame)
    if table is None:
        some = ", ".join(list(wanted)[:3])
        raise InputError(
            f"{title} must be a DataFrame or an Arrow table, not {type(frame).__name__}. {_way_to_table(frame, some)}"
        )
    return _arrow_source(table, table.schema.names, wanted, title, None)


def parquet_source(path: Path, wanted: Wanted) -> Source:
    """Read the wanted columns of a Parquet file.

    Raises
    ------
    InputError
        If it is not a Parquet file that can be read.
    """
    try:
        with pa.OSFile(str(path)) as content:  # opened once: the file may be replaced at any time
            schema = pq.read_schema(content)
            names = schema.names
            found = [name for name in dict.fromkeys(names) if name in wanted]
            repeated = [name for name in found if wanted[name] == "repeated text" and _is_flat(schema, name)]
            table = pq.ParquetFile(content, read_dictionary=repeated, pre_buffer=False).read(columns=found)
    except (pa.ArrowException, OSError):
        raise InputError(
            f"{path.name} is not a Parquet file that can be read. Write it again from its source."
        ) from None
    return _arrow_source(table, names, wanted, path.name, path.name)


def _is_flat(schema: pa.Schema, name: str) -> bool:
    return not pa.types.is_nested(schema.types[schema.names.index(name)])


def _arrow_table(frame: Any) -> pa.Table | None:
    """Return anything that streams a table as one; None for what does not, such as a single column."""
    if isinstance(frame, pa.Table):
        return frame
    if not hasattr(frame, "__arrow_c_stream__"):
        return None
    try:
        reader = pa.RecordBatchReader.from_stream(frame)
    except pa.ArrowException:
        return None
    return reader.read_all()


def _way_to_table(found: Any, some: str) -> str:
    if isinstance(found, (str, PathLike)):
        return (
            "Read the file first, with pandas.read_csv(path, dtype=str) or its like, so that the id 007 stays 007; it "
            f"needs columns such as {some}."
        )
    for way in ("toPandas", "collect"):  # PySpark's frames, and the lazy ones of Polars
        if hasattr(found, way):
            return f"Pass frame.{way}()."
    return f"Pass a table with columns such as {some}."


def _arrow_source(table: pa.Table, names: Sequence[str], wanted: Wanted, title: str, file: str | None) -> Source:
    once = [name for name in wanted if names.count(name) == 1]
    columns = {name: _without_views(table.column(name)) for name in once}
    faults = repeated_columns(names, wanted, file)
    return Source(title, file, tuple(names), columns, table.num_rows, row_numbers, faults)


def _pandas_source(frame: pd.DataFrame, wanted: Wanted, title: str) -> Source:
    names = [name for name in frame.columns if isinstance(name, str)]
    columns = {name: _raw_series(frame[name]) for name in wanted if names.count(name) == 1}
    faults = (*repeated_columns(names, wanted, None), *_in_index(frame, names, wanted))
    return Source(title, None, tuple(names), columns, len(frame), row_numbers, faults)


def _in_index(frame: pd.DataFrame, names: Sequence[str], wanted: Wanted) -> list[Fault]:
    hidden = [name for name in frame.index.names if name in wanted and name not in names]
    said = "this is the frame's index, not a column: pass frame.reset_index()"
    return [Fault("column_in_index", said, key=str(name)) for name in hidden]


def repeated_columns(names: Sequence[str], wanted: Wanted, file: str | None) -> tuple[Fault, ...]:
    """Return a fault for each wanted column that comes more than once."""
    return tuple(
        Fault("column_twice", "the table has two columns of this name", file=file, key=name)
        for name in wanted
        if names.count(name) > 1
    )


def _raw_series(series: pd.Series) -> RawColumn:
    """Return a pandas column as Arrow data, or as Python values where Arrow would change some of them."""
    try:
        found = pa.array(series, from_pandas=True)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return series.tolist()
    if series.dtype == object and not _faithful(found.type):
        return series.tolist()
    return _without_views(found if isinstance(found, pa.ChunkedArray) else pa.chunked_array([found]))


def _without_views(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Give the categories of Polars the plain text type: Arrow decodes no dictionary of string views."""
    kind = column.type
    if not pa.types.is_dictionary(kind) or not pa.types.is_string_view(kind.value_type):
        return column
    plain = pa.dictionary(kind.index_type, pa.string())
    return pa.chunked_array(
        [pa.DictionaryArray.from_arrays(each.indices, each.dictionary.cast(pa.string())) for each in column.chunks],
        plain,
    )


def _faithful(found: pa.DataType) -> bool:
    """Whether Arrow infers this type only from Python objects that are all of one sort."""
    plain = found.value_type if pa.types.is_list(found) else found
    kinds = pa.types
    return bool(kinds.is_string(plain) or kinds.is_int64(plain) or kinds.is_boolean(plain) or kinds.is_null(plain))
