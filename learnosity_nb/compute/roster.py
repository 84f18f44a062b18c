"""A roster as integer codes: who belongs to which group, with which sessions.

A *place* is a user in a group of the last level. Most users have one place; a
user listed under two paths has two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..errors import Fault, InputError, shorten
from .arrays import Bools, Ints, as_dictionary, bits_for, encode, order_of, rank_distinct, whole
from .fingerprints import Texts
from .group_tree import GroupTree, grow_tree
from .text_index import all_distinct

__all__ = ["Roster", "encode_roster", "refuse_shared_sessions", "shared_sessions"]

FAULTS_KEPT = 20


@dataclass(frozen=True)
class Roster:
    """Users, their places in the tree of groups and the sessions listed for each place.

    Attributes
    ----------
    tree
        The hierarchy of groups.
    users
        Distinct user ids (text).
    place_user, place_leaf
        For each place its user and its group on the last level; sorted by group,
        then by the order in which users first appear.
    listed_place, listed_session
        For each listed session its place, and its id (text).
    """

    tree: GroupTree
    users: pa.Array
    place_user: Ints
    place_leaf: Ints
    listed_place: Ints
    listed_session: Texts

    def places_by_user_id(self) -> Ints:
        """Return the order of the places by group, then user id (by code point)."""
        places = pa.table({"leaf": self.place_leaf, "user": self.users.take(pa.array(self.place_user))})
        return np.asarray(pc.sort_indices(places, [("leaf", "ascending"), ("user", "ascending")]), dtype=np.int64)


def encode_roster(lines: pa.Table, level_keys: Sequence[str]) -> Roster:
    """Encode roster lines.

    Parameters
    ----------
    lines
        Columns ``user_id`` (text), ``session_id`` (list of text) and one column
        per level, of text or a dictionary of distinct texts; no nulls but in ``session_id``. Lines of one user and
        path are merged.
    level_keys
        The level columns from the top down.
    """
    levels = [as_dictionary(lines[key]) for key in level_keys]
    new_user = _changes(lines["user_id"])
    starts = _starts(new_user, levels)
    tree, leaves = grow_tree([level.take(pa.array(starts)) for level in levels])
    users, user_ids = _encode_users(lines["user_id"], new_user, starts)
    shift = bits_for(len(user_ids))
    ranks, places = _rank_places(leaves, users, tree.sizes[-1], shift)
    return Roster(
        tree=tree,
        users=user_ids,
        place_user=places & ((1 << shift) - 1),
        place_leaf=places >> shift,
        listed_place=np.repeat(ranks, _count_sessions(lines["session_id"], starts)),
        listed_session=pc.list_flatten(lines["session_id"]),
    )


def _changes(texts: pa.ChunkedArray) -> Bools:
    """Return which texts differ from the one before; the first does."""
    new = np.ones(len(texts), dtype=np.bool_)
    new[1:] = pc.not_equal(texts[1:], texts[:-1]).to_numpy()
    return new


def _starts(new_user: Bools, levels: Sequence[pa.DictionaryArray]) -> Ints:
    """Return the first of each run of lines that have the same user and path; all after it is done once for a run."""
    new = new_user.copy()
    for level in levels:
        codes = level.indices.to_numpy()
        new[1:] |= codes[1:] != codes[:-1]
    return np.flatnonzero(new)


def _encode_users(users: pa.ChunkedArray, new: Bools, starts: Ints) -> tuple[Ints, pa.Array]:
    """Return a code for the user of each run of lines, by first appearance, and the distinct user ids."""
    ids = whole(users.filter(pa.array(new)))
    found = np.arange(len(ids)) if len(ids) == len(starts) else (np.cumsum(new) - 1).take(starts)
    if all_distinct(ids):
        return found, ids
    codes, ids = encode(ids)
    return codes.take(found), ids


def _rank_places(leaves: Ints, users: Ints, groups: int, shift: int) -> tuple[Ints, Ints]:
    """Return the place of each run of lines, and the places as ``leaf << shift | user``, ascending."""
    keys = leaves << shift
    keys |= users
    if (users[1:] <= users[:-1]).any():  # some user has several runs
        return rank_distinct(keys, groups << shift)
    order = order_of(leaves, groups)
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return rank, keys.take(order)


def _count_sessions(lists: pa.ChunkedArray, starts: Ints) -> Ints:
    """Return how many sessions each run of lines lists."""
    counts = pc.fill_null(pc.list_value_length(lists), 0).to_numpy()
    return np.add.reduceat(counts, starts, dtype=np.int64) if len(starts) else starts


def refuse_shared_sessions(roster: Roster) -> None:
    """Refuse a roster that lists one session for two users.

    Raises
    ------
    InputError
        Naming each such session.
    """
    if all_distinct(roster.listed_session):
        return
    owners = roster.users.take(pa.array(roster.place_user[roster.listed_place]))
    faults = shared_sessions(roster.listed_session, owners)
    if faults:
        raise InputError("Some sessions are listed for more than one user.", faults[:FAULTS_KEPT], count=len(faults))


def shared_sessions(sessions: pa.Array | pa.ChunkedArray, users: pa.Array | pa.ChunkedArray) -> list[Fault]:
    """Return a fault for each session that is listed for more than one user.

    Parameters
    ----------
    sessions, users
        Session id and user id of each listed session (text).
    """
    listed = pa.table({"session": sessions, "user": users})
    owners = listed.group_by(["session", "user"]).aggregate([]).group_by("session").aggregate([("user", "list")])
    shared = owners.filter(pc.greater(pc.list_value_length(owners["user_list"]), 1))
    return [
        Fault(
            "shared_session",
            f"session {shorten(session)} is listed for {len(listed_users)} users; a session belongs to one",
            key="session_id",
        )
        for session, listed_users in zip(shared["session"].to_pylist(), shared["user_list"].to_pylist(), strict=True)
    ]
