from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from learnosity_nb.compute.roster import Roster, encode_roster, refuse_shared_sessions, shared_sessions
from learnosity_nb.errors import InputError


def places(roster: Roster) -> list[tuple[tuple[str, ...], str]]:
    leaves = roster.tree.paths()[roster.tree.offsets[-2] :]
    users = roster.users.to_pylist()
    return [
        (leaves[leaf], users[user])
        for leaf, user in zip(roster.place_leaf.tolist(), roster.place_user.tolist(), strict=True)
    ]


def listed(roster: Roster) -> set[tuple[tuple[str, ...], str, str]]:
    named = places(roster)
    pairs = zip(roster.listed_place.tolist(), roster.listed_session.to_pylist(), strict=True)
    return {(*named[place], session) for place, session in pairs}


def test_a_place_is_a_user_in_a_group_sorted_by_group(roster_of: Callable[..., Roster]) -> None:
    roster = roster_of([("zoe", ["s1"], ("B",)), ("ann", ["s2"], ("A",)), ("zoe", ["s3"], ("A",))])
    assert places(roster) == [(("A",), "zoe"), (("A",), "ann"), (("B",), "zoe")]
    assert listed(roster) == {(("A",), "ann", "s2"), (("A",), "zoe", "s3"), (("B",), "zoe", "s1")}


def test_lines_of_one_user_and_path_are_merged(roster_of: Callable[..., Roster]) -> None:
    roster = roster_of([("ann", ["s1", "s2"], ("A",)), ("bob", [], ("A",)), ("ann", ["s2", "s3"], ("A",))])
    assert places(roster) == [(("A",), "ann"), (("A",), "bob")]
    assert listed(roster) == {(("A",), "ann", "s1"), (("A",), "ann", "s2"), (("A",), "ann", "s3")}


def test_users_without_sessions_have_a_place(roster_of: Callable[..., Roster]) -> None:
    roster = roster_of([("ann", None, ("A",)), ("bob", [], ("A",))])
    assert places(roster) == [(("A",), "ann"), (("A",), "bob")]
    assert listed(roster) == set()


def test_one_session_under_two_users_is_an_error_that_names_it(roster_of: Callable[..., Roster]) -> None:
    roster = roster_of([("ann", ["s1", "s2"], ("A",)), ("bob", ["s2"], ("A",)), ("cy", ["s2"], ("B",))])
    with pytest.raises(InputError) as caught:
        refuse_shared_sessions(roster)
    (fault,) = caught.value.faults
    assert (fault.kind, fault.key) == ("shared_session", "session_id")
    assert "'s2' is listed for 3 users" in fault.message


def test_of_many_shared_sessions_twenty_are_named_and_all_counted(roster_of: Callable[..., Roster]) -> None:
    sessions = [f"s{n}" for n in range(30)]
    roster = roster_of([("ann", sessions, ("A",)), ("bob", sessions, ("A",))])
    with pytest.raises(InputError) as caught:
        refuse_shared_sessions(roster)
    assert len(caught.value.faults) == 20
    assert caught.value.count == 30


def test_one_session_of_one_user_may_be_listed_in_several_groups(roster_of: Callable[..., Roster]) -> None:
    roster = roster_of([("ann", ["s1"], ("A",)), ("ann", ["s1", "s1"], ("B",))])
    refuse_shared_sessions(roster)
    assert listed(roster) == {(("A",), "ann", "s1"), (("B",), "ann", "s1")}


@pytest.mark.parametrize(
    ("sessions", "users", "shared"),
    [
        ([], [], []),
        (["s1", "s2"], ["a", "a"], []),
        (["s1", "s1"], ["a", "a"], []),
        (["s1", "s2", "s1"], ["a", "b", "b"], ["'s1'"]),
    ],
)
def test_shared_sessions_are_those_with_two_different_users(sessions: Any, users: Any, shared: list[str]) -> None:
    faults = shared_sessions(pa.array(sessions, pa.string()), pa.array(users, pa.string()))
    assert [fault.message.split()[1] for fault in faults] == shared


def test_a_table_in_chunks_is_encoded_as_one() -> None:
    def table(rows: slice) -> pa.Table:
        columns = {"user_id": ["a", "b", "c"], "session_id": [["s1"], None, ["s2", "s3"]], "g": ["X", "Y", "X"]}
        types = {"user_id": pa.string(), "session_id": pa.list_(pa.string()), "g": pa.string()}
        return pa.table({name: pa.array(values[rows], types[name]) for name, values in columns.items()})

    whole = encode_roster(table(slice(0, 3)), ["g"])
    parts = encode_roster(pa.concat_tables([table(slice(0, 1)), table(slice(1, 3))]), ["g"])
    assert places(whole) == places(parts) == [(("X",), "a"), (("X",), "c"), (("Y",), "b")]
    assert listed(whole) == listed(parts)
