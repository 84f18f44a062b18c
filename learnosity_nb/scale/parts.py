"""One part of the groups by the kernel: a part is whole subtrees, small enough for one worker.

This runs on the workers. A part gives the figures of its own groups; to the
groups above it, which other parts share, it gives how often each value occurs.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..compute.arrays import Floats, Ints, order_of
from ..compute.entries import Entries, LevelEntries
from ..compute.group_tree import grow_tree
from ..compute.summary import group_figures
from ..compute.user_figures import UserFigures
from ..domain.fields import GroupField, Measure
from ..domain.group_paths import GroupPath

__all__ = ["PART_SCHEMA", "summarize_part"]

NONE: Final[Ints] = np.empty(0, dtype=np.int64)
PATHS: Final = pa.list_(pa.string())
PART_SCHEMA: Final = pa.schema(
    {
        "path": PATHS,
        "figures": pa.list_(pa.float64()),
        "spread": pa.bool_(),
        "measure": pa.string(),
        "value": pa.float64(),
        "count": pa.int64(),
    }
)
"""A row is a group with its figures; or a value of a measure, and how many users of the group `path` have it
(`spread`: and of each group above that)."""


def summarize_part(entries: pa.Table, fields: Sequence[GroupField], depth: int, split: int) -> pa.Table:
    """Summarise the groups of a part.

    Parameters
    ----------
    entries
        As `entries.enter_users` gives them, all those below some paths of `split` names; also some of users with
        several places for groups above.
    fields
        The figures to work out.
    depth
        Number of levels.
    split
        The groups of the levels `split` to `depth` get their figures here, those above their counts.

    Returns
    -------
    pyarrow.Table
        In the columns of `PART_SCHEMA`.
    """
    part = _Part(entries, depth, split)
    measures: tuple[Measure, ...] = ("users", *dict.fromkeys(field.measure for field in fields if not field.whole))
    found = [part.above(measure) for measure in measures]
    if part.tree.sizes[-1]:
        found += [part.shared(measure) for measure in measures]
        found.append(part.groups(fields))
    return pa.concat_tables([PART_SCHEMA.empty_table(), *found])


class _Part:
    def __init__(self, entries: pa.Table, depth: int, split: int) -> None:
        self.table = entries.combine_chunks()
        self.split = split
        self.level: Ints = pc.fill_null(self.table["level"], -1).to_numpy().astype(np.int64)
        self.leaf_rows: Ints = np.flatnonzero((self.level == -1) | (self.level == depth))
        self.tree, self.leaves = grow_tree(self._names(self.leaf_rows, depth))

    def groups(self, fields: Sequence[GroupField]) -> pa.Table:
        """Return the figures of the part's groups."""
        tree = self.tree
        figures = UserFigures(**{each.name: self._values(each.name) for each in dataclasses.fields(UserFigures)})
        above = [LevelEntries(NONE, np.zeros(size, np.int64)) for size in tree.sizes[: self.split]]
        own = [self._users(level) for level in range(self.split, tree.depth + 1)]
        found, _ = group_figures(Entries(figures, (*above, *own)), tree, fields)
        start = tree.offsets[self.split]
        return _rows(tree.paths()[start:], figures=_lists([found[field.name][start:] for field in fields]))

    def shared(self, measure: Measure) -> pa.Table:
        """Return how often each value occurs among users with one place, in the groups just above the part's."""
        level = self.split - 1
        rows, codes = self._alone(level)
        size, start = self.tree.sizes[level], self.tree.offsets[level]
        values = self._values(measure)[rows]
        known = ~np.isnan(values)
        runs = pa.table({"group": codes[known], "value": values[known]}).group_by(["group", "value"])
        counted = runs.aggregate([([], "count_all")])
        paths = self.tree.paths()[start : start + size]
        return _rows(
            [paths[group] for group in counted["group"].to_pylist()],
            spread=True,
            measure=measure,
            value=counted["value"].combine_chunks(),
            count=counted["count_all"].combine_chunks(),
        )

    def above(self, measure: Measure) -> pa.Table:
        """Return the values of users with several places for the groups above the part's, one by one."""
        values = self._values(measure)
        rows = np.flatnonzero((self.level >= 0) & (self.level < self.split) & ~np.isnan(values))
        paths = self.table["path"].take(pa.array(rows)).combine_chunks()
        return _rows(paths, spread=False, measure=measure, value=values[rows], count=np.ones(len(rows), np.int64))

    def _users(self, level: int) -> LevelEntries:
        if level == self.tree.depth:
            rows, groups = self.leaf_rows, self.leaves
        else:
            further = np.flatnonzero(self.level == level)
            rows, groups = self._alone(level)
            rows, groups = np.concatenate([rows, further]), np.concatenate([groups, self._codes(further, level)])
        size = self.tree.sizes[level]
        return LevelEntries(rows[order_of(groups, size)], np.bincount(groups, minlength=size))

    def _alone(self, level: int) -> tuple[Ints, Ints]:
        """Return the rows of users with one place, and the codes of their groups on a level."""
        mine = self.level[self.leaf_rows] == -1
        return self.leaf_rows[mine], self.tree.ancestors(level)[self.leaves[mine]]

    def _codes(self, rows: Ints, level: int) -> Ints:
        """Return the codes of the groups of a level that `rows` name; each has rows of the last level below it."""
        if not len(rows):
            return NONE
        _, codes = grow_tree(self._names(np.concatenate([self.leaf_rows, rows]), level))
        return codes[len(self.leaf_rows) :]

    def _values(self, measure: str) -> Floats:
        if measure == "users":  # each user once
            return np.zeros(self.table.num_rows)
        if measure not in self.table.column_names:  # not asked for
            return np.full(self.table.num_rows, np.nan)
        values: Floats = self.table[measure].to_numpy().astype(np.float64, copy=False)
        return values

    def _names(self, rows: Ints, count: int) -> list[pa.ChunkedArray]:
        paths = self.table["path"].take(pa.array(rows)).cast(PATHS)
        return [pc.list_element(paths, place) for place in range(count)]


def _lists(columns: Sequence[Ints | Floats]) -> pa.ListArray:
    """Return a list for each row, of its values in the columns; NaN as null."""
    width, height = len(columns), len(columns[0])
    values = pa.array(np.stack(columns, axis=1).ravel(), from_pandas=True)
    return pa.ListArray.from_arrays(pa.array(np.arange(height + 1) * width, pa.int32()), values)


def _rows(paths: Sequence[GroupPath] | pa.Array, **given: Any) -> pa.Table:
    columns = {"path": paths, **given}
    arrays = []
    for field in PART_SCHEMA:
        value = columns.get(field.name)
        if value is None or isinstance(value, bool | str):
            arrays.append(pa.repeat(pa.scalar(value, field.type), len(paths)))
        else:
            arrays.append(pa.array(value, field.type) if not isinstance(value, pa.Array) else value.cast(field.type))
    return pa.Table.from_arrays(arrays, schema=PART_SCHEMA)
