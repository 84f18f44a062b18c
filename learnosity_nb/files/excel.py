"""Excel workbooks: one sheet per level, numbers as numbers, and no text that becomes a formula.

A workbook is written row by row, so that large frames fit. Its limits are those of the format (ECMA-376, and Excel's
own "specifications and limits").
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pandas as pd

from ..errors import InputError, MissingExtra
from .cells import with_named_index
from .excel_cells import ColumnCells, cell_value, column_width, size_faults, text_faults
from .provenance import WrittenTable, exported, written_table
from .sheets import SheetNames, sheets_of_levels

__all__ = ["to_excel"]

ROWS_AT_ONCE: Final = 5_000


def to_excel(
    frames: pd.DataFrame | Mapping[str, pd.DataFrame],
    path: str | os.PathLike[str],
    *,
    provenance: bool = True,
    code: str | None = None,
) -> Path:
    """Write frames as an Excel workbook.

    Every sheet has its header bold and frozen, a filter on each column, and column widths after the values. Numbers
    are numbers, shown with 2 decimals for points, 1 for percents and none for counts; the cell holds the full value.
    A text is never a formula and is not changed, but for what a workbook cannot hold: a control character becomes its
    picture (NUL is ␀), a line break LF. Times are in UTC, without a zone and to the millisecond; one before March 1900
    is text, and so are infinity and a whole number over 2**53, which a cell would round. Missing values are empty
    cells; a tuple or list, such as a group path, is compact JSON. The index is written only if it has a name.

    Parameters
    ----------
    frames
        A frame, or sheet name to frame. A frame of groups of several levels gets one sheet per level, named by the
        level's column; the root group's is ``all``. Names are cut to what Excel allows and made unique.
    path
        The file, ending in ``.xlsx``, also as ``~/…``; its directory must exist.
    provenance, code
        As for `to_csv`.

    Returns
    -------
    pathlib.Path
        The file written.

    Raises
    ------
    MissingExtra
        If openpyxl is not installed.
    InputError
        If a sheet would have more than 1,048,576 rows or 16,384 columns, a text is longer than 32,767 characters
        or holds half a surrogate pair (each such cell is named), or the file cannot be written.

    Examples
    --------
    >>> to_excel({"Groups": dataset.walk(), "Oregon": dataset.groups(["Oregon"])}, "report.xlsx")  # doctest: +SKIP
    PosixPath('report.xlsx')
    """
    target = Path(path).expanduser()
    if target.suffix.lower() != ".xlsx":
        raise InputError(f"{target.name} must end in .xlsx: Excel goes by the name.")
    openpyxl = _openpyxl()
    named, tables = _sheets(frames)
    _check_cells(named, target.name)
    with exported(target, lambda: tables, provenance=provenance, code=code) as temporary:
        workbook = openpyxl.Workbook(write_only=True)
        workbook.properties.creator = "learnosity_nb"
        for name, frame in named.items():
            _write_sheet(workbook.create_sheet(name), frame)
        workbook.save(temporary)
    return target


def _openpyxl() -> Any:
    try:
        return importlib.import_module("openpyxl")
    except ImportError:
        raise MissingExtra("openpyxl", "excel", "An Excel workbook") from None


def _sheets(
    frames: pd.DataFrame | Mapping[str, pd.DataFrame],
) -> tuple[dict[str, pd.DataFrame], list[WrittenTable]]:
    """Return the frame of each sheet, and what is written of each frame that was passed."""
    given = {None: frames} if isinstance(frames, pd.DataFrame) else frames
    if not isinstance(given, Mapping) or not all(isinstance(frame, pd.DataFrame) for frame in given.values()):
        raise InputError("to_excel writes a DataFrame, or a dict of sheet name to DataFrame.")
    if not given:
        raise InputError("A workbook needs at least one sheet: the dict of frames is empty.")
    names = SheetNames()
    sheets: dict[str, pd.DataFrame] = {}
    tables = []
    for title, frame in given.items():
        parts = {
            names.take(part if title is None else f"{title} {part}" if part else str(title)): rows
            for part, rows in sheets_of_levels(frame)
        }
        tables.append(written_table(frame, list(parts)))
        sheets.update({name: with_named_index(rows) for name, rows in parts.items()})
    return sheets, tables


def _check_cells(sheets: Mapping[str, pd.DataFrame], file: str) -> None:
    faults = [fault for name, frame in sheets.items() for fault in size_faults(name, frame)]
    if not faults:
        faults = [fault for name, frame in sheets.items() for fault in text_faults(name, frame)]
    if faults:
        raise InputError(f"{file} cannot be written as a workbook; write it as .csv.", faults)


def _write_sheet(sheet: Any, frame: pd.DataFrame) -> None:
    """Write a frame to an empty sheet of a workbook that is streamed: what concerns the columns goes first."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    columns = [frame.iloc[:, position] for position in range(frame.shape[1])]
    if not columns:
        return
    sheet.freeze_panes = "A2"
    for position, column in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(position)].width = column_width(column)
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{len(frame) + 1}"

    def make() -> Any:
        return WriteOnlyCell(sheet)

    bold = Font(bold=True)
    header = [ColumnCells(make, column).cell(cell_value(str(column.name))) for column in columns]
    for cell in filter(None, header):
        cell.font = bold
    sheet.append(header)
    cells = [ColumnCells(make, column) for column in columns]
    for start in range(0, len(frame), ROWS_AT_ONCE):
        values = [map(cell_value, column.iloc[start : start + ROWS_AT_ONCE]) for column in columns]
        for row in zip(*values, strict=True):
            sheet.append([column.cell(value) for column, value in zip(cells, row, strict=True)])
