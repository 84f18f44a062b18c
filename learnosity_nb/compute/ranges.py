"""Below average, average, above average: the ranges of a metric in a course.

Source: Learner analytics API, "Course Metadata"; the rules of the pipeline behind it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from .arrays import Floats

__all__ = ["EVERYTHING", "Range", "Ranges", "find_ranges"]

Range = tuple[float, float]
"""Low bound, inclusive, and high bound, exclusive; infinite where open."""

LOW_PERCENT, HIGH_PERCENT = 15, 85
EVERYTHING: Final[Range] = (0.0, np.inf)


@dataclass(frozen=True, slots=True)
class Ranges:
    """The ranges of one metric, low to high by number, whether or not a high number is good.

    Attributes
    ----------
    below_average, above_average
        None where the course's values do not set such a range apart.
    average
        Always there.
    """

    below_average: Range | None = None
    average: Range = EVERYTHING
    above_average: Range | None = None


def find_ranges(values: Floats) -> Ranges:
    """Find the ranges of a metric from the values of the active learners.

    The bounds are the 15th and 85th percentiles as ``numpy.percentile`` gives them.

    Parameters
    ----------
    values
        Numbers from 0, infinity included; not NaN. May be empty.

    Returns
    -------
    Ranges
        A percentile that touches an infinite value is infinite.
    """
    if not len(values):
        return Ranges()
    with np.errstate(invalid="ignore"):  # infinity - infinity
        bounds = np.percentile(values, [LOW_PERCENT, HIGH_PERCENT])
    low, high = np.where(np.isnan(bounds), np.inf, bounds).tolist()
    below = (0.0, low) if low > 0 else None
    return Ranges(below, (low, np.inf)) if low == high else Ranges(below, (low, high), (high, np.inf))
