from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pytest

from learnosity_nb.compute.roster import Roster, encode_roster

Line = tuple[str, list[str] | None, tuple[str, ...]]

SESSION_TYPES = {
    "session_id": pa.string(),
    "user_id": pa.string(),
    "score": pa.float64(),
    "max_score": pa.float64(),
    "activity_id": pa.string(),
    "status": pa.string(),
    "attempted_max_score": pa.float64(),
    "unscored_max_score": pa.float64(),
    "dt_completed": pa.timestamp("us", "UTC"),
}


@pytest.fixture
def roster_of() -> Callable[[Iterable[Line]], Roster]:
    """Encode roster lines given as (user, sessions, path)."""

    def encode(lines: Iterable[Line]) -> Roster:
        users, sessions, paths = zip(*lines, strict=True)
        keys = [f"level_{depth}" for depth in range(len(paths[0]))]
        columns = {key: pa.array([path[depth] for path in paths], pa.string()) for depth, key in enumerate(keys)}
        table = {
            "user_id": pa.array(users, pa.string()),
            "session_id": pa.array(sessions, pa.list_(pa.string())),
            **columns,
        }
        return encode_roster(pa.table(table), keys)

    return encode


@pytest.fixture
def sessions_of() -> Callable[[Sequence[Mapping[str, Any]]], pa.Table]:
    """Make a table of sessions with the columns that any of the records has."""

    def make(records: Sequence[Mapping[str, Any]]) -> pa.Table:
        names = [name for name in SESSION_TYPES if any(name in record for record in records)]
        required = ("session_id", "user_id", "score", "max_score")
        names = list(dict.fromkeys([*required, *names]))
        return pa.table({name: pa.array([r.get(name) for r in records], SESSION_TYPES[name]) for name in names})

    return make


@pytest.fixture
def session() -> Callable[..., dict[str, Any]]:
    """Give the record of a session, of ann where nothing else is said."""

    def record(
        name: str, user: str = "ann", score: float | None = 1.0, top: float | None = 2.0, **more: Any
    ) -> dict[str, Any]:
        return {"session_id": name, "user_id": user, "score": score, "max_score": top, **more}

    return record
