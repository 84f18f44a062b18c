"""The five segments of learners, by their activity in two weeks and the ranges of their course.

Source: Learner analytics API names segments without defining them; the rules are those of the pipeline behind it,
but for learners without any problem (0 attempts, 0 completed): they are not struggling.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from .arrays import Bools, Floats
from .engagement import COUNTS, RATIO
from .ranges import Ranges

__all__ = ["SEGMENTS", "find_segments"]

SEGMENTS: Final = ("unenrolled", "inactive", "disengaging", "highly_engaged", "struggling")
"""The segments, in the order in which a learner's segments are listed."""


def find_segments(
    enrolled: Bools,
    active: Bools,
    active_before: Bools,
    values: Mapping[str, Floats],
    ranges: Mapping[str, Ranges],
) -> npt.NDArray[np.uint8]:
    """Return each learner's segments as bits: bit i is set for ``SEGMENTS[i]``.

    Parameters
    ----------
    enrolled
        Who is enrolled at the end of the week.
    active, active_before
        Who was active in the week, and in the week before it.
    values
        Each metric of each learner in the week; a ratio is infinite without a completed problem, NaN without any.
    ranges
        The course's ranges of each metric.
    """
    above = {metric: _is_above(values[metric], ranges[metric]) for metric in (*COUNTS, RATIO)}
    members = (
        ~enrolled,
        ~active & ~active_before,
        ~active & active_before,
        np.logical_or.reduce([above[metric] for metric in COUNTS]),
        above[RATIO],
    )
    bits = np.zeros(len(enrolled), dtype=np.uint8)
    for place, member in enumerate(members):
        bits |= member.astype(np.uint8) << place
    return bits


def _is_above(values: Floats, ranges: Ranges) -> Bools:
    """Return which values are in the range above average; infinity is, also where the range begins there."""
    low = np.nan if ranges.above_average is None else ranges.above_average[0]
    found: Bools = values >= low
    return found
