"""CSV files: every cell as text, so that the id 007 stays 007.

Arrow reads the cells. Python's own parser follows it only where a line number
is needed: a quoted cell may hold line breaks, so rows are not lines.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.csv as pacsv

from ..errors import FAULTS_SHOWN, Fault, InputError
from .sources import Source, Wanted, repeated_columns
from .text_files import read_utf8

__all__ = ["csv_source"]

DELIMITERS: Final = (",", ";", "\t")
QUOTED = re.compile(rb'(?<![^,;\t\r\n])"(?:[^"]|"")*+"')
HEADER = re.compile(rb"(?:\s*\n)?((?:" + QUOTED.pattern + rb'|[^\n"]+|")*+)')
NAMED_DELIMITER = re.compile(rb'"?sep=([^\r\n"])"?\r?\n', re.IGNORECASE)
BLOCK = 1 << 24  # bytes Arrow parses at once; also the longest row


def csv_source(path: Path, wanted: Wanted) -> Source:
    """Read the wanted columns of a CSV file as text; an empty cell is null.

    Cells are separated by commas, or by semicolons or tabs where the header
    line has more of these outside quotes, or by what a first line such as
    ``sep=;``, as Excel takes it, says. Numbers have a decimal point in each case. UTF-8
    with or without a byte order mark; lines end in LF or CRLF; blank lines are skipped.

    Raises
    ------
    InputError
        If it is empty, not UTF-8, or not CSV: then with the line of each row of the wrong length.
    """
    text = read_utf8(path)
    if not text.endswith(b"\n"):  # Arrow takes a header line without an end for half a row
        text += b"\n"
    delimiter, text = _delimiter(path.name, text)
    names = next(_records(path.name, text, delimiter))[1]
    taken = [name for name in wanted if names.count(name) == 1]
    _check_quotes(path.name, text, delimiter)
    table = _cells(path.name, text, delimiter, taken, len(names)) if taken else pa.table({})
    columns = {name: table.column(name) for name in taken}
    lines = _lines_of(path.name, text, delimiter)
    return Source(
        path.name, path.name, tuple(names), columns, table.num_rows, lines, repeated_columns(names, wanted, path.name)
    )


def _delimiter(name: str, text: bytes) -> tuple[str, bytes]:
    """Return what separates cells, and the text with a blank line in place of one that names it."""
    named = NAMED_DELIMITER.match(text)
    if named:
        text = b"\n" + text[named.end() :]
        if text.isspace():
            raise InputError(f"{name} is empty.")
        return named[1].decode(), text
    found = HEADER.match(text)
    header = QUOTED.sub(b"", found[1]).decode() if found else ""
    return max(DELIMITERS, key=header.count), text


def _records(name: str, text: bytes, delimiter: str, *, strict: bool = False) -> Iterator[tuple[int, list[str]]]:
    """Yield each record that is not blank, with the line it begins in."""
    lines = io.TextIOWrapper(io.BytesIO(text), encoding="utf-8", newline="")
    reader = csv.reader(lines, delimiter=delimiter, strict=strict)
    line = 1
    try:
        for cells in reader:
            if cells:
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        fault = Fault("not_csv", f"the row that begins here is not CSV: {error}", file=name, line=line)
        raise InputError(f"{name} cannot be read.", [fault]) from None


def _check_quotes(name: str, text: bytes, delimiter: str) -> None:
    """Refuse a quoted cell that is never closed: Arrow takes the rest of the file as that cell."""
    if text.count(b'"') % 2:
        for _ in _records(name, text, delimiter, strict=True):
            pass


def _cells(name: str, text: bytes, delimiter: str, taken: Sequence[str], width: int) -> pa.Table:
    skipped = []

    def skip(row: pacsv.InvalidRow) -> str:
        skipped.append(row.actual_columns)
        return "skip"

    parse = pacsv.ParseOptions(delimiter=delimiter, newlines_in_values=b'"' in text, invalid_row_handler=skip)
    convert = pacsv.ConvertOptions(
        include_columns=taken,
        column_types=dict.fromkeys(taken, pa.string()),
        null_values=[""],
        strings_can_be_null=True,
        check_utf8=False,  # read_utf8 did
    )
    try:
        table = pacsv.read_csv(pa.BufferReader(text), pacsv.ReadOptions(block_size=BLOCK), parse, convert)
    except (pa.ArrowInvalid, pa.ArrowKeyError):
        said = f"its header cannot be told from its rows, or a row is longer than {BLOCK:,} bytes"
        raise InputError(f"{name} is not CSV that can be read: {said}.") from None
    if skipped:
        raise _uneven_rows(name, text, delimiter, width)
    return table


def _uneven_rows(name: str, text: bytes, delimiter: str, width: int) -> InputError:
    said = f"expected {width} cells as in the header, found "
    uneven = [(line, len(cells)) for line, cells in _records(name, text, delimiter) if len(cells) != width]
    faults = [Fault("row_length", f"{said}{n}", file=name, line=line) for line, n in uneven[:FAULTS_SHOWN]]
    return InputError(f"{name} cannot be read.", faults, kinds={"row_length": len(uneven)})


def _lines_of(name: str, text: bytes, delimiter: str) -> Callable[[Sequence[int]], list[int]]:
    def lines_of(rows: Sequence[int]) -> list[int]:
        wanted = set(rows)
        found = []
        for row, (line, _) in enumerate(_records(name, text, delimiter), start=-1):  # the header is row -1
            if row in wanted:
                found.append(line)
            if len(found) == len(wanted):
                break
        return found

    return lines_of
