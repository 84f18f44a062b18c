"""Sessions and roster as PySpark frames of fixed columns, checked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as sql
from pyspark.sql import types as kinds

from ..compute.arrays import DECIMAL_SCALES, EXACT, bits_for
from ..domain.group_paths import Level
from ..domain.policy import COUNTED_STATUS
from ..domain.session_statuses import SESSION_STATUSES
from ..files.columns import SESSIONS
from ..files.sources import Wanted
from .checks import WHOLE, GivenColumns, Rule, find_broken, is_blank

__all__ = ["FIGURES", "Listing", "Recorded", "take_roster", "take_sessions"]

FIGURES: Final = ("score", "max_score", "attempted_max_score")
KNOWN: Final[Wanted] = {column.name: column.kind for column in SESSIONS.columns}


@dataclass(frozen=True, slots=True)
class Recorded:
    """The sessions.

    Attributes
    ----------
    frame
        ``session_id`` and ``user_id`` string, ``counts`` (Completed and inside the time bounds),
        ``activity_id`` string and the figures double, in their units; all null where the session does not count.
    names_activities
        Whether the table given has activities.
    scales
        For each figure how many of its units make 1: so many that decimals are whole numbers.
    steps
        For each figure the power of two whose multiples sum up exactly.
    """

    frame: DataFrame
    names_activities: bool
    scales: dict[str, float]
    steps: dict[str, float]


@dataclass(frozen=True, slots=True)
class Listing:
    """The roster.

    Attributes
    ----------
    frame
        One row for each session listed, and one for a user without any: ``user_id`` and ``session_id`` string,
        ``path`` array of string.
    rows
        How many rows it has.
    """

    frame: DataFrame
    rows: int


def take_sessions(frame: DataFrame, earliest: datetime | None, latest: datetime | None) -> Recorded:
    """Check the sessions, in one look at all rows.

    Raises
    ------
    ColumnError
        With every fault of the columns; and, if those can be used, of their values.
    """
    given = GivenColumns(frame, "The sessions table", KNOWN)
    given.require(*(column.name for column in SESSIONS.columns if column.required))
    session, user = given.text("session_id", filled=True), given.text("user_id", filled=True)
    figures = {name: given.number(name) for name in FIGURES}
    activity, status = given.text("activity_id"), given.text("status")
    usable = given.between("dt_completed", earliest, latest) & sql.coalesce(status == COUNTED_STATUS, sql.lit(True))
    said = f"expected {', '.join(SESSION_STATUSES[:-1])} or {SESSION_STATUSES[-1]}"
    given.rules.append(Rule("unknown_status", "status", said, ~status.isin(*SESSION_STATUSES), status))
    given.raise_for_columns()
    largest = {f"largest_{name}": sql.max(sql.abs(figure)) for name, figure in figures.items()}
    needed = {f"scale_{name}": sql.max(_scale_of(figure)) for name, figure in figures.items()}
    broken, found = find_broken(given.frame, given.rules, rows=sql.count(sql.lit(1)), **largest, **needed)
    given.raise_for_values(broken)
    top = {name: found[f"largest_{name}"] or 0.0 for name in FIGURES}
    scales = {name: _scale(found[f"scale_{name}"] or 1.0, top[name] * found["rows"]) for name in FIGURES}
    kept = {"activity_id": activity, **{name: _in_units(figure, scales[name]) for name, figure in figures.items()}}
    return Recorded(
        given.frame.select(
            session.alias("session_id"),
            user.alias("user_id"),
            usable.alias("counts"),
            *(sql.when(usable, column).alias(name) for name, column in kept.items()),
        ),
        "activity_id" in given,
        scales,
        {name: _step(top[name] * scales[name], found["rows"]) for name in FIGURES},
    )


def take_roster(frame: DataFrame, levels: Sequence[Level]) -> Listing:
    """Check the roster, in one look at all rows.

    Raises
    ------
    ColumnError
        As `take_sessions`.
    """
    keys = [level.key for level in levels]
    wanted: dict[str, Any] = {"user_id": "text", "group_path": "texts", "session_id": "texts"}
    given = GivenColumns(frame, "The roster", wanted | dict.fromkeys(keys, "text"))
    by_path = "group_path" in given and not all(key in given for key in keys)
    given.require("user_id", "session_id", *([] if by_path else keys))
    user = given.text("user_id", filled=True)
    path = _given_path(given, len(keys)) if by_path else sql.array(*(given.text(key, filled=True) for key in keys))
    session, lines = _sessions(given)
    given.raise_for_columns()
    broken, found = find_broken(given.frame, given.rules, rows=sql.sum(lines))
    given.raise_for_values(broken)
    columns = user.alias("user_id"), path.alias("path"), session.alias("session_id")
    return Listing(given.frame.select(*columns), found["rows"] or 0)


def _scale_of(figure: Column) -> Column:
    """Return the first of `DECIMAL_SCALES` that makes a value a whole number; infinity where none does."""
    found = sql.lit(math.inf)
    for scale in reversed(DECIMAL_SCALES):
        found = sql.when(sql.rint(figure * sql.lit(scale)) / sql.lit(scale) == figure, sql.lit(scale)).otherwise(found)
    return sql.when(figure.isNotNull(), found)


def _scale(needed: float, most: float) -> float:
    """Return the scale of `compute.arrays.as_whole` for values that need this one, whose sums are `most` at most."""
    return needed if most * needed < EXACT else 1.0


def _in_units(figure: Column, scale: float) -> Column:
    return figure if scale == 1 else sql.rint(figure * sql.lit(scale))


def _step(largest: float, rows: int) -> float:
    """Return the step of `compute.arrays.exact_parts` for sums of any of `rows` values up to `largest`."""
    return float(np.ldexp(1.0, max(int(np.frexp(largest)[1]) + bits_for(rows) - 53, -1000)))


def _given_path(given: GivenColumns, depth: int) -> Column:
    kind = given.kind("group_path")
    if not (isinstance(kind, kinds.ArrayType) and isinstance(kind.elementType, kinds.StringType)):
        given.refuse("group_path", "texts")
        return sql.array()
    path = given.raw("group_path").cast("array<string>")
    said = f"expected {depth} group names, one for each level, none of them blank"
    whole = sql.coalesce((sql.size(path) == depth) & ~sql.exists(path, _is_nothing), sql.lit(False))
    given.rules.append(Rule("bad_group_path", "group_path", said, ~whole, sql.to_json(path)))
    return path


def _sessions(given: GivenColumns) -> tuple[Column, Column]:
    """Return each listed session on a row of its own, null for a line without any; and the rows of each line."""
    kind = given.kind("session_id") if "session_id" in given else None
    if not isinstance(kind, kinds.ArrayType):
        text = given.text("session_id")
        said = "a session's identifier is blank, or a list written as text: make that one with from_json"
        wrong = is_blank(text) | text.startswith("[")
        given.rules.append(Rule("bad_session_id", "session_id", said, wrong, text))
        return text, sql.lit(1)
    if not isinstance(kind.elementType, (kinds.StringType, kinds.NullType, *WHOLE)):
        given.refuse("session_id", "texts")
        return sql.lit(None).cast("string"), sql.lit(1)
    listed = given.raw("session_id").cast("array<string>")
    said = "a session's identifier is blank"
    given.rules.append(Rule("bad_session_id", "session_id", said, sql.exists(listed, _is_nothing), sql.to_json(listed)))
    return sql.explode_outer(listed), sql.greatest(sql.size(listed), sql.lit(1))


def _is_nothing(text: Column) -> Column:
    return text.isNull() | is_blank(text)
