"""A roster as the input files of a dataset: NDJSON, one line per user and group path, in parts."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..compute.arrays import order_of, whole
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
NEEDS_ESCAPE = bytes([*range(0x20), ord('"'), ord("\\"), 0x7F])
# Between a user's id and the ids of the sessions, then from these to the group path: for none, for one or more.
OPENINGS = pa.array(['","session_id":[', '","session_id":["'])
CLOSINGS = pa.array(['],"group_path":', '"],"group_path":'])


def file_count(roster: Roster) -> int:
    """Return how many input files a roster takes."""
    return min(max(-(-len(roster.place_user) // LINES_PER_FILE), 1), MAX_FILES)


def encode_lines(roster: Roster, files: int) -> Iterator[bytes]:
    """Yield the input files of a roster, one at a time.

    The roster has passed `refuse_long`.
    """
    places = len(roster.place_user)
    sessions = whole(roster.listed_session).take(pa.array(order_of(roster.listed_place, places)))
    counts = np.bincount(roster.listed_place, minlength=places)
    ends = np.concatenate([[0], np.cumsum(counts)])
    for part, users, paths in _parts(roster, files):
        start, stop = (int(ends[place]) for place in (part.start, part.stop))
        offsets = pa.array(ends[part.start : part.stop + 1] - start, pa.int32())
        listed = pc.binary_join(pa.ListArray.from_arrays(offsets, _escaped(sessions[start:stop])), '","')
        some = pa.array(counts[part] > 0).cast(pa.int8())
        yield _lines('{"user_id":"', users, OPENINGS.take(some), listed, CLOSINGS.take(some), paths)


def encode_user_lines(roster: Roster, files: int) -> Iterator[bytes]:
    """Yield the input files of a roster without its sessions: the service picks them by activity."""
    for _, users, paths in _parts(roster, files):
        yield _lines('{"user_id":"', users, '","group_path":', paths)


def _parts(roster: Roster, files: int) -> Iterator[tuple[slice, pa.Array, pa.Array]]:
    """Yield the places of each file, with their users, to stand between quotes, and their group paths as JSON."""
    paths = pa.array(roster.tree.json_paths()[roster.tree.offsets[-2] :], pa.string())
    bounds = np.linspace(0, len(roster.place_user), files + 1).astype(np.int64).tolist()
    for part in (slice(*pair) for pair in pairwise(bounds)):
        users = roster.users.take(pa.array(roster.place_user[part]))
        yield part, _escaped(users), paths.take(pa.array(roster.place_leaf[part]))


def _lines(*pieces: str | pa.Array) -> bytes:
    """Put the pieces of all lines together."""
    return _bytes_of(pc.binary_join_element_wise(*pieces, "}\n", ""))


def _escaped(texts: pa.Array) -> pa.Array:
    """Return texts as they stand between the quotes of JSON."""
    held = _bytes_of(texts)
    if len(held.translate(None, NEEDS_ESCAPE)) == len(held):
        return texts
    return pa.array([msgspec.json.encode(text).decode()[1:-1] for text in texts.to_pylist()], pa.string())


def _bytes_of(texts: pa.StringArray) -> bytes:
    """Return all texts, one behind the other."""
    _, offsets, data = texts.buffers()
    ends = np.frombuffer(offsets, np.int32, len(texts) + 1, texts.offset * np.dtype(np.int32).itemsize)
    return bytes(data[int(ends[0]) : int(ends[-1])]) if data is not None else b""


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
