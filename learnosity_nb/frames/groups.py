"""Groups as rows: from a computed summary, and from the service's group files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ..compute.summary import Summary
from ..compute.truncation import as_served
from ..domain.fields import find_group_field
from ..domain.group_paths import GroupPath, group_name
from ..errors import InputError
from .columns import DISTRIBUTION_COLUMNS, GROUP_COLUMNS, Column, figure_column, typed_frame

__all__ = ["PREFIX", "distribution_frame", "groups_frame", "summary_frame", "truncate_summary"]

PREFIX = 3  # a row of a group file starts with group_id, group_path and group_name


def summary_frame(summary: Summary, level_keys: Sequence[str]) -> pd.DataFrame:
    """Return every group of every level as a frame, at full precision.

    Columns: ``group_id``, ``level``, ``group_name``, ``group_path``, one per
    level (null below the group's own level), then the fields. Rows by level,
    then path; the root first.
    """
    return _frame(summary.tree.paths(), summary.tree.ids(), summary.figures, level_keys)


def groups_frame(rows: Sequence[Sequence[Any]], fields: Sequence[str], level_keys: Sequence[str]) -> pd.DataFrame:
    """Return rows of the service's group files as a frame.

    Parameters
    ----------
    rows
        Each ``[group_id, group_path, group_name, *figures]``, as in ``self`` and
        ``rows`` of a group file.
    fields
        Names of the figures, in order.
    level_keys
        The level columns from the top down.
    """
    columns = list(zip(*rows, strict=True)) or [()] * (PREFIX + len(fields))
    ids, paths, _, *figures = columns
    return _frame([tuple(path) for path in paths], ids, dict(zip(fields, figures, strict=True)), level_keys)


def truncate_summary(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame of groups with its figures as the service gives them.

    Means, medians, percentiles and standard deviations are cut to 2 decimals
    for scores and 11 for percents; lowest and highest values stay. Other
    columns stay as they are. ``truncate_summary(summarize_groups(…))`` equals
    the ``walk()`` of a dataset of the same sessions and roster.

    Parameters
    ----------
    frame
        What `summarize_groups` returned, or any frame with figures of groups as
        columns; it is not changed.

    Returns
    -------
    DataFrame
        The same rows and columns.

    Raises
    ------
    InputError
        If `frame` is no DataFrame.
    """
    if not isinstance(frame, pd.DataFrame):
        raise InputError(f"truncate_summary takes the frame of summarize_groups, not {type(frame).__name__}.")
    served = {}
    for name in frame.columns:
        field = find_group_field(str(name))
        if field is not None and not field.whole:
            served[name] = as_served(field, frame[name].to_numpy(dtype=np.float64, na_value=np.nan))
    return frame.assign(**served)


def distribution_frame(values: Sequence[float], counts: Sequence[int]) -> pd.DataFrame:
    """Return a distribution: ``value`` ascending, and ``count`` of users with it."""
    return typed_frame(DISTRIBUTION_COLUMNS, {"value": values, "count": counts})


def _frame(
    paths: Sequence[GroupPath],
    ids: Sequence[str],
    figures: Mapping[str, Any],
    level_keys: Sequence[str],
) -> pd.DataFrame:
    places: dict[str, list[str | None]] = {
        key: [path[depth] if depth < len(path) else None for path in paths] for depth, key in enumerate(level_keys)
    }
    levels = [Column(key, "str", f"the group's ancestor on level {key}") for key in level_keys]
    columns = [*GROUP_COLUMNS, *levels, *(figure_column(name) for name in figures)]
    named = {
        "group_id": ids,
        "level": [len(path) for path in paths],
        "group_name": [group_name(path) for path in paths],
        "group_path": paths,
    }
    return typed_frame(columns, {**named, **places, **figures})
