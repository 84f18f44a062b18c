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
from .arrays import Ints, bits_for, encode, order_of, rank_distinct, starts_of_runs, whole
from .fingerprints import MarkedTexts, mark_texts
from .group_tree import GroupTree, grow_tree
from .text_index import all_distinct

__all__ = ["Roster", "encode_roster", "shared_sessions"]

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
    marked_sessions
        `listed_session` with their fingerprints.
    """

    tree: GroupTree
    users: pa.Array
    place_user: Ints
    place_leaf: Ints
    listed_place: Ints
    listed_session: pa.Array
    marked_sessions: MarkedTexts

    def places_by_user_id(self) -> Ints:
        """Return the order of the places by group, then user id (by code point)."""
        places = pa.table({"leaf": self.place_leaf, "user": self.users.take(pa.array(self.place_user))})
        return np.asarray(pc.sort_indices(places, [("leaf", "ascending"), ("user", "ascending")]), dtype=np.int64)


def encode_roster(lines: pa.Table, level_keys: Sequence[str]) -> Roster:
    """Encode roster lines.

    Parameters
    ----------
    lines
        Columns ``user_id`` (text), ``session_id`` (list of text) and one text
        column per level; no nulls but in ``session_id``. Lines of one user and
        path are merged.
    level_keys
        The level columns from the top down.

    Raises
    ------
    InputError
        If one session is listed for two users, naming each such session.
    """
    tree, leaves = grow_tree([lines[key] for key in level_keys])
    users, user_ids = _encode_users(whole(lines["user_id"]))
    shift = bits_for(len(user_ids))
    place_of_line, places = _rank_places(leaves, users, tree.sizes[-1], shift)
    sessions = whole(lines["session_id"])
    listed = mark_texts(pc.list_flatten(sessions))
    lengths = pc.fill_null(pc.list_value_length(sessions), 0).to_numpy().astype(np.int64)
    roster = Roster(
        tree=tree,
        users=user_ids,
        place_user=places & ((1 << shift) - 1),
        place_leaf=places >> shift,
        listed_place=np.repeat(place_of_line, lengths),
        listed_session=listed.texts,
        marked_sessions=listed,
    )
    if all_distinct(listed):
        return roster
    owners = roster.users.take(pa.array(roster.place_user[roster.listed_place]))
    faults = shared_sessions(roster.listed_session, owners)
    if faults:
        raise InputError("Some sessions are listed for more than one user.", faults[:FAULTS_KEPT], count=len(faults))
    return roster


def _rank_places(leaves: Ints, users: Ints, groups: int, shift: int) -> tuple[Ints, Ints]:
    """Return each line's place, and the places as ``leaf << shift | user``, ascending."""
    keys = (leaves << shift) | users
    new = starts_of_runs(keys)
    first = np.flatnonzero(new)
    if (np.diff(users[first]) <= 0).any():  # the lines of a user do not all stand together, under one path
        return rank_distinct(keys, groups << shift)
    order = order_of(leaves[first], groups)
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return rank if len(rank) == len(keys) else rank[np.cumsum(new) - 1], keys[first[order]]


def _encode_users(ids: pa.Array) -> tuple[Ints, pa.Array]:
    """Encode user ids as `encode` does, sooner where the lines of a user stand together or each has but one."""
    runs = pc.run_end_encode(ids)
    if not all_distinct(runs.values):
        return encode(ids)
    ends = runs.run_ends.to_numpy()
    return np.repeat(np.arange(len(ends)), np.diff(ends, prepend=0)), runs.values


def shared_sessions(sessions: pa.Array | pa.ChunkedArray, users: pa.Array | pa.ChunkedArray) -> list[Fault]:
    """Return a fault for each session that is listed for more than one user.

    Parameters
    ----------
    sessions, users
        Session id and user id of each listed session (text).
    """
    if all_distinct(sessions):
        return []
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
