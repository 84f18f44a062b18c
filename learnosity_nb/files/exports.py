"""Files to pass on: CSV that a spreadsheet can open without running what is in it, and other formats."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Final, TextIO

import pandas as pd
import pyarrow as pa

from ..errors import InputError
from .cells import FORMULA, plain, with_named_index
from .excel import to_excel
from .provenance import exported, written_table

__all__ = ["csv_text", "to_csv", "write_frame"]

NUMBERS_AND_TIMES: Final = "biufcmM"
"""Kinds of column types whose cells are written as they are."""

BOM: Final = "\ufeff"


def to_csv(
    frame: pd.DataFrame,
    path: str | os.PathLike[str],
    *,
    escape_formulas: bool = True,
    bom: bool = False,
    provenance: bool = True,
    code: str | None = None,
) -> Path:
    """Write a frame as CSV (RFC 4180, UTF-8, CRLF).

    A text that begins with ``= + - @``, TAB, CR, LF or a full-width form of these, in a cell or a header, gets a
    leading ``'``. Numbers stay numbers, also negative ones. Missing values are empty cells; a tuple or list, such as
    a group path, is compact JSON. The index is written only if it has a name. The file appears whole: while it is
    written, and if that fails, an older file of that name stays.

    Parameters
    ----------
    frame
        Any result of this package, or a frame of your own.
    path
        The file, also as ``~/…``; its directory must exist.
    escape_formulas
        Whether texts that look like formulas are made harmless.
    bom
        Whether to begin with a byte order mark, which older versions of Excel need to see UTF-8.
    provenance
        Whether to write ``<path>.provenance.json`` beside it, which `verify` reads: sha256, columns, version, and
        the dataset and call that the frame is from.
    code
        Python text that gives the frame again, to stand in that file.

    Returns
    -------
    pathlib.Path
        The file written.

    Raises
    ------
    InputError
        If `frame` is no DataFrame, holds text that is not Unicode, or the file cannot be written.

    Examples
    --------
    >>> to_csv(dataset.walk(), "groups.csv")  # doctest: +SKIP
    PosixPath('groups.csv')
    """
    _check_frame(frame, "to_csv")
    target = Path(path).expanduser()
    options = {"escape_formulas": escape_formulas, "bom": bom}
    with (
        exported(
            target, lambda: [written_table(frame)], provenance=provenance, options=options, code=code
        ) as temporary,
        temporary.open("w", encoding="utf-8", newline="") as file,
    ):
        _write_csv(frame, file, escape=escape_formulas, bom=bom)
    return target


def csv_text(frame: pd.DataFrame, *, escape_formulas: bool = True, bom: bool = False) -> str:
    """Return a frame as CSV text: encoded as UTF-8, the very bytes that `to_csv` writes.

    Parameters
    ----------
    frame, escape_formulas, bom
        As for `to_csv`.

    Raises
    ------
    InputError
        If `frame` is no DataFrame, or holds half a surrogate pair.
    """
    _check_frame(frame, "csv_text")
    buffer = io.BytesIO()
    file = io.TextIOWrapper(buffer, encoding="utf-8", newline="")
    try:
        _write_csv(frame, file, escape=escape_formulas, bom=bom)
        file.flush()
    except UnicodeEncodeError:
        raise InputError("The CSV cannot be made: a text holds half a surrogate pair.") from None
    return buffer.getvalue().decode("utf-8")


def write_frame(
    frame: pd.DataFrame, path: str | os.PathLike[str], *, provenance: bool = True, code: str | None = None
) -> Path:
    """Write a frame in the format that the file's name ends in: ``.xlsx``, ``.csv``, ``.parquet`` or ``.html``.

    Parameters
    ----------
    frame
        Any result of this package.
    path
        The file, also as ``~/…``; its directory must exist. CSV is written as `to_csv` does, a workbook as
        `to_excel` does; HTML is one plain table.
    provenance, code
        As for `to_csv`.

    Returns
    -------
    pathlib.Path
        The file written.

    Raises
    ------
    InputError
        If the name ends otherwise, or the file cannot be written.
    """
    _check_frame(frame, "write_frame")
    target = Path(path).expanduser()
    suffix = target.suffix.lower()
    if suffix == ".csv":
        return to_csv(frame, target, provenance=provenance, code=code)
    if suffix == ".xlsx":
        return to_excel(frame, target, provenance=provenance, code=code)
    if suffix not in {".parquet", ".html"}:
        raise InputError(f"{target.name} must end in .xlsx, .csv, .parquet or .html.")
    write = _write_parquet if suffix == ".parquet" else _write_html
    with exported(target, lambda: [written_table(frame)], provenance=provenance, code=code) as temporary:
        write(with_named_index(frame), temporary)
    return target


def _check_frame(frame: object, function: str) -> None:
    if not isinstance(frame, pd.DataFrame):
        raise InputError(f"{function} writes a DataFrame, not {type(frame).__name__}.")


def _write_csv(frame: pd.DataFrame, file: TextIO, *, escape: bool, bom: bool) -> None:
    cells = with_named_index(frame)
    texts = pd.DataFrame(
        {position: _column(cells.iloc[:, position], escape=escape) for position in range(cells.shape[1])},
        index=cells.index,
    )
    header = [str(_cell(str(name), escape=escape)) for name in cells.columns]
    if bom:
        file.write(BOM)
    # With \n alone a lone CR in a cell would not be quoted.
    texts.to_csv(file, header=header, index=False, lineterminator="\r\n")


def _column(column: pd.Series, *, escape: bool) -> pd.Series:
    if isinstance(column.dtype, pd.CategoricalDtype):
        textual = isinstance(column.cat.categories.dtype, pd.StringDtype)
        column = column.astype(column.cat.categories.dtype if textual else object)
    if isinstance(column.dtype, pd.StringDtype):
        return _strings(column) if escape else column
    if column.dtype.kind in NUMBERS_AND_TIMES:
        return column
    return pd.Series([_cell(value, escape=escape) for value in column], index=column.index, dtype=object)


def _strings(column: pd.Series) -> pd.Series:
    risky = column.str.match(FORMULA.pattern).fillna(False).to_numpy(bool)
    return column.mask(risky, "'" + column) if risky.any() else column


def _cell(value: object, *, escape: bool) -> object:
    cell = plain(value)
    return f"'{cell}" if escape and isinstance(cell, str) and FORMULA.match(cell) else cell


def _write_parquet(frame: pd.DataFrame, path: Path) -> None:
    try:
        frame.to_parquet(path, index=False)
    except (pa.ArrowException, ValueError, TypeError):  # their messages may hold a cell
        raise InputError(
            "The frame cannot be written as Parquet: a column mixes kinds of values, or two have one name. "
            "Write it as .csv."
        ) from None


def _write_html(frame: pd.DataFrame, path: Path) -> None:
    page = frame.to_html(index=False, na_rep="", border=0)  # escapes the cells
    path.write_text(f'<!doctype html>\n<meta charset="utf-8">\n{page}\n', encoding="utf-8")
