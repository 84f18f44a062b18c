from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from learnosity_nb.compute.engagement import EVENTS, read_activity
from learnosity_nb.compute.timelines import timeline

DAY = date(2015, 10, 19)
ROWS = st.lists(
    st.tuples(st.integers(0, 9), st.sampled_from(EVENTS), st.sampled_from("pqr"), st.integers(1, 5)), max_size=30
)
COLUMNS = ["date", "discussion_contributions", "problems_attempted", "problems_completed", "videos_viewed"]


def days_since_1970(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def days(rows: list, start: int, end: int) -> list[dict]:
    table = pa.table(
        {
            "username": pa.array(["a"] * len(rows), pa.string()),
            "date": pa.array([DAY + timedelta(row[0]) for row in rows], pa.date32()),
            "entity_type": pa.array([row[1][0] for row in rows], pa.string()),
            "event": pa.array([row[1][1] for row in rows], pa.string()),
            "entity_id": pa.array([row[2] for row in rows], pa.string()),
            "count": pa.array([row[3] for row in rows], pa.int64()),
        }
    )
    own = read_activity(table, pa.array(["a"])).of(0)
    return timeline(own, days_since_1970(DAY) + start, days_since_1970(DAY) + end).to_pylist()


def expected(rows: list, start: int, end: int) -> list[dict]:
    found = []
    for day in range(start, end):
        sums: Counter = Counter()
        seen: dict = {event: set() for event in EVENTS}
        for when, event, entity, count in rows:
            if when == day:
                sums[event] += count
                seen[event].add(entity)
        tried, solved, watched, posted = EVENTS
        found.append(
            {
                "date": DAY + timedelta(day),
                "discussion_contributions": sums[posted],
                "problems_attempted": len(seen[tried]),
                "problems_completed": len(seen[solved]),
                "videos_viewed": len(seen[watched]),
                "problem_attempts": sums[tried],
            }
        )
    return found


@given(ROWS, st.integers(-2, 12), st.integers(0, 14))
def test_a_timeline_is_that_of_the_rules_in_plain_python(rows: list, start: int, length: int) -> None:
    assert days(rows, start, start + length) == expected(rows, start, start + length)


def test_the_columns_stand_in_the_order_of_the_specification() -> None:
    [day] = days([(0, EVENTS[0], "p", 3)], 0, 1)
    assert list(day) == [*COLUMNS, "problem_attempts"]


def test_a_range_that_ends_before_it_begins_has_no_day() -> None:
    assert days([(0, EVENTS[0], "p", 3)], 5, 3) == []
