"""Why a learner is in a segment: the figures that decide, and the same in words.

The rules are those of the specification's reference implementation: the API
names the segments without saying what puts a learner there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import pandas as pd

from .columns import typed_frame
from .course import CourseMetadata
from .learner_columns import METRICS, REASON_COLUMNS

__all__ = ["needs_timeline", "reasons_frame"]

RATIO: Final = "problem_attempts_per_completed"
BY_DAYS: Final = {"disengaging", "inactive"}
WEEK: Final = pd.Timedelta(days=7)
DAY: Final = pd.Timedelta(days=1)
NO_THRESHOLD: Final = np.nan

Reason = tuple[str | None, float, float, str]
"""Metric, value, threshold, words."""


def needs_timeline(segments: tuple[str, ...]) -> bool:
    """Whether a learner's days are needed to say why the learner is in these segments."""
    return not BY_DAYS.isdisjoint(segments)


def reasons_frame(learner: pd.DataFrame, course: CourseMetadata, timeline: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the reasons for each segment of a learner.

    Parameters
    ----------
    learner
        One row, as `learners.learners_frame` gives it.
    course
        What is known of the course.
    timeline
        The learner's days, where `needs_timeline` says so; None for a learner who was never active.

    Returns
    -------
    DataFrame
        ``segment``, ``metric`` str, ``value``, ``threshold`` float64, ``reason`` str: a row for each figure that puts
        the learner in the segment. A segment without a figure has one row with nulls.
    """
    record = learner.iloc[0]
    found: list[tuple[str, Reason]] = []
    for segment in record["segments"]:
        reasons = list(_reasons(segment, record, course, timeline))
        if not reasons:
            reasons = [(None, np.nan, np.nan, "the service's figures do not show why")]
        found += [(segment, reason) for reason in reasons]
    values: dict[str, Any] = {"segment": [segment for segment, _ in found]}
    for position, name in enumerate(("metric", "value", "threshold", "reason")):
        values[name] = [reason[position] for _, reason in found]
    return typed_frame(REASON_COLUMNS, values)


def _reasons(
    segment: str, record: pd.Series[Any], course: CourseMetadata, timeline: pd.DataFrame | None
) -> Iterator[Reason]:
    if segment == "highly_engaged":
        for metric in METRICS:
            if metric != RATIO:
                yield from _above(metric, float(record[metric]), course)
    elif segment == "struggling":
        never_solved = pd.isna(record[RATIO]) and record["problems_attempted"] > 0
        yield from _above(RATIO, np.inf if never_solved else float(record[RATIO]), course)
    elif segment in BY_DAYS:
        yield from _quiet(course, timeline)
    elif segment == "unenrolled":
        when = "" if course.end is None else f" at the end of {course.end - DAY:%Y-%m-%d}"
        yield None, np.nan, np.nan, f"not enrolled{when}"


def _above(metric: str, value: float, course: CourseMetadata) -> Iterator[Reason]:
    ranges = course.engagement_ranges
    lows = ranges.loc[(ranges["metric"] == metric) & (ranges["range"] == "above_average"), "low"]
    low = float(lows.iloc[0]) if len(lows) else NO_THRESHOLD
    if value >= low:
        shown = "attempts and no problem completed" if np.isinf(value) else f"{value:g}"
        start = "where attempts end without success" if np.isinf(low) else f"at {low:g}"
        yield metric, value, low, f"{metric.replace('_', ' ')}: {shown}; above average begins {start}"


def _quiet(course: CourseMetadata, timeline: pd.DataFrame | None) -> Iterator[Reason]:
    if course.start is None or course.end is None:
        yield "active_days", 0.0, 1.0, "nobody in the course was ever active"
        return
    for metric, start, end in (
        ("active_days", course.start, course.end),
        ("active_days_before", course.start - WEEK, course.start),
    ):
        days = _active_days(timeline, start, end)
        said = f"{days or 'no'} active day{'' if days == 1 else 's'} from {start:%Y-%m-%d} to {end - DAY:%Y-%m-%d}"
        yield metric, float(days), 1.0, said


def _active_days(timeline: pd.DataFrame | None, start: pd.Timestamp, end: pd.Timestamp) -> int:
    if timeline is None:
        return 0
    week = timeline[(timeline.index >= start) & (timeline.index < end)]
    return int((week > 0).any(axis=1).sum())
