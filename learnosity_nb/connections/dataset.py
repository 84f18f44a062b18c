"""A compiled dataset: its groups, users and distributions as frames."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from ..domain.fields import near_names
from ..domain.group_paths import GroupPath, Level, parse_group_path
from ..errors import GroupNotFound, IncompleteResult, InputError, NotOffered, shorten
from ..frames.groups import PREFIX, distribution_frame, groups_frame
from ..frames.users import users_frame
from ..wire.client import DataApi
from ..wire.datasets import GroupFile, group_files
from ..wire.transfer import Transfers

__all__ = ["Dataset"]

MEASURES = ("score", "percent")


class Dataset:
    """A dataset of a service; made by `Connection.build_dataset` and `Connection.open_dataset`.

    Parameters
    ----------
    api, transfers
        The service it is on.
    dataset_id, dataset_type
        Which dataset.
    levels
        Its hierarchy from the top down; None where it is not known.

    Attributes
    ----------
    dataset_id, dataset_type : str
    levels : tuple of Level or None
    """

    def __init__(
        self,
        api: DataApi,
        transfers: Transfers,
        dataset_id: str,
        dataset_type: str,
        levels: tuple[Level, ...] | None,
    ) -> None:
        self._api = api
        self._transfers = transfers
        self.dataset_id = dataset_id
        self.dataset_type = dataset_type
        self.levels = levels

    def __repr__(self) -> str:
        levels = " > ".join(level.label for level in self.levels) if self.levels else "levels not known"
        return f"Dataset({self.dataset_id!r}, {levels})"

    def group(self, group_path: Sequence[str] = ()) -> pd.DataFrame:
        """Return a group's own figures, as a frame of one row.

        Parameters
        ----------
        group_path
            Names from the top level down; the root group when omitted.

        Returns
        -------
        DataFrame
            Columns as `groups`.

        Raises
        ------
        GroupNotFound
            If there is no such group; the message names near ones.
        """
        path = parse_group_path(group_path)
        file = self._file(path)
        return groups_frame([file["self"]], _figures(file), self._level_keys(len(path)))

    def groups(
        self,
        group_path: Sequence[str] = (),
        *,
        sort_field: str | None = None,
        sort_order: str | None = None,
        allow_partial: bool = False,
    ) -> pd.DataFrame:
        """Return the child groups of a group, one row each.

        Parameters
        ----------
        group_path
            Names from the top level down; the root group when omitted.
        sort_field, sort_order
            Any column of the result, and ``"desc"`` or ``"asc"``. With one of
            them omitted it is as the dataset was built; a field alone sorts
            ``"desc"``. Nulls come last both ways.
        allow_partial
            Return the rows that can be had where the service offers no way to
            the rest (hosted datasets, past 1,000 rows).

        Returns
        -------
        DataFrame
            ``group_id`` str, ``level`` int64, ``group_name`` str, ``group_path``
            tuple of str, one str column per level, then the dataset's fields:
            ``population`` and ``group_count`` Int64, the rest float64 as the
            service gives them. No rows for a group of the last level.

        Raises
        ------
        GroupNotFound
            If there is no such group.
        IncompleteResult
            If some rows cannot be had; its ``frame`` holds the others.
        """
        path = parse_group_path(group_path)
        file = self._file(path)
        rows = self._rows([path], [file])[0]
        frame = groups_frame(rows, _figures(file), self._level_keys(len(path) + 1))
        if sort_field is not None or sort_order is not None:
            frame = _sorted(frame, sort_field or file["sort_field"] or "group_name", sort_order or "desc")
        if len(rows) < file["rows_total"] and not allow_partial:
            raise IncompleteResult(
                f"The service gave {len(rows):,} of the {file['rows_total']:,} child groups and offers no way to the "
                "rest. They are in the error's .frame; allow_partial=True returns them.",
                frame,
            )
        return frame

    def users(self, group_path: Sequence[str], *, allow_partial: bool = False) -> pd.DataFrame:
        """Return the users of a group of the last level, one row each.

        Parameters
        ----------
        group_path
            Names from the top level down to the last level.
        allow_partial
            As for `groups`.

        Returns
        -------
        DataFrame
            ``user_id`` str and the dataset's user fields: ``seen_activities``
            Int64, the others float64 in points; sorted as the dataset was built.

        Raises
        ------
        InputError
            If the group is not on the last level.
        NotOffered
            If the dataset was built without ``user_fields``, or the service
            gives no user rows.
        """
        path = parse_group_path(group_path)
        if self.levels is not None and len(path) != len(self.levels):
            raise InputError(
                f"Users are listed for groups of the last level, {self.levels[-1].key}: give all "
                f"{len(self.levels)} parts of the path, not {len(path)}."
            )
        file = self._file(path)
        if "users" not in file:
            raise NotOffered(
                "This dataset has no user rows. Build it with user_fields=['score', 'max_score']; a hosted service "
                "shows users only in its own web report."
            )
        first = file["users"]
        rows = list(first["rows"])
        for page in range(2, -(-first["rows_total"] // first["rows_per_page"]) + 1):
            more = self._files([path], page=page)[0]
            if more is None or "users" not in more or more["users"]["rows"] == first["rows"]:
                break
            rows += more["users"]["rows"]
        frame = users_frame(rows, first["fields"][1:])
        if len(rows) < first["rows_total"] and not allow_partial:
            raise IncompleteResult(f"The service gave {len(rows):,} of the {first['rows_total']:,} users.", frame)
        return frame

    def walk(self) -> pd.DataFrame:
        """Return every group of every level, one row each, by level and then path; the root first.

        Columns as `groups`. Equals ``truncate_summary(summarize_groups(…))`` of
        the same sessions and roster.

        Raises
        ------
        IncompleteResult
            If some groups' rows cannot be had; its ``frame`` holds the others.
        """
        root = self._file(())
        figures = _figures(root)
        paths: list[GroupPath] = [()]
        files: list[GroupFile] = [root]
        found, missing = [root["self"]], 0
        while paths:
            levels = self._rows(paths, files)
            missing += sum(file["rows_total"] - len(rows) for file, rows in zip(files, levels, strict=True))
            below = sorted((row for rows in levels for row in rows), key=lambda row: row[1])
            found += below
            paths = [tuple(row[1]) for row in below] if self._goes_deeper(below) else []
            files = [self._found(path, file) for path, file in zip(paths, self._files(paths), strict=True)]
        frame = groups_frame(found, figures, self._level_keys(len(found[-1][1])))
        if missing:
            raise IncompleteResult(f"The rows of {missing:,} groups and all groups below them cannot be had.", frame)
        return frame

    def distribution(self, group_path: Sequence[str] = (), field: str = "score") -> pd.DataFrame:
        """Return how often each score or percent occurs in a group.

        Parameters
        ----------
        group_path
            Names from the top level down; the root group when omitted.
        field
            ``"score"`` or ``"percent"``.

        Returns
        -------
        DataFrame
            ``value`` float64 ascending, ``count`` int64: the group's users with
            that value. Users without a value are not counted.

        Raises
        ------
        NotOffered
            If the service gives no distributions, as the hosted one does not.
        """
        if field not in MEASURES:
            raise InputError(f"A distribution is of {' or '.join(MEASURES)}, not {shorten(field)}.")
        path = parse_group_path(group_path)
        found = self._found(path, self._files([path], include=["distribution"])[0]).get("distribution")
        if found is None:
            raise NotOffered(
                "This service gives no distributions. Its percentile fields (p05_score, p25_score, …) are the nearest."
            )
        return distribution_frame(found[field]["values"], found[field]["counts"])

    def _files(self, paths: Sequence[GroupPath], **options: Any) -> list[GroupFile | None]:
        return group_files(self._api, self._transfers, self.dataset_type, self.dataset_id, paths, **options)

    def _file(self, path: GroupPath) -> GroupFile:
        return self._found(path, self._files([path])[0])

    def _found(self, path: GroupPath, file: GroupFile | None) -> GroupFile:
        if file is not None:
            return file
        if not path:
            raise GroupNotFound(
                f"Dataset {self.dataset_id} has no groups yet. If its job is running, wait for it; if it was halted, "
                "`jobs()` says why."
            )
        parent = self._file(path[:-1])
        near = near_names(path[-1], [row[2] for row in self._rows([path[:-1]], [parent])[0]])
        raise GroupNotFound(f"There is no group {shorten(path[-1])} in {list(path[:-1])}{near}")

    def _rows(self, paths: Sequence[GroupPath], files: Sequence[GroupFile]) -> list[list[list[Any]]]:
        """Return all child rows of groups, asking for the pages past the first where there are such."""
        rows = [list(file["rows"]) for file in files]
        page = 2
        more = [at for at, file in enumerate(files) if len(rows[at]) < file["rows_total"]]
        while more:
            found = self._files([paths[at] for at in more], page=page)
            for at, file in zip(list(more), found, strict=True):
                # A service without pages gives the first one again.
                if file is None or not file["rows"] or file["rows"][0] == files[at]["rows"][0]:
                    more.remove(at)
                    continue
                rows[at] += file["rows"]
                if len(rows[at]) >= file["rows_total"]:
                    more.remove(at)
            page += 1
        return rows

    def _goes_deeper(self, rows: Sequence[Sequence[Any]]) -> bool:
        return bool(rows) and (self.levels is None or len(rows[0][1]) < len(self.levels))

    def _level_keys(self, depth: int) -> list[str]:
        if self.levels is None:
            return [f"level_{level}" for level in range(1, depth + 1)]
        return [level.key for level in self.levels]


def _figures(file: GroupFile) -> list[str]:
    return file["fields"][PREFIX:]


def _sorted(frame: pd.DataFrame, field: str, order: str) -> pd.DataFrame:
    if field not in frame.columns or field == "group_path":
        raise InputError(f"There is no column {shorten(field)} to sort by{near_names(field, frame.columns)}")
    if order not in {"asc", "desc"}:
        raise InputError(f"sort_order must be asc or desc, not {shorten(order)}.")
    by_name = frame.sort_values("group_name", kind="stable")
    return by_name.sort_values(field, ascending=order == "asc", kind="stable", na_position="last", ignore_index=True)
