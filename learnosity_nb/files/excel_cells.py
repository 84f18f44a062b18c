"""What a workbook's cells can hold, and how a column's values become such cells."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from numbers import Integral, Real
from typing import Any, Final

import pandas as pd

from ..domain.fields import USER_FIELDS, find_group_field
from ..errors import Fault, shorten
from .cells import FORMULA, plain

__all__ = ["CellValue", "ColumnCells", "cell_value", "column_width", "number_format", "size_faults", "text_faults"]

CellValue = str | int | float | date | None

MOST_ROWS: Final = 1_048_576  # the header is one of them
MOST_COLUMNS: Final = 16_384
LONGEST_TEXT: Final = 32_767  # UTF-16 units
LARGEST_WHOLE: Final = 2**53  # a cell's number is a double
FIRST_MONTH: Final = (1900, 3)  # before it Excel counts a 29 February 1900 that never was
LAST_YEAR: Final = 9999

NOT_IN_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
LINE_BREAK: Final = re.compile("\r\n?")
LOOKS_ESCAPED: Final = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
"""What a reader of workbooks takes for the start of an escaped character, such as ``_x000D_``."""

DAY: Final = "yyyy-mm-dd"
MOMENT: Final = "yyyy-mm-dd hh:mm:ss"

LEAST_WIDTH: Final = 8
LARGEST_WIDTH: Final = 48
ROWS_FOR_WIDTH: Final = 200


def number_format(name: str, *, whole: bool) -> str:
    """Return the format of a column's numbers: counts whole, percents 1 decimal, points 2, others as they are."""
    field = find_group_field(name)
    if whole:
        return "#,##0" if field else "0"
    if "percent" in name:
        return "0.0"
    return "0.00" if field or name in USER_FIELDS or "score" in name else "General"


def cell_value(value: object) -> CellValue:
    """Return what a cell holds for a value: text, number, truth, time without a zone, or None for a missing one.

    Infinity, a whole number that a double would round and a time that Excel cannot count are text.
    """
    found = value if isinstance(value, str | float) else plain(value)
    if isinstance(found, str):
        return _text(found)
    if type(found) is float and math.isfinite(found):  # most cells
        return found
    if pd.isna(found):  # type: ignore[call-overload]
        return None
    if isinstance(found, datetime):
        return _moment(found)
    if isinstance(found, date):
        return found if (found.year, found.month) >= FIRST_MONTH else str(found)
    if pd.api.types.is_bool(found):
        return bool(found)
    if isinstance(found, Integral):
        return int(found) if abs(int(found)) <= LARGEST_WHOLE else str(int(found))
    if isinstance(found, Real | Decimal):
        return float(found) if math.isfinite(found) else str(float(found))
    return _text(str(found))


def _text(value: str) -> str:
    text = LINE_BREAK.sub("\n", value)
    text = NOT_IN_XML.sub(lambda found: chr(0x2400 + ord(found[0])) if found[0] < " " else "�", text)
    return LOOKS_ESCAPED.sub("_x005F_", text)


def _moment(value: datetime) -> datetime | str:
    moment = value if value.tzinfo is None else value.astimezone(UTC).replace(tzinfo=None)
    if (moment.year, moment.month) < FIRST_MONTH or moment.year > LAST_YEAR:
        return str(moment)
    return moment.to_pydatetime(warn=False) if isinstance(moment, pd.Timestamp) else moment


class ColumnCells:
    """The cells of one column, used again for each row: a streamed sheet writes a row before it takes the next.

    Parameters
    ----------
    make
        Makes an empty cell of the sheet.
    column
        The column, for the formats of its numbers and times.
    """

    def __init__(self, make: Any, column: pd.Series) -> None:
        self._number, self._time, self._text, self._quoted = make(), make(), make(), make()
        whole = pd.api.types.is_integer_dtype(column.dtype)
        self._number.number_format = number_format(str(column.name), whole=whole)
        self._time.number_format = _time_format(column)
        self._quoted.quotePrefix = True

    def cell(self, value: CellValue) -> Any:
        """Return a cell with the value; None for a missing one and for an empty text."""
        if value is None or value == "":
            return None
        if isinstance(value, str):
            cell = self._quoted if FORMULA.match(value) else self._text
            cell.value = value
            cell.data_type = "s"  # openpyxl takes = for a formula, #N/A for an error
        elif isinstance(value, float):
            cell = self._number
            cell.value = repr(value)  # every digit: openpyxl itself writes 16
            cell.data_type = "n"
        else:
            cell = self._time if isinstance(value, date) else self._number
            cell.value = value
        return cell


def _time_format(column: pd.Series) -> str:
    if column.dtype.kind != "M":
        return MOMENT
    times = column.dropna()
    return DAY if (times.dt.normalize() == times).all() else MOMENT


def column_width(column: pd.Series) -> int:
    """Return a width, in characters, that shows the header and most values."""
    sizes = [len(str(column.name)) + 3]  # the filter's arrow stands beside the header
    for value in column.head(ROWS_FOR_WIDTH):
        found = cell_value(value)
        sizes.append(len(found) if isinstance(found, str) else 10 if isinstance(found, float) else len(str(found)))
    return min(max(LEAST_WIDTH, *sizes), LARGEST_WIDTH)


def size_faults(sheet: str, frame: pd.DataFrame) -> Iterator[Fault]:
    """Yield a fault for each limit of a sheet that the frame exceeds."""
    rows, columns = frame.shape
    if rows >= MOST_ROWS:
        yield Fault("too_many_rows", f"a sheet holds {MOST_ROWS:,} rows with its header, not {rows + 1:,}", file=sheet)
    if columns > MOST_COLUMNS:
        yield Fault("too_many_columns", f"a sheet holds {MOST_COLUMNS:,} columns, not {columns:,}", file=sheet)


def text_faults(sheet: str, frame: pd.DataFrame) -> Iterator[Fault]:
    """Yield a fault for each text that no cell holds; the header is line 1."""
    for position, name in enumerate(frame.columns):
        column = frame.iloc[:, position]
        texts = () if column.dtype.kind in "biufcM" else tuple(column)
        for line, text in enumerate((str(name), *texts), start=1):
            said = _text_fault(plain(text))
            if said:
                yield Fault("bad_text", said, file=sheet, line=line, key=shorten(str(name)))


def _text_fault(text: object) -> str | None:
    if not isinstance(text, str) or (text.isascii() and len(text) <= LONGEST_TEXT):
        return None
    try:
        units = len(text.encode("utf-16-le")) // 2
    except UnicodeEncodeError:
        return "the text holds half a surrogate pair"
    return f"a cell holds {LONGEST_TEXT:,} characters, not {units:,}" if units > LONGEST_TEXT else None
