"""The least that any program must do: read the bytes, join the ids and sort the values once, each at its best."""

from __future__ import annotations

from collections.abc import Callable

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json
import pyarrow.parquet as pq
from data import World
from measuring import cpu_seconds

__all__ = ["find_floor"]

LINES = pa.schema(
    [("user_id", pa.string()), ("session_id", pa.list_(pa.string())), ("group_path", pa.list_(pa.string()))]
)
SORTED = ("score", "percent")
TRIES = 3


def find_floor(world: World) -> dict[str, float]:
    """Return the CPU seconds of each step, by the fastest way known here, the best of three tries."""
    sessions = pq.read_table(world.sessions)["session_id"].combine_chunks()
    listed = pq.read_table(world.roster, columns=["session_id"])["session_id"].drop_null().combine_chunks()
    values = [np.nan_to_num(pq.read_table(world.values)[name].to_numpy()) for name in SORTED]
    ways: dict[str, list[Callable[[], object]]] = {
        "parse lines": [
            lambda: _lines_by_arrow(world),
            lambda: _lines_by_polars(world),
            lambda: _lines_by_duckdb(world),
        ],
        "read sessions": [lambda: pq.read_table(world.sessions), lambda: pl.read_parquet(world.sessions)],
        "join ids": [
            lambda: pc.index_in(listed, value_set=sessions),
            lambda: _join_by_polars(listed, sessions),
            lambda: _join_by_duckdb(listed, sessions),
        ],
        "sort values": [lambda: [np.sort(column) for column in values]],
    }
    return {step: min(_best(way) for way in found) for step, found in ways.items()}


def _best(way: Callable[[], object]) -> float:
    tries = []
    for _ in range(TRIES):
        start = cpu_seconds()
        way()
        tries.append(cpu_seconds() - start)
    return min(tries)


def _lines_by_arrow(world: World) -> object:
    options = pyarrow.json.ParseOptions(explicit_schema=LINES, unexpected_field_behavior="error")
    return pyarrow.json.read_json(world.lines, parse_options=options)


def _lines_by_polars(world: World) -> object:
    schema = {"user_id": pl.String, "session_id": pl.List(pl.String), "group_path": pl.List(pl.String)}
    return pl.scan_ndjson(world.lines, schema=schema).collect()


def _lines_by_duckdb(world: World) -> object:
    columns = "{user_id: 'VARCHAR', session_id: 'VARCHAR[]', group_path: 'VARCHAR[]'}"
    with duckdb.connect() as connection:
        return connection.execute(f"CREATE TABLE lines AS FROM read_ndjson('{world.lines}', columns = {columns})")


def _join_by_polars(listed: pa.Array, sessions: pa.Array) -> object:
    left, right = pl.from_arrow(pa.table({"id": listed})), pl.from_arrow(pa.table({"id": sessions}))
    return left.join(right.with_row_index("row"), on="id")


def _join_by_duckdb(listed: pa.Array, sessions: pa.Array) -> object:
    left, right = pa.table({"id": listed}), pa.table({"id": sessions, "row": np.arange(len(sessions))})
    with duckdb.connect() as connection:
        connection.register("l", left)
        connection.register("r", right)
        return connection.execute("CREATE TABLE found AS SELECT row FROM l JOIN r USING (id)")
