"""What is known of a course: its learners by cohort, segment and enrolment mode, and its engagement ranges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from .columns import typed_frame
from .learner_columns import COUNTED_COLUMNS, METRICS, RANGE_COLUMNS, RANGES

__all__ = ["CourseMetadata", "course_frames"]

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CourseMetadata:
    """What the service knows of a course.

    Attributes
    ----------
    course_id : str
        The course.
    cohorts, segments, enrollment_modes : DataFrame
        ``name`` str and ``learners`` Int64, by name. A learner in two segments counts in both; learners without a
        cohort are in no row.
    engagement_ranges : DataFrame
        ``metric``, ``range`` (below_average, average, above_average) str, ``low`` and ``high`` float64: from low,
        inclusive, to high, exclusive; inf for infinity, null where the metric has no such range.
    start, end : Timestamp or None
        The week of the ranges: its first day, and the day after its last. None for a course without data.
    """

    course_id: str
    cohorts: pd.DataFrame
    segments: pd.DataFrame
    enrollment_modes: pd.DataFrame
    engagement_ranges: pd.DataFrame
    start: pd.Timestamp | None
    end: pd.Timestamp | None

    def __repr__(self) -> str:
        week = "no data" if self.start is None or self.end is None else f"{self.start:%Y-%m-%d} to {self.end:%Y-%m-%d}"
        sizes = ", ".join(f"{name}: {len(getattr(self, name))}" for name in ("cohorts", "segments", "enrollment_modes"))
        return f"CourseMetadata({self.course_id!r}, {week}, {sizes})"


def course_frames(course_id: str, metadata: Record) -> CourseMetadata:
    """Return course metadata, as the API gives it, as frames."""
    ranges = metadata["engagement_ranges"]
    week = ranges.get("date_range") or {}
    start, end = (None if week.get(side) is None else pd.Timestamp(week[side]) for side in ("start", "end"))
    return CourseMetadata(
        course_id=course_id,
        cohorts=_counted(metadata["cohorts"]),
        segments=_counted(metadata["segments"]),
        enrollment_modes=_counted(metadata["enrollment_modes"]),
        engagement_ranges=_ranges(ranges),
        start=start,
        end=end,
    )


def _counted(counts: Mapping[str, int]) -> pd.DataFrame:
    names = sorted(counts)
    return typed_frame(COUNTED_COLUMNS, {"name": names, "learners": [counts[name] for name in names]})


def _ranges(ranges: Record) -> pd.DataFrame:
    rows = list(product([metric for metric in METRICS if metric in ranges], RANGES))
    bounds = [ranges[metric].get(name) or (np.nan, np.nan) for metric, name in rows]
    values: dict[str, Any] = {"metric": [row[0] for row in rows], "range": [row[1] for row in rows]}
    for position, side in enumerate(("low", "high")):
        values[side] = [np.inf if pair[position] is None else pair[position] for pair in bounds]
    return typed_frame(RANGE_COLUMNS, values)
