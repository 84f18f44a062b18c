"""Learners of the sample course, and what they did on each day of five weeks."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from .sample_draws import Draws, Whole, negative_binomial
from .sample_places import People
from .sample_sessions import FIRST_DAY

__all__ = ["COURSE_ID", "make_engagement", "make_learners"]

COURSE_ID: Final = "course-v1:Sample+World+2026"
WEEKS = 5
WEEKDAYS: Final = (100, 105, 100, 95, 80, 45, 60)  # activity from Monday to Sunday, percent
LEVELS: Final = (110, 150, 190, 240, 300, 370, 450, 540)  # chance of activity on a day, in a thousand
DAILY_PROBLEMS: Final = negative_binomial((1, 1, 1, 2, 2, 2, 3, 3), longest=12)
PROBLEMS, VIDEOS, TOPICS = 90, 24, 5
NEVER_ACTIVE, DROP_OUT, LEFT_COURSE = 90, 30, 30  # in a thousand; drop-out each week

EVENTS: Final = (
    ("problem", "attempted"),
    ("problem", "completed"),
    ("video", "viewed"),
    ("discussion", "contributed"),
)
ATTEMPTED, COMPLETED, VIEWED, CONTRIBUTED = range(4)

Small = npt.NDArray[np.int16]
Rows = tuple[npt.NDArray[np.int32], int, Small, Small]
"""Learners, the event, and each row's entity and count, packed: a large world has tens of millions of rows."""


def make_learners(seed: int, people: People) -> pd.DataFrame:
    """Return the learners of the course; a few have left it."""
    draws = Draws(seed, "learners")
    size = len(people)
    days = (draws.below(40, size) - 45) * 86400 + draws.below(86400, size)
    cohorts = np.array(["Group A", "Group B", None], object)
    return pd.DataFrame(
        {
            "course_id": pd.Categorical.from_codes(np.zeros(size, np.int8), pd.Index([COURSE_ID], dtype="str")),
            "username": people.user_ids,
            "name": pd.Series([f"Synthetic Learner {number}" for number in people.numbers], dtype="str"),
            "email": pd.Series([f"learner{number}@example.invalid" for number in people.numbers], dtype="str"),
            "enrollment_mode": np.array(["audit", "verified", "honor"])[draws.pick((60, 30, 10), size)],
            "enrollment_date": pd.Series((FIRST_DAY + days.astype("timedelta64[s]")).astype("datetime64[us]")),
            "cohort": pd.Series(cohorts[draws.pick((45, 45, 10), size)], dtype="str"),
            "enrolled": ~draws.happens(LEFT_COURSE, size),
        }
    )


def make_engagement(seed: int, people: People) -> pd.DataFrame:
    """Return a row for each learner, day, event and entity, day by day.

    Each learner has an ability and a level of activity; some are never active and some drop out. Text
    columns are categorical, since a large world repeats each name very often.
    """
    draws = Draws(seed, "engagement")
    size = len(people)
    level = draws.pick((1,) * len(LEVELS), size)
    stays = ~draws.happens(NEVER_ACTIVE, size)
    progress = np.zeros(size, np.int64)
    parts: list[Rows] = []
    days: list[int] = []
    for day in range(7 * WEEKS):
        if day % 7 == 0 and day:
            stays &= ~draws.happens(DROP_OUT, size)
        chance = np.array(LEVELS)[level] * WEEKDAYS[day % 7] // 100
        active = np.flatnonzero(stays & draws.happens(chance, size))
        found = _active_day(draws, active, level[active], people.ability, progress)
        parts += found
        days += [day] * len(found)
    return _frame(people, parts, days)


def _active_day(draws: Draws, active: Whole, level: Whole, ability: Whole, progress: Whole) -> list[Rows]:
    """Draw one day of the learners in `active`; `progress` counts the problems that each has met."""
    problems = draws.counts(DAILY_PROBLEMS, level)
    learner = np.repeat(active, problems)
    place = np.arange(len(learner)) - np.repeat(np.cumsum(problems) - problems, problems)
    entity = (progress[learner] + place) % PROBLEMS
    progress[active] += problems
    skill = ability[learner]
    tries = _tries(draws, 380 - skill // 10)
    solved = draws.happens(np.clip(640 + skill // 5, 60, 970), len(learner))
    video = active[draws.happens(420, len(active))]
    topic = active[draws.happens(70, len(active))]
    return [
        _packed(learner, ATTEMPTED, entity, tries),
        _packed(learner[solved], COMPLETED, entity[solved], np.ones(int(solved.sum()), np.int64)),
        _packed(video, VIEWED, draws.below(VIDEOS, len(video)), 1 + draws.below(3, len(video))),
        _packed(topic, CONTRIBUTED, draws.below(TOPICS, len(topic)), 1 + draws.below(4, len(topic))),
    ]


def _packed(learner: Whole, event: int, entity: Whole, count: Whole) -> Rows:
    return learner.astype(np.int32), event, entity.astype(np.int16), count.astype(np.int16)


def _tries(draws: Draws, again: Whole) -> Whole:
    """Return how often each problem is tried: once, and again and again with a chance `again` in a thousand."""
    tries = np.ones(len(again), np.int64)
    goes_on = np.ones(len(again), bool)
    for _ in range(7):
        goes_on &= draws.happens(again, len(again))
        tries += goes_on
    return tries


def _frame(people: People, parts: list[Rows], days: list[int]) -> pd.DataFrame:
    sizes = [len(part[0]) for part in parts]
    day = np.repeat(FIRST_DAY + np.array(days, np.int64) * np.timedelta64(86400, "s"), sizes)
    event = np.repeat(np.array([part[1] for part in parts], np.int8), sizes)
    learner = np.concatenate([part[0] for part in parts])
    first_entity = np.array([0, 0, PROBLEMS, PROBLEMS + VIDEOS], np.int16)
    entity = np.concatenate([part[2] for part in parts]) + first_entity[event]
    names = [
        *(f"problem-{number:03d}" for number in range(1, PROBLEMS + 1)),
        *(f"video-{number:02d}" for number in range(1, VIDEOS + 1)),
        *(f"topic-{number}" for number in range(1, TOPICS + 1)),
    ]
    kinds = list(dict.fromkeys(kind for kind, _ in EVENTS))
    kind = np.array([kinds.index(kind) for kind, _ in EVENTS], np.int8)[event]
    return pd.DataFrame(
        {
            "course_id": _categories(np.zeros(len(day), np.int8), [COURSE_ID]),
            "username": pd.Categorical.from_codes(learner, people.user_ids),
            "date": day,
            "entity_type": _categories(kind, kinds),
            "event": _categories(event, [name for _, name in EVENTS]),
            "entity_id": _categories(entity, names),
            "count": np.concatenate([part[3] for part in parts]).astype(np.int64),
        }
    )


def _categories(codes: npt.NDArray[np.signedinteger], names: list[str]) -> pd.Categorical:
    return pd.Categorical.from_codes(codes, pd.Index(names, dtype="str"))
