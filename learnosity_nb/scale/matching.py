"""Listed sessions and recorded ones, matched by their ids: what cannot be, and what does not count."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as sql

from ..domain.left_out import describe_left_out
from ..errors import FAULTS_SHOWN, ColumnError, Fault, InputError, shorten

__all__ = ["match_sessions"]


def match_sessions(listing: DataFrame, sessions: DataFrame) -> str | None:
    """Match the ids, in one shuffle of ids alone.

    Returns
    -------
    str or None
        Which listed sessions cannot count, in words; None where all can.

    Raises
    ------
    ColumnError
        If a session is recorded twice.
    InputError
        If a session is listed for two users.
    """
    by_id = _by_session(listing, sessions)
    unknown = (sql.col("listed") > 0) & (sql.col("recorded") == 0)
    mismatched = (sql.col("listed") > 0) & (sql.col("owner") != sql.col("first_user"))
    found = by_id.agg(
        sql.sum("listed").alias("listed"),
        sql.min(sql.when(sql.col("recorded") > 0, sql.col("session_id"))).alias("recorded_session"),
        sql.count_if(sql.col("recorded") > 1).alias("repeated"),
        sql.count_if(_shared()).alias("shared"),
        *_counted("unknown", unknown),
        *_counted("mismatched", mismatched),
    ).collect()[0]
    if found["repeated"]:
        _raise_repeated(by_id, found["repeated"])
    if found["shared"]:
        _raise_shared(by_id, found["shared"])
    return describe_left_out(
        found["listed"] or 0,
        found["unknown"] or 0,
        found["mismatched"] or 0,
        unknown_session=found["unknown_session"],
        mismatched_session=found["mismatched_session"],
        recorded_session=found["recorded_session"],
    )


def _by_session(listing: DataFrame, sessions: DataFrame) -> DataFrame:
    listed = listing.where("session_id is not null").select("session_id", sql.col("user_id").alias("listed_user"))
    recorded = sessions.select("session_id", sql.col("user_id").alias("owner"))
    both = listed.unionByName(recorded, allowMissingColumns=True)
    # Shuffled first: ids hardly repeat, so that grouping before the shuffle would only cost.
    return (
        both.repartition("session_id")
        .groupBy("session_id")
        .agg(
            sql.count("listed_user").alias("listed"),
            sql.min("listed_user").alias("first_user"),
            sql.max("listed_user").alias("last_user"),
            sql.count("owner").alias("recorded"),
            sql.min("owner").alias("owner"),
        )
    )


def _shared() -> Column:
    return sql.col("first_user") != sql.col("last_user")


def _counted(name: str, which: Column) -> list[Column]:
    return [
        sql.sum(sql.when(which, sql.col("listed"))).alias(name),
        sql.min(sql.when(which, sql.col("session_id"))).alias(f"{name}_session"),
    ]


def _raise_repeated(by_id: DataFrame, count: int) -> None:
    faults = [
        Fault(
            "duplicate_session_id",
            f"{row['recorded']:,} rows have the same session_id",
            key="session_id",
            value=shorten(row["session_id"]),
        )
        for row in by_id.where("recorded > 1").orderBy("session_id").limit(FAULTS_SHOWN).collect()
    ]
    raise ColumnError("The sessions table cannot be used.", faults, kinds={"duplicate_session_id": count})


def _raise_shared(by_id: DataFrame, count: int) -> None:
    faults = [
        Fault(
            "shared_session",
            f"session {shorten(row['session_id'])} is listed for more than one user; a session belongs to one",
            key="session_id",
        )
        for row in by_id.where(_shared()).orderBy("session_id").limit(FAULTS_SHOWN).collect()
    ]
    raise InputError("Some sessions are listed for more than one user.", faults, count=count)
