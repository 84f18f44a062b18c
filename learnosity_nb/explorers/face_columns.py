"""The columns of a table of users as its face shows them, and a page of cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from ..frames.columns import USER_FIELD_COLUMNS
from ..pages.group_columns import figure_label, name_column

__all__ = ["page_cells", "user_columns"]


def user_columns(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the columns of a table of users."""
    return [name_column("user_id", "Learner"), *(_user_column(name) for name in frame.columns if name != "user_id")]


def page_cells(frame: pd.DataFrame, keys: Sequence[str]) -> list[list[Any]]:
    """Return rows as JSON's own values, null where there is none; `frame` is one page, no more."""
    columns = [[None if missing else value for value, missing in _values(frame[key])] for key in keys]
    return [list(row) for row in zip(*columns, strict=True)] if columns else [[] for _ in range(len(frame))]


def _values(column: pd.Series) -> Iterable[tuple[Any, bool]]:
    return zip(column.tolist(), column.isna().tolist(), strict=True)


def _user_column(name: str) -> dict[str, Any]:
    known = USER_FIELD_COLUMNS.get(name)
    whole = known is not None and known.dtype == "Int64"
    shown = {"kind": "count", "unit": "", "places": 0} if whole else {"kind": "number", "unit": "points", "places": 2}
    meaning = known.meaning if known is not None else "as the service defines it"
    return {"key": name, "label": figure_label(name), **shown, "help": meaning, "sortable": True}
