"""A whole course against its rules in plain Python, one learner and one row at a time."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnosity_nb.compute.course import CourseFigures, summarize_course
from learnosity_nb.compute.engagement import COUNTS, EVENTS, METRICS, RATIO
from learnosity_nb.compute.segments import SEGMENTS

USERS = [f"u{number}" for number in range(8)]
ROWS = st.lists(
    st.tuples(
        st.sampled_from([*USERS, "staff"]),
        st.integers(0, 25),
        st.sampled_from([*EVENTS, ("page", "viewed")]),
        st.sampled_from("pqrst"),
        st.integers(0, 4),
    ),
    max_size=80,
)
NAMES = ["username", "date", "entity_type", "event", "entity_id", "count"]


def summarize(rows: list, enrolled: list[bool]) -> CourseFigures:
    flat = [(user, day, *event, entity, count) for user, day, event, entity, count in rows]
    kinds = [pa.string(), pa.int32(), pa.string(), pa.string(), pa.string(), pa.int64()]
    columns = list(zip(*flat, strict=True)) or [()] * len(kinds)
    table = pa.table([pa.array(list(c), k) for c, k in zip(columns, kinds, strict=True)], names=NAMES)
    table = table.set_column(1, "date", table["date"].cast(pa.date32()))
    return summarize_course(pa.array(USERS), np.array(enrolled, dtype=bool), table)


def percentile(values: list[float], percent: float) -> float:
    with np.errstate(invalid="ignore"):
        found = float(np.percentile(values, percent))
    return math.inf if math.isnan(found) else found


def plain_learner(rows: list, end: int) -> dict[str, Any]:
    """One learner's week and the week before it; the ratio is None for 0/0."""
    week = [row for row in rows if end - 7 <= row[1] < end]
    tried, solved, watched, posted = ([row for row in week if row[2] == event] for event in EVENTS)
    attempts, completed = sum(row[4] for row in tried), len({row[3] for row in solved})
    ratio = attempts / completed if completed else math.inf if attempts else None
    return {
        "discussion_contributions": sum(row[4] for row in posted),
        "problems_attempted": len({row[3] for row in tried}),
        "problems_completed": completed,
        "videos_viewed": len({row[3] for row in watched}),
        RATIO: ratio,
        "active": bool(week),
        "active_before": any(end - 14 <= row[1] < end - 7 for row in rows),
        "attempts": attempts,
    }


def plain_course(rows: list, enrolled: list[bool]) -> tuple[Any, Any, Any]:
    rows = [row for row in rows if row[2] in EVENTS and row[4] > 0]
    end = max((row[1] for row in rows), default=-1) + 1
    by_user = defaultdict(list)
    for row in rows:
        by_user[row[0]].append(row)
    learners = [plain_learner(by_user[user], end) for user in USERS]
    bounds = {}
    for metric in METRICS:
        active = [one for one in learners if one["active"] and (metric != RATIO or one["attempts"])]
        values = [float(one[metric]) for one in active]
        bounds[metric] = (percentile(values, 15), percentile(values, 85)) if values else None
    segments = []
    for one, is_enrolled in zip(learners, enrolled, strict=True):
        above = {
            metric
            for metric, limits in bounds.items()
            if limits and limits[0] != limits[1] and one[metric] is not None and one[metric] >= limits[1]
        }
        rules = {
            "unenrolled": not is_enrolled,
            "inactive": not one["active"] and not one["active_before"],
            "disengaging": not one["active"] and one["active_before"],
            "highly_engaged": bool(above & set(COUNTS)),
            "struggling": RATIO in above,
        }
        segments.append([name for name, holds in rules.items() if holds])
    return learners, bounds, segments


def names_of(bits: int) -> list[str]:
    return [name for place, name in enumerate(SEGMENTS) if bits >> place & 1]


@given(ROWS, st.lists(st.booleans(), min_size=8, max_size=8))
def test_a_course_is_that_of_the_rules_in_plain_python(rows: list, enrolled: list[bool]) -> None:
    found = summarize(rows, enrolled)
    learners, bounds, segments = plain_course(rows, enrolled)
    for metric in COUNTS:
        assert getattr(found.metrics, metric).tolist() == [one[metric] for one in learners]
    ratios = [math.inf if one[RATIO] is None else one[RATIO] for one in learners]
    assert found.metrics.problem_attempts_per_completed.tolist() == ratios
    for metric, limits in bounds.items():
        low, high = limits or (0.0, 0.0)
        assert found.ranges[metric].average == (low, math.inf if low == high else high)
        assert found.ranges[metric].below_average == ((0.0, low) if low > 0 else None)
        assert found.ranges[metric].above_average == (None if low == high else (high, math.inf))
    assert [names_of(bits) for bits in found.segments.tolist()] == segments


@given(ROWS)
def test_a_learner_is_never_quiet_and_busy_at_once(rows: list) -> None:
    for bits in summarize(rows, [True] * 8).segments.tolist():
        names = set(names_of(bits))
        assert len(names & {"inactive", "disengaging"}) <= 1
        assert not (names & {"inactive", "disengaging"} and names & {"highly_engaged", "struggling"})


def test_the_week_ends_with_the_last_day_that_has_data() -> None:
    found = summarize(
        [("u0", 20, EVENTS[2], "v", 1), ("u1", 13, EVENTS[2], "v", 1), ("u2", 14, EVENTS[2], "v", 1)], [True] * 8
    )
    assert found.window == (14, 21)
    assert found.metrics.videos_viewed.tolist()[:3] == [1, 0, 1]
    assert [names_of(bits) for bits in found.segments.tolist()][:4] == [[], ["disengaging"], [], ["inactive"]]


def test_a_course_without_data_has_no_week_and_one_range_for_each_metric() -> None:
    found = summarize([], [True] * 7 + [False])
    assert found.window is None
    assert list(found.ranges) == list(METRICS)
    assert all(one.average == (0.0, math.inf) for one in found.ranges.values())
    assert [names_of(bits) for bits in found.segments.tolist()] == [["inactive"]] * 7 + [["unenrolled", "inactive"]]


@pytest.mark.parametrize("users", [0, 1, 50_000])
def test_a_course_of_any_size_is_worked_out_whole(users: int) -> None:
    names = [f"user {number:06d}" for number in range(users)]
    every = np.arange(users)
    table = pa.table(
        {
            "username": pa.array(names, pa.string()),
            "date": pa.array((every % 7).astype(np.int32)).cast(pa.date32()),
            "entity_type": pa.array(["video"] * users, pa.string()),
            "event": pa.array(["viewed"] * users, pa.string()),
            "entity_id": pa.array([f"video {number % 9}" for number in every], pa.string()),
            "count": pa.array(every + 1, pa.int64()),
        }
    )
    found = summarize_course(pa.array(names, pa.string()), np.ones(users, dtype=bool), table)
    assert found.metrics.videos_viewed.tolist() == [1 if users >= 1 else 0] * users
    assert len(found.segments) == users
