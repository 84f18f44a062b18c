"""The formulas of a percentile and a standard deviation, from values in groups or from counts of values.

Values that are decimals come as whole numbers of a smaller unit (see `arrays.as_whole`):
of these each formula rounds once or twice, at its end, so that a figure that is a
short decimal comes out as the float nearest to it.
"""

from __future__ import annotations

import numpy as np

from .arrays import Floats, Ints

__all__ = ["centre", "interpolate", "mean", "stddev"]


def interpolate(low: Floats, high: Floats, hundredths: Ints, scale: float | None) -> Floats:
    """Return the values so many hundredths of the way from `low` to `high`, as whole numbers divided by `scale`."""
    step = high - low
    if scale is not None:
        return (100 * low + step * hundredths) / (100 * scale)
    part = hundredths / 100
    # From the nearer end, so that equal neighbours and part = 1 - part stay exact.
    return np.where(part < 0.5, low + step * part, high - step * (1 - part))


def mean(sums: Floats, counts: Ints, lowest: Floats, highest: Floats, scale: float | None) -> Floats:
    """Return arithmetic means, none of them outside its values; of whole numbers, divided by `scale`."""
    unit = scale or 1.0
    return np.clip(sums / (counts * unit), lowest / unit, highest / unit)


def centre(sums: Floats, counts: Ints, means: Floats, scale: float | None) -> tuple[Floats, Floats]:
    """Return what to take the distances of values from, and the sum of these: the means, and 0.

    Of whole numbers the whole number nearest to the mean, so that each distance is exact.
    """
    if scale is None:
        return means, np.zeros(len(means))
    found = np.rint(sums / counts)
    return found, sums - counts * found


def stddev(squares: Floats, rest: Floats, counts: Ints, degrees: int, scale: float | None) -> Floats:
    """Return standard deviations, `degrees` taken off n; NaN where n <= `degrees`.

    Parameters
    ----------
    squares, rest
        The sums of the squared distances from a centre, and of the distances.
    counts
        How many values there are, at least one.
    degrees
        Taken off n.
    scale
        Of whole numbers, what to divide by.
    """
    free = (counts - degrees).astype(np.float64)
    free[free <= 0] = np.nan
    return np.sqrt((squares - rest * rest / counts) / free) / (scale or 1.0)
