"""Reading a dataset's group files: one, a chain down to a group, all below a group."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ..compute.summary import DISTRIBUTED
from ..compute.suppression import withhold_siblings
from ..domain.fields import near_names
from ..domain.group_paths import GroupPath
from ..errors import GroupNotFound, InputError, shorten
from ..frames.groups import PREFIX
from ..frames.withholding import refuse_unpopulated
from ..wire.client import DataApi
from ..wire.datasets import Distributions, GroupFile, descendant_distributions, descendant_rows, group_files
from ..wire.transfer import Transfers

__all__ = ["GroupReader", "Subtree", "check_measure", "figures_of"]

FILES_AT_ONCE: Final = 500
CHAIN_SECONDS: Final = 5.0
"""So long a chain of files is good for: the reads of one click, while a dataset is seldom compiled anew."""

Row = list[Any]


@dataclass(frozen=True, slots=True)
class Subtree:
    """A group and all groups below it.

    Attributes
    ----------
    rows
        One for each group, as in group files, by level and then path.
    fields
        The names of their figures.
    missing
        How many child groups the service did not give.
    """

    rows: list[Row]
    fields: list[str]
    missing: int


@dataclass(frozen=True, slots=True)
class _Chain:
    """The files of the groups down to a group, and when they were asked for."""

    path: GroupPath
    files: list[GroupFile]
    moment: float


class GroupReader:
    """Reads the group files of one dataset.

    Parameters
    ----------
    api, transfers
        The service it is on.
    dataset_type, dataset_id
        Which dataset.
    """

    def __init__(self, api: DataApi, transfers: Transfers, dataset_type: str, dataset_id: str) -> None:
        self._api = api
        self._transfers = transfers
        self._dataset_type = dataset_type
        self._dataset_id = dataset_id
        self._last: _Chain | None = None

    def files(self, paths: Sequence[GroupPath], **options: Any) -> list[GroupFile | None]:
        """Return the files of groups in the order of their paths, None for an unknown group."""
        return group_files(self._api, self._transfers, self._dataset_type, self._dataset_id, paths, **options)

    def file(self, path: GroupPath, **options: Any) -> GroupFile:
        """Return the file of a group.

        Raises
        ------
        GroupNotFound
            If there is no such group; the message names near ones.
        """
        return self._found(path, self.files([path], **options)[0])

    def batches(self, paths: Sequence[GroupPath], **options: Any) -> Iterator[GroupFile]:
        """Yield the files of any number of groups, so that only some of them are in memory at once."""
        for start in range(0, len(paths), FILES_AT_ONCE):
            portion = paths[start : start + FILES_AT_ONCE]
            for path, file in zip(portion, self.files(portion, **options), strict=True):
                yield self._found(path, file)

    def place(self, path: GroupPath, min_population: int, **options: Any) -> tuple[GroupFile, bool]:
        """Return a group's file, and whether a floor on the population withholds the group.

        That takes the siblings on every level above: their files come in the same request, and are kept for what is
        asked of the group in the next few seconds.
        """
        if not min_population:
            return self.file(path, **options), False
        chain = [path[:depth] for depth in range(len(path) + 1)]
        files = self._chain(chain, **options)
        own = [_population(file["fields"], file["self"]) for file in files]
        if own[0] < min_population:
            return files[-1], True
        for name, rows, file, population in zip(
            path, self.rows(chain[:-1], files[:-1]), files[:-1], own[1:], strict=True
        ):
            siblings = {row[1][-1]: _population(file["fields"], row) for row in rows} | {name: population}
            names = sorted(siblings)
            counts = np.array([siblings[one] for one in names], dtype=np.int64)
            if withhold_siblings(counts, min_population)[names.index(name)]:
                return files[-1], True
        return files[-1], False

    def rows(self, paths: Sequence[GroupPath], files: Sequence[GroupFile]) -> list[list[Row]]:
        """Return all child rows of groups, asking for the pages past the first where there are such."""
        rows = [list(file["rows"]) for file in files]
        page = 2
        more = [at for at, file in enumerate(files) if len(rows[at]) < file["rows_total"]]
        while more:
            found = self.files([paths[at] for at in more], page=page)
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

    def users(self, path: GroupPath, first: dict[str, Any]) -> list[Row]:
        """Return all user rows of a group, whose first page is given."""
        rows = list(first["rows"])
        for page in range(2, -(-first["rows_total"] // first["rows_per_page"]) + 1):
            more = self.files([path], page=page)[0]
            if more is None or "users" not in more or more["users"]["rows"] == first["rows"]:
                break
            rows += more["users"]["rows"]
        return rows

    def subtree(self, top: GroupFile, depth: int | None) -> Subtree:
        """Return a group and all groups below it: in one file where the service offers that, else file by file.

        Parameters
        ----------
        top
            The group's file.
        depth
            Number of levels of the dataset; None where that is not known.
        """
        at = top["group_path"]
        below_it = descendant_rows(self._api, self._transfers, self._dataset_type, self._dataset_id, at)
        if below_it is not None:
            return Subtree([top["self"], *below_it], figures_of(top), missing=0)
        paths: list[GroupPath] = [tuple(top["group_path"])]
        files = [top]
        found, missing = [top["self"]], 0
        while paths:
            levels = self.rows(paths, files)
            missing += sum(file["rows_total"] - len(rows) for file, rows in zip(files, levels, strict=True))
            below = sorted((row for rows in levels for row in rows), key=lambda row: row[1])
            found += below
            deeper = bool(below) and (depth is None or len(below[0][1]) < depth)
            paths = [tuple(row[1]) for row in below] if deeper else []
            files = [self._found(path, file) for path, file in zip(paths, self.files(paths), strict=True)]
        return Subtree(found, figures_of(top), missing)

    def distributions(self, path: GroupPath) -> Iterator[tuple[GroupPath, Distributions]]:
        """Yield the distributions of a group and of all below it, by path; nothing where the service has none."""
        return descendant_distributions(self._api, self._transfers, self._dataset_type, self._dataset_id, path)

    def _chain(self, paths: Sequence[GroupPath], **options: Any) -> list[GroupFile]:
        """Return the files of the groups down to a group; of the group asked for last only what the options add."""
        last, moment = self._last, self._transfers.timing.clock()
        if last is not None and last.path == paths[-1] and moment - last.moment < CHAIN_SECONDS:
            if not options:
                return last.files
            own, before = self.file(paths[-1], **options), last.files[-1]
            if own["self"] == before["self"] and own["rows"] == before["rows"]:
                return [*last.files[:-1], own]  # else it was compiled anew meanwhile
        files = [self._found(*pair) for pair in zip(paths, self.files(paths, **options), strict=True)]
        self._last = _Chain(paths[-1], files, moment)
        return files

    def _found(self, path: GroupPath, file: GroupFile | None) -> GroupFile:
        if file is not None:
            return file
        if not path:
            raise GroupNotFound(
                f"Dataset {self._dataset_id} has no groups yet. If its job is running, wait for it; if it was halted, "
                "`jobs()` says why."
            )
        parent = self.file(path[:-1])
        near = near_names(path[-1], [row[2] for row in self.rows([path[:-1]], [parent])[0]])
        raise GroupNotFound(f"There is no group {shorten(path[-1])} in {list(path[:-1]) or 'the root group'}{near}")


def figures_of(file: GroupFile) -> list[str]:
    """Return the names of a group file's figures."""
    return file["fields"][PREFIX:]


def check_measure(field: object) -> str:
    """Return `field` if it is a measure that distributions are of.

    Raises
    ------
    InputError
        If it is not.
    """
    if field not in DISTRIBUTED:
        raise InputError(f"field must be {' or '.join(DISTRIBUTED)}, not {shorten(field)}.")
    return str(field)


def _population(fields: list[str], row: Row) -> int:
    refuse_unpopulated(fields)
    return int(row[fields.index("population")] or 0)
