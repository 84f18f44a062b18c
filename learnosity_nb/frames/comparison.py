"""The frames of comparisons: of two datasets, and of groups within one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from ..domain.group_paths import GroupPath, group_id, group_name
from .columns import Column, typed_frame
from .groups import groups_frame

__all__ = ["DATASETS_COLUMNS", "GROUPS_COLUMNS", "comparison_frame"]

NOTE: Final = Column("note", "str", "what to bear in mind, such as a small group; null where nothing")

DIFFERENCES: Final = (
    Column("mean_difference", "float64", "mean of the second less that of the first, in the field's unit"),
    Column("mean_difference_low", "float64", "low end of its confidence interval (Welch); null for fewer than 2 users"),
    Column("mean_difference_high", "float64", "high end"),
    Column("median_difference", "float64", "median of the second less that of the first, in the field's unit"),
    Column("median_difference_low", "float64", "low end of its confidence interval (bootstrap); null without counts"),
    Column("median_difference_high", "float64", "high end"),
    Column("hedges_g", "float64", "difference of means in pooled standard deviations, freed of bias"),
    Column("hedges_g_low", "float64", "low end of its confidence interval (large-sample variance)"),
    Column("hedges_g_high", "float64", "high end"),
    Column("cliffs_delta", "float64", "-1 to 1: how much oftener the second is above the first than below"),
)

DATASETS_COLUMNS: Final = (
    Column("found_in", "str", "both, first or second: which of the datasets have the group"),
    Column("n_1", "Int64", "users of the first dataset's group with a value; null where it has no such group"),
    Column("n_2", "Int64", "the same of the second dataset"),
    Column("mean_1", "float64", "mean of the first dataset's group, in the field's unit"),
    Column("mean_2", "float64", "the same of the second dataset"),
    Column("median_1", "float64", "median of the first dataset's group, in the field's unit"),
    Column("median_2", "float64", "the same of the second dataset"),
    *DIFFERENCES,
    NOTE,
)
"""After the columns of the group, in a comparison of two datasets."""

GROUPS_COLUMNS: Final = (
    Column("n", "Int64", "users of the group with a value"),
    Column("mean", "float64", "their mean, in the field's unit"),
    Column("mean_low", "float64", "low end of its confidence interval (t); null for fewer than 2 users"),
    Column("mean_high", "float64", "high end"),
    Column("median", "float64", "their median, in the field's unit"),
    *DIFFERENCES,
    NOTE,
)
"""After the columns of the group, in a comparison of groups; differences are to the first row, and null there."""


def comparison_frame(
    paths: Sequence[GroupPath], level_keys: Sequence[str], columns: Sequence[Column], values: Mapping[str, Any]
) -> pd.DataFrame:
    """Return groups as rows, with the columns of a comparison.

    Parameters
    ----------
    paths
        The groups.
    level_keys
        The level columns from the top down.
    columns
        `DATASETS_COLUMNS` or `GROUPS_COLUMNS`.
    values
        One sequence for each of them; NaN and None are null.
    """
    rows = [[group_id(path), path, group_name(path)] for path in paths]
    compared = {
        column.name: _whole(values[column.name]) if column.dtype == "Int64" else values[column.name]
        for column in columns
    }
    return pd.concat([groups_frame(rows, [], level_keys), typed_frame(columns, compared)], axis=1)


def _whole(values: Sequence[float]) -> list[int | None]:
    return [None if math.isnan(value) else int(value) for value in values]
