"""The columns of every frame this package returns: dtype, unit and meaning.

Frames are built from these tables, also when they are empty, so that a column
has the same dtype whatever the rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from ..domain.fields import find_group_field

__all__ = [
    "DISTRIBUTION_COLUMNS",
    "GROUP_COLUMNS",
    "JOB_COLUMNS",
    "USER_FIELD_COLUMNS",
    "Column",
    "figure_column",
    "typed_frame",
]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a result.

    Attributes
    ----------
    name
        The column's name.
    dtype
        Its pandas dtype.
    meaning
        What a value says, with its unit, and what null means.
    """

    name: str
    dtype: str
    meaning: str


GROUP_COLUMNS: Final = (
    Column("group_id", "str", "md5 of the group path as compact JSON; 32 hex digits"),
    Column("level", "int64", "0 for the root group, 1 for the top level, and so on"),
    Column("group_name", "str", "the group's own name; empty for the root group"),
    Column("group_path", "object", "tuple of group names from the top level down; empty for the root group"),
)
"""Columns of a group's row, before one column per level and the figures."""

DISTRIBUTION_COLUMNS: Final = (
    Column("value", "float64", "a value that occurs in the group, in the field's unit"),
    Column("count", "int64", "users of the group with that value"),
)

JOB_COLUMNS: Final = (
    Column("reference", "str", "the job's reference, which `wait` takes"),
    Column("type", "str", "kind of job"),
    Column("status", "str", "queued, running, halted or completed"),
    Column("dt_created", "datetime64[us, UTC]", "when the job was queued"),
    Column("dt_completed", "datetime64[us, UTC]", "when it ended; null while it has not"),
    Column("data", "object", "what the job says of its progress and result: a dict; empty or None if nothing"),
    Column("error", "object", "why a halted job stopped: a dict; None for other jobs"),
)

USER_FIELD_COLUMNS: Final = {
    "user_id": Column("user_id", "str", "the user's id"),
    "score": Column("score", "float64", "points over the counted sessions; null without a scored session"),
    "attempted_max_score": Column("attempted_max_score", "float64", "points that could be had on attempted questions"),
    "unscored_max_score": Column("unscored_max_score", "float64", "points on attempted questions not yet scored"),
    "max_score": Column("max_score", "float64", "points that could be had; null without a scored session"),
    "seen_activities": Column("seen_activities", "Int64", "distinct activities of the counted sessions; 0 without one"),
}


def figure_column(name: str) -> Column:
    """Return the column of a group field; a field this package does not know is a number."""
    field = find_group_field(name)
    if field is None:
        return Column(name, "float64", "as the service defines it")
    if field.whole:
        return Column(name, "Int64", "users" if name == "population" else "direct child groups")
    unit = "percent" if "percent" in field.measure else "activities" if "activities" in field.measure else "points"
    return Column(name, "float64", f"{unit}; null where no user of the group has a value")


def typed_frame(columns: Sequence[Column], values: Mapping[str, Any]) -> pd.DataFrame:
    """Build a frame with exactly `columns`, in their order and dtypes.

    Parameters
    ----------
    columns
        The columns of the result.
    values
        One sequence per column, all of one length.
    """
    return pd.DataFrame(
        {column.name: pd.Series(values[column.name], dtype=column.dtype) for column in columns}, copy=False
    )
