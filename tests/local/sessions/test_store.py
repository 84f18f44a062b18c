from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from learnosity_nb.compute.rows_by_id import RowsById
from learnosity_nb.compute.subscores import SubscoreGroup
from learnosity_nb.errors import InputError
from learnosity_nb.local.sessions import store as store_module
from learnosity_nb.local.sessions.store import SessionStore
from learnosity_nb.local.sessions.updates import SessionUpdate
from learnosity_nb.local.tables import DirectoryTables


def write(folder: Path, name: str, *rows: dict) -> None:
    new = folder / f"{name}.new"
    new.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    new.replace(folder / f"{name}.ndjson")


def session(session_id: str, score: float = 1.0, **more) -> dict:
    return {"session_id": session_id, "user_id": "u", "score": score, "max_score": 4.0, **more}


def response(session_id: str, response_id: str, score: float | None = 1.0) -> dict:
    return {"session_id": session_id, "response_id": response_id, "score": score, "max_score": 2.0}


@pytest.fixture
def folder(tmp_path) -> Path:
    made = tmp_path / "data"
    made.mkdir()
    write(made, "sessions", session("s0"), session("s1"))
    return made


@pytest.fixture
def store(room, folder) -> SessionStore:
    return SessionStore(DirectoryTables(folder), room.database, room.clock)


def column(store: SessionStore, name: str) -> dict:
    table = store.table()
    return dict(zip(table["session_id"].to_pylist(), table[name].to_pylist(), strict=True))


def test_the_listing_is_made_once_until_something_changes(room, folder, store) -> None:
    first = store.listing()
    assert store.listing() is first
    room.put(SessionUpdate("s0", status="Discarded"))
    second = store.listing()
    assert second is not first
    assert store.listing() is second
    assert column(store, "status") == {"s0": "Discarded", "s1": None}
    assert "status" not in first.table.column_names
    write(folder, "sessions", session("s0"), session("s2", status="Incomplete"))
    assert column(store, "status") == {"s0": "Discarded", "s2": "Incomplete"}


def test_the_table_alone_takes_no_index_over_the_ids(room, store, monkeypatch) -> None:
    indexed = []
    monkeypatch.setattr(store_module, "RowsById", lambda ids: indexed.append(ids) or RowsById(ids))
    room.put(SessionUpdate("s0", status="Discarded"))
    assert column(store, "status") == {"s0": "Discarded", "s1": None}
    assert not indexed
    assert store.listing().find("s1") == 1
    room.put(SessionUpdate("s1", status="Discarded"))
    assert store.listing().value(1, "status") == "Discarded"
    assert len(indexed) == 1


def test_changes_add_up(room, store) -> None:
    for update in (
        SessionUpdate("s0", status="Discarded"),
        SessionUpdate("s1", status="Incomplete"),
        SessionUpdate("gone", status="Incomplete"),
        SessionUpdate("s0", metadata="{}"),
        SessionUpdate("s0", status="Completed"),
    ):
        room.put(update)
        store.listing()
    assert column(store, "status") == {"s0": "Completed", "s1": "Incomplete"}
    again = SessionStore(store._tables, room.database, room.clock)
    assert again.table().equals(store.table())


def test_another_process_sees_the_changes(room, folder, store) -> None:
    other = SessionStore(DirectoryTables(folder), room.database, room.clock)
    other.listing()
    room.put(SessionUpdate("s1", status="Discarded"))
    assert column(other, "status") == column(store, "status") == {"s0": None, "s1": "Discarded"}


def test_the_time_of_an_update_is_the_time_of_the_session(room, store) -> None:
    assert column(store, "dt_updated") == {"s0": None, "s1": None}
    room.put(SessionUpdate("s1", metadata="{}"))
    found = column(store, "dt_updated")
    assert isinstance(found["s1"], datetime)
    assert (found["s0"], found["s1"].timestamp()) == (None, room.now)


def test_responses_come_whole_in_the_order_of_their_file(folder, store) -> None:
    assert store.responses(["s0", "s1"]) == {"s0": [], "s1": []}
    write(folder, "responses", response("s1", "b"), response("s0", "c"), response("s1", "a", None))
    found = store.responses(["s1", "unknown"])
    assert [(each["response_id"], each["score"]) for each in found["s1"]] == [("b", 1.0), ("a", None)]
    assert (found["unknown"], found["s1"][0]["item_reference"]) == ([], None)
    write(folder, "responses", response("s1", "d"))
    assert [each["response_id"] for each in store.responses(["s1"])["s1"]] == ["d"]
    assert store.responses([]) == {}


def test_subscore_groups_follow_their_file(folder, store) -> None:
    assert store.subscore_groups() == {}
    row = {"activity_id": "a", "item_reference": "i", "subscore_id": "x", "subscore_title": "X"}
    write(folder, "items", row)
    assert store.subscore_groups() == {"a": (SubscoreGroup("x", "X", ("i",)),)}
    assert store.subscore_groups() is store.subscore_groups()


def test_a_file_that_cannot_be_used_is_named(folder, store) -> None:
    write(folder, "responses", {"session_id": "s0"})
    with pytest.raises(InputError, match="responses"):
        store.responses(["s0"])
    write(folder, "items", {"activity_id": 1})
    with pytest.raises(InputError, match="items"):
        store.subscore_groups()
