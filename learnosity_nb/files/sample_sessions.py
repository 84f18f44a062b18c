"""Sessions, responses and items of the sample world, and its roster."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from .sample_draws import Draws, Whole
from .sample_places import People, Places

__all__ = ["FIRST_DAY", "Assessment", "make_assessment", "make_items"]

FIRST_DAY: Final = np.datetime64("2026-01-12", "s")  # a Monday
STATUSES: Final = ("Completed", "Incomplete", "Discarded")
STATUS_WEIGHTS: Final = (93, 5, 2)
NO_SESSION, NO_SECOND_SESSION, NOT_MARKED, ESSAY_WAITS = 50, 60, 20, 80  # in a thousand


@dataclass(frozen=True, slots=True)
class Question:
    """A question: its item, the points it gives, and how hard it is (in thousandths of a chance)."""

    reference: str
    item: str
    points: int
    difficulty: int
    automarkable: bool = True


@dataclass(frozen=True, slots=True)
class Activity:
    """An activity: its questions, its day in the course, and its items with their subscores."""

    reference: str
    day: int
    questions: tuple[Question, ...]
    subscores: tuple[tuple[str, str, str], ...]


ACTIVITIES: Final = (
    Activity(
        "reading-check",
        8,
        (
            Question("reading-q1", "reading-item-1", 1, -250),
            Question("reading-q2", "reading-item-1", 1, -100),
            Question("reading-q3", "reading-item-2", 2, 0),
            Question("reading-q4", "reading-item-2", 2, 50),
            Question("reading-q5", "reading-item-3", 4, 100),
            Question("reading-q6", "reading-item-3", 6, 150, automarkable=False),
        ),
        (
            ("reading-item-1", "vocabulary", "Vocabulary"),
            ("reading-item-2", "comprehension", "Comprehension"),
            ("reading-item-3", "comprehension", "Comprehension"),
        ),
    ),
    Activity(
        "number-check",
        22,
        (
            Question("number-q1", "number-item-1", 1, -300),
            Question("number-q2", "number-item-1", 1, -150),
            Question("number-q3", "number-item-2", 2, -50),
            Question("number-q4", "number-item-2", 2, 0),
            Question("number-q5", "number-item-3", 3, 100),
            Question("number-q6", "number-item-3", 3, 200),
            Question("number-q7", "number-item-4", 4, 250),
        ),
        (
            ("number-item-1", "arithmetic", "Arithmetic"),
            ("number-item-2", "arithmetic", "Arithmetic"),
            ("number-item-3", "algebra", "Algebra"),
            ("number-item-4", "geometry", "Geometry"),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the learners did in the activities."""

    sessions: pd.DataFrame
    responses: pd.DataFrame
    roster: pd.DataFrame


@dataclass(frozen=True, slots=True)
class _Attempts:
    """The attempts at one activity; the matrices have a row for each attempt and a column for each question."""

    learner: Whole
    status: Whole
    attempted: npt.NDArray[np.bool_]
    marked: npt.NDArray[np.bool_]
    half_points: Whole


def make_items() -> pd.DataFrame:
    """Return the items of the activities with their subscores."""
    rows = [(activity.reference, *subscore) for activity in ACTIVITIES for subscore in activity.subscores]
    return pd.DataFrame(rows, columns=["activity_id", "item_reference", "subscore_id", "subscore_title"])


def make_assessment(seed: int, people: People, places: Places) -> Assessment:
    """Return the sessions of two activities, their responses, and the roster that lists them."""
    draws = Draws(seed, "takers")
    absent = draws.happens(NO_SESSION, len(people))
    users = people.user_ids
    sessions, responses, rows = [], [], [_absent_rows(users, places, np.flatnonzero(absent))]
    for number, activity in enumerate(ACTIVITIES):
        takers = np.flatnonzero(~absent & ~(draws.happens(NO_SECOND_SESSION, len(people)) & (number > 0)))
        attempts = _attempt(Draws(seed, activity.reference), activity, people.ability, takers)
        ids = _session_ids(seed, [people.numbers[taker] for taker in takers], activity)
        times = _times(Draws(seed, f"times of {activity.reference}"), activity, attempts.status)
        sessions.append(_session_frame(ids, users, activity, attempts, times))
        responses.append(_response_frame(ids, activity, attempts))
        rows.append(_roster_rows(users, ids, places, places.second if number else places.first, takers))
    roster = pd.concat(rows, ignore_index=True).sort_values("user_id", kind="stable", ignore_index=True)
    return Assessment(_joined(sessions), _joined(responses), roster)


def _attempt(draws: Draws, activity: Activity, ability: Whole, takers: Whole) -> _Attempts:
    size, width = len(takers), len(activity.questions)
    status = draws.pick(STATUS_WEIGHTS, size)
    waiting = draws.happens(NOT_MARKED, size)
    attempted, marked = np.empty((size, width), bool), np.empty((size, width), bool)
    half_points = np.zeros((size, width), np.int64)
    for column, question in enumerate(activity.questions):
        attempted[:, column] = draws.happens(np.where(status == 1, 500, 940), size)
        essay_waits = draws.happens(ESSAY_WAITS, size) & attempted[:, column] & (not question.automarkable)
        marked[:, column] = ~(waiting | essay_waits)
        chance = np.clip(560 - question.difficulty + ability[takers] * 17 // 100, 60, 960)
        step = 2 if question.automarkable else 1  # essays are marked in half points
        for _ in range(question.points * 2 // step):
            half_points[:, column] += draws.happens(chance, size) * step
    return _Attempts(takers, status, attempted, marked, half_points * (attempted & marked))


def _session_ids(seed: int, numbers: list[str], activity: Activity) -> list[str]:
    digests = [hashlib.sha256(f"{seed}:{number}:{activity.reference}".encode()).hexdigest() for number in numbers]
    return [f"{d[:8]}-{d[8:12]}-5{d[13:16]}-a{d[17:20]}-{d[20:32]}" for d in digests]


def _times(draws: Draws, activity: Activity, status: Whole) -> tuple[pd.Series, pd.Series]:
    """Return when sessions began (within four days, from 8 to 15 o'clock) and were completed, where they were."""
    size = len(status)
    seconds = (activity.day + draws.below(4, size)) * 86400 + 28800 + draws.below(25200, size)
    started = FIRST_DAY + seconds.astype("timedelta64[s]")
    completed = started + (600 + draws.below(3000, size)).astype("timedelta64[s]")
    completed[status == 1] = np.datetime64("NaT", "s")
    return _utc(started), _utc(completed)


def _utc(times: npt.NDArray[np.datetime64]) -> pd.Series:
    return pd.Series(times.astype("datetime64[us]")).dt.tz_localize("UTC")


def _session_frame(
    ids: list[str], users: pd.Index[str], activity: Activity, attempts: _Attempts, times: tuple[pd.Series, pd.Series]
) -> pd.DataFrame:
    points = np.array([question.points for question in activity.questions])
    score = attempts.half_points.sum(axis=1) / 2
    score[~attempts.marked.any(axis=1)] = np.nan
    return pd.DataFrame(
        {
            "session_id": pd.Series(ids, dtype="str"),
            "user_id": users[attempts.learner],
            "activity_id": activity.reference,
            "status": np.array(STATUSES)[attempts.status],
            "score": score,
            "max_score": float(points.sum()),
            "attempted_max_score": (attempts.attempted @ points).astype(float),
            "unscored_max_score": (~attempts.marked @ points).astype(float),
            "num_attempted": attempts.attempted.sum(axis=1),
            "num_questions": len(points),
            "dt_started": times[0],
            "dt_completed": times[1],
        }
    )


def _response_frame(ids: list[str], activity: Activity, attempts: _Attempts) -> pd.DataFrame:
    size, width = attempts.attempted.shape
    questions = activity.questions
    sessions = pd.Categorical.from_codes(np.repeat(np.arange(size), width), pd.Index(ids, dtype="str"))
    scores = np.where(attempts.marked, attempts.half_points / 2, np.nan)
    tail = [f"_{number}" for number in range(1, width + 1)]
    return pd.DataFrame(
        {
            "session_id": sessions,
            "response_id": pd.Series([session + end for session in ids for end in tail], dtype="str"),
            "score": scores.ravel(),
            "max_score": np.tile([float(question.points) for question in questions], size),
            "question_reference": np.tile(np.array([question.reference for question in questions], object), size),
            "item_reference": np.tile(np.array([question.item for question in questions], object), size),
            "attempted": attempts.attempted.ravel(),
            "automarkable": np.tile([question.automarkable for question in questions], size),
        }
    )


def _absent_rows(users: pd.Index[str], places: Places, absent: Whole) -> pd.DataFrame:
    return _roster_rows(users, [None] * len(absent), places, places.first, absent)


def _roster_rows(
    users: pd.Index[str], ids: list[str] | list[None], places: Places, classes: Whole, learners: Whole
) -> pd.DataFrame:
    head = pd.DataFrame({"user_id": users[learners], "session_id": pd.Series(ids, dtype="str")})
    return head.join(places.classes.iloc[classes[learners]].reset_index(drop=True))


def _joined(frames: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(frames, ignore_index=True)
