from __future__ import annotations

from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from learnosity_nb.local.sessions.overlay import UTC_TIME, lay_over, with_update_times
from learnosity_nb.local.sessions.updates import KEPT_COLUMNS

IDS = [f"s{number}" for number in range(6)]
KINDS = {"session_id": pa.string(), **KEPT_COLUMNS, "dt_updated": UTC_TIME}


def table(rows: list[dict[str, Any]], names: list[str]) -> pa.Table:
    kinds = {**KINDS, "rescored": pa.bool_()}
    return pa.table({name: pa.array([row.get(name) for row in rows], kinds[name]) for name in names})


def values(**more: Any) -> st.SearchStrategy[dict[str, Any]]:
    known: dict[str, Any] = {"status": st.sampled_from([None, "Completed", "Discarded"])}
    for name, kind in KEPT_COLUMNS.items():
        if name != "status":
            number = st.integers(0, 9)
            known[name] = st.one_of(st.none(), number if kind == pa.int64() else number.map(float))
    return st.fixed_dictionaries({**known, **more})


SESSIONS = st.tuples(st.lists(values(), min_size=6, max_size=6), st.sets(st.sampled_from([*KEPT_COLUMNS])))
UPDATES = st.dictionaries(st.sampled_from([*IDS, "other"]), values(rescored=st.booleans()))


@settings(deadline=None)
@given(SESSIONS, UPDATES)
def test_an_update_replaces_what_it_has_and_leaves_the_rest(sessions, updates) -> None:
    rows, columns = sessions
    rows = [{**row, "session_id": name, "dt_updated": None} for name, row in zip(IDS, rows, strict=True)]
    names = ["session_id", *(name for name in KEPT_COLUMNS if name in columns), "dt_updated"]
    changed = [{**update, "session_id": name, "dt_updated": 5} for name, update in updates.items()]
    base = table(rows, names)
    found = lay_over(base, table(changed, ["session_id", "rescored", *KEPT_COLUMNS, "dt_updated"]))
    assert found.column_names[: len(names)] == names
    for row, got in zip(rows, found.to_pylist(), strict=True):
        update = updates.get(row["session_id"])
        for name in KEPT_COLUMNS:
            before = row[name] if name in columns else None
            after = update[name] if update is not None else None
            replaced = update is not None and (update["rescored"] if name == "score" else after is not None)
            assert got.get(name) == (after if replaced else before), name
        assert (got["dt_updated"] is None) == (update is None)
    assert base.equals(table(rows, names))


def test_a_session_was_updated_when_it_was_completed_or_else_when_it_began() -> None:
    times = {
        "dt_started": pa.array([1, 2, None], pa.int64()).cast(UTC_TIME),
        "dt_completed": pa.array([9, None, None], pa.int64()).cast(UTC_TIME),
    }
    ids = {"session_id": pa.array(IDS[:3])}
    for names, expected in (
        (["dt_started", "dt_completed"], [9, 2, None]),
        (["dt_started"], [1, 2, None]),
        ([], [None] * 3),
    ):
        found = with_update_times(pa.table({**ids, **{name: times[name] for name in names}}))
        assert found["dt_updated"].cast(pa.int64()).to_pylist() == expected
        assert found["dt_updated"].type == UTC_TIME
