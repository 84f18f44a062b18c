"""The summary as it is often written first: merge, group by each level, a lambda for each percentile of each group."""

from __future__ import annotations

from functools import partial

import pandas as pd
from data import LEVELS

__all__ = ["frames"]

PERCENTILES = {"p25": 0.25, "median": 0.5, "p75": 0.75, "p90": 0.9}


def frames(sessions: pd.DataFrame, roster: pd.DataFrame) -> pd.DataFrame:
    """Summarise frames."""
    users = _users(sessions, roster)
    figures = {"population": ("user_id", "nunique")}
    for measure in ("score", "percent"):
        for name, how in {"lowest": "min", "highest": "max", "mean": "mean", "stddev": "std"}.items():
            figures[f"{name}_{measure}"] = (measure, how)
        for name, at in PERCENTILES.items():
            figures[f"{name}_{measure}"] = (measure, partial(_quantile, at=at))
    figures |= {f"mean_{measure}": (measure, "mean") for measure in ("seen_activities", "attempted_percent")}
    levels = []
    for depth in range(len(LEVELS) + 1):
        keys = list(LEVELS[:depth])
        level = users.assign(root="").groupby(keys or "root").agg(**figures)
        if depth < len(LEVELS):
            below = users.drop_duplicates(LEVELS[: depth + 1]).assign(root="")
            level["group_count"] = below.groupby(keys or "root").size()
        levels.append(level.reset_index(drop=not keys))
    found = pd.concat(levels, ignore_index=True)
    return found.fillna({"group_count": 0}).astype(dict.fromkeys(LEVELS, "str"))


def _quantile(values: pd.Series, at: float) -> float:
    return values.quantile(at)


def _users(sessions: pd.DataFrame, roster: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each user with the sums of the Completed sessions; a session without a score adds none."""
    done = sessions[sessions["status"] == "Completed"].copy()
    done["top"] = done["max_score"].where(done["score"].notna())
    listed = roster.merge(done, on=["user_id", "session_id"], how="left")
    users = listed.groupby(["user_id", *LEVELS])
    found = users[["score", "top", "max_score", "attempted_max_score"]].sum(min_count=1)
    found["seen_activities"] = users["activity_id"].nunique()
    found["percent"] = 100 * found["score"] / found["top"]
    found["attempted_percent"] = 100 * found["attempted_max_score"] / found["max_score"]
    return found.reset_index()
