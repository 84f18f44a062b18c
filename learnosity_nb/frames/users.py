"""Users of a group as rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import pyarrow as pa

from ..compute.summary import Summary
from ..domain.group_paths import GroupPath
from .columns import USER_FIELD_COLUMNS, Column, typed_frame

__all__ = ["summary_users_frame", "users_frame"]


def users_frame(rows: Sequence[Sequence[Any]], user_fields: Sequence[str]) -> pd.DataFrame:
    """Return user rows of the service's group files as a frame.

    Parameters
    ----------
    rows
        Each ``[user_id, *values]``.
    user_fields
        The fields of the values, in order.

    Returns
    -------
    DataFrame
        ``user_id`` and the fields: ``seen_activities`` Int64, the others float64,
        also those this package does not know.
    """
    names = ["user_id", *user_fields]
    unknown = {name: Column(name, "float64", "as the service defines it") for name in user_fields}
    columns = [{**unknown, **USER_FIELD_COLUMNS}[name] for name in names]
    return typed_frame(columns, {name: [row[position] for row in rows] for position, name in enumerate(names)})


def summary_users_frame(summary: Summary, user_fields: Sequence[str], level_keys: Sequence[str]) -> pd.DataFrame:
    """Return one row for each user of each group of the last level, at full precision.

    Columns: ``group_path``, one per level, ``user_id``, then the fields. Rows by
    path, then user id.
    """
    roster = summary.roster
    order = roster.places_by_user_id()
    users = roster.users.take(pa.array(roster.place_user[order]))
    last_level = summary.tree.paths()[summary.tree.offsets[-2] :]
    paths: list[GroupPath] = [last_level[leaf] for leaf in roster.place_leaf[order].tolist()]
    figures = summary.entries.figures
    values = {name: getattr(figures, name)[order] for name in user_fields}
    columns = [
        Column("group_path", "object", "path of the user's group"),
        *(Column(key, "str", "a part of that path") for key in level_keys),
        *(USER_FIELD_COLUMNS[name] for name in ("user_id", *user_fields)),
    ]
    places = {key: [path[depth] for path in paths] for depth, key in enumerate(level_keys)}
    return typed_frame(
        columns, {"group_path": paths, "user_id": users.to_numpy(zero_copy_only=False), **places, **values}
    )
