"""The sheets of a workbook: which rows each holds, and its name."""

from __future__ import annotations

import re
from numbers import Integral
from typing import Final

import pandas as pd

__all__ = ["SheetNames", "sheets_of_levels"]

LONGEST_NAME: Final = 31  # UTF-16 units
FORBIDDEN: Final = re.compile("[\\[\\]:*?/\\\\\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
RESERVED: Final = "history"
ROOT_SHEET: Final = "all"


class SheetNames:
    """Gives names that a workbook can hold, each one once."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, wanted: str) -> str:
        """Return a name like `wanted`: at most 31 characters, none that Excel refuses, and not given before."""
        name = FORBIDDEN.sub("_", wanted).strip("' ")
        if not name or name.casefold() == RESERVED:
            name = f"{name}_" if name else "Sheet1"
        found, number = _cut(name), 1
        while found.casefold() in self._taken:
            number += 1
            end = f" ({number})"
            found = _cut(name, LONGEST_NAME - len(end)) + end
        self._taken.add(found.casefold())
        return found


def sheets_of_levels(frame: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Return the rows of each level of a frame of groups, under the name of the level's column.

    A frame that is not of groups, or of groups of one level, is one part without a name.
    """
    if "group_path" not in frame.columns or "level" not in frame.columns or not frame.columns.is_unique:
        return [("", frame)]
    if not pd.api.types.is_integer_dtype(frame["level"].dtype) or frame["level"].nunique(dropna=False) < 2:
        return [("", frame)]
    return [(_level_name(frame, level), rows) for level, rows in frame.groupby("level", sort=True, dropna=False)]


def _level_name(frame: pd.DataFrame, level: object) -> str:
    """Return the key of a level: the columns of the levels follow ``group_path``."""
    if not isinstance(level, Integral):
        return "no level"
    keys = [ROOT_SHEET, *frame.columns[frame.columns.tolist().index("group_path") + 1 :]]
    number = int(level)
    if number == 0 or (0 < number < len(keys) and isinstance(frame[keys[number]].dtype, pd.StringDtype)):
        return str(keys[number])
    return f"level {number}"


def _cut(name: str, longest: int = LONGEST_NAME) -> str:
    units = name.encode("utf-16-le")[: 2 * longest]
    return units.decode("utf-16-le", "ignore").rstrip("' ") or "Sheet1"
