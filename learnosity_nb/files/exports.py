"""CSV files that a spreadsheet can open without running what is in them."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from ..errors import InputError
from .replacing import replacing

__all__ = ["to_csv", "write_frame"]

FORMULA: Final = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
"""How a text begins that a spreadsheet may take for a formula; quotes before it count, so that one can be taken off."""

NUMBERS_AND_TIMES: Final = "biufcmM"
"""Kinds of column types whose cells are written as they are."""


def to_csv(
    frame: pd.DataFrame, path: str | os.PathLike[str], *, escape_formulas: bool = True, bom: bool = False
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
        The file; its directory must exist.
    escape_formulas
        Whether texts that look like formulas are made harmless.
    bom
        Whether to begin with a byte order mark, which older versions of Excel need to see UTF-8.

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
    if not isinstance(frame, pd.DataFrame):
        raise InputError(f"to_csv writes a DataFrame, not {type(frame).__name__}.")
    target = Path(path)
    cells = frame.reset_index(allow_duplicates=True) if any(name is not None for name in frame.index.names) else frame
    texts = pd.DataFrame(
        {position: _column(cells.iloc[:, position], escape=escape_formulas) for position in range(cells.shape[1])},
        index=cells.index,
    )
    header = [str(_cell(str(name), escape=escape_formulas)) for name in cells.columns]
    with replacing(target) as temporary:
        try:
            texts.to_csv(
                temporary,
                header=header,
                index=False,
                encoding="utf-8-sig" if bom else "utf-8",
                lineterminator="\r\n",  # with \n alone a lone CR in a cell would not be quoted
            )
        except UnicodeEncodeError:
            raise InputError(f"{target.name} cannot be written: a text holds half a surrogate pair.") from None
    return target


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
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, tuple | list | dict):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    if not isinstance(value, str) and pd.api.types.is_scalar(value):
        return value
    return f"'{value}" if escape and FORMULA.match(str(value)) else value


def write_frame(frame: pd.DataFrame, path: str | os.PathLike[str]) -> Path:
    """Write a frame in the format that the file's name ends in: ``.csv``, ``.parquet`` or ``.html``.

    Parameters
    ----------
    frame
        Any result of this package.
    path
        The file; its directory must exist. CSV is written as `to_csv` does; HTML is one plain table.

    Returns
    -------
    pathlib.Path
        The file written.

    Raises
    ------
    InputError
        If the name ends otherwise, or the file cannot be written.
    """
    target = Path(path)
    if target.suffix == ".csv":
        return to_csv(frame, target)
    if target.suffix not in {".parquet", ".html"}:
        raise InputError(f"{target.name} must end in .csv, .parquet or .html.")
    with replacing(target) as temporary:
        if target.suffix == ".parquet":
            frame.to_parquet(temporary, index=False)
        else:
            page = frame.to_html(index=False, na_rep="", border=0)  # escapes the cells
            temporary.write_text(f'<!doctype html>\n<meta charset="utf-8">\n{page}\n', encoding="utf-8")
    return target
