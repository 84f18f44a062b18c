"""The figures of a whole course: its week, each learner's metrics and segments, and the ranges.

Source: Learner analytics API; facts on its window: the week before D, the day after the last day with data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .arrays import Bools, Floats
from .engagement import COUNTS, METRICS, RATIO, Activity, Metrics, measure, read_activity
from .ranges import Ranges, find_ranges
from .segments import find_segments

__all__ = ["WEEK", "CourseFigures", "summarize_course"]

WEEK: Final = 7


@dataclass(frozen=True, slots=True, eq=False)
class CourseFigures:
    """What is computed once for a course; arrays have one element for each learner.

    Attributes
    ----------
    activity
        The rows behind the figures.
    metrics
        Counts of the week.
    ranges
        By metric, in the order of `METRICS`.
    segments
        Bits, as `find_segments` gives them.
    """

    activity: Activity
    metrics: Metrics
    ranges: Mapping[str, Ranges]
    segments: npt.NDArray[np.uint8]

    @property
    def window(self) -> tuple[int, int] | None:
        """The week as [start, end), days since 1970; None where nobody was ever active."""
        return None if self.activity.end is None else (self.activity.end - WEEK, self.activity.end)


def summarize_course(usernames: pa.Array, enrolled: Bools, engagement: pa.Table) -> CourseFigures:
    """Compute a course's figures.

    Parameters
    ----------
    usernames
        The learners, each once.
    enrolled
        Which of them are enrolled at the end of the week.
    engagement
        The course's rows, as for `read_activity`.
    """
    activity = read_activity(engagement, usernames)
    end = activity.end or 0
    metrics = measure(activity, end - WEEK, end)
    active, before = activity.active_between(end - WEEK, end), activity.active_between(end - 2 * WEEK, end - WEEK)
    values = _values(metrics)
    ranges = {metric: find_ranges(_population(metric, values[metric], metrics, active)) for metric in METRICS}
    return CourseFigures(activity, metrics, ranges, find_segments(enrolled, active, before, values, ranges))


def _values(metrics: Metrics) -> dict[str, Floats]:
    values = {metric: getattr(metrics, metric).astype(np.float64) for metric in COUNTS}
    tried = (metrics.attempts > 0) | (metrics.problems_completed > 0)
    values[RATIO] = np.where(tried, metrics.problem_attempts_per_completed, np.nan)
    return values


def _population(metric: str, values: Floats, metrics: Metrics, active: Bools) -> Floats:
    """Return the values that set the ranges: of active learners, and for the ratio only of those who tried."""
    return values[active & (metrics.attempts > 0) if metric == RATIO else active]
