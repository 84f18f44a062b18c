"""The columns of the frames of sessions and responses."""

from __future__ import annotations

from typing import Final

from .columns import Column

__all__ = ["METADATA_COLUMN", "RESPONSE_COLUMNS", "SCORE_COLUMNS", "SESSION_COLUMNS", "STATUS_COLUMNS"]

TIME: Final = "datetime64[us, UTC]"

IDENTITY: Final = (
    Column("session_id", "str", "the session"),
    Column("user_id", "str", "who made it"),
    Column("activity_id", "str", "the activity attempted; null where it had none"),
    Column("status", "str", "Completed, Incomplete, Discarded or Pending Scoring"),
)

SCORES: Final = (
    Column("score", "float64", "points reached; null while nothing is scored"),
    Column("max_score", "float64", "points that could be reached; null where not known"),
)

SUBSCORES: Final = Column(
    "subscores", "object", "list of dicts with id, title, score, max_score and more; empty where there are none"
)

PROGRESS: Final = (
    Column("num_attempted", "Int64", "questions attempted; null where not known"),
    Column("num_questions", "Int64", "questions in the session; null where not known"),
    Column("session_duration", "float64", "seconds spent; null where not known"),
    Column("dt_started", TIME, "when the session began; null where not known"),
    Column("dt_saved", TIME, "when it was last saved; null where not known"),
    Column("dt_completed", TIME, "when it was completed; null while it is not"),
)

SCORE_COLUMNS: Final = (*IDENTITY, *SCORES, SUBSCORES)
"""What ``sessions/scores`` says of a session."""

STATUS_COLUMNS: Final = (*IDENTITY, *PROGRESS)
"""What ``sessions/statuses`` says of a session."""

SESSION_COLUMNS: Final = (
    *IDENTITY,
    *SCORES,
    Column("attempted_max_score", "float64", "points that could be reached on attempted questions; null where unknown"),
    Column("unscored_max_score", "float64", "points on attempted questions not yet scored; null where unknown"),
    *PROGRESS,
    SUBSCORES,
)
"""What ``sessions/responses`` says of a session, and what its responses add up to."""

METADATA_COLUMN: Final = Column("metadata", "object", "what was set for the session: a dict, empty where nothing was")

RESPONSE_COLUMNS: Final = (
    Column("session_id", "str", "the session that the response belongs to"),
    Column("response_id", "str", "the response"),
    Column("score", "float64", "points reached; null where not scored yet"),
    Column("max_score", "float64", "points that could be reached; null where not known"),
    Column("question_reference", "str", "the question answered"),
    Column("item_reference", "str", "the item that holds the question"),
    Column("attempted", "boolean", "whether it was attempted; null where not known"),
    Column("automarkable", "boolean", "whether the service can score it; null where not known"),
)
