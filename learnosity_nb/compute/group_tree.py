"""The hierarchy of groups as integer codes.

Groups of a level are numbered in path order, so the groups below any group are
a contiguous range, and comparing codes compares paths.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from ..domain.group_paths import GroupPath, group_id_of_json, longer_json
from ..domain.policy import ROOT_GROUP_NAME
from .arrays import Ints, as_dictionary, can_mark, encode_sorted, rank_distinct, starts_of_runs

__all__ = ["GroupTree", "grow_tree"]


@dataclass(frozen=True)
class GroupTree:
    """Every group of every level; the root is level 0.

    Attributes
    ----------
    names
        For each level below the root, the groups' own names in code order (text).
    parents
        For each level below the root, the code of each group's parent one level up.
    """

    names: tuple[pa.Array, ...]
    parents: tuple[Ints, ...]

    @property
    def depth(self) -> int:
        """Number of levels below the root."""
        return len(self.names)

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """Number of groups on each level, the root's first."""
        return (1, *(len(parents) for parents in self.parents))

    @cached_property
    def offsets(self) -> tuple[int, ...]:
        """Row of each level's first group when all groups stand in one table, and the number of rows."""
        return tuple(int(row) for row in np.concatenate([[0], np.cumsum(self.sizes)]))

    @cached_property
    def parent_rows(self) -> Ints:
        """For each row of that table, the row of the group's parent; -1 for the root."""
        above = [parents + offset for parents, offset in zip(self.parents, self.offsets, strict=False)]
        return np.concatenate([np.array([-1], dtype=np.int64), *above])

    @cached_property
    def child_counts(self) -> Ints:
        """Number of direct child groups of each row of that table."""
        return np.bincount(self.parent_rows[1:], minlength=self.offsets[-1]).astype(np.int64)

    @cached_property
    def name_column(self) -> pa.Array:
        """Name of each row of that table."""
        root = pa.array([ROOT_GROUP_NAME], type=pa.string())
        return pa.concat_arrays([root, *(names.cast(pa.string()) for names in self.names)])

    def ancestors(self, level: int) -> Ints:
        """Return, for each group of the last level, the code of its ancestor on `level`."""
        codes = np.arange(self.sizes[-1], dtype=np.int64)
        for parents in reversed(self.parents[level:]):
            codes = parents[codes]
        return codes

    def totals(self, counts: Ints, level: int) -> Ints:
        """Add up what is counted for each group of the last level, for each group of `level`."""
        return np.bincount(self.ancestors(level), weights=counts, minlength=self.sizes[level]).astype(np.int64)

    def paths(self) -> list[GroupPath]:
        """Return the group path of each row of that table."""
        found: list[GroupPath] = [()]
        for level, names in enumerate(self.names):
            above = self.offsets[level]
            parents = self.parents[level].tolist()
            found += [(*found[above + up], name) for up, name in zip(parents, names.to_pylist(), strict=True)]
        return found

    def json_paths(self) -> list[str]:
        """Return the path of each row of that table as compact JSON."""
        texts = ["[]"]
        for level, names in enumerate(self.names):
            above = texts[self.offsets[level] :]
            parents = self.parents[level].tolist()
            texts += [longer_json(above[up], name) for up, name in zip(parents, names.to_pylist(), strict=True)]
        return texts

    def ids(self) -> list[str]:
        """Return `group_id` of each row of that table."""
        return [group_id_of_json(text) for text in self.json_paths()]


def grow_tree(columns: Sequence[pa.Array | pa.ChunkedArray]) -> tuple[GroupTree, Ints]:
    """Build the tree of the groups that rows belong to.

    Parameters
    ----------
    columns
        One column per level from the top down, of text or a dictionary of distinct texts, without nulls.

    Returns
    -------
    tree : GroupTree
    leaves : array of int64
        For each row, the code of its group on the last level.
    """
    levels = [as_dictionary(column) for column in columns]
    widths = [max(len(level.dictionary), 1) for level in levels]
    names: list[pa.Array] = []
    parents: list[Ints] = []
    codes, bound = np.zeros(len(levels[0]), dtype=np.int64), 1
    packed: list[pa.Array] = []
    for level, width, next_width in zip(levels, widths, [*widths[1:], math.inf], strict=True):
        name_codes, texts = encode_sorted(level)
        codes *= width
        codes += name_codes
        bound *= width
        packed.append(texts)
        if not can_mark(len(codes), bound * next_width):
            codes, distinct = rank_distinct(codes, bound)
            bound = max(len(distinct), 1)
            new_names, new_parents = _unpack(distinct, packed)
            names += new_names
            parents += new_parents
            packed.clear()
    return GroupTree(tuple(names), tuple(parents)), codes


def _unpack(paths: Ints, levels: Sequence[pa.Array]) -> tuple[list[pa.Array], list[Ints]]:
    """Return the names and the parents of the groups of some levels, from the distinct paths below one group more.

    Each path is a number of as many digits as there are levels, below the code of a group of the level above them:
    such codes have no gaps, so neither have their ranks.
    """
    names: list[pa.Array] = []
    parents: list[Ints] = []
    for texts in reversed(levels):
        paths, last = np.divmod(paths, max(len(texts), 1))
        new = starts_of_runs(paths)
        names.insert(0, texts.take(pa.array(last)))
        parents.insert(0, np.cumsum(new) - 1)
        paths = paths[new]
    return names, parents
