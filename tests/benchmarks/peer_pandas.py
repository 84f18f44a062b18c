"""The summary as a skilled analyst writes it in pandas: whole columns, no lambda, each key made an integer once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
from data import LEVELS, World

__all__ = ["end_to_end", "frames", "load_rollup", "rollup"]

QUANTILES = {0.25: "p25", 0.5: "median", 0.75: "p75", 0.9: "p90"}
SESSION_COLUMNS = ["session_id", "user_id", "activity_id", "status", "score", "max_score", "attempted_max_score"]


def load_rollup(world: World) -> pd.DataFrame:
    """Read users with their groups as categories: the form pandas groups fastest."""
    return pd.read_parquet(world.values).astype(dict.fromkeys(LEVELS, "category"))


def rollup(users: pd.DataFrame) -> pd.DataFrame:
    """Summarise users for every group of every level."""
    leaf = users.groupby(list(LEVELS), observed=True, sort=False).ngroup().to_numpy()
    places = users[list(LEVELS)].groupby(leaf, sort=True).first()
    values = users.drop(columns=list(LEVELS))
    levels = []
    for depth in range(len(LEVELS), -1, -1):
        keys = list(LEVELS[:depth])
        code = places.groupby(keys, observed=True, sort=False).ngroup() if depth else pd.Series(0, index=places.index)
        figures = _figures(values.groupby(code.to_numpy()[leaf], sort=False))
        named = places.groupby(code.to_numpy()).first()[keys]
        below = places[list(LEVELS[: depth + 1])].drop_duplicates().index
        figures["group_count"] = code[below].value_counts() if depth < len(LEVELS) else 0
        levels.append(named.astype("str").join(figures))
    return pd.concat(levels, ignore_index=True)


def _figures(groups: Any) -> pd.DataFrame:
    marks = groups[["score", "percent"]]
    found = {"population": groups.size()}
    for name, figure in {"lowest": "min", "highest": "max", "mean": "mean", "stddev": "std"}.items():
        table = getattr(marks, figure)()
        found |= {f"{name}_{measure}": table[measure] for measure in table}
    table = marks.quantile(list(QUANTILES)).unstack()
    found |= {f"{QUANTILES[at]}_{measure}": table[measure, at] for measure, at in table}
    means = groups[["seen_activities", "attempted_percent"]].mean()
    found |= {f"mean_{measure}": means[measure] for measure in means}
    return pd.DataFrame(found)


def frames(sessions: pd.DataFrame, roster: pd.DataFrame) -> pd.DataFrame:
    """Summarise frames."""
    code, _ = pd.factorize(roster["user_id"])
    users = roster.drop_duplicates("user_id")[list(LEVELS)].astype("category").reset_index(drop=True)
    listed = roster[["user_id", "session_id"]].assign(user=code).dropna(subset="session_id")
    counted = sessions[sessions["status"] == "Completed"]
    found = listed.merge(counted, on=["session_id", "user_id"], how="inner")
    return rollup(users.join(_users(found)).assign(seen_activities=lambda one: one["seen_activities"].fillna(0)))


def _users(found: pd.DataFrame) -> pd.DataFrame:
    scored = found["score"].notna()
    tried = found["attempted_max_score"].notna()
    found = found.assign(top=found["max_score"].where(scored), tried=found["max_score"].where(tried))
    sums = found.groupby("user")[["score", "top", "attempted_max_score", "tried"]].sum(min_count=1)
    once = found[["user", "activity_id"]].drop_duplicates()
    return pd.DataFrame(
        {
            "score": sums["score"],
            "percent": 100 * sums["score"] / sums["top"].where(sums["top"] != 0),
            "attempted_percent": 100 * sums["attempted_max_score"] / sums["tried"].where(sums["tried"] != 0),
            "seen_activities": once.groupby("user").size().astype("float64"),
        }
    )


def end_to_end(world: World, out: Path) -> None:
    """Summarise files into a Parquet file of all groups."""
    lines = pd.read_json(world.lines, lines=True, engine="pyarrow", dtype_backend="pyarrow")
    paths = {key: lines["group_path"].list[depth] for depth, key in enumerate(LEVELS)}
    roster = lines[["user_id", "session_id"]].assign(**paths).explode("session_id")
    sessions = pd.read_parquet(world.sessions, columns=SESSION_COLUMNS)
    frames(sessions, roster).to_parquet(out)
