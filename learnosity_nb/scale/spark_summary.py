"""The group summary of PySpark frames.

The engine joins, sums up users and merges counts; the kernel that summarises
pandas frames runs on its workers; only rows of groups come to the driver.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import pandas as pd
import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as sql

from ..domain.fields import GroupField
from ..domain.group_paths import GroupPath, Level, group_id, group_name
from ..frames.groups import groups_frame
from .counts import summarize_counts
from .entries import enter_users
from .inputs import Listing, take_roster, take_sessions
from .matching import match_sessions
from .parts import PART_SCHEMA, summarize_part
from .spark_frames import quietly

__all__ = ["summarize_spark_groups"]

Figures = dict[GroupPath, list[float | None]]

GROUP_ROW: Final = "path array<string>, figures array<double>"
PART_ROW: Final = f"{GROUP_ROW}, spread boolean, measure string, value double, count bigint"
ROWS_PER_PART: Final = 100_000
"""So many listed sessions make a part worth its overhead."""

PARTS: Final = (8, 4096)
"""The fewest and the most parts."""

LARGEST_PART: Final = 10_000_000
"""Where the largest part has more listed sessions, whole groups of the next level down are parts."""


def summarize_spark_groups(
    sessions: DataFrame,
    roster: DataFrame,
    levels: Sequence[Level],
    fields: Sequence[GroupField],
    earliest: datetime | None,
    latest: datetime | None,
) -> tuple[pd.DataFrame, str | None]:
    """Summarise scores for every group of every level; see `summaries.summarize_groups`.

    Returns
    -------
    DataFrame
        As from pandas frames.
    str or None
        What the roster lists that does not count, in words.

    Raises
    ------
    ColumnError, InputError
        As for pandas frames; instead of rows a fault says how many there are.
    MissingExtra
        If the workers lack this package.
    """
    with quietly():
        listing = take_roster(roster, levels)
        recorded = take_sessions(sessions, earliest, latest)
        left_out = match_sessions(listing.frame, recorded.frame)
        entries = enter_users(listing.frame, recorded, len(levels))
        figures = _figures(entries, listing, fields, len(levels))
    return _frame(figures, levels, fields), left_out


def _figures(entries: DataFrame, listing: Listing, fields: Sequence[GroupField], depth: int) -> Figures:
    parts = min(max(listing.rows // ROWS_PER_PART, PARTS[0]), PARTS[1])
    split = 1 if listing.rows <= LARGEST_PART else _split(listing.frame, depth, parts)
    rows = _part_rows(entries, fields, depth, split, parts).persist()
    try:
        figures = _collected(rows.where("measure is null")) | _collected(_upper_groups(rows, fields))
    finally:
        rows.unpersist()
    return figures


def _split(listing: DataFrame, depth: int, parts: int) -> int:
    """Return the highest level whose groups make parts of a bearable size."""
    for level in range(1, depth):
        counts = listing.groupBy(_part(level, parts)).count()
        if (counts.agg(sql.max("count")).collect()[0][0] or 0) <= LARGEST_PART:
            return level
    return depth


def _part(split: int, parts: int) -> Column:
    """Return the number of the part that a path's first `split` names send it to."""
    return sql.pmod(sql.xxhash64(sql.slice("path", 1, split)), sql.lit(parts)).alias("part")


def _part_rows(entries: DataFrame, fields: Sequence[GroupField], depth: int, split: int, parts: int) -> DataFrame:
    asked = tuple(fields)

    def summarize(entries: pa.Table) -> pa.Table:
        return summarize_part(entries, asked, depth, split)

    measures = sorted({field.measure for field in fields if not field.whole})
    needed = entries.select("level", "path", *measures)
    return needed.groupBy(_part(split, parts)).applyInArrow(summarize, PART_ROW)


def _upper_groups(rows: DataFrame, fields: Sequence[GroupField]) -> DataFrame:
    """Merge the counts of all parts, and summarise the groups above the parts."""
    asked = tuple(fields)

    def summarize(runs: pa.Table) -> pa.Table:
        row = {"path": runs["path"][0].as_py(), "figures": summarize_counts(runs, asked)}
        return pa.Table.from_pylist([row], pa.schema([PART_SCHEMA.field(name) for name in ("path", "figures")]))

    upwards = sql.transform(sql.sequence(sql.lit(0), sql.size("path")), lambda level: sql.slice("path", 1, level))
    paths = sql.when(sql.col("spread"), upwards).otherwise(sql.array("path"))
    runs = rows.where("measure is not null").select(sql.explode(paths).alias("path"), "measure", "value", "count")
    merged = runs.groupBy("path", "measure", "value").agg(sql.sum("count").alias("count"))
    return merged.groupBy("path").applyInArrow(summarize, GROUP_ROW)


def _collected(rows: DataFrame) -> Figures:
    table = rows.select("path", "figures").toArrow()
    paths = (tuple(path) for path in table["path"].to_pylist())
    return dict(zip(paths, table["figures"].to_pylist(), strict=True))


def _frame(figures: Figures, levels: Sequence[Level], fields: Sequence[GroupField]) -> pd.DataFrame:
    nobody: list[float | None] = [0.0 if field.whole else None for field in fields]
    found = {(): nobody} | figures
    children = Counter(path[:-1] for path in found if path)
    rows: list[list[Any]] = []
    for path in sorted(found, key=lambda path: (len(path), path)):
        named = zip(fields, found[path], strict=True)
        values = [children[path] if field.statistic == "group_count" else figure for field, figure in named]
        rows.append([group_id(path), path, group_name(path), *values])
    return groups_frame(rows, [field.name for field in fields], [level.key for level in levels])
