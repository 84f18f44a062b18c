from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learnosity_nb.compute.latest_sessions import latest_sessions, list_sessions
from learnosity_nb.errors import InputError

START = datetime(2026, 3, 1, tzinfo=UTC)
KINDS = {
    "session_id": pa.string(),
    "user_id": pa.string(),
    "activity_id": pa.string(),
    "status": pa.string(),
    "dt_completed": pa.timestamp("us", "UTC"),
}


def at(hours: int | None) -> datetime | None:
    return None if hours is None else START + timedelta(hours=hours)


def table(rows: list[dict[str, Any]], *without: str) -> pa.Table:
    names = [name for name in KINDS if name not in without]
    return pa.table({name: pa.array([row.get(name) for row in rows], KINDS[name]) for name in names})


def chosen(*arguments: Any, **bounds: Any) -> set[tuple[str, str]]:
    found = latest_sessions(*arguments, **bounds)
    assert found.column_names == ["user_id", "session_id"]
    return {(row["user_id"], row["session_id"]) for row in found.to_pylist()}


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "user_id": st.sampled_from("uvw"),
            "activity_id": st.sampled_from(["a", "b", "c", None]),
            "status": st.sampled_from(["Completed", "Discarded", None]),
            "dt_completed": st.sampled_from([None, *(at(hours) for hours in range(4))]),
        }
    ),
    max_size=40,
)
BOUND = st.sampled_from([None, at(1), at(2)])


@settings(deadline=None)
@given(ROWS, st.permutations(range(40)), BOUND, BOUND, st.lists(st.sampled_from("abd"), unique=True))
def test_the_latest_of_each_user_and_activity_is_what_a_plain_loop_finds(rows, names, mintime, maxtime, wanted) -> None:
    rows = [{**row, "session_id": f"s{names[number]:02d}"} for number, row in enumerate(rows)]
    latest: dict[tuple[str, str], dict[str, Any]] = {}
    for row in sorted(rows, key=lambda row: (row["dt_completed"] or at(-1), row["session_id"])):
        moment = row["dt_completed"]
        inside = not (mintime or maxtime) or (
            moment is not None and (mintime or moment) <= moment <= (maxtime or moment)
        )
        if inside and row["activity_id"] in wanted and row["status"] in ("Completed", None):
            latest[row["user_id"], row["activity_id"]] = row
    expected = {(user, row["session_id"]) for (user, _), row in latest.items()}
    assert chosen(table(rows), wanted, mintime, maxtime) == expected


def test_a_table_without_activities_or_times_is_no_fault() -> None:
    rows = [{"session_id": name, "user_id": "u", "activity_id": "a"} for name in ("s1", "s3", "s2")]
    assert chosen(table(rows, "activity_id"), ["a"]) == set()
    assert chosen(table(rows, "dt_completed", "status"), ["a"]) == {("u", "s3")}
    with pytest.raises(InputError, match="mintime needs the column dt_completed"):
        chosen(table(rows, "dt_completed"), ["a"], mintime=START)


def test_each_line_lists_the_sessions_of_its_user() -> None:
    lines = pa.table({"user_id": ["u", "v", "none", "u"], "level_1": ["x", "x", "y", "y"]})
    sessions = pa.table({"user_id": ["v", "u", "other", "u"], "session_id": ["s1", "s2", "s3", "s4"]})
    found = list_sessions(lines, sessions)
    assert found["session_id"].to_pylist() == [["s2", "s4"], ["s1"], [], ["s2", "s4"]]
    assert found.column_names == ["user_id", "level_1", "session_id"]


@pytest.mark.parametrize(("lines", "sessions"), [(0, 2), (2, 0), (0, 0)])
def test_no_lines_and_no_sessions_are_no_fault(lines, sessions) -> None:
    users = pa.array(["u"] * lines, pa.string())
    known = pa.table(
        {"user_id": pa.array(["u"] * sessions, pa.string()), "session_id": pa.array(["s"] * sessions, pa.string())}
    )
    found = list_sessions(pa.table({"user_id": users}), known)
    assert found["session_id"].to_pylist() == [["s"] * sessions] * lines
    assert found["session_id"].type == pa.list_(pa.string())
