"""The summary by this package."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from data import LEVELS, World

import learnosity_nb as lnb
from learnosity_nb.compute.arrays import order_of
from learnosity_nb.compute.entries import Entries, LevelEntries
from learnosity_nb.compute.group_tree import GroupTree, grow_tree
from learnosity_nb.compute.summary import group_figures
from learnosity_nb.compute.user_figures import UserFigures
from learnosity_nb.domain.fields import parse_fields

__all__ = ["end_to_end", "frames", "load_rollup", "rollup"]

FIELDS = parse_fields(None)
NO_FIGURES = UserFigures(*[np.empty(0)] * 7)


def load_rollup(world: World) -> pa.Table:
    """Read users with their groups as dictionaries."""
    return pq.read_table(world.values)


def rollup(users: pa.Table) -> pd.DataFrame:
    """Summarise users for every group of every level."""
    tree, leaves = grow_tree([users[key] for key in LEVELS])
    counts, order = np.bincount(leaves), order_of(leaves, tree.sizes[-1])
    del leaves
    levels = tuple(LevelEntries(None, tree.totals(counts, level)) for level in range(tree.depth + 1))
    found: dict[str, Any] = dict.fromkeys(field.name for field in FIELDS)
    for measure in ("users", *users.column_names[len(LEVELS) :]):  # one column at a time beside those given
        column = {measure: users[measure].to_numpy().take(order)} if measure != "users" else {}
        fields = [field for field in FIELDS if field.measure == measure]
        found |= group_figures(Entries(replace(NO_FIGURES, **column), levels), tree, fields)[0]
    return pd.DataFrame(_names(tree) | found)


def _names(tree: GroupTree) -> dict[str, Any]:
    """Name each group's ancestors and itself, level by level."""
    columns = {}
    for depth, key in enumerate(LEVELS, 1):
        codes = np.arange(tree.sizes[depth])
        parts = [pa.nulls(tree.offsets[depth], pa.string()), tree.names[depth - 1]]
        for parents in tree.parents[depth:]:
            codes = codes[parents]
            parts.append(tree.names[depth - 1].take(pa.array(codes)))
        columns[key] = pd.array(pa.concat_arrays(parts), dtype="str")
    return columns


def frames(sessions: pd.DataFrame, roster: pd.DataFrame) -> pd.DataFrame:
    """Summarise pandas frames."""
    return lnb.summarize_groups(sessions, roster, list(LEVELS))


def end_to_end(world: World, out: Path) -> None:
    """Summarise files into a Parquet file of all groups."""
    found = lnb.summarize_groups(world.sessions, world.lines, list(LEVELS))
    found.drop(columns="group_path").to_parquet(out)
