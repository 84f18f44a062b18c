"""One page for each group of a level, to pass on: they open in any browser, without a kernel or a network."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pandas as pd

from ..domain.group_paths import GroupPath
from ..errors import InputError, shorten
from ..files.exports import to_csv
from ..files.page_names import page_names
from ..frames.columns import GROUP_COLUMNS
from ..frames.origin import origin_of, with_origin
from ..frames.withholding import check_min_population, is_withheld
from .comparing import ComparisonCalls
from .earlier_pages import remove_earlier_pages
from .measuring import spreads_of_groups

__all__ = ["ReportCalls", "page_spreads"]

MOST_DISTRIBUTIONS: Final = 500
"""So many groups of a page have their distribution in it."""


class ReportCalls(ComparisonCalls):
    """The call of a `Dataset` that writes pages."""

    def report(
        self, folder: str | os.PathLike[str], level: int | str, *, min_population: int = 5, charts: bool = True
    ) -> pd.DataFrame:
        """Write one page for each group of a level, with all groups below it, to send to those it concerns.

        A page is one HTML file that drills down, sorts, filters and draws in any
        browser, without a kernel, a server or a network. It holds its own group
        and those below, and no learner. Beside the pages stand ``index.csv`` and
        ``index.html``, which name all groups, and what `verify` reads of each file.

        Parameters
        ----------
        folder
            Where to write; made if it does not exist. Files of the same names are
            replaced, each whole or not at all. Pages that an earlier report left
            of groups that are withheld now, or are no more, are removed; all
            other files stay.
        level
            The level's key, such as ``"school"``, or its number, from 1 at the
            top; 0 for one page of the whole dataset.
        min_population
            Withhold small groups; see the notes of `Dataset`. A group whose
            figures are withheld gets no page. 0 shows all.
        charts
            Whether the pages draw charts; each is 0.9 MB smaller without.

        Returns
        -------
        DataFrame
            What ``index.csv`` holds, a row for each group of the level, by path:
            the columns of the group as in `groups` without its figures, and
            ``file`` str, the page's name in `folder`, null where the group's
            figures are withheld.

        Raises
        ------
        InputError
            If there is no such level, naming those there are, or a file cannot be
            written.
        IncompleteResult
            If some groups' rows cannot be had.

        Examples
        --------
        >>> dataset.report("reports", level="school")  # doctest: +SKIP
        """
        from .report_files import write_index, write_page  # they draw charts, which is long to load: only when used

        depth, floor = self._report_depth(level), check_min_population(min_population)
        groups = self.walk(min_population=floor)
        named = groups.columns[: len(GROUP_COLUMNS) + len(self._level_keys(int(groups["level"].max())))]
        index = with_origin(_index(groups[groups["level"] == depth], named), dataset_id=self.dataset_id)
        target = _made(Path(folder).expanduser())
        paged = index.dropna(subset="file")
        files = dict(zip(paged["group_path"], paged["file"], strict=True))
        figures = [str(name) for name in groups.columns.drop([*named, "withheld"], errors="ignore")]
        for path, part in _parts(groups, depth):
            if path in files:
                write_page(self, target / files[path], part, figures, floor, charts=charts)
        remove_earlier_pages(target, set(groups.loc[~is_withheld(groups), "group_path"]), files)
        code = f"dataset.report(folder, level={level!r}, min_population={floor}, charts={charts})"
        to_csv(index, target / "index.csv", code=code)
        write_index(target / "index.html", index, self.levels, depth, code)
        return index

    def _report_depth(self, level: object) -> int:
        """Return the number of a level, given by its key or its number."""
        keys = [] if self.levels is None else [one.key for one in self.levels]
        if isinstance(level, str) and level in keys:
            return keys.index(level) + 1
        if type(level) is int and level >= 0 and (not keys or level <= len(keys)):
            return level
        known = ", ".join(f"{number} {key!r}" for number, key in enumerate(keys, 1)) or "numbers from 1"
        raise InputError(f"There is no level {shorten(level)}. The levels are {known}; 0 is the whole dataset.")


def page_spreads(dataset: ReportCalls, walked: pd.DataFrame, measure: str) -> dict[GroupPath, pd.DataFrame] | None:
    """Return the distributions that a page of `walked` carries, the upper levels first; None where nobody says."""
    return spreads_of_groups(dataset._reader, walked, measure, MOST_DISTRIBUTIONS)


def _index(groups: pd.DataFrame, columns: pd.Index[str]) -> pd.DataFrame:
    """Return the groups of a level without their figures, with the names of their files."""
    names = pd.Series(page_names(groups["group_path"].tolist()), index=groups.index, dtype="str")
    files = names.mask(is_withheld(groups))
    return groups[columns].assign(file=files).reset_index(drop=True)


def _parts(groups: pd.DataFrame, depth: int) -> Iterator[tuple[GroupPath, pd.DataFrame]]:
    """Yield each group of a level with all groups below it."""
    below = groups[groups["level"] >= depth]
    tops = pd.Series([path[:depth] for path in below["group_path"]], index=below.index, dtype=object)
    for path, part in below.groupby(tops, sort=False):
        yield tuple(path), with_origin(part.reset_index(drop=True), **origin_of(groups))


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder} cannot be made: {error.strerror or type(error).__name__}.") from None
    return folder
