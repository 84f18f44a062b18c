"""What is said under a table of learners: of which week it is, what the marks mean, what is missing and why."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from ..frames.course import CourseMetadata
from .learner_columns import RATIO, zone_cells
from .learner_selection import MOST_CHIPS
from .learner_source import LearnerSource

__all__ = ["days_notes", "roster_notes"]

DAY: Final = pd.Timedelta(days=1)
ZONES: Final = (
    "▼ below, ■ average and ▲ above say where a figure lies in the course's own ranges of the week. Above is a high "
    "figure: for attempts per problem completed, that is no praise."
)
NOT_AVAILABLE: Final = (
    "–: not available (N/A): attempts per problem completed need a problem completed in the week; without one there is "
    "nothing to divide by."
)
PSEUDONYMS: Final = "Learners appear by pseudonyms."
WITHHELD: Final = (
    "Cohorts and enrolment modes of fewer than {floor} learners are withheld, and the next smallest where there is "
    "only one."
)


def roster_notes(source: LearnerSource, page: pd.DataFrame) -> list[str]:
    """Return the notes under the roster, for the page in view."""
    notes = [_capital(_week_note(source.course))]
    if len(source.course.engagement_ranges):
        notes.append(ZONES)
    if page[RATIO].isna().any():
        notes.append(NOT_AVAILABLE)
    for name, column in (("cohorts", "cohort"), ("enrolment modes", "enrollment_mode")):
        count = int(source.roster()[column].nunique())
        if count > MOST_CHIPS:
            notes.append(f"The {MOST_CHIPS} largest of {count:,} {name} are offered; explorer.{column} takes any.")
    if not source.show_names:
        notes.append(PSEUDONYMS)
    if source.min_population:
        notes.append(WITHHELD.format(floor=source.min_population))
    return notes


def days_notes(learner: str, source: LearnerSource) -> list[str]:
    """Return the notes under a learner's days: reasons for each segment first."""
    week, days = source.week(learner), source.days(learner)
    reasons = source.reasons(learner)
    notes = [
        f"{str(segment).replace('_', ' ')}: {reason}"
        for segment, reason in zip(reasons["segment"], reasons["reason"], strict=True)
    ]
    if not notes:
        notes = ["In no segment."]
    notes.append(_ratio_note(week, source))
    notes.append(_who_note(week.iloc[0], show_names=source.show_names))
    if days.empty:
        notes.append("The service has no days of this learner: never active in the course.")
    else:
        notes.append(f"Last active on {days.index[-1]:%Y-%m-%d}.")
    notes.append(f"The week: {_week_note(source.course)}")
    return notes


def _ratio_note(week: pd.DataFrame, source: LearnerSource) -> str:
    column = {"key": RATIO, "kind": "zone"}
    cell = zone_cells(week, source.course.engagement_ranges, [column])[0][0]
    if cell["value"] is None:
        return "Attempts per problem completed in the week: not available (N/A), no problem was completed."
    zone = "" if cell["zone"] is None else f" ({cell['zone']})"
    return f"Attempts per problem completed in the week: {cell['value']:.4g}{zone}."


def _who_note(learner: pd.Series[Any], *, show_names: bool) -> str:
    told = []
    if show_names:
        told += [str(learner[name]) for name in ("name", "email") if pd.notna(learner[name])]
    if pd.notna(learner["enrollment_date"]):
        told.append(f"enrolled {learner['enrollment_date']:%Y-%m-%d}")
    told += [
        f"{label} {learner[name]}"
        for label, name in (("enrolment mode", "enrollment_mode"), ("cohort", "cohort"))
        if pd.notna(learner[name])
    ]
    return _capital(", ".join(told) or "nothing else is known of this learner") + "."


def _week_note(course: CourseMetadata) -> str:
    if course.start is None or course.end is None:
        return "nobody was ever active in this course."
    return f"activity from {course.start:%Y-%m-%d} to {course.end - DAY:%Y-%m-%d}, the last day with data."


def _capital(sentence: str) -> str:
    return f"{sentence[:1].upper()}{sentence[1:]}"
