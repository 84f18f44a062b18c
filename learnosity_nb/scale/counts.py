"""A group's figures from how often each value occurs among its users.

Counts of several parts add up exactly, so a group whose users stand in many
parts, such as the root, has the figures it would have from its users at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..compute.arrays import Floats, Ints, as_whole, bits_for
from ..compute.formulas import centre, interpolate, mean, stddev
from ..compute.grouped import GroupedValues
from ..compute.statistics import statistic
from ..domain.fields import GroupField

__all__ = ["CountedValues", "summarize_counts"]


class CountedValues:
    """The values of one group's users, each distinct value once.

    Parameters
    ----------
    values
        The distinct values, in ascending order; at least one.
    counts
        How many users have each.

    Notes
    -----
    The formulas are those of `compute.grouped.GroupedValues`; a result has one element.
    """

    def __init__(self, values: Floats, counts: Ints) -> None:
        self._given = values
        self._counts = counts
        self._ends = np.cumsum(counts)
        self._size = self._ends[-1:]
        self._values, self._scale = as_whole(values, int(self._size[0]))

    def lowest(self) -> Floats:
        """Return the lowest value."""
        return self._given[:1]

    def highest(self) -> Floats:
        """Return the highest value."""
        return self._given[-1:]

    def quantile(self, percent: int) -> Floats:
        """Return a percentile by linear interpolation at (n - 1) * percent / 100."""
        reach = (self._size - 1) * percent
        below, part = reach // 100, reach % 100
        return interpolate(self._at(below), self._at(below + (part > 0)), part, self._scale)

    def mean(self) -> Floats:
        """Return the arithmetic mean."""
        return mean(self._sum(self._values), self._size, self._values[:1], self._values[-1:], self._scale)

    def stddev(self, degrees: int) -> Floats:
        """Return the standard deviation, `degrees` taken off n; NaN where n <= `degrees`."""
        middle, rest = centre(self._sum(self._values), self._size, self.mean(), self._scale)
        away = self._values - middle
        return stddev(self._sum(away * away), rest, self._size, degrees, self._scale)

    def _at(self, position: Ints) -> Floats:
        """Return the value of the user at a position (0-based) when users stand by value."""
        return self._values[np.searchsorted(self._ends, position, side="right")]

    def _sum(self, values: Floats) -> Floats:
        """Sum as `compute.arrays.exact_parts` does, for as many values as there are users."""
        largest = float(np.abs(values).max())
        unit = np.ldexp(1.0, max(int(np.frexp(largest)[1]) + bits_for(int(self._size[0])) - 53, -1000))
        coarse = np.rint(values / unit) * unit
        return np.array([(coarse * self._counts).sum() + ((values - coarse) * self._counts).sum()])


def summarize_counts(runs: pa.Table, fields: Sequence[GroupField]) -> list[float | None]:
    """Return a group's figures.

    Parameters
    ----------
    runs
        ``measure``, ``value`` and ``count``, a value of a measure once, none null.
    fields
        The figures to work out. ``group_count`` stays null: counts of values cannot tell it.
    """
    figures: list[float | None] = []
    for field in fields:
        of_measure = runs.filter(pc.equal(runs["measure"], field.measure)).sort_by("value")
        counts = of_measure["count"].to_numpy()
        if field.statistic == "population":
            figures.append(float(counts.sum()))
        elif field.statistic == "group_count" or not len(counts):
            figures.append(None)
        else:
            values = CountedValues(of_measure["value"].to_numpy(), counts)
            figure = float(statistic(field, cast("GroupedValues", values))[0])
            figures.append(None if np.isnan(figure) else figure)
    return figures
