"""What the endpoints say about learners and courses, as plain JSON data in the documented order of keys.

Source: Learner analytics API, the example responses.
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

import numpy as np
import pyarrow as pa

from ...compute.arrays import Ints
from ...compute.engagement import COUNTS, RATIO, Metrics
from ...compute.ranges import Range
from ...compute.segments import SEGMENTS
from ...compute.timelines import PROBLEM_ATTEMPTS
from .course import Course

__all__ = ["RANGES", "RANGE_ORDER", "render_learners", "render_metadata", "render_timeline"]

SEGMENT_LISTS: Final = tuple(
    [name for place, name in enumerate(SEGMENTS) if bits >> place & 1] for bits in range(1 << len(SEGMENTS))
)
"""The list of segments for each value of a learner's bits."""

RANGE_ORDER: Final = (
    "problems_attempted",
    "problems_completed",
    "problem_attempts_per_completed",
    "discussion_contributions",
    "videos_viewed",
)
RANGES: Final = ("below_average", "average", "above_average")
PLAIN_IN_PATH: Final = "@+:!$&'()*,;="
"""Characters of a username that a path may hold as they are."""


def _iso_day(day: int | None) -> str | None:
    """Write a day, given as days since 1970."""
    return None if day is None else str(np.datetime64(day, "D"))


def render_learners(
    course: Course,
    rows: Ints,
    metrics: Metrics,
    window: tuple[int | None, int | None],
    account_url_base: str | None,
) -> list[dict[str, Any]]:
    """Return learners as the list and the detail show them.

    Parameters
    ----------
    course
        The course.
    rows
        Which learners, in order.
    metrics
        Their figures, in the same order.
    window
        The days that the figures are of.
    account_url_base
        What a username is appended to; None for no account addresses.
    """
    last_day = None if course.figures.activity.end is None else course.figures.activity.end - 1
    date_range = {"start": _iso_day(window[0]), "end": _iso_day(window[1])}
    counts = [getattr(metrics, name).tolist() for name in COUNTS]
    ratios = [ratio if ratio < np.inf else None for ratio in metrics.problem_attempts_per_completed.tolist()]
    segments = course.figures.segments[rows].tolist()
    found = []
    for place, person in enumerate(course.roster.take(pa.array(rows)).to_pylist()):
        figures = {name: column[place] for name, column in zip(COUNTS, counts, strict=True)}
        found.append(
            {
                "last_updated": _iso_day(last_day),
                "username": person["username"],
                "name": person["name"],
                "email": person["email"],
                "account_url": _account_url(account_url_base, person["username"]),
                "enrollment_mode": person["enrollment_mode"],
                "enrollment_date": person["enrollment_date"],
                "cohort": person["cohort"],
                "segments": SEGMENT_LISTS[segments[place]],
                "engagements": {"date_range": date_range, **figures, RATIO: ratios[place]},
            }
        )
    return found


def render_timeline(timeline: pa.Table, include: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return days of engagement; total attempts only where `include` names them."""
    names = [name for name in timeline.column_names if name != PROBLEM_ATTEMPTS or name in include]
    return list(timeline.select(names).set_column(0, "date", timeline["date"].cast(pa.string())).to_pylist())


def render_metadata(course: Course) -> dict[str, Any]:
    """Return a course's cohorts, segments, enrolment modes and engagement ranges."""
    start, end = course.figures.window or (None, None)
    ranges: dict[str, Any] = {"date_range": {"start": _iso_day(start), "end": _iso_day(end)}}
    for metric in RANGE_ORDER:
        ranges[metric] = {name: _bounds(getattr(course.figures.ranges[metric], name)) for name in RANGES}
    return {
        "cohorts": course.tallies["cohort"],
        "segments": course.segment_sizes,
        "enrollment_modes": course.tallies["enrollment_mode"],
        "engagement_ranges": ranges,
    }


def _account_url(base: str | None, username: str) -> str | None:
    if base is None:
        return None
    return base + ("" if base.endswith(("/", "=")) else "/") + quote(username, safe=PLAIN_IN_PATH)


def _bounds(bounds: Range | None) -> list[float | None] | None:
    return None if bounds is None else [bound if bound < np.inf else None for bound in bounds]
