"""A compiled dataset on disk: every group's figures, users and distributions, as columns.

::

    <attempt>/groups.arrow    a row for each group, by level and path; children of a group are adjacent
    <attempt>/users.arrow     a row for each user of each group of the last level, by group and user id;
                              only for a dataset with user fields
    <attempt>/score.arrow     how often each score occurs in each group, by group and value
    <attempt>/percent.arrow   the same for percents

It is written once and never changed; groups are rendered from it on demand.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from ...compute.arrays import Floats, Ints
from ...compute.summary import DISTRIBUTED, Distribution, Summary
from ...compute.truncation import as_served, significant
from ...domain.fields import GroupField
from ...domain.group_paths import GroupPath
from ..state.directory import TEMPORARY_PREFIX, state_errors, sync_directory
from .parameters import DatasetParameters
from .table_files import map_table, write_table

__all__ = ["CompiledDataset", "Span", "write_compiled"]


@dataclass(frozen=True, slots=True)
class Span:
    """Adjacent rows of a table, from `start` up to but not with `stop`."""

    start: int
    stop: int


def write_compiled(
    folder: Path,
    attempt: str,
    summary: Summary,
    parameters: DatasetParameters,
    report: Callable[[str], None],
) -> Path:
    """Write a summary as the compiled output called `attempt`.

    Parameters
    ----------
    folder
        The dataset's ``outfiles`` folder.
    attempt
        Name of the output; its folder appears when everything in it is on disk.
    summary
        A summary with distributions.
    parameters
        The dataset's parameters: which figures of groups and users it shows.
    report
        Called with the name of each file before it is written.
    """
    temporary = folder / f"{TEMPORARY_PREFIX}{attempt}"
    with state_errors(folder):
        temporary.mkdir(parents=True)
    for name in ("groups", *(["users"] if parameters.user_fields else []), *DISTRIBUTED):
        report(name)
        write_table(temporary / f"{name}.arrow", _table(name, summary, parameters))
    with state_errors(folder):
        sync_directory(temporary)
        done = temporary.replace(folder / attempt)
        sync_directory(folder)
    return done


class CompiledDataset:
    """A compiled output, open for reading.

    Parameters
    ----------
    path
        Its folder.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._groups = map_table(path / "groups.arrow")

    @cached_property
    def _rows_by_id(self) -> dict[str, int]:
        return {name: row for row, name in enumerate(self._groups["group_id"].to_pylist())}

    @cached_property
    def _users(self) -> pa.Table:
        return map_table(self._path / "users.arrow")

    @cached_property
    def _spreads(self) -> dict[str, pa.Table]:
        return {measure: map_table(self._path / f"{measure}.arrow") for measure in DISTRIBUTED}

    def find(self, group: str) -> int | None:
        """Return the row of the group with this id, or None."""
        return self._rows_by_id.get(group)

    def path(self, row: int) -> GroupPath:
        """Return a group's path."""
        parts: list[str] = []
        while (above := self._groups["parent"][row].as_py()) >= 0:
            parts.append(self._groups["group_name"][row].as_py())
            row = above
        return tuple(reversed(parts))

    def children(self, row: int) -> Span:
        """Return the rows of a group's child groups, in path order."""
        return self._span(row, "children")

    def descendants(self, row: int) -> list[Span]:
        """Return the rows of all groups below a group: a span for each level."""
        found = []
        span = self.children(row)
        while span.stop > span.start:
            found.append(span)
            span = Span(self.children(span.start).start, self.children(span.stop - 1).stop)
        return found

    def users(self, row: int) -> Span:
        """Return the rows of a group's users, by id; none above the last level."""
        return self._span(row, "users")

    def columns(self, rows: Ints, names: list[str]) -> list[list[Any]]:
        """Return columns of some groups as Python values; null is None."""
        return _values(self._groups, rows, names)

    def figures(self, span: Span, name: str) -> Floats:
        """Return a field of adjacent groups as float64; NaN where null."""
        return _floats(self._groups, span, name)

    def user_columns(self, rows: Ints, names: list[str]) -> list[list[Any]]:
        """Return columns of some users as Python values; null is None."""
        return _values(self._users, rows, names)

    def user_figures(self, span: Span, name: str) -> Floats:
        """Return a field of adjacent users as float64; NaN where null."""
        return _floats(self._users, span, name)

    def distribution(self, row: int, measure: str) -> tuple[list[float], list[int]]:
        """Return the values of a measure that occur in a group, ascending, and how many users have each."""
        span = self._span(row, measure)
        part = self._spreads[measure].slice(span.start, span.stop - span.start)
        values, first = np.unique(part["value"].to_numpy(), return_inverse=True)
        return values.tolist(), np.bincount(first, weights=part["count"].to_numpy()).astype(int).tolist()

    def _span(self, row: int, kind: str) -> Span:
        start, count = (self._groups[f"{kind}_{part}"][row].as_py() for part in ("start", "count"))
        return Span(start, start + count)


def _table(name: str, summary: Summary, parameters: DatasetParameters) -> pa.Table:
    if name == "groups":
        return _groups(summary, parameters.group_fields())
    return _users(summary, parameters.user_fields) if name == "users" else _distribution(summary.distributions[name])


def _groups(summary: Summary, fields: tuple[GroupField, ...]) -> pa.Table:
    tree = summary.tree
    user_counts = np.concatenate(
        [
            np.zeros(tree.offsets[-2], dtype=np.int64),
            np.bincount(summary.roster.place_leaf, minlength=tree.sizes[-1]),
        ]
    )
    counts = {"children": tree.child_counts, "users": user_counts}
    for measure in DISTRIBUTED:
        counts[measure] = np.bincount(summary.distributions[measure].groups, minlength=tree.offsets[-1])
    columns: dict[str, Any] = {
        "group_id": tree.ids(),
        "group_name": tree.name_column,
        "parent": tree.parent_rows,
    }
    for kind, count in counts.items():
        first = 1 if kind == "children" else 0  # the root is nobody's child
        columns[f"{kind}_start"] = np.cumsum(count) - count + first
        columns[f"{kind}_count"] = count
    for field in fields:
        figures = summary.figures[field.name]
        served = figures if field.whole else as_served(field, figures.astype(np.float64, copy=False))
        columns[field.name] = pa.array(served, from_pandas=True)
    return pa.table(columns)


def _users(summary: Summary, fields: Sequence[str]) -> pa.Table:
    roster, figures = summary.roster, summary.entries.figures
    order = roster.places_by_user_id()
    columns: dict[str, Any] = {"user_id": roster.users.take(pa.array(roster.place_user[order]))}
    for name in fields:
        values: Floats = getattr(figures, name)[order]
        columns[name] = pa.array(significant(values), from_pandas=True)
    return pa.table(columns)


def _distribution(distribution: Distribution) -> pa.Table:
    # Values that differ only past the 15th digit are one value to a reader: `distribution` merges them.
    codes, distinct = pd.factorize(distribution.values)
    return pa.table({"value": significant(distinct)[codes], "count": distribution.counts})


def _values(table: pa.Table, rows: Ints, names: list[str]) -> list[list[Any]]:
    return [column.to_pylist() for column in table.select(names).take(pa.array(rows)).columns]


def _floats(table: pa.Table, span: Span, name: str) -> Floats:
    column = table[name].slice(span.start, span.stop - span.start)
    found: Floats = column.to_numpy().astype(np.float64)
    return found
