"""Group summaries straight from frames: no service, full precision."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from .compute.roster import Roster, encode_roster
from .compute.sessions import count_sessions
from .compute.similar_names import list_names, similar_names
from .compute.summary import Summary, summarize_counted
from .domain.fields import USER_FIELDS, GroupField, parse_fields, parse_user_fields
from .domain.group_paths import Level, parse_levels
from .domain.left_out import describe_left_out
from .domain.times import parse_bounds
from .errors import InputError
from .files.columns import SESSIONS, suggest_column
from .files.rosters import check_roster, read_roster
from .files.tables import check_keyed, read_keyed
from .frames.groups import summary_frame
from .frames.users import summary_users_frame
from .scale.spark_frames import is_spark_frame, require_spark_frames

__all__ = ["summarize_groups", "summarize_users"]

PATH = (str, Path)
NAMES_SHOWN = 3


def summarize_groups(
    sessions: Any,
    roster: Any,
    levels: Sequence[str] | Mapping[str, str],
    fields: Sequence[str] | None = None,
    *,
    mintime: datetime | str | int | None = None,
    maxtime: datetime | str | int | None = None,
) -> pd.DataFrame:
    """Summarise scores for every group of every level.

    Parameters
    ----------
    sessions : DataFrame, Arrow table, PySpark DataFrame or path of a file
        One row per session: ``session_id``, ``user_id``, ``score`` and
        ``max_score``; optionally ``activity_id``, ``status`` (only Completed
        counts; without the column all do), ``attempted_max_score``,
        ``unscored_max_score`` and ``dt_completed``.
    roster : DataFrame, Arrow table, PySpark DataFrame or path of a file
        ``user_id``, ``session_id`` (one row per session, or a list in each row;
        null for a user without a session) and either one column per level or
        ``group_path``.
    levels
        The hierarchy from the top down: column names, or column name to label.
    fields
        The figures to work out: any of the service's fields, such as
        ``population``, ``mean_percent``, ``p25_score``; the 20 of
        `domain.fields.DEFAULT_FIELDS` when omitted.
    mintime, maxtime
        Inclusive bounds on ``dt_completed``: Unix seconds, RFC 3339 text or a
        datetime. A session without a completion time is then left out.

    Returns
    -------
    DataFrame
        One row per group, by level and then path, the root first: ``group_id``
        str, ``level`` int64, ``group_name`` str, ``group_path`` tuple of str,
        one str column per level (null below the group), then the fields:
        ``population`` and ``group_count`` Int64, the rest float64, null where no
        user of the group has a value. Scores are in points, percents 0 to 100.

    Raises
    ------
    InputError
        If something cannot be used. Fields, levels, time bounds, the roster and
        the sessions are checked in this order; the error names every fault of
        the first of them that has any. Wrong cells of a table come before
        sessions that are listed for several users.

    Warns
    -----
    UserWarning
        If listed sessions are not in `sessions`, or are recorded there for
        another user: they do not count. Also if none counts, because of status
        or time; and of names of a level that look the same, such as two that
        differ only in a blank at the end: each is a group of its own.

    Notes
    -----
    Definitions of the figures: sessions-summary-by-group, "options.fields".
    Percentiles interpolate linearly at (n - 1)p; standard deviations are the
    sample's. The service cuts the same figures to 2 and 11 decimals;
    ``truncate_summary`` does so to this frame.

    An Arrow table is anything with ``__arrow_c_stream__``: of pyarrow, Polars,
    DuckDB and others. Two PySpark DataFrames (extra ``scale``) are summarised
    where they are, and only the rows of groups come here; there `sessions` and
    `roster` need columns of the right types, and a fault says how many rows it
    is in, not which.
    """
    asked = parse_fields(fields)
    hierarchy = parse_levels(levels)
    if is_spark_frame(sessions) or is_spark_frame(roster):
        return _spark_groups(sessions, roster, hierarchy, asked, mintime, maxtime)
    summary = _summary(sessions, roster, hierarchy, asked, mintime, maxtime)
    return summary_frame(summary, [level.key for level in hierarchy])


def summarize_users(
    sessions: Any,
    roster: Any,
    levels: Sequence[str] | Mapping[str, str],
    user_fields: Sequence[str] | None = None,
    *,
    mintime: datetime | str | int | None = None,
    maxtime: datetime | str | int | None = None,
) -> pd.DataFrame:
    """Sum up each user's sessions, one row for each user of each group of the last level.

    Parameters
    ----------
    sessions, roster, levels
        As for `summarize_groups`, but no PySpark DataFrames.
    user_fields
        Any of ``score``, ``attempted_max_score``, ``unscored_max_score``,
        ``max_score`` and ``seen_activities``; all five when omitted.
    mintime, maxtime
        As for `summarize_groups`.

    Returns
    -------
    DataFrame
        ``group_path`` tuple of str, one str column per level, ``user_id`` str,
        then the fields: ``seen_activities`` Int64, 0 for a user without a counted
        session; the others float64 in points, null for a user without a counted
        session that has the value. Rows by path, then user id.

    Raises
    ------
    InputError
        As `summarize_groups`; also for PySpark DataFrames.

    Warns
    -----
    UserWarning
        As `summarize_groups`.
    """
    asked = parse_user_fields(USER_FIELDS if user_fields is None else user_fields)
    hierarchy = parse_levels(levels)
    if is_spark_frame(sessions) or is_spark_frame(roster):
        raise InputError(
            "summarize_users does not take PySpark DataFrames: it returns a row for each user, more than one machine "
            "may hold. Use summarize_groups, or pass a part of the users with .toPandas()."
        )
    summary = _summary(sessions, roster, hierarchy, (), mintime, maxtime)
    return summary_users_frame(summary, asked, [level.key for level in hierarchy])


def _summary(
    sessions: Any, roster: Any, hierarchy: tuple[Level, ...], fields: tuple[GroupField, ...], mintime: Any, maxtime: Any
) -> Summary:
    earliest, latest = parse_bounds(mintime, maxtime)
    encoded = _encoded(roster, hierarchy)
    keyed = read_keyed(Path(sessions), SESSIONS) if isinstance(sessions, PATH) else check_keyed(sessions, SESSIONS)
    _require_times(keyed.names, mintime=earliest, maxtime=latest)
    counted = count_sessions(encoded, keyed.table, earliest, latest, keys=keyed.keys)
    table = keyed.table
    del keyed  # and with it the index of the ids, before the memory for figures is asked for
    summary = summarize_counted(encoded, counted, table, fields)
    _warn_of_left_out(summary, table)
    _warn_of_names(summary, hierarchy)
    return summary


def _encoded(roster: Any, hierarchy: tuple[Level, ...]) -> Roster:
    """Read and encode a roster, whose lines are then no longer in memory."""
    lines = read_roster(Path(roster), hierarchy) if isinstance(roster, PATH) else check_roster(roster, hierarchy)
    return encode_roster(lines, [level.key for level in hierarchy])


def _spark_groups(
    sessions: Any, roster: Any, hierarchy: tuple[Level, ...], fields: tuple[GroupField, ...], mintime: Any, maxtime: Any
) -> pd.DataFrame:
    earliest, latest = parse_bounds(mintime, maxtime)
    require_spark_frames(sessions=sessions, roster=roster)
    _require_times(sessions.columns, mintime=earliest, maxtime=latest)
    from .scale.spark_summary import summarize_spark_groups  # imports PySpark

    frame, left_out = summarize_spark_groups(sessions, roster, hierarchy, fields, earliest, latest)
    if left_out is not None:
        warnings.warn(left_out, stacklevel=3)  # the analyst's line
    return frame


def _require_times(names: Sequence[str], **bounds: datetime | None) -> None:
    """Raise an InputError where there is a bound, and no column of times to compare with it."""
    given = [name for name, bound in bounds.items() if bound is not None]
    if given and "dt_completed" not in names:
        meant = suggest_column("dt_completed", [name for name in names if name not in SESSIONS.names])
        raise InputError(f"{given[0]} needs the column dt_completed{meant or ', which sessions lacks.'}")


def _warn_of_left_out(summary: Summary, sessions: pa.Table) -> None:
    counted = summary.counted
    said = describe_left_out(
        len(summary.roster.listed_session),
        counted.unknown,
        counted.mismatched,
        uncounted=counted.uncounted,
        unknown_session=counted.unknown_session,
        mismatched_session=counted.mismatched_session,
        recorded_session=sessions["session_id"][0].as_py() if sessions.num_rows else None,
    )
    if said is not None:
        warnings.warn(said, stacklevel=4)  # the analyst's line


def _warn_of_names(summary: Summary, hierarchy: tuple[Level, ...]) -> None:
    said = [
        f"{level.key}: the names {list_names(alike)} look the same; each is a group of its own"
        for level, names in zip(hierarchy, summary.roster.tree.names, strict=True)
        for alike in similar_names(names.cast(pa.string()).unique(), any_case=False)
    ]
    if said:
        more = [f"and {len(said) - NAMES_SHOWN:,} more"] if len(said) > NAMES_SHOWN else []
        warnings.warn(". ".join([*said[:NAMES_SHOWN], *more]) + ".", stacklevel=4)  # the analyst's line
