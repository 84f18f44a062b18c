from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from learnosity_nb.compute.roster import Roster
from learnosity_nb.compute.sessions import CountedSessions, count_sessions, once
from learnosity_nb.errors import InputError

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)

Make = Callable[..., Any]


@pytest.fixture
def count(roster_of: Make, sessions_of: Make) -> Make:
    """Count the sessions of one user, ann, who lists them all."""

    def run(records: list[dict[str, Any]], **bounds: datetime) -> tuple[CountedSessions, list[str]]:
        roster: Roster = roster_of([("ann", [record["session_id"] for record in records], ("A",))])
        counted = count_sessions(roster, sessions_of(records), **bounds)
        return counted, [records[row]["session_id"] for row in counted.row.tolist()]

    return run


def test_only_completed_sessions_count(session: Make, count: Make) -> None:
    statuses = ["Completed", "Incomplete", "completed", None, "Discarded"]
    counted, names = count([session(f"s{n}", status=status) for n, status in enumerate(statuses)])
    assert names == ["s0", "s3"]
    assert (counted.unknown, counted.mismatched, counted.uncounted) == (0, 0, 3)


def test_without_a_status_column_every_session_counts(session: Make, count: Make) -> None:
    assert count([session("s1"), session("s2")])[1] == ["s1", "s2"]


@pytest.mark.parametrize(
    ("bounds", "names"),
    [
        ({}, ["before", "at", "after", "never"]),
        ({"mintime": NOON}, ["at", "after"]),
        ({"maxtime": NOON}, ["before", "at"]),
        ({"mintime": NOON, "maxtime": NOON}, ["at"]),
        ({"mintime": NOON + TICK, "maxtime": NOON + TICK}, ["after"]),
    ],
)
def test_time_bounds_are_inclusive_and_leave_out_sessions_without_a_time(
    session: Make, count: Make, bounds: dict[str, datetime], names: list[str]
) -> None:
    times = {"before": NOON - TICK, "at": NOON, "after": NOON + TICK, "never": None}
    counted, found = count([session(name, dt_completed=moment) for name, moment in times.items()], **bounds)
    assert found == names
    assert counted.uncounted == 4 - len(names)


@pytest.mark.parametrize("bounds", [{"mintime": NOON}, {"maxtime": NOON}])
def test_a_bound_needs_completion_times(session: Make, count: Make, bounds: dict[str, datetime]) -> None:
    with pytest.raises(InputError, match=f"^{next(iter(bounds))} needs the column dt_completed"):
        count([session("s1")], **bounds)
    assert count([], **bounds)[1] == []


@pytest.mark.parametrize("held", [[], ["s1"], ["s1", "s2"]])
def test_one_session_of_two_users_is_an_error_whether_the_table_holds_it_or_not(
    session: Make, roster_of: Make, sessions_of: Make, held: list[str]
) -> None:
    roster = roster_of([("ann", ["s1", "s2"], ("A",)), ("bob", ["s2"], ("A",))])
    with pytest.raises(InputError, match="'s2' is listed for 2 users"):
        count_sessions(roster, sessions_of([session(name) for name in held]))


def test_unknown_and_mismatched_sessions_are_ignored_and_counted(
    session: Make, roster_of: Make, sessions_of: Make
) -> None:
    roster = roster_of([("ann", ["s1", "gone", "s2"], ("A",)), ("bob", ["s3", "gone too"], ("A",))])
    table = sessions_of([session("s3", "bob"), session("s2", "bob", status="Incomplete"), session("s1"), session("s9")])
    unlisted = sessions_of([session(f"other {n}", "bob", status="Completed") for n in range(40)])
    for sessions in (table, pa.concat_tables([table, unlisted])):  # most of the table is listed, or little of it
        counted = count_sessions(roster, sessions)
        assert sorted(zip(counted.place.tolist(), counted.row.tolist(), strict=True)) == [(0, 2), (1, 0)]
        assert (counted.unknown, counted.mismatched, counted.uncounted) == (2, 1, 0)
        assert (counted.unknown_session, counted.mismatched_session) == ("gone", "s2")


def test_a_session_listed_twice_counts_once(session: Make, roster_of: Make, sessions_of: Make) -> None:
    roster = roster_of([("ann", ["s1", "s1"], ("A",)), ("ann", ["s2", "s1"], ("A",)), ("ann", ["s1"], ("B",))])
    counted = count_sessions(roster, sessions_of([session("s1"), session("s2")]))
    assert sorted(zip(counted.place.tolist(), counted.row.tolist(), strict=True)) == [(0, 0), (0, 1), (1, 0)]


def test_an_empty_table_of_sessions_counts_none(roster_of: Make, sessions_of: Make) -> None:
    roster = roster_of([("ann", ["s1"], ("A",)), ("bob", None, ("A",))])
    table = sessions_of([])
    counted = count_sessions(roster, table)
    assert (len(counted.row), counted.unknown) == (0, 1)


def test_a_sessions_table_in_chunks_is_read_as_one(session: Make, roster_of: Make, sessions_of: Make) -> None:
    tables = [sessions_of([session(f"s{n}", activity_id=f"a{n // 2}", status="Completed")]) for n in range(4)]
    roster = roster_of([("ann", ["s3", "s0", "s2", "s1"], ("A",))])
    whole = pa.concat_tables(tables)
    counted = count_sessions(roster, whole)
    assert sorted(counted.row.tolist()) == [0, 1, 2, 3]


def test_pairs_are_kept_once_in_the_order_they_come() -> None:
    place, row = once(np.array([1, 0, 1, 1]), np.array([2, 2, 2, 3]), 4)
    assert list(zip(place.tolist(), row.tolist(), strict=True)) == [(1, 2), (0, 2), (1, 3)]
    empty = np.array([], dtype=np.int64)
    assert once(empty, empty, 0)[0].tolist() == []
