"""A roster as the input files of a dataset: NDJSON, one line per user and group path, in parts."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import numpy as np
import pyarrow as pa

from ..compute.arrays import order_of
from ..compute.roster import Roster
from ..errors import FAULTS_SHOWN, Fault, InputError, shorten

__all__ = [
    "LINES_PER_FILE",
    "MAX_FILES",
    "MAX_SESSIONS",
    "encode_lines",
    "encode_user_lines",
    "file_count",
    "refuse_long",
]

LINES_PER_FILE = 50_000
MAX_FILES = 100
MAX_SESSIONS = 50


def file_count(roster: Roster) -> int:
    """Return how many input files a roster takes."""
    return min(max(-(-len(roster.place_user) // LINES_PER_FILE), 1), MAX_FILES)


def encode_lines(roster: Roster, files: int) -> Iterator[bytes]:
    """Yield the input files of a roster, one at a time.

    The roster has passed `refuse_long`.
    """
    places = len(roster.place_user)
    counts = np.bincount(roster.listed_place, minlength=places)
    sessions = roster.listed_session.take(pa.array(order_of(roster.listed_place, places)))
    ends = np.cumsum(counts)
    paths = roster.tree.paths()[roster.tree.offsets[-2] :]
    encoder = msgspec.json.Encoder()
    for part in np.array_split(np.arange(places), files):
        users = roster.users.take(pa.array(roster.place_user[part])).to_pylist()
        starts = (ends - counts)[part]
        offset, total = (int(starts[0]), int(counts[part].sum())) if len(part) else (0, 0)
        listed = sessions.slice(offset, total).to_pylist()
        rows = zip(
            users, (starts - offset).tolist(), counts[part].tolist(), roster.place_leaf[part].tolist(), strict=True
        )
        yield encoder.encode_lines(
            [
                {"user_id": user, "session_id": listed[start : start + count], "group_path": paths[leaf]}
                for user, start, count, leaf in rows
            ]
        )


def encode_user_lines(roster: Roster, files: int) -> Iterator[bytes]:
    """Yield the input files of a roster without its sessions: the service picks them by activity."""
    paths = roster.tree.paths()[roster.tree.offsets[-2] :]
    encoder = msgspec.json.Encoder()
    for part in np.array_split(np.arange(len(roster.place_user)), files):
        users = roster.users.take(pa.array(roster.place_user[part])).to_pylist()
        leaves = roster.place_leaf[part].tolist()
        yield encoder.encode_lines(
            [{"user_id": user, "group_path": paths[leaf]} for user, leaf in zip(users, leaves, strict=True)]
        )


def refuse_long(roster: Roster) -> None:
    """Refuse a roster with more sessions of a user in a group than a line may hold.

    Raises
    ------
    InputError
        Naming these users.
    """
    counts = np.bincount(roster.listed_place, minlength=len(roster.place_user))
    long = np.flatnonzero(counts > MAX_SESSIONS)
    if len(long):
        users = roster.users.take(pa.array(roster.place_user[long[:FAULTS_SHOWN]])).to_pylist()
        faults = [
            Fault("too_many_sessions", f"user {shorten(user)} has {counts[place]} sessions", key="session_id")
            for user, place in zip(users, long.tolist(), strict=False)
        ]
        raise InputError(f"A user may have {MAX_SESSIONS} sessions in a group.", faults, count=len(long))
