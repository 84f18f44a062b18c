"""A seeded world for measuring: learners in four levels of groups, and their sessions, as files.

Written once for each size and kept; every run of every library reads the same files.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

__all__ = ["LEVELS", "World", "make_world", "read_frames"]

LEVELS: Final = ("region", "district", "school", "class")
FANOUT: Final = (20, 10, 10)  # children of a region, of a district, of a school
LINES_AT_ONCE: Final = 100_000
SEED: Final = 20_260_101


@dataclass(frozen=True, slots=True)
class World:
    """Where the files of one world lie.

    Attributes
    ----------
    folder
        Their folder.
    users, groups
        How many there are; groups of all levels, the root too.
    """

    folder: Path
    users: int
    groups: int

    @property
    def sessions(self) -> Path:
        """Sessions in no order: ids, activity, status, marks with some missing."""
        return self.folder / "sessions.parquet"

    @property
    def lines(self) -> Path:
        """The roster as NDJSON: ``user_id``, ``session_id`` (a list) and ``group_path``."""
        return self.folder / "roster.ndjson"

    @property
    def roster(self) -> Path:
        """The roster as a table: a row for each session listed, a column for each level."""
        return self.folder / "roster.parquet"

    @property
    def values(self) -> Path:
        """Each user's groups and figures, for the rollup alone."""
        return self.folder / "values.parquet"


def make_world(parent: Path, users: int, groups: int) -> World:
    """Return the world of that size below `parent`, written now if it is not there yet."""
    world = World(parent / f"{users}-{groups}", users, groups)
    if not (world.folder / "done").exists():
        world.folder.mkdir(parents=True, exist_ok=True)
        _write(world)
        (world.folder / "done").touch()
    return world


def _write(world: World) -> None:
    rng = np.random.default_rng([SEED, world.users, world.groups])
    leaf = rng.integers(0, _leaves(world.groups), world.users)
    counts = rng.choice(4, world.users, p=[0.02, 0.3, 0.4, 0.28])
    owner = np.repeat(np.arange(world.users), counts)
    ids = _uuids(rng, len(owner))
    users = pc.binary_join_element_wise("learner-", pa.array(np.arange(world.users)).cast(pa.string()), "")
    sessions = _sessions(rng, ids, users.take(pa.array(owner)))
    pq.write_table(sessions.take(pa.array(rng.permutation(len(owner)))), world.sessions)
    paths = _paths(leaf)
    _write_roster(world, users, ids, counts, paths)
    _write_lines(world, users, ids, counts, paths)
    _write_values(world, sessions, owner, paths)


def _leaves(groups: int) -> int:
    """Return how many classes give about that many groups on all levels together."""
    return max(int(groups / (1 + 1 / 10 + 1 / 100 + 1 / 2000)), 1)


def _paths(leaf: np.ndarray) -> dict[str, pa.Array]:
    """Name each user's groups; the names of districts, schools and classes come back under other parents."""
    school = leaf // FANOUT[2]
    district = school // FANOUT[1]
    region = district // FANOUT[0]
    codes = [region, district % FANOUT[0], school % FANOUT[1], leaf % FANOUT[2]]
    found = {}
    for key, code in zip(LEVELS, codes, strict=True):
        names = pa.array([f"{key.capitalize()} {number:02}" for number in range(int(code.max()) + 1)])
        found[key] = pa.DictionaryArray.from_arrays(pa.array(code.astype(np.int32)), names)
    return found


def _uuids(rng: np.random.Generator, size: int) -> pa.Array:
    digits = rng.bytes(16 * size).hex()
    return pa.array(
        [
            f"{d[:8]}-{d[8:12]}-{d[12:16]}-{d[16:20]}-{d[20:]}"
            for d in (digits[at : at + 32] for at in range(0, len(digits), 32))
        ]
    )


def _sessions(rng: np.random.Generator, ids: pa.Array, users: pa.Array) -> pa.Table:
    size = len(ids)
    top = rng.choice([10.0, 20.0, 25.0, 40.0], size)
    tried = top * rng.choice([0.5, 0.8, 1.0], size, p=[0.1, 0.2, 0.7])
    score = np.rint(tried * rng.beta(4, 2, size) * 2) / 2
    activity = pa.array([f"activity-{number}" for number in range(40)]).take(pa.array(rng.integers(0, 40, size)))
    status = pa.array(["Completed", "Incomplete", "Discarded"])
    return pa.table(
        {
            "session_id": ids,
            "user_id": users,
            "activity_id": activity,
            "status": status.take(pa.array(rng.choice(3, size, p=[0.95, 0.04, 0.01]))),
            "score": pa.array(score, mask=rng.random(size) < 0.04),
            "max_score": top,
            "attempted_max_score": tried,
        }
    )


def _write_roster(world: World, users: pa.Array, ids: pa.Array, counts: np.ndarray, paths: dict[str, pa.Array]) -> None:
    """Write a row for each session, and one without a session for each user who has none."""
    rows = np.maximum(counts, 1)
    user = pa.array(np.repeat(np.arange(world.users), rows))
    listed = np.repeat(counts > 0, rows)
    place = np.cumsum(listed) - 1
    columns = {"user_id": users.take(user), "session_id": ids.take(pa.array(place, mask=~listed))}
    table = pa.table(columns | {key: path.take(user).cast(pa.string()) for key, path in paths.items()})
    pq.write_table(table, world.roster)


def _write_lines(world: World, users: pa.Array, ids: pa.Array, counts: np.ndarray, paths: dict[str, pa.Array]) -> None:
    ends = np.cumsum(counts)
    with world.lines.open("w", encoding="utf-8") as file:
        for start in range(0, world.users, LINES_AT_ONCE):
            part = slice(start, min(start + LINES_AT_ONCE, world.users))
            first = int(ends[part.start] - counts[part.start])
            listed = ids[first : int(ends[part.stop - 1])].to_pylist()
            names = [path[part].to_pylist() for path in paths.values()]
            spans = zip((ends - counts)[part].tolist(), ends[part].tolist(), strict=True)
            for user, (begin, end), *path in zip(users[part].to_pylist(), spans, *names, strict=True):
                line = {"user_id": user, "session_id": listed[begin - first : end - first], "group_path": path}
                file.write(json.dumps(line, separators=(",", ":")) + "\n")


def _write_values(world: World, sessions: pa.Table, owner: np.ndarray, paths: dict[str, pa.Array]) -> None:
    """Write what the sessions of each user add up to; a skilled analyst's pandas does for that."""
    frame = sessions.drop_columns(["session_id", "user_id"]).to_pandas().assign(owner=owner)
    frame = frame[frame["status"] == "Completed"]
    frame["max_score"] = frame["max_score"].where(frame["score"].notna())
    sums = frame.groupby("owner")[["score", "max_score"]].sum(min_count=1).reindex(range(world.users))
    seen = frame.groupby("owner")["activity_id"].nunique().reindex(range(world.users), fill_value=0)
    tried = frame["attempted_max_score"].groupby(frame["owner"]).sum().reindex(range(world.users))
    tops = sessions["max_score"].to_pandas()[frame.index].groupby(frame["owner"]).sum().reindex(range(world.users))
    figures = {
        "score": sums["score"],
        "percent": 100 * sums["score"] / sums["max_score"],
        "attempted_percent": 100 * tried / tops,
        "seen_activities": seen.astype("float64"),
    }
    columns = {name: pa.array(values, from_pandas=True) for name, values in figures.items()}
    pq.write_table(pa.table(paths | columns), world.values)


def read_frames(world: World) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return sessions and roster as pandas frames whose texts are pandas' own strings."""
    return pd.read_parquet(world.sessions), pd.read_parquet(world.roster)
