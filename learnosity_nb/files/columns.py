"""The data files of the local world: which columns each holds, and of what kind.

Reading (`tables.py`), the sample world and the documentation all follow this
one specification. To add a column, add it here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from ..domain.fields import near_names
from ..domain.session_statuses import SESSION_STATUSES

__all__ = [
    "ENGAGEMENT",
    "ITEMS",
    "LEARNERS",
    "RESPONSES",
    "ROSTER",
    "SESSIONS",
    "TABLES",
    "Column",
    "Kind",
    "TableSpec",
    "suggest_column",
]

Kind = Literal["text", "number", "whole", "time", "boolean", "date"]
"""Kinds of values: `number` is float64, `whole` int64, `time` a UTC timestamp, `date` a day."""

LEAST_MAXIMUM: Final = 1e-40
"""Of a smaller maximum the percent, or its square, would not be finite."""

MOST_COUNTED: Final = 2**31 - 1
"""Of greater counts the sum of a learner's rows might not fit in 64 bits."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a data file.

    Attributes
    ----------
    name
        The column's name in the file.
    kind
        The kind of its values.
    meaning
        What it holds, in one line.
    required
        Whether the table must have the column.
    filled
        Whether each row must have a value.
    private
        Whether its values may name a person, so that no message shows them.
    among
        The texts it may hold; any where empty.
    repeats
        Whether the table has many rows for each different text, which is then kept once.
    least
        The smallest size of a number other than 0.
    most
        The greatest number; None for any.
    """

    name: str
    kind: Kind
    meaning: str
    required: bool = False
    filled: bool = False
    private: bool = False
    among: tuple[str, ...] = ()
    repeats: bool = False
    least: float = 0.0
    most: int | None = None


@dataclass(frozen=True, slots=True)
class TableSpec:
    """One table of a data directory.

    Attributes
    ----------
    name
        The table's name and its file's stem, such as ``"sessions"``.
    columns
        The columns it may hold, in order. Others are ignored.
    identity
        The columns that together name a row: no two rows may agree in all of them. Empty where rows may repeat.
    """

    name: str
    columns: tuple[Column, ...]
    identity: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all known columns, in order."""
        return tuple(column.name for column in self.columns)


def _key(name: str, meaning: str, *, repeats: bool = False) -> Column:
    return Column(name, "text", meaning, required=True, filled=True, repeats=repeats)


SESSIONS: Final = TableSpec(
    "sessions",
    (
        _key("session_id", "identifier of one attempt at an activity"),
        _key("user_id", "who made it"),
        Column("score", "number", "points reached; empty when there is no score yet", required=True),
        Column("max_score", "number", "points that could be reached", required=True, least=LEAST_MAXIMUM),
        Column("activity_id", "text", "the activity attempted", repeats=True),
        Column(
            "status",
            "text",
            "Completed, Incomplete, Discarded or Pending Scoring; Completed when the column is absent",
            among=SESSION_STATUSES,
            repeats=True,
        ),
        Column("attempted_max_score", "number", "points that could be reached in the questions attempted"),
        Column("unscored_max_score", "number", "points of questions that wait for a marker"),
        Column("num_attempted", "whole", "questions attempted"),
        Column("num_questions", "whole", "questions in the activity"),
        Column("dt_started", "time", "when the session began"),
        Column("dt_completed", "time", "when the session was completed"),
    ),
    identity=("session_id",),
)

LEARNERS: Final = TableSpec(
    "learners",
    (
        _key("course_id", "the course"),
        _key("username", "the learner's name in the system"),
        Column("name", "text", "the learner's full name", private=True),
        Column("email", "text", "the learner's address", private=True),
        Column("enrollment_mode", "text", "audit, verified, honor or another mode"),
        Column("enrollment_date", "time", "when the learner enrolled"),
        Column("cohort", "text", "the learner's cohort in the course"),
        Column("enrolled", "boolean", "whether the learner is still enrolled; true when absent"),
    ),
    identity=("course_id", "username"),
)

ENGAGEMENT: Final = TableSpec(
    "engagement",
    (
        _key("course_id", "the course", repeats=True),
        _key("username", "who was active", repeats=True),
        Column("date", "date", "the day, as written: of a time with a zone the day there", required=True, filled=True),
        _key("entity_type", "problem, video or discussion", repeats=True),
        _key("event", "attempted or completed, viewed, contributed", repeats=True),
        _key("entity_id", "which problem, video or discussion", repeats=True),
        Column("count", "whole", "how often on that day", required=True, filled=True, most=MOST_COUNTED),
    ),
)

ROSTER: Final = TableSpec(
    "roster",
    (
        _key("user_id", "who belongs to the group"),
        Column("session_id", "text", "one session, or a list of sessions; empty for a user without one", required=True),
        Column("group_path", "text", "list of group names from the top down, in place of a column for each level"),
    ),
)
"""Columns of a roster beside its level columns. `rosters.py` reads it: lists and levels need their own rules."""

RESPONSES: Final = TableSpec(
    "responses",
    (
        _key("session_id", "the session that the response belongs to"),
        _key("response_id", "identifier of the response"),
        Column("score", "number", "points reached; empty when not marked yet", required=True),
        Column("max_score", "number", "points that could be reached", required=True, least=LEAST_MAXIMUM),
        Column("question_reference", "text", "the question answered"),
        Column("item_reference", "text", "the item that holds the question"),
        Column("attempted", "boolean", "whether it was attempted"),
        Column("automarkable", "boolean", "whether the service can mark it"),
    ),
)

ITEMS: Final = TableSpec(
    "items",
    (
        _key("activity_id", "the activity"),
        _key("item_reference", "an item of the activity"),
        _key("subscore_id", "the subscore that the item counts toward"),
        _key("subscore_title", "what people call the subscore"),
    ),
)

TABLES: Final[Mapping[str, TableSpec]] = {
    table.name: table for table in (SESSIONS, LEARNERS, ENGAGEMENT, ROSTER, RESPONSES, ITEMS)
}
"""Every table of a data directory, by name."""

SYNONYMS: Final[Mapping[str, frozenset[str]]] = {
    "user_id": frozenset({"user", "username", "pupil", "pupil_id", "student", "student_id", "learner", "learner_id"}),
    "username": frozenset({"user", "user_id", "pupil", "student", "learner", "login"}),
    "session_id": frozenset({"session", "attempt", "attempt_id", "activity_session_id", "submission_id"}),
    "score": frozenset({"mark", "marks", "points", "result", "grade"}),
    "max_score": frozenset({"max", "maximum", "total", "out_of", "max_points", "points_possible"}),
    "course_id": frozenset({"course", "course_key"}),
    "date": frozenset({"day", "timestamp"}),
    "count": frozenset({"n", "number", "times"}),
    "dt_completed": frozenset({"completed", "completed_at", "finished", "finished_at", "submitted", "submitted_at"}),
    "group_path": frozenset({"path", "groups", "group"}),
}


def suggest_column(missing: str, found: Iterable[str]) -> str:
    """Return ``"; did you mean `pupil`?"`` with the usual other names for a missing column, or names spelt like it.

    Parameters
    ----------
    missing
        The column that was looked for.
    found
        The names that the table has, without those that are columns in their own right.
    """
    names = list(found)
    usual = [name for name in names if name.strip().lower().replace(" ", "_") in SYNONYMS.get(missing, ())]
    if usual:
        return f"; did you mean {' or '.join(f'`{name}`' for name in usual[:3])}?"
    return near_names(missing, names)
