"""Order statistics and sums of a value within each group, without comparing values twice.

Rows stand by group, so sums, lowest and highest are taken over runs of rows. For
quantiles the values are ranked once for all levels; for each level the ranks are
then put side by side by group: counted in a table of groups and distinct values
where that is small, else moved there by a radix sort of the groups' codes. The
cost does not grow with the number of groups, nor with the number of quantiles.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from .arrays import Codes, Floats, Ints, add_parts, code_type, exact_parts, order_of, starts_of_runs

__all__ = ["GroupedValues", "Ranked", "rank_values"]


@dataclass(frozen=True)
class Ranked:
    """The values of a measure that are not null, and what is worked out once for all levels.

    Attributes
    ----------
    present
        The rows that have a value, ascending; None where all have one.
    values
        The value of each of them.
    """

    present: Ints | None
    values: Floats

    @cached_property
    def distinct(self) -> Floats:
        """The distinct values in ascending order."""
        return self._factorized[1]

    @cached_property
    def ranks(self) -> Codes:
        """The rank of each value among the distinct values."""
        return self._factorized[0]

    @cached_property
    def by_value(self) -> Ints:
        """The order of the values."""
        return order_of(self.ranks, len(self.distinct))

    @cached_property
    def ranks_by_value(self) -> Codes:
        """The ranks in that order."""
        return self.ranks.take(self.by_value)

    @cached_property
    def _factorized(self) -> tuple[Codes, Floats]:
        ranks, distinct = pd.factorize(self.values, sort=True)
        return ranks.astype(code_type(len(distinct))), distinct

    def counts(self, rows: Ints) -> Ints:
        """Return how many values adjacent groups have, of which each has that many rows."""
        if self.present is None:
            return rows
        return np.diff(np.searchsorted(self.present, np.cumsum(rows)), prepend=0)


def rank_values(values: Floats) -> Ranked:
    """Take up a column of values; NaN is null."""
    known = ~np.isnan(values)
    if known.all():
        return Ranked(None, values)
    present = np.flatnonzero(known)
    return Ranked(present, values.take(present))


class GroupedValues:
    """One measure's values within adjacent groups.

    Parameters
    ----------
    ranked
        The values of the rows, which stand by group.
    rows
        How many rows each group has, with and without a value.
    below, parents
        The same values within smaller groups, and the group that each of these is part of: what was added up there
        is not added up again. None where there are no such.

    Notes
    -----
    Each result has one element per group, NaN where the group has no value.
    """

    def __init__(
        self, ranked: Ranked, rows: Ints, below: GroupedValues | None = None, parents: Ints | None = None
    ) -> None:
        self._ranked = ranked
        self._below = below
        self._size = len(rows)
        self.counts: Ints = ranked.counts(rows)
        self._filled: Ints = np.flatnonzero(self.counts)
        self._starts: Ints = (np.cumsum(self.counts) - self.counts)[self._filled]
        self._firsts = self._starts  # the first of each group's rows, or of the filled groups below it
        if below is not None and parents is not None:
            self._firsts = np.searchsorted(parents[below._filled], self._filled)

    def lowest(self) -> Floats:
        """Return each group's lowest value."""
        return self._spread(self._lowest)

    def highest(self) -> Floats:
        """Return each group's highest value."""
        return self._spread(self._highest)

    def quantile(self, percent: int) -> Floats:
        """Return each group's percentile by linear interpolation at (n - 1) * percent / 100.

        The position is worked out in whole numbers, so no rounding can move it.
        """
        reach = (self.counts[self._filled] - 1) * percent
        below = self._starts + reach // 100
        part = (reach % 100) / 100
        low = self._at(below)
        high = self._at(below + (part > 0))
        step = high - low
        # From the nearer end, so that equal neighbours and part = 1 - part stay exact.
        return self._spread(np.where(part < 0.5, low + step * part, high - step * (1 - part)))

    def mean(self) -> Floats:
        """Return each group's arithmetic mean."""
        return self._spread(self._means)

    def stddev(self, degrees: int) -> Floats:
        """Return each group's standard deviation, `degrees` taken off n; NaN where n <= `degrees`."""
        free = (self.counts[self._filled] - degrees).astype(np.float64)
        free[free <= 0] = np.nan
        return self._spread(np.sqrt(self._squares / free))

    def runs(self) -> tuple[Ints, Floats, Ints]:
        """Return the distribution: group, value and count, by group and then value."""
        distinct = self._ranked.distinct
        if self._few_cells:
            counts = np.diff(self._cells, prepend=0)
            cells = np.flatnonzero(counts)
            return cells // self._width, distinct[cells % self._width], counts[cells]
        new = starts_of_runs(self._ordered)
        new[self._starts] = True
        first = np.flatnonzero(new)
        counts = np.diff(first, append=len(new)).astype(np.int64, copy=False)
        groups = np.searchsorted(np.cumsum(self.counts), first, side="right")
        return groups, distinct[self._ordered[first]], counts

    @cached_property
    def _lowest(self) -> Floats:
        return self._reduce(np.minimum, self._below._lowest if self._below else self._ranked.values)

    @cached_property
    def _highest(self) -> Floats:
        return self._reduce(np.maximum, self._below._highest if self._below else self._ranked.values)

    @cached_property
    def _sums(self) -> list[Floats]:
        """The sums of the parts of the values."""
        parts = self._below._sums if self._below else exact_parts(self._ranked.values)
        return [self._reduce(np.add, part) for part in parts]

    @cached_property
    def _means(self) -> Floats:
        return np.clip(add_parts(self._sums) / self.counts[self._filled], self._lowest, self._highest)

    @cached_property
    def _squares(self) -> Floats:
        """The sum of the squared distances from the mean."""
        away = np.repeat(self._means, np.diff(self._firsts, append=self._pieces))
        if self._below:  # from the means below, and from there to this one: no square is the difference of two
            away -= self._below._means
            away *= away
            return self._reduce(np.add, self._below._squares + away * self._below.counts[self._below._filled])
        np.subtract(self._ranked.values, away, out=away)
        away *= away
        return add_parts([self._reduce(np.add, part) for part in exact_parts(away)])

    @property
    def _pieces(self) -> int:
        return len(self._below._filled) if self._below else len(self._ranked.values)

    @property
    def _few_cells(self) -> bool:
        return self._size * self._width <= len(self._ranked.values)

    @property
    def _width(self) -> int:
        return max(len(self._ranked.distinct), 1)

    @cached_property
    def _cells(self) -> Ints:
        """How many values there are up to each cell of a table of all groups by all distinct values."""
        cells = np.repeat(np.arange(self._size) * self._width, self.counts)
        cells += self._ranked.ranks
        return np.cumsum(np.bincount(cells, minlength=self._size * self._width))

    @cached_property
    def _ordered(self) -> Codes:
        """The ranks, by group and then value."""
        groups = np.repeat(np.arange(self._size, dtype=code_type(self._size)), self.counts)
        return self._ranked.ranks_by_value.take(order_of(groups.take(self._ranked.by_value), self._size))

    def _at(self, places: Ints) -> Floats:
        """Return the values at places in the order by group and then value."""
        distinct = self._ranked.distinct
        if self._few_cells:
            return distinct[np.searchsorted(self._cells, places, side="right") % self._width]
        return distinct[self._ordered[places]]

    def _spread(self, of_filled: Floats) -> Floats:
        """Place the figures of the groups that have values; NaN elsewhere."""
        placed = np.full(self._size, np.nan)
        placed[self._filled] = of_filled
        return placed

    def _reduce(self, function: np.ufunc, values: Floats) -> Floats:
        found: Floats = function.reduceat(values, self._firsts) if len(self._firsts) else np.empty(0)
        return found
