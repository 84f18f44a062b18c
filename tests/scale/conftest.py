"""A Spark of our own, started once, and random worlds of users in groups."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

LEVELS = ["district", "school", "class"]
NAMES = [
    "Oregon",
    "Épinal",
    "東京",
    "a.b",
    "`x`",
    "'; drop table",
    '["x"]',
    "\x00nul",
    "null",
    "NaN",
    "𝔘",
    " lead",
    "A",
    "a",
]
PACKAGE = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Start a local Spark of two threads that speaks to nobody."""
    if shutil.which("java") is None:
        pytest.fail("Spark needs Java 17: apt-get install -y openjdk-17-jre-headless")
    from pyspark.sql import SparkSession

    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.sql.warehouse.dir": str(tmp_path_factory.mktemp("warehouse")),
        "spark.local.dir": str(tmp_path_factory.mktemp("shuffles")),
        "spark.sql.shuffle.partitions": "3",
        "spark.sql.session.timeZone": "America/New_York",  # what counts must not depend on it
        "spark.sql.adaptive.enabled": "false",  # so that there are several partitions, though small
        "spark.log.level": "ERROR",
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSPARK_PYTHON", sys.executable)  # Spark would look for a python3 on the PATH
        patch.setenv("PYTHONPATH", os.pathsep.join([str(PACKAGE), *sys.path[1:]]))
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        builder = SparkSession.builder.master("local[2]").appName("tests")
        for key, value in settings.items():
            builder = builder.config(key, value)
        session = builder.getOrCreate()
        yield session
        session.stop()


@pytest.fixture(scope="session")
def to_spark(spark: Any) -> Callable[[pd.DataFrame | pa.Table], Any]:
    """Turn a table into a Spark frame of several partitions."""

    def turn(given: pd.DataFrame | pa.Table) -> Any:
        table = pa.Table.from_pandas(given, preserve_index=False) if isinstance(given, pd.DataFrame) else given
        return spark.createDataFrame(table).repartition(4)

    return turn


@dataclass(frozen=True)
class World:
    """Sessions, and a roster of them."""

    sessions: pd.DataFrame
    roster: pd.DataFrame

    def shuffled(self, seed: int) -> World:
        """Return the same world with its rows in another order."""
        rows = {name: getattr(self, name).sample(frac=1, random_state=seed) for name in ("sessions", "roster")}
        return replace(self, **rows)


@pytest.fixture(scope="session")
def made_up_world() -> Callable[..., World]:
    """Make up a world from a seed."""
    return build_world


def build_world(seed: int, users: int = 150, leaves: int = 40) -> World:
    """Users in several groups; null, negative and zero marks; lines that come twice; names that come back."""
    rng = np.random.default_rng(seed)
    owner = np.repeat(np.arange(users), rng.integers(0, 6, users))
    n = len(owner)
    ids = np.array([f"ü{user}" for user in range(users)])
    top = rng.choice([0.0, 0.3, 2.5, 10.0], n, p=[0.05, 0.2, 0.5, 0.25])
    recorded = np.where(rng.random(n) < 0.03, ids[0], ids[owner])
    day = pd.to_datetime("2026-01-01", utc=True) + pd.to_timedelta(rng.integers(0, 30, n), unit="D")
    sessions = pd.DataFrame(
        {
            "session_id": [f"s{number}" for number in range(n)],
            "user_id": recorded,
            "score": np.where(rng.random(n) < 0.1, np.nan, (rng.uniform(-0.2, 1, n) * top).round(2)),
            "max_score": np.where(rng.random(n) < 0.02, np.nan, top),
            "activity_id": np.where(rng.random(n) < 0.1, None, rng.choice(["s1", "A", "a", "東"], n)),
            "status": rng.choice(["Completed", "Completed", "Completed", "Incomplete", None], n),
            "attempted_max_score": np.where(rng.random(n) < 0.2, np.nan, (rng.random(n) * top).round(1)),
            "dt_completed": day.where(rng.random(n) < 0.95),
        }
    )
    lines = pd.DataFrame({"user_id": ids[owner], "session_id": sessions["session_id"]})
    idle = pd.DataFrame({"user_id": ids[np.setdiff1d(np.arange(users), owner)], "session_id": None})
    gone = pd.DataFrame({"user_id": ids[:2], "session_id": ["gone-1", "gone-2"]})
    roster = pd.concat([lines, lines.sample(frac=0.3, random_state=seed), idle, gone], ignore_index=True)
    home = roster["user_id"].str[1:].astype("int64").to_numpy() % leaves
    leaf = np.where(rng.random(len(roster)) < 0.15, rng.integers(0, leaves, len(roster)), home)
    leaf[:5] = leaves + np.arange(5)  # classes of one pupil
    names = np.array(NAMES, dtype=object)
    places = {"district": names[leaf % 5], "school": names[5 + leaf % 3], "class": names[leaf // 5 % len(NAMES)]}
    return World(sessions, roster.assign(**places))
