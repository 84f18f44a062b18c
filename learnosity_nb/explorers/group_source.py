"""What a group explorer reads: a dataset's frames, under the explorer's privacy rule, each read once."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Final, Literal

import pandas as pd

from ..connections.dataset import Dataset
from ..domain.group_paths import GroupPath
from ..errors import IncompleteResult, NotOffered
from ..frames.columns import GROUP_COLUMNS
from ..frames.withholding import is_withheld
from .keeping import Kept

__all__ = ["GroupSource", "Measure", "Rows"]

MOST_KEPT: Final = 64
Measure = Literal["score", "percent"]


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """The rows below a group, as the dataset orders them.

    Attributes
    ----------
    frame
        Child groups as `Dataset.groups` gives them, or the users of a group of
        the last level as `Dataset.users` does.
    of
        Which of the two.
    notice
        Why it is not all that one would expect; None where it is.
    partial
        Whether the service keeps rows back.
    """

    frame: pd.DataFrame
    of: Literal["groups", "users"]
    notice: str | None = None
    partial: bool = False

    @property
    def name_column(self) -> str:
        """The column that names a row: ``group_name`` or ``user_id``."""
        return "group_name" if self.of == "groups" else "user_id"


class GroupSource:
    """Reads of one dataset, and what is made of them, kept for the next time; for several threads.

    Parameters
    ----------
    dataset
        The dataset.
    min_population
        Figures of groups with fewer learners are withheld; 0 for all figures.
    show_names
        Whether users appear by their ids rather than by pseudonyms.

    Attributes
    ----------
    dataset, min_population, show_names
        As given.
    figures : tuple of str
        The dataset's figures, in its order.
    kept : Kept
        What was read, and charts that were made of it.
    """

    def __init__(self, dataset: Dataset, *, min_population: int, show_names: bool) -> None:
        self.dataset = dataset
        self.min_population = min_population
        self.show_names = show_names
        self.kept = Kept(MOST_KEPT)
        self._gives_distributions: bool | None = None
        before = len(GROUP_COLUMNS) + len(dataset.levels or ())
        self.figures = tuple(name for name in self.own(()).columns[before:] if name != "withheld")

    @property
    def group_options(self) -> dict[str, Any]:
        """The keyword arguments that every read of groups has."""
        return {"min_population": self.min_population} if self.min_population else {}

    @property
    def user_options(self) -> dict[str, Any]:
        """The keyword arguments that every read of users has."""
        return self.group_options | ({} if self.show_names else {"pseudonyms": True})

    def own(self, path: GroupPath) -> pd.DataFrame:
        """Return a group's own row; GroupNotFound where there is none."""
        return self.kept.get(("own", path), lambda: self.dataset.group(path, **self.group_options))

    def rows(self, path: GroupPath) -> Rows:
        """Return what is below a group: groups, or at the last level its users where the dataset lists them."""
        return self.kept.get(("rows", path), lambda: self._read_rows(path))

    def distribution(self, path: GroupPath, measure: Measure) -> pd.DataFrame | None:
        """Return how often each value occurs in a group; None where the service does not say."""
        return self.kept.get(("distribution", path, measure), lambda: self.read_distribution(path, measure))

    def gives_distributions(self, measure: Measure) -> bool:
        """Whether the service gives distributions; asked once, of the root group."""
        if self._gives_distributions is None:
            self._gives_distributions = self.distribution((), measure) is not None
        return self._gives_distributions

    def read_distribution(self, path: GroupPath, measure: Measure) -> pd.DataFrame | None:
        """Read what `distribution` returns without keeping it."""
        try:
            return self.dataset.distribution(path, field=measure, **self.group_options)
        except NotOffered:
            return None

    def distributions(
        self, path: GroupPath, names: tuple[str, ...], measure: Measure
    ) -> dict[str, pd.DataFrame] | None:
        """Return the distribution of each of some child groups by name; None where the service does not say."""
        found = {name: self.distribution((*path, name), measure) for name in names}
        known = {name: frame for name, frame in found.items() if frame is not None}
        return known if len(known) == len(names) else None

    def is_withheld(self, path: GroupPath) -> bool:
        """Whether a group's figures are withheld."""
        return bool(is_withheld(self.own(path))[0])

    def comparison(self, path: GroupPath, names: tuple[str, ...], measure: Measure) -> pd.DataFrame:
        """Return some of the groups below `path` compared with the first of them; as `Dataset.compare_groups`."""
        paths = [(*path, name) for name in names]
        compare = self.dataset.compare_groups
        return self.kept.get(
            ("comparison", path, names, measure), lambda: compare(paths, field=measure, **self.group_options)
        )

    def holds(self, path: GroupPath, drawn: Measure | None, marked: tuple[str, ...], compared: Measure) -> bool:
        """Whether all that a view of a group needs was read before.

        Parameters
        ----------
        path
            The group.
        drawn
            The measure whose distributions the chart draws; None for none.
        marked, compared
            The marked groups, and the measure in which they are compared.
        """
        needed: list[Hashable] = [("own", path), ("rows", path)]
        several = len(marked) > 1
        if drawn is not None:
            spread = [(*path, name) for name in marked] if several else [path]
            needed += [("distribution", one, drawn) for one in spread]
        if several:
            needed.append(("comparison", path, marked, compared))
        return self.kept.holds(*needed)

    def _read_rows(self, path: GroupPath) -> Rows:
        levels = self.dataset.levels
        if levels is None or len(path) < len(levels):
            groups = self._read("groups", self.dataset.groups, path, self.group_options)
            if levels is not None or len(groups.frame) or not path:
                return groups
        try:
            return self._read("users", self.dataset.users, path, self.user_options)
        except NotOffered as reason:
            none = self.dataset.groups(path, **self.group_options)
            return Rows(none, "groups", notice=str(reason))

    def _read(
        self,
        of: Literal["groups", "users"],
        read: Callable[..., pd.DataFrame],
        path: GroupPath,
        options: dict[str, Any],
    ) -> Rows:
        try:
            return Rows(read(path, **options), of)
        except IncompleteResult as part:
            return Rows(part.frame, of, notice=str(part), partial=True)
