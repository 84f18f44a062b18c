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

from .arrays import (
    Bools,
    Codes,
    Floats,
    Ints,
    add_parts,
    as_whole,
    code_type,
    exact_parts,
    order_of,
    starts_of_runs,
)
from .formulas import centre, interpolate, mean, stddev

__all__ = ["GroupedValues", "Ranked", "rank_values"]

SAMPLE = 1 << 16  # how many values to look at, to see
FEW_DISTINCT = 1 << 14  # whether more than so many are distinct: then to sort all is faster than to look each up


@dataclass(frozen=True)
class Ranked:
    """The values of a measure that are not null, and what is worked out once for all levels.

    Attributes
    ----------
    known
        Which rows have a value; None where all have one.
    values
        The value of each of them, in units of which `scale` make 1.
    scale
        None where they are no decimals, and their unit is 1.
    """

    known: Bools | None
    values: Floats
    scale: float | None

    @cached_property
    def distinct(self) -> Floats:
        """The distinct values in ascending order."""
        return self._ranking[1]

    @cached_property
    def ranks(self) -> Codes:
        """The rank of each value among the distinct values."""
        return self._ranking[0]

    @cached_property
    def by_value(self) -> Ints:
        """The order of the values."""
        order = self._ranking[2]
        return order_of(self.ranks, len(self.distinct)) if order is None else order

    @cached_property
    def ranks_by_value(self) -> Codes:
        """The ranks in that order."""
        return self.ranks.take(self.by_value)

    @cached_property
    def _ranking(self) -> tuple[Codes, Floats, Ints | None]:
        """The ranks and the distinct values; the order too where it was found on the way."""
        if len(pd.unique(self.values[:SAMPLE])) > FEW_DISTINCT:
            return _rank_by_order(self.values)
        ranks, distinct = pd.factorize(self.values, sort=True, size_hint=FEW_DISTINCT)  # a table of hashes that grows
        return ranks.astype(code_type(len(distinct))), distinct, None

    def counts(self, rows: Ints) -> Ints:
        """Return how many values adjacent groups have, of which each has that many rows."""
        if self.known is None:
            return rows
        filled = np.flatnonzero(rows)
        counts = np.zeros(len(rows), dtype=np.int64)
        if len(filled):
            starts = (np.cumsum(rows) - rows)[filled]
            counts[filled] = np.add.reduceat(self.known, starts, dtype=np.int64)
        return counts


def rank_values(values: Floats) -> Ranked:
    """Take up a column of values; NaN is null."""
    known = ~np.isnan(values)
    if known.all():
        return Ranked(None, *as_whole(values, len(values)))
    return Ranked(known, *as_whole(values[known], len(values)))


def _rank_by_order(values: Floats) -> tuple[Codes, Floats, Ints]:
    """Return the rank of each value, the distinct values, and the order of the values."""
    order = np.argsort(values)
    ordered = values.take(order)
    new = starts_of_runs(ordered)
    ranks = np.empty(len(values), dtype=code_type(len(values)))
    ranks[order] = np.cumsum(new, dtype=ranks.dtype) - ranks.dtype.type(1)
    return ranks, ordered[new], order


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
        counts = below.counts if below else ranked.counts(rows)
        self.counts: Ints = counts if parents is None else _totals(parents, counts, len(rows))
        self._filled: Ints = np.flatnonzero(self.counts)
        self._starts: Ints = (np.cumsum(self.counts) - self.counts)[self._filled]
        self._firsts = self._starts  # the first of each group's rows, or of the filled groups below it
        if below is not None and parents is not None:
            self._firsts = np.searchsorted(parents[below._filled], self._filled)

    def lowest(self) -> Floats:
        """Return each group's lowest value."""
        return self._spread(self._lowest / self._unit)

    def highest(self) -> Floats:
        """Return each group's highest value."""
        return self._spread(self._highest / self._unit)

    def quantile(self, percent: int) -> Floats:
        """Return each group's percentile by linear interpolation at (n - 1) * percent / 100.

        The position is worked out in whole numbers, so no rounding can move it.
        """
        reach = (self.counts[self._filled] - 1) * percent
        below = self._starts + reach // 100
        part = reach % 100
        return self._spread(interpolate(self._at(below), self._at(below + (part > 0)), part, self._ranked.scale))

    def mean(self) -> Floats:
        """Return each group's arithmetic mean."""
        return self._spread(self._means)

    def stddev(self, degrees: int) -> Floats:
        """Return each group's standard deviation, `degrees` taken off n; NaN where n <= `degrees`."""
        counts, (_, rests) = self.counts[self._filled], self._centre
        return self._spread(stddev(self._squares, rests, counts, degrees, self._ranked.scale))

    def runs(self) -> tuple[Ints, Floats, Ints]:
        """Return the distribution: group, value and count, by group and then value."""
        distinct = self._ranked.distinct / self._unit
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
    def _total(self) -> Floats:
        return add_parts(self._sums)

    @cached_property
    def _means(self) -> Floats:
        counts = self.counts[self._filled]
        return mean(self._total, counts, self._lowest, self._highest, self._ranked.scale)

    @cached_property
    def _centre(self) -> tuple[Floats, Floats]:
        """What distances are taken from, and the sum of these."""
        return centre(self._total, self.counts[self._filled], self._means, self._ranked.scale)

    @cached_property
    def _squares(self) -> Floats:
        """The sum of the squared distances from the centre."""
        away = np.repeat(self._centre[0], np.diff(self._firsts, append=self._pieces))
        if below := self._below:  # from the centres below, and from there to this one: no square is a small difference
            centres, rests = below._centre
            np.subtract(centres, away, out=away)
            more = away * (2 * rests + away * below.counts[below._filled])
            return self._reduce(np.add, below._squares + more)
        np.subtract(self._ranked.values, away, out=away)
        away *= away
        return add_parts([self._reduce(np.add, part) for part in exact_parts(away)])

    @property
    def _unit(self) -> float:
        return self._ranked.scale or 1.0

    @property
    def _pieces(self) -> int:
        return len(self._below._filled) if self._below else len(self._ranked.values)

    @property
    def _few_cells(self) -> bool:
        return self._size > 1 and self._size * self._width <= len(self._ranked.values)

    @property
    def _width(self) -> int:
        return max(len(self._ranked.distinct), 1)

    @cached_property
    def _cells(self) -> Ints:
        """How many values there are up to each cell of a table of all groups by all distinct values."""
        cells = np.repeat(np.arange(self._size) * self._width, self.counts)
        cells += self._ranked.ranks
        cells = np.bincount(cells, minlength=self._size * self._width)
        return np.cumsum(cells, out=cells)

    @cached_property
    def _ordered(self) -> Codes:
        """The ranks, by group and then value."""
        if self._size == 1:
            return self._ranked.ranks_by_value
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


def _totals(parents: Ints, counts: Ints, size: int) -> Ints:
    """Add up the counts of the groups of each parent."""
    return np.bincount(parents, weights=counts, minlength=size).astype(np.int64)
