"""The summary as a skilled analyst writes it in Polars: lazy, one expression a figure, texts made categories."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import polars as pl
from data import LEVELS, World

__all__ = ["end_to_end", "frames", "load_rollup", "rollup"]

QUANTILES = {0.25: "p25", 0.5: "median", 0.75: "p75", 0.9: "p90"}


def load_rollup(world: World) -> pl.DataFrame:
    """Read users with their groups as categories."""
    return pl.read_parquet(world.values).cast(dict.fromkeys(LEVELS, pl.Categorical))


def rollup(users: pl.DataFrame | pl.LazyFrame) -> pl.DataFrame:
    """Summarise users for every group of every level."""
    lazy = users.lazy()
    levels = []
    for depth in range(len(LEVELS) + 1):
        keys = list(LEVELS[:depth])
        level = lazy.group_by(keys).agg(_figures()) if depth else lazy.select(_figures())
        levels.append(level)
    found = pl.collect_all(levels)
    for depth in range(len(LEVELS)):
        keys = list(LEVELS[:depth])
        below = found[depth + 1]
        counts = below.group_by(keys).len("group_count") if depth else below.select(pl.len().alias("group_count"))
        found[depth] = found[depth].join(counts, on=keys) if depth else found[depth].hstack(counts)
    found[-1] = found[-1].with_columns(pl.lit(0, pl.get_index_type()).alias("group_count"))
    return pl.concat(found, how="diagonal").with_columns(pl.col(LEVELS).cast(pl.String))


def _figures() -> list[pl.Expr]:
    found = [pl.len().alias("population")]
    for measure in ("score", "percent"):
        value = pl.col(measure)
        found += [
            value.min().alias(f"lowest_{measure}"),
            value.max().alias(f"highest_{measure}"),
            value.mean().alias(f"mean_{measure}"),
            value.std().alias(f"stddev_{measure}"),
            *(value.quantile(at, "linear").alias(f"{name}_{measure}") for at, name in QUANTILES.items()),
        ]
    means = [pl.col(name).mean().alias(f"mean_{name}") for name in ("seen_activities", "attempted_percent")]
    return found + means


def frames(sessions: pd.DataFrame, roster: pd.DataFrame) -> pd.DataFrame:
    """Summarise pandas frames; the result is one too."""
    lines = pl.from_pandas(roster).lazy()
    users = lines.select("user_id", *LEVELS).unique("user_id", keep="any")
    return _summary(pl.from_pandas(sessions).lazy(), lines.select("user_id", "session_id"), users).to_pandas()


def _summary(sessions: pl.LazyFrame, listed: pl.LazyFrame, users: pl.LazyFrame) -> pl.DataFrame:
    value = pl.col("score").is_not_null()
    tried = pl.col("attempted_max_score").is_not_null()
    figures = (
        listed.join(sessions.filter(pl.col("status") == "Completed"), on=["session_id", "user_id"])
        .group_by("user_id")
        .agg(
            pl.when(value.any()).then(pl.col("score").sum()).alias("score"),
            pl.when(value.any()).then(pl.col("max_score").filter(value).sum()).alias("top"),
            pl.when(tried.any()).then(pl.col("attempted_max_score").sum()).alias("tried"),
            pl.col("max_score").filter(tried).sum().alias("tried_top"),
            pl.col("activity_id").n_unique().cast(pl.Float64).alias("seen_activities"),
        )
        .select(
            "user_id",
            "score",
            "seen_activities",
            pl.when(pl.col("top") != 0).then(100 * pl.col("score") / pl.col("top")).alias("percent"),
            pl.when(pl.col("tried_top") != 0)
            .then(100 * pl.col("tried") / pl.col("tried_top"))
            .alias("attempted_percent"),
        )
    )
    placed = (
        users.with_columns(pl.col(LEVELS).cast(pl.Categorical))
        .join(figures, on="user_id", how="left")
        .with_columns(pl.col("seen_activities").fill_null(0.0))
        .drop("user_id")
    )
    return rollup(placed.collect())


def end_to_end(world: World, out: Path) -> None:
    """Summarise files into a Parquet file of all groups."""
    schema = {"user_id": pl.String, "session_id": pl.List(pl.String), "group_path": pl.List(pl.String)}
    levels = [pl.col("group_path").list.get(depth).alias(key) for depth, key in enumerate(LEVELS)]
    lines = pl.scan_ndjson(world.lines, schema=schema).select("user_id", "session_id", *levels).collect().lazy()
    listed = lines.select("user_id", "session_id").explode("session_id")
    _summary(pl.scan_parquet(world.sessions), listed, lines.drop("session_id")).write_parquet(out)
