"""The calls of a dataset that compare: with another dataset, or groups within it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from ..compute.intervals import mean_interval
from ..domain.fields import near_names
from ..domain.group_paths import GroupPath, parse_group_path
from ..errors import GroupNotFound, InputError, shorten
from ..frames.comparison import DATASETS_COLUMNS, GROUPS_COLUMNS, comparison_frame
from ..frames.withholding import check_min_population
from .differences import differences, group_number
from .group_calls import GroupCalls
from .group_reading import check_measure
from .measuring import NOBODY, GroupValues, moments, note_on, values_of_groups

__all__ = ["ComparisonCalls"]

SEED: Final = 2026
OWN_FIGURES: Final = ("n", "mean", "median")


class ComparisonCalls(GroupCalls):
    """The calls of a `Dataset` that compare groups."""

    def compare(
        self,
        other: ComparisonCalls,
        group_path: Sequence[str] = (),
        *,
        field: str = "score",
        level: int | str | None = None,
        confidence: float = 0.95,
        seed: int = SEED,
        min_population: int = 0,
    ) -> pd.DataFrame:
        """Compare this dataset with another, group by group.

        Every difference is the other's figure less this one's: positive where
        the other is higher. The two groups of a row are taken as independent
        samples. Where they hold the same learners, before and after, the
        intervals are too wide.

        Parameters
        ----------
        other : Dataset
            The second dataset, with as many levels.
        group_path
            Compare this group and all below it; the whole datasets when omitted.
        field
            ``"score"`` (points) or ``"percent"``.
        level
            Only groups of this level: its key, or its number (0 for the root);
            all when omitted.
        confidence
            Of every interval, from 0.5 to below 1.
        seed
            The same seed gives the same bootstrap intervals; those of a group do
            not depend on the other groups compared.
        min_population
            Withhold small groups, in each dataset by itself; see the notes of
            `Dataset`.

        Returns
        -------
        DataFrame
            One row per group that either has, by level and then path: the
            columns of the group as in `groups`, ``found_in``, ``n_1``, ``n_2``
            (users with a value), ``mean_1``, ``mean_2``, ``median_1``,
            ``median_2``, ``mean_difference`` with its Welch interval
            (``mean_difference_low``, ``mean_difference_high``),
            ``median_difference`` with a bootstrap interval, ``hedges_g`` with a
            large-sample interval, ``cliffs_delta`` and ``note``; with a
            ``min_population`` also ``withheld`` bool, true if either is. An
            interval is null where a group has fewer than two users.

            Without distributions (a hosted dataset) means and standard
            deviations are the dataset's fields, and n its population; the
            interval of the median and ``cliffs_delta`` are null.

        Raises
        ------
        InputError
            If `other` is no Dataset or has another number of levels, or a
            parameter cannot be used.
        GroupNotFound
            If neither dataset has `group_path`.
        NotOffered
            If a service gives no distributions and its dataset lacks
            ``population``, ``mean_score`` or ``stddev_score``.
        IncompleteResult
            If some groups' rows cannot be had.
        """
        measure, path, floor = check_measure(field), parse_group_path(group_path), check_min_population(min_population)
        _check_confidence(confidence)
        _check_seed(seed)
        self._check_comparable(other)
        number = self._level_number(level)
        first = self._values_below(path, measure, number, floor)
        second = other._values_below(path, measure, number, floor)
        if first is None and second is None:
            self._reader.file(path)  # says which group there is not
        one, two = first or {}, second or {}
        paths = sorted(one.keys() | two.keys(), key=lambda found: (len(found), found))
        pairs = [(one.get(found, NOBODY), two.get(found, NOBODY)) for found in paths]
        columns = {
            "found_in": [_found_in(pair) for pair in pairs],
            **{f"{name}_1": [getattr(group, name) for group, _ in pairs] for name in OWN_FIGURES},
            **{f"{name}_2": [getattr(group, name) for _, group in pairs] for name in OWN_FIGURES},
            **differences(pairs, [[seed, group_number(found)] for found in paths], confidence),
            "note": [note_on(pair, measure) for pair in pairs],
        }
        keys = self._level_keys(max(map(len, paths), default=0))
        frame = comparison_frame(paths, keys, DATASETS_COLUMNS, columns)
        if floor:
            frame = frame.assign(withheld=[any(group.withheld for group in pair) for pair in pairs])
        asked = {"field": field, "level": level, "confidence": confidence, "seed": seed, "min_population": floor}
        return self._noted(frame, "compare", other=other.dataset_id, group_path=list(path), **asked)

    def compare_groups(
        self,
        paths: Sequence[Sequence[str]],
        *,
        field: str = "score",
        confidence: float = 0.95,
        seed: int = SEED,
        min_population: int = 0,
    ) -> pd.DataFrame:
        """Compare groups of this dataset with the first of them.

        Parameters
        ----------
        paths
            The groups, such as schools of one district; the first is what the
            others are compared with.
        field, confidence, seed
            As for `compare`.
        min_population
            Withhold small groups; see the notes of `Dataset`.

        Returns
        -------
        DataFrame
            One row per group, in the order given: the columns of the group as in
            `groups`, ``n``, ``mean`` with its interval (``mean_low``,
            ``mean_high``), ``median``, and the differences to the first group as
            in `compare`, null in its own row; with a ``min_population`` also
            ``withheld`` bool.

        Raises
        ------
        InputError
            If there is no group, one comes twice, or one is inside the first:
            they would share their users. Also if a parameter cannot be used.
        GroupNotFound
            If there is no such group.
        NotOffered
            As for `compare`.
        """
        measure, floor = check_measure(field), check_min_population(min_population)
        _check_confidence(confidence)
        _check_seed(seed)
        found = [parse_group_path(path) for path in paths]
        if not found or len(set(found)) < len(found):
            raise InputError("compare_groups takes the paths of one group or more, each once.")
        _refuse_shared(found[0], found[1:])
        rows = pd.concat([self.group(path, min_population=floor) for path in found], ignore_index=True)
        values = values_of_groups(self._reader, rows, measure)
        groups = [values[path] for path in found]
        pairs = [(NOBODY if number == 0 else groups[0], group) for number, group in enumerate(groups)]
        own = moments(groups)
        low, high = mean_interval(own.n, own.mean, own.stddev, confidence)
        seeds = [[seed, group_number(found[0]), group_number(path)] for path in found]
        columns = {
            **{name: [getattr(group, name) for group in groups] for name in OWN_FIGURES},
            "mean_low": low,
            "mean_high": high,
            **differences(pairs, seeds, confidence),
            "note": [note_on(pair, measure) for pair in pairs],
        }
        frame = comparison_frame(found, self._level_keys(max(map(len, found))), GROUPS_COLUMNS, columns)
        if floor:
            frame = frame.assign(withheld=[group.withheld for group in groups])
        asked = {"field": field, "confidence": confidence, "seed": seed, "min_population": floor}
        return self._noted(frame, "compare_groups", paths=[list(path) for path in found], **asked)

    def _values_below(
        self, path: GroupPath, measure: str, level: int | None, floor: int
    ) -> dict[GroupPath, GroupValues] | None:
        """Return the values of a group and of all below it, on one level or all; None if there is no such group."""
        try:
            frame = self.walk(path, min_population=floor)
        except GroupNotFound:
            if not path:
                raise
            return None
        chosen = frame if level is None else frame[frame["level"] == level]
        together = path if 2 * len(chosen) > len(frame) else None
        return values_of_groups(self._reader, chosen, measure, together)

    def _check_comparable(self, other: object) -> None:
        if not isinstance(other, ComparisonCalls):
            raise InputError(f"compare takes another Dataset, not {shorten(other)}.")
        if self.levels is not None and other.levels is not None and len(self.levels) != len(other.levels):
            raise InputError(
                f"Datasets are compared by group path: build both with the same levels. {self!r} has "
                f"{len(self.levels)} of them, {other!r} has {len(other.levels)}."
            )

    def _level_number(self, level: int | str | None) -> int | None:
        keys = [] if self.levels is None else [one.key for one in self.levels]
        if level is None or (type(level) is int and (self.levels is None or 0 <= level <= len(keys))):
            return level
        if level not in keys:
            raise InputError(f"There is no level {shorten(level)}{near_names(str(level), keys)}")
        return keys.index(level) + 1


def _refuse_shared(first: GroupPath, others: Sequence[GroupPath]) -> None:
    for path in others:
        shared = min(len(first), len(path))
        if first[:shared] == path[:shared]:
            raise InputError(f"{list(first)} and {list(path)} share their users: compare groups apart from each other.")


def _found_in(pair: tuple[GroupValues, GroupValues]) -> str:
    if pair[1] is NOBODY:
        return "first"
    return "second" if pair[0] is NOBODY else "both"


def _check_confidence(confidence: float) -> None:
    if not isinstance(confidence, int | float) or not 0.5 <= confidence < 1:
        raise InputError(f"confidence must be a number from 0.5 to below 1, such as 0.95, not {shorten(confidence)}.")


def _check_seed(seed: int) -> None:
    if type(seed) is not int or seed < 0:
        raise InputError(f"seed must be a whole number from 0 up, not {shorten(seed)}.")
