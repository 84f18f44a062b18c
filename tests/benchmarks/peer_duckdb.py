"""The summary as a skilled analyst writes it in DuckDB: one query, its levels as grouping sets."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd
from data import LEVELS, World

__all__ = ["end_to_end", "frames", "load_rollup", "rollup"]

SETS = ", ".join(f"({', '.join(LEVELS[:depth])})" for depth in range(len(LEVELS) + 1))
KEYS = ", ".join(LEVELS)


def _figures(measure: str) -> str:
    return f"""min({measure}) AS lowest_{measure}, max({measure}) AS highest_{measure},
        avg({measure}) AS mean_{measure}, stddev_samp({measure}) AS stddev_{measure},
        quantile_cont({measure}, [0.25, 0.5, 0.75, 0.9]) AS q_{measure}"""


ROLLUP = f"""
WITH grouped AS (
    SELECT {KEYS}, grouping({KEYS}) AS level, count(*) AS population, {_figures("score")}, {_figures("percent")},
        avg(seen_activities) AS mean_seen_activities, avg(attempted_percent) AS mean_attempted_percent
    FROM users GROUP BY GROUPING SETS ({SETS})
), below AS ({
    " UNION ALL ".join(
        f"SELECT {', '.join([*LEVELS[:depth], *(f'NULL AS {key}' for key in LEVELS[depth:])])}, "
        f"{2 ** (len(LEVELS) - depth) - 1} AS level, count(*) AS group_count FROM grouped "
        f"WHERE level = {2 ** (len(LEVELS) - depth - 1) - 1} GROUP BY ALL"
        for depth in range(len(LEVELS))
    )
})
SELECT {", ".join(f"grouped.{key}" for key in LEVELS)}, population, coalesce(group_count, 0) AS group_count,
    mean_seen_activities, mean_attempted_percent, {
    ", ".join(
        f"{figure}_{measure}" for measure in ("score", "percent") for figure in ("lowest", "highest", "mean", "stddev")
    )
}, {
    ", ".join(
        f"q_{measure}[{at}] AS {name}_{measure}"
        for measure in ("score", "percent")
        for at, name in enumerate(("p25", "median", "p75", "p90"), 1)
    )
}
FROM grouped LEFT JOIN below ON grouped.level = below.level AND {
    " AND ".join(f"grouped.{key} IS NOT DISTINCT FROM below.{key}" for key in LEVELS)
}"""

USERS = f"""
WITH figures AS (
    SELECT user_id, sum(score) AS score, sum(max_score) FILTER (score IS NOT NULL) AS top,
        sum(attempted_max_score) AS tried, sum(max_score) FILTER (attempted_max_score IS NOT NULL) AS tried_top,
        count(DISTINCT activity_id) AS seen
    FROM roster JOIN sessions USING (session_id, user_id) WHERE status = 'Completed' GROUP BY user_id
), places AS (SELECT user_id, {", ".join(f"any_value({key}) AS {key}" for key in LEVELS)} FROM roster GROUP BY user_id)
SELECT {KEYS}, score, 100 * score / nullif(top, 0) AS percent, 100 * tried / nullif(tried_top, 0) AS attempted_percent,
    coalesce(seen, 0)::DOUBLE AS seen_activities
FROM places LEFT JOIN figures USING (user_id)"""


def load_rollup(world: World) -> duckdb.DuckDBPyConnection:
    """Read users into a table of the database."""
    connection = duckdb.connect()
    connection.execute(f"CREATE TABLE users AS FROM '{world.values}'")
    return connection


def rollup(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Summarise users for every group of every level."""
    return connection.execute(ROLLUP).df()


def frames(sessions: pd.DataFrame, roster: pd.DataFrame) -> pd.DataFrame:
    """Summarise pandas frames; the result is one too."""
    connection = duckdb.connect()
    connection.register("sessions", sessions)
    connection.register("roster", roster)
    connection.execute(f"CREATE TABLE users AS {USERS}")
    return rollup(connection)


def end_to_end(world: World, out: Path) -> None:
    """Summarise files into a Parquet file of all groups."""
    connection = duckdb.connect()
    columns = "{user_id: 'VARCHAR', session_id: 'VARCHAR[]', group_path: 'VARCHAR[]'}"
    levels = ", ".join(f"group_path[{depth}] AS {key}" for depth, key in enumerate(LEVELS, 1))
    connection.execute(
        f"CREATE TABLE lines AS SELECT user_id, session_id, {levels} "
        f"FROM read_ndjson('{world.lines}', columns = {columns})"
    )
    connection.execute(f"CREATE VIEW sessions AS FROM '{world.sessions}'")
    connection.execute("CREATE VIEW listed AS SELECT user_id, unnest(session_id) AS session_id FROM lines")
    users = USERS.replace("FROM roster JOIN", "FROM listed JOIN").replace("FROM roster", "FROM lines")
    connection.execute(f"CREATE TABLE users AS {users}")
    connection.execute(f"COPY ({ROLLUP}) TO '{out}' (FORMAT parquet)")
