"""Users' figures by the engine: one row for each user of each group that has to be told apart.

The definitions are those of `compute.sessions.user_figures` and
`compute.entries.enter_users`.
"""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as sql

from .inputs import FIGURES, Recorded

__all__ = ["enter_users"]


def enter_users(listing: DataFrame, sessions: Recorded, depth: int) -> DataFrame:
    """Sum up each user's counted sessions.

    Parameters
    ----------
    listing
        ``user_id``, ``path`` and ``session_id``, as `inputs.Listing` has them.
    sessions
        The sessions, no id twice.
    depth
        Number of levels.

    Returns
    -------
    DataFrame
        ``path``; ``level``, the length of the path, for a user with places in several groups, who has a row for each
        group on each level; null for a user with one place, whose figures count on every level; and the measures
        ``score``, ``percent``, ``attempted_percent`` (null where there is none) and ``seen_activities``.
    """
    matched = _match(listing, sessions.frame)
    placed = matched.withColumn("targets", _targets(depth)).select("*", sql.inline("targets"))
    sums = placed.groupBy("user_id", "level", "path").agg(*_sums(sessions))
    score = sql.col("score") / sql.lit(sessions.scales["score"])
    return sums.select("level", "path", score.alias("score"), *_measures(sessions.scales))


def _match(listing: DataFrame, sessions: DataFrame) -> DataFrame:
    """Bring each listed session's figures and all paths it is listed under together, by one shuffle by user."""
    both = listing.unionByName(sessions, allowMissingColumns=True)
    known = [sql.max(name).alias(name) for name in ("counts", "activity_id", *FIGURES)]
    paths = sql.collect_set("path").alias("paths")
    return both.repartition("user_id").groupBy("user_id", "session_id").agg(paths, *known).where(sql.size("paths") > 0)


def _targets(depth: int) -> Column:
    """Return the groups that a session counts in, each once."""
    user = Window.partitionBy("user_id")
    several = sql.min(sql.array_min("paths")).over(user) != sql.max(sql.array_max("paths")).over(user)
    alone = sql.transform("paths", lambda path: _target(sql.lit(None), path))
    above = [_targets_on(level) for level in range(depth + 1)]
    return sql.when(several, sql.flatten(sql.array(*above))).otherwise(alone)


def _targets_on(level: int) -> Column:
    return sql.array_distinct(sql.transform("paths", lambda path: _target(sql.lit(level), sql.slice(path, 1, level))))


def _target(level: Column, path: Column) -> Column:
    return sql.struct(level.cast("int").alias("level"), path.alias("path"))


def _sums(sessions: Recorded) -> list[Column]:
    score, maximum, attempted = (sql.col(name) for name in FIGURES)
    step = sessions.steps
    seen = sql.count_if("counts")
    if sessions.names_activities:  # a session without an activity stands for one of its own
        seen = sql.count_distinct("activity_id") + sql.count_if(sql.col("counts") & sql.col("activity_id").isNull())
    return [
        _sum(score, step["score"]).alias("score"),
        _sum(attempted, step["attempted_max_score"]).alias("attempted"),
        _sum_among(score, maximum, step["max_score"]).alias("score_of"),
        _sum_among(attempted, maximum, step["max_score"]).alias("attempted_of"),
        seen.alias("seen_activities"),
    ]


def _sum(values: Column, step: float) -> Column:
    """Sum as `compute.arrays.exact_parts` does, so that the order of rows does not matter."""
    coarse = sql.rint(values / sql.lit(step)) * sql.lit(step)
    return sql.sum(coarse) + sql.sum(values - coarse)


def _sum_among(among: Column, values: Column, step: float) -> Column:
    """Sum the values of the rows where `among` is known; null where one of those lacks its value."""
    lacking = sql.count_if(among.isNotNull() & values.isNull())
    return sql.when(lacking == 0, _sum(sql.when(among.isNotNull(), values), step))


def _measures(scales: Mapping[str, float]) -> list[Column]:
    def percent(part: str, figure: str, whole: str) -> Column:
        top = sql.lit(100.0 * scales["max_score"]) * sql.col(part)
        return sql.when(sql.col(whole) != 0, top / (sql.lit(scales[figure]) * sql.col(whole)))

    return [
        percent("score", "score", "score_of").alias("percent"),
        percent("attempted", "attempted_max_score", "attempted_of").alias("attempted_percent"),
        sql.col("seen_activities").cast("double").alias("seen_activities"),
    ]
