"""The calls of a dataset on its groups: one group, its child groups, all groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from ..domain.fields import find_group_field
from ..domain.group_paths import Level, parse_group_path
from ..errors import IncompleteResult, InputError
from ..frames.groups import groups_frame
from ..frames.origin import origin_of, with_origin
from ..frames.sorting import sort_frame
from ..frames.withholding import check_min_population, withhold_groups, withhold_rows
from .group_reading import GroupReader, figures_of

__all__ = ["GroupCalls"]


class GroupCalls:
    """The calls of a `Dataset` on its groups."""

    dataset_id: str
    levels: tuple[Level, ...] | None
    _reader: GroupReader

    def group(self, group_path: Sequence[str] = (), *, min_population: int = 0) -> pd.DataFrame:
        """Return a group's own figures, as a frame of one row.

        Parameters
        ----------
        group_path
            Names from the top level down; the root group when omitted.
        min_population
            Withhold the figures where the group is too small, or could be worked
            out; see the notes of `Dataset`.

        Returns
        -------
        DataFrame
            Columns as `groups`.

        Raises
        ------
        GroupNotFound
            If there is no such group; the message names near ones.
        InputError
            If `group_path` or `min_population` cannot be used.
        ApiError
            As `groups`.
        """
        path, floor = parse_group_path(group_path), check_min_population(min_population)
        file, withheld = self._reader.place(path, floor)
        frame = groups_frame([file["self"]], figures_of(file), self._level_keys(len(path)))
        if floor:
            frame = withhold_rows(frame, np.array([withheld]))
        return self._noted(frame, "group", group_path=list(path), min_population=floor)

    def groups(
        self,
        group_path: Sequence[str] = (),
        *,
        sort_field: str | None = None,
        sort_order: str | None = None,
        allow_partial: bool = False,
        min_population: int = 0,
    ) -> pd.DataFrame:
        """Return the child groups of a group, one row each.

        Parameters
        ----------
        group_path
            Names from the top level down; the root group when omitted.
        sort_field, sort_order
            Any column of the result but ``group_path``, and ``"desc"`` or
            ``"asc"``. With one of them omitted it is as the dataset was built; a
            field alone sorts ``"desc"``. Nulls come last both ways.
        allow_partial
            Return the rows that can be had where the service offers no way to
            the rest (hosted datasets, past 1,000 rows).
        min_population
            Withhold the figures of small groups; see the notes of `Dataset`.
            Rows are sorted after that, so that their order does not tell.

        Returns
        -------
        DataFrame
            ``group_id`` str, ``level`` int64, ``group_name`` str, ``group_path``
            tuple of str, one str column per level, then the dataset's fields:
            ``population`` and ``group_count`` Int64, the rest float64 as the
            service gives them; with a ``min_population`` also ``withheld`` bool.
            No rows for a group of the last level.

        Raises
        ------
        GroupNotFound
            If there is no such group.
        InputError
            If a parameter cannot be used, such as a `sort_field` that the result
            lacks.
        IncompleteResult
            If some rows cannot be had; its ``frame`` holds the others.
        ApiError
            If the service does not know the dataset (``status`` 404), or refuses
            the call otherwise.
        """
        path, floor = parse_group_path(group_path), check_min_population(min_population)
        file, withheld = self._reader.place(path, floor)
        _check_sort_field(sort_field, figures_of(file))
        rows = self._reader.rows([path], [file])[0]
        frame = groups_frame(rows, figures_of(file), self._level_keys(len(path) + 1))
        if floor:
            frame = withhold_groups(frame, floor, above=withheld)
        if floor or sort_field is not None or sort_order is not None:
            built_order = "desc" if sort_field is not None else file["sort_order"]
            frame = sort_frame(
                frame, sort_field or file["sort_field"] or "group_name", sort_order or built_order or "desc"
            )
        self._noted(
            frame,
            "groups",
            group_path=list(path),
            sort_field=sort_field,
            sort_order=sort_order,
            allow_partial=allow_partial,
            min_population=floor,
        )
        if len(rows) < file["rows_total"] and not allow_partial:
            raise IncompleteResult(
                f"The service gave {len(rows):,} of the {file['rows_total']:,} child groups and offers no way to the "
                "rest. They are in the error's .frame; allow_partial=True returns them.",
                frame,
            )
        return frame

    def walk(self, group_path: Sequence[str] = (), *, min_population: int = 0) -> pd.DataFrame:
        """Return a group and every group below it, one row each, by level and then path.

        Columns as `groups`. For the whole dataset it equals
        ``truncate_summary(summarize_groups(…))`` of the same sessions and roster.

        Parameters
        ----------
        group_path
            Names from the top level down; the root group when omitted.
        min_population
            Withhold the figures of small groups; see the notes of `Dataset`.

        Raises
        ------
        GroupNotFound
            If there is no such group.
        InputError
            If `group_path` or `min_population` cannot be used.
        IncompleteResult
            If some groups' rows cannot be had; its ``frame`` holds the others.
        ApiError
            As `groups`.
        """
        path, floor = parse_group_path(group_path), check_min_population(min_population)
        top, withheld = self._reader.place(path, floor)
        found = self._reader.subtree(top, None if self.levels is None else len(self.levels))
        frame = groups_frame(found.rows, found.fields, self._level_keys(len(found.rows[-1][1])))
        if floor:
            frame = withhold_groups(frame, floor, above=withheld)
        where = {"group_path": list(path)} if path else {}
        self._noted(frame, "walk", **where, min_population=floor)
        if top["sort_field"] in frame:
            sort = {"field": top["sort_field"], "order": top["sort_order"]}
            with_origin(frame, **origin_of(frame), sort=sort)
        if found.missing:
            raise IncompleteResult(
                f"The rows of {found.missing:,} groups and all groups below them cannot be had.", frame
            )
        return frame

    def _noted(self, frame: pd.DataFrame, method: str, **arguments: Any) -> pd.DataFrame:
        return with_origin(frame, dataset_id=self.dataset_id, call={"method": method, **arguments})

    def _level_keys(self, depth: int) -> list[str]:
        if self.levels is None:
            return [f"level_{level}" for level in range(1, depth + 1)]
        return [level.key for level in self.levels]


def _check_sort_field(field: object, figures: Sequence[str]) -> None:
    """Refuse a figure that the dataset could have but was built without."""
    if isinstance(field, str) and field not in figures and find_group_field(field) is not None:
        raise InputError(f"This dataset has no {field} to sort by: add it to fields when you build the dataset.")
