"""The columns of the learner analytics frames: dtype, unit and meaning.

Learner Analytics API: the keys of its answers, with plain names in their order.
"""

from __future__ import annotations

from typing import Final

from .columns import Column

__all__ = [
    "ATTEMPTS_COLUMN",
    "AVERAGE_COLUMNS",
    "COUNTED_COLUMNS",
    "LEARNER_COLUMNS",
    "METRICS",
    "RANGES",
    "RANGE_COLUMNS",
    "REASON_COLUMNS",
    "SEGMENTS",
    "TIMELINE_COLUMNS",
]

SEGMENTS: Final = ("highly_engaged", "disengaging", "struggling", "inactive", "unenrolled")
"""The five segments; each has a boolean column ``in_<segment>``."""

RANGES: Final = ("below_average", "average", "above_average")
"""The ranges of a metric, from low to high."""

_COUNTS: Final = (
    Column("discussion_contributions", "Int64", "posts, answers and comments in discussions"),
    Column("problems_attempted", "Int64", "different problems tried"),
    Column("problems_completed", "Int64", "different problems solved"),
    Column("videos_viewed", "Int64", "different videos played"),
)

LEARNER_COLUMNS: Final = (
    Column("username", "str", "the learner's name in the system"),
    Column("name", "str", "full name; null where it is not known"),
    Column("email", "str", "e-mail address; null where it is not known"),
    Column("account_url", "str", "where the learning platform has the profile (photo, biography); null where unknown"),
    Column("enrollment_mode", "str", "audit, verified, honor or another track"),
    Column("enrollment_date", "datetime64[us, UTC]", "when the learner enrolled; midnight where only the day is known"),
    Column("cohort", "str", "the learner's cohort; null for none"),
    Column("segments", "object", "tuple of the segments the learner is in; empty for none"),
    *_COUNTS,
    Column(
        "problem_attempts_per_completed",
        "float64",
        "attempts at problems for each problem solved; null where none was solved",
    ),
    Column("date_range_start", "datetime64[us]", "first day of the week that the figures are of"),
    Column("date_range_end", "datetime64[us]", "the day after its last day"),
    Column("last_updated", "datetime64[us]", "the last day that the service has data of"),
    *(Column(f"in_{segment}", "bool", f"whether the learner is in the segment {segment}") for segment in SEGMENTS),
)

METRICS: Final = (*(column.name for column in _COUNTS), "problem_attempts_per_completed")
"""The figures of a learner's week, in the specification's order."""

TIMELINE_COLUMNS: Final = (Column("date", "datetime64[us]", "the day"), *_COUNTS)
ATTEMPTS_COLUMN: Final = Column("problem_attempts", "Int64", "attempts at problems, each one counted")

COUNTED_COLUMNS: Final = (
    Column("name", "str", "a cohort, a segment or an enrolment mode"),
    Column("learners", "Int64", "how many learners of the course it has"),
)

RANGE_COLUMNS: Final = (
    Column("metric", "str", "a figure of the week"),
    Column("range", "str", "below_average, average or above_average"),
    Column("low", "float64", "least value of the range; inf for infinity, null where the metric has no such range"),
    Column("high", "float64", "the value at which it ends, itself not in it; inf for infinity, null as for low"),
)

REASON_COLUMNS: Final = (
    Column("segment", "str", "a segment that the learner is in"),
    Column("metric", "str", "the figure that puts the learner there; null where none does"),
    Column("value", "float64", "the learner's value; inf for attempts without a problem solved"),
    Column("threshold", "float64", "the value that decides"),
    Column("reason", "str", "the same in words"),
)

AVERAGE_COLUMNS: Final = (
    Column("metric", "str", "a figure of the week"),
    Column("learners", "Int64", "learners who have a value"),
    Column("mean", "float64", "their mean; null for nobody"),
    Column("median", "float64", "their median; null for nobody"),
)
