from __future__ import annotations

from contextlib import suppress

from learnosity_nb.compute.subscores import Tally
from learnosity_nb.local.sessions.updates import Attachments, SessionUpdate

TALLY = Tally(4, 3, 1, 2.5, 8.0, 6.0, 2.0)
UNMARKED = Tally(2, None, 2, 0.0, 4.0, None, 4.0)
FIGURES = {
    "score": 2.5,
    "max_score": 8.0,
    "attempted_max_score": 6.0,
    "unscored_max_score": 2.0,
    "num_attempted": 3,
    "num_questions": 4,
}


def kept(room, change: int = 0) -> dict[str, dict]:
    return {row["session_id"]: row for row in room.store.updates.since(change).to_pylist()}


def test_what_an_update_does_not_say_is_left(room) -> None:
    room.put(SessionUpdate("s1", status="Discarded", metadata="{}", tally=TALLY))
    room.put(SessionUpdate("s1", subscores="[]"))
    room.put(SessionUpdate("s1", status="Completed"))
    found = kept(room)["s1"]
    assert {**FIGURES, "status": "Completed", "rescored": True}.items() <= found.items()
    assert room.store.updates.attachments(["s1", "s2"]) == {"s1": Attachments("{}", "[]")}


def test_scoring_again_replaces_all_figures(room) -> None:
    room.put(SessionUpdate("s1", tally=TALLY))
    room.put(SessionUpdate("s1", tally=UNMARKED))
    found = kept(room)["s1"]
    assert [found[name] for name in FIGURES] == [None, 4.0, None, 4.0, None, 2]


def test_each_call_is_one_change_and_later_ones_can_be_asked_for(room) -> None:
    assert room.store.updates.last_change() == 0
    room.put(SessionUpdate("s1", status="Discarded"), SessionUpdate("s2", status="Discarded"))
    room.now += 60
    room.put(SessionUpdate("s2", status="Incomplete"), SessionUpdate("s3", status="Incomplete"))
    assert room.store.updates.last_change() == 2
    assert set(kept(room)) == {"s1", "s2", "s3"}
    assert set(kept(room, 1)) == {"s2", "s3"}
    assert kept(room, 2) == {}
    times = {name: row["dt_updated"].timestamp() for name, row in kept(room).items()}
    assert times == {"s1": room.now - 60, "s2": room.now, "s3": room.now}


def test_a_transaction_that_is_given_up_leaves_nothing(room) -> None:
    with suppress(ZeroDivisionError), room.database.transaction() as connection:
        room.store.updates.put([SessionUpdate("s1", status="Discarded")], connection)
        raise ZeroDivisionError
    assert kept(room) == {}
