from __future__ import annotations

import json

import pytest

from learnosity_nb.local.refusals import Refusal
from learnosity_nb.local.sessions.job_requests import read_metadata, read_session_ids, read_statuses


def entry(number: int = 0, **more) -> dict:
    return {"session_id": f"s{number}", "user_id": f"u{number}", **more}


def refusal(read, *arguments) -> list[tuple[int, str, str]]:
    with pytest.raises(Refusal) as caught:
        read(*arguments)
    return [(fault["code"], fault["key"], fault["message"]) for fault in caught.value.details]


def test_statuses_are_read_without_their_users(room) -> None:
    entries = [entry(0, status="Completed"), entry(2, status="Discarded", more="is not used")]
    assert read_statuses(room.store.listing(), {"statuses": entries}) == [
        {"session_id": "s0", "status": "Completed"},
        {"session_id": "s2", "status": "Discarded"},
    ]


def test_metadata_are_kept_as_text(room) -> None:
    metadata = {"é": [1, 2.5, None, {"a": "\u2028"}]}
    [found] = read_metadata(room.store.listing(), {"session_metadata": [entry(metadata=metadata)]})
    assert json.loads(found["metadata"]) == metadata


def test_metadata_that_is_nested_too_deeply_is_a_fault(room) -> None:
    metadata: dict = {}
    for _ in range(100_000):
        metadata = {"a": metadata}
    faults = refusal(read_metadata, room.store.listing(), {"session_metadata": [entry(metadata=metadata)]})
    assert faults == [(20003, "session_metadata[0].metadata", "is nested too deeply")]
    while metadata:  # so that the interpreter need not go down all of it at once
        metadata = metadata["a"]


@pytest.mark.parametrize("metadata", [None, [], "text", 1])
def test_metadata_is_an_object(room, metadata) -> None:
    faults = refusal(read_metadata, room.store.listing(), {"session_metadata": [entry(metadata=metadata)]})
    assert faults == [(20003, "session_metadata[0].metadata", "must be an object")]


def test_every_fault_of_an_entry_is_named(room) -> None:
    wrong = {"session_id": "unknown", "user_id": 3, "status": "Done"}
    faults = refusal(read_statuses, room.store.listing(), {"statuses": [wrong, {"session_id": "s1", "user_id": "u2"}]})
    assert [fault[:2] for fault in faults] == [
        (20003, "statuses[0].user_id"),
        (20004, "statuses[0].status"),
        (20016, "statuses[0].session_id"),
        (20000, "statuses[1].status"),
        (20016, "statuses[1].user_id"),
    ]
    assert "u1" not in str(faults)  # the session's own user is not told


def test_ids_are_read_once_each() -> None:
    assert read_session_ids({"session_id": ["b", "a", "b"]}) == ["b", "a"]
