"""The cells of an exported file, read back as texts and compared."""

from __future__ import annotations

import csv
import importlib
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import ParseError

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ..errors import InputError, MissingExtra, shorten
from .cells import plain

__all__ = ["Sheet", "cell_differences", "read_cells"]

Sheet = list[tuple[str, ...]]
"""Rows of texts, the header first; a row may end before its empty cells."""


def read_cells(path: Path) -> dict[str, Sheet]:
    """Read the cells of a ``.csv``, ``.xlsx`` or ``.parquet`` file; a missing value is an empty text.

    Returns
    -------
    dict of str to Sheet
        By the name of the sheet; the empty name for what is no workbook.

    Raises
    ------
    InputError
        If the file cannot be read, or is of another kind.
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise InputError(f"The cells of {path.name} cannot be read back: only those of {', '.join(READERS)} files.")
    try:
        return reader(path)
    except (OSError, ValueError, KeyError, csv.Error, zipfile.BadZipFile, ParseError, pa.ArrowException):
        raise InputError(f"{path.name} cannot be read as a {path.suffix.lower()} file any more.") from None


def cell_differences(found: Sheet, expected: Sheet) -> Iterator[str]:
    """Say where two sheets differ: columns, number of rows, then cells by line (the header is line 1) and column.

    Texts are not quoted, since they may name learners; numbers are.
    """
    header, wanted = (sheet[0] if sheet else () for sheet in (found, expected))
    for name in dict.fromkeys(wanted):
        if name not in header:
            yield f"there is no column {shorten(name)}"
    for name in dict.fromkeys(header):
        if name not in wanted:
            yield f"the column {shorten(name)} should not be there"
    if len(found) != len(expected):
        yield f"there are {max(len(found) - 1, 0):,} rows instead of {len(expected) - 1:,}"
        return
    shared = [(header.index(name), wanted.index(name), name) for name in dict.fromkeys(wanted) if name in header]
    for line, (row, right) in enumerate(zip(found[1:], expected[1:], strict=True), start=2):
        for here, there, name in shared:
            cell, meant = (cells[at] if at < len(cells) else "" for cells, at in ((row, here), (right, there)))
            if cell != meant:
                yield f"line {line}, {shorten(name)}: {_shown(cell)} instead of {_shown(meant)}"


def _shown(cell: str) -> str:
    if not cell:
        return "an empty cell"
    try:
        float(cell)
    except ValueError:
        return "another text"
    return shorten(cell).strip("'")


def _read_csv(path: Path) -> dict[str, Sheet]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {"": [tuple(row) for row in csv.reader(file)]}


def _read_workbook(path: Path) -> dict[str, Sheet]:
    try:
        openpyxl: Any = importlib.import_module("openpyxl")
    except ImportError:
        raise MissingExtra("openpyxl", "excel", "Reading a workbook") from None
    workbook = openpyxl.load_workbook(path, read_only=True)
    try:
        return {sheet.title: _texts(sheet.iter_rows(values_only=True)) for sheet in workbook.worksheets}
    finally:
        workbook.close()


def _read_parquet(path: Path) -> dict[str, Sheet]:
    frame = pq.read_table(path).to_pandas()
    columns = [frame.iloc[:, position] for position in range(frame.shape[1])]
    return {"": _texts([tuple(frame.columns), *zip(*columns, strict=True)])}


def _texts(rows: Any) -> Sheet:
    return [tuple(map(_as_text, row)) for row in rows]


def _as_text(value: object) -> str:
    found = plain(value)
    return "" if pd.isna(found) else str(found)  # type: ignore[call-overload]


READERS: Final[Mapping[str, Callable[[Path], dict[str, Sheet]]]] = {
    ".csv": _read_csv,
    ".xlsx": _read_workbook,
    ".parquet": _read_parquet,
}
