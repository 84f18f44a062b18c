"""Where the bars of a histogram begin and end."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from ..errors import InputError
from .words import number_text

__all__ = ["bin_labels", "bins_of", "checked_edges", "edges_for"]

Floats = npt.NDArray[np.float64]

STEPS_APART: Final = 40
"""The most bins of which each holds a single value."""

MOST_BINS: Final = 30
"""The most bins otherwise."""

TOLERANCE: Final = 1e-6
MULTIPLES: Final = (1, 2, 5)


def edges_for(values: Floats, most: int = MOST_BINS) -> Floats:
    """Return bin edges that suit some values.

    Values that stand a fixed step apart (whole points; percents of a test of ten points), with at most 40 steps
    from lowest to highest, get a bin each, with the value in its middle. Otherwise the bins are 1, 2 or 5 times a
    power of ten wide, as narrow as at most `most` of them allow, and start at a multiple of their width.

    Parameters
    ----------
    values
        The values that occur, ascending and each once; at least one.
    most
        The most bins of the second kind: 3 or more, as two may be needed on either side of zero.

    Returns
    -------
    ndarray of float64
        Edges, ascending. A bin holds its start; only the last one holds its end.

    Examples
    --------
    >>> edges_for(np.array([2.0, 3.0, 5.0])).tolist()
    [1.5, 2.5, 3.5, 4.5, 5.5]
    >>> edges_for(np.array([0.0, 33.1, 100.0]), most=5).tolist()
    [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]
    """
    step = _fixed_step(values)
    if step is not None:
        count = round(float(values[-1] - values[0]) / step) + 1
        return np.asarray(values[0] + step * (np.arange(count + 1) - 0.5), dtype=np.float64)
    return _round_edges(float(values[0]), float(values[-1]), most)


def checked_edges(edges: Sequence[float], values: Floats) -> Floats:
    """Return edges that were given by hand.

    Raises
    ------
    InputError
        If they do not ascend, or do not hold every value.
    """
    given = np.asarray(edges, dtype=np.float64)
    if given.ndim != 1 or len(given) < 2 or not np.all(np.diff(given) > 0):
        raise InputError("bins must be a number from 3 to 200, or at least two edges in ascending order.")
    if len(values) and (values[0] < given[0] or values[-1] > given[-1]):
        raise InputError(
            f"bins end at {given[0]:g} and {given[-1]:g}, but the values run from {values[0]:g} to {values[-1]:g}: "
            "widen the first and the last bin."
        )
    return given


def bins_of(values: Floats, edges: Floats) -> npt.NDArray[np.intp]:
    """Return the position of the bin that holds each value."""
    return np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(edges) - 2)


def bin_labels(edges: Floats, values: Floats) -> list[str]:
    """Say what each bin holds: its one value, or from where to where."""
    middles = (edges[:-1] + edges[1:]) / 2
    widths = np.diff(edges)
    at = bins_of(values, edges)
    if len(np.unique(at)) == len(values) and np.all(np.abs(values - middles[at]) <= TOLERANCE * widths[at]):
        return [number_text(middle) for middle in middles]
    texts = [number_text(edge) for edge in edges]
    labels = [f"{low} to under {high}" for low, high in pairwise(texts)]
    labels[-1] = f"{texts[-2]} to {texts[-1]}"
    return labels


def _fixed_step(values: Floats) -> float | None:
    """Return the step that all values stand apart by, or None if there is none or they are too far apart."""
    if len(values) == 1:
        return 1.0
    step = float(np.diff(values).min())
    steps = (values - values[0]) / step
    near = np.abs(steps - np.round(steps)).max() <= TOLERANCE
    return step if near and steps[-1] <= STEPS_APART else None


def _round_edges(low: float, high: float, most: int) -> Floats:
    exponent = math.floor(math.log10((high - low) / most))
    widths = [(multiple, power) for power in (exponent, exponent + 1) for multiple in MULTIPLES]
    ends = {width: (math.floor(_scaled(low, *width)), math.ceil(_scaled(high, *width))) for width in widths}
    multiple, power = next(width for width, (first, last) in ends.items() if last - first <= most)
    first, last = ends[multiple, power]
    counts = np.arange(first, last + 1, dtype=np.float64) * multiple
    return counts * 10.0**power if power >= 0 else counts / 10.0**-power  # 3/10 is 0.3, and 3*0.1 is not


def _scaled(value: float, multiple: int, power: int) -> float:
    return value / (multiple * 10.0**power) if power >= 0 else value * 10.0**-power / multiple
