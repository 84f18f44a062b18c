"""Order statistics and sums of a value within each group, by one sort of packed integer keys.

Each value's rank among the distinct values stands in the low bits of a key and
its group in the high bits. One ``np.sort`` then puts every group's values side
by side in order: quantiles, lowest and highest are read by position, sums by
``np.add.reduceat``. The cost does not grow with the number of groups, nor with
the number of quantiles asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from .arrays import Bools, Floats, Ints, bits_for, exact_parts

__all__ = ["GroupedValues", "Ranked", "rank_values"]


@dataclass(frozen=True)
class Ranked:
    """A value column as ranks.

    Attributes
    ----------
    ranks
        For each row, the rank of its value among the distinct values; -1 where it is null.
    distinct
        The distinct values in ascending order.
    """

    ranks: Ints
    distinct: Floats

    @cached_property
    def present(self) -> Bools | None:
        """Mask of the rows that have a value; None where all have one."""
        mask: Bools = self.ranks >= 0
        return None if mask.all() else mask


def rank_values(values: Floats) -> Ranked:
    """Rank a column of values; NaN is null."""
    ranks, distinct = pd.factorize(values, sort=True)
    return Ranked(ranks.astype(np.int64, copy=False), distinct)


class GroupedValues:
    """One measure's values within each of `size` groups, sorted.

    Parameters
    ----------
    ranked
        The values of the rows.
    groups
        The group code of each row, 0 … `size` - 1.
    size
        Number of groups; some may have no value.

    Notes
    -----
    Each result has one element per group, NaN where the group has no value.
    """

    def __init__(self, ranked: Ranked, groups: Ints, size: int) -> None:
        mask = ranked.present
        if mask is not None:
            groups, ranks = groups[mask], ranked.ranks[mask]
        else:
            ranks = ranked.ranks
        shift = bits_for(len(ranked.distinct))  # fits: groups and values are each fewer than 2**31 rows
        keys = (groups << shift) | ranks
        keys.sort()
        self.counts: Ints = np.bincount(groups, minlength=size).astype(np.int64)
        self._filled: Ints = np.flatnonzero(self.counts)
        self._starts: Ints = (np.cumsum(self.counts) - self.counts)[self._filled]
        self._ranks: Ints = keys & ((1 << shift) - 1)
        self._distinct = ranked.distinct
        self._keys = keys
        self._size = size

    @cached_property
    def _values(self) -> Floats:
        return self._distinct[self._ranks]

    def _spread(self, of_filled: Floats) -> Floats:
        """Place the figures of the groups that have values; NaN elsewhere."""
        placed = np.full(self._size, np.nan)
        placed[self._filled] = of_filled
        return placed

    def lowest(self) -> Floats:
        """Return each group's lowest value."""
        return self._spread(self._values[self._starts])

    def highest(self) -> Floats:
        """Return each group's highest value."""
        return self._spread(self._values[self._starts + self.counts[self._filled] - 1])

    def quantile(self, percent: int) -> Floats:
        """Return each group's percentile by linear interpolation at (n - 1) * percent / 100.

        The position is worked out in whole numbers, so no rounding can move it.
        """
        reach = (self.counts[self._filled] - 1) * percent
        below = self._starts + reach // 100
        part = (reach % 100) / 100
        low = self._values[below]
        high = self._values[below + (part > 0)]
        step = high - low
        # From the nearer end, so that equal neighbours and part = 1 - part stay exact.
        return self._spread(np.where(part < 0.5, low + step * part, high - step * (1 - part)))

    @cached_property
    def _means(self) -> Floats:
        counts = self.counts[self._filled]
        means = self._sums(self._values) / counts
        last = self._starts + counts - 1
        return np.clip(means, self._values[self._starts], self._values[last])

    def mean(self) -> Floats:
        """Return each group's arithmetic mean."""
        return self._spread(self._means)

    def stddev(self, degrees: int) -> Floats:
        """Return each group's standard deviation, `degrees` taken off n; NaN where n <= `degrees`."""
        counts = self.counts[self._filled]
        away = self._values - np.repeat(self._means, counts)
        free = (counts - degrees).astype(np.float64)
        free[free <= 0] = np.nan
        return self._spread(np.sqrt(self._sums(away * away) / free))

    def runs(self) -> tuple[Ints, Floats, Ints]:
        """Return the distribution: group, value and count, by group and then value."""
        new = np.ones(len(self._keys), dtype=np.bool_)
        np.not_equal(self._keys[1:], self._keys[:-1], out=new[1:])
        first = np.flatnonzero(new)
        counts = np.diff(first, append=len(self._keys)).astype(np.int64)
        groups = np.repeat(np.arange(self._size), self.counts)[first]
        return groups, self._values[first], counts

    def _sums(self, values: Floats) -> Floats:
        """Sum `values` within each filled group, correct to the last bits in any order."""
        coarse, rest = exact_parts(values)
        return np.add.reduceat(coarse, self._starts) + np.add.reduceat(rest, self._starts)
