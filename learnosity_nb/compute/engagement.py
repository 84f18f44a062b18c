"""What each learner of a course did: engagement rows as integer codes, and the counts of any span of days.

Source: Learner analytics API, "Learner Detail"; the definitions of the pipeline behind it: problems and videos
count once each however often they were tried or watched, contributions to discussions are summed.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from .arrays import Bools, Floats, Ints, order_of, whole

__all__ = [
    "ATTEMPTED",
    "COMPLETED",
    "CONTRIBUTED",
    "COUNTS",
    "EVENTS",
    "METRICS",
    "RATIO",
    "VIEWED",
    "Activity",
    "Metrics",
    "add_up",
    "count_distinct",
    "measure",
    "read_activity",
]

EVENTS: Final = (
    ("problem", "attempted"),
    ("problem", "completed"),
    ("video", "viewed"),
    ("discussion", "contributed"),
)
"""The pairs of entity_type and event that count. Rows with another pair are no activity."""

ATTEMPTED, COMPLETED, VIEWED, CONTRIBUTED = range(len(EVENTS))

COUNTS: Final = ("discussion_contributions", "problems_attempted", "problems_completed", "videos_viewed")
RATIO: Final = "problem_attempts_per_completed"
METRICS: Final = (*COUNTS, RATIO)
"""The five metrics that the API gives, in the order of a learner's ``engagements``."""

Codes = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Activity:
    """The activity of a course's learners, a row for each learner, day, event and entity; sorted by learner.

    Attributes
    ----------
    offsets
        Learner i has the rows offsets[i] up to but not with offsets[i + 1].
    learner, day, event, entity
        Codes: 0 … learners - 1, days since 1970, place in `EVENTS`, 0 … entities - 1.
    count
        How often; at least 1.
    entities
        Number of distinct entities.
    end
        The day after the last one on which anyone was active; None without activity.
    """

    offsets: Ints
    learner: Codes
    day: Codes
    event: npt.NDArray[np.int8]
    entity: Codes
    count: Ints
    entities: int
    end: int | None

    @property
    def learners(self) -> int:
        """How many learners, active or not."""
        return len(self.offsets) - 1

    def of(self, learner: int) -> Activity:
        """Return the activity of one learner alone, who becomes number 0."""
        start, stop = self.offsets[learner : learner + 2].tolist()
        rows = slice(start, stop)
        return Activity(
            np.array([0, stop - start], dtype=np.int64),
            np.zeros(stop - start, dtype=np.int32),
            self.day[rows],
            self.event[rows],
            self.entity[rows],
            self.count[rows],
            self.entities,
            self.end,
        )

    def active_between(self, start: int, end: int) -> Bools:
        """Return which learners were active on a day in [start, end)."""
        inside = (self.day >= start) & (self.day < end)
        return np.bincount(self.learner[inside], minlength=self.learners) > 0


@dataclass(frozen=True, slots=True, eq=False)
class Metrics:
    """Each learner's counts in a span of days, one element for each learner.

    Attributes
    ----------
    problems_attempted, problems_completed, videos_viewed
        Distinct problems and videos.
    discussion_contributions
        Contributions, summed.
    attempts
        Attempts at problems, summed: wrong and repeated ones too.
    """

    problems_attempted: Ints
    problems_completed: Ints
    videos_viewed: Ints
    discussion_contributions: Ints
    attempts: Ints

    @property
    def problem_attempts_per_completed(self) -> Floats:
        """Attempts for each distinct problem completed; infinite where none was completed, also for 0/0."""
        ratios = np.full(len(self.attempts), np.inf)
        np.divide(self.attempts, self.problems_completed, out=ratios, where=self.problems_completed > 0)
        return ratios

    @property
    def attempt_ratio_order(self) -> Ints:
        """Attempts, negative where no problem was completed: tells apart learners with equal ratios."""
        return np.where(self.problems_completed > 0, self.attempts, -self.attempts)

    def of(self, learners: Ints) -> Metrics:
        """Return the counts of some learners, in their order."""
        return Metrics(*(getattr(self, field.name)[learners] for field in fields(self)))


def read_activity(engagement: pa.Table, usernames: pa.Array) -> Activity:
    """Encode the engagement rows of a course.

    Parameters
    ----------
    engagement
        Columns ``username``, ``date`` (date32), ``entity_type``, ``event``, ``entity_id`` and ``count``, without nulls.
        Text columns may be dictionaries.
    usernames
        The course's learners, each once; their places become the learners' codes. The rows of others are left out,
        but their days count for `Activity.end`.

    Returns
    -------
    Activity
        Without rows of an unknown event, or with a count below 1: nothing happened.
    """
    event = _event_codes(engagement)
    day = whole(engagement["date"].cast(pa.int32())).to_numpy()
    count = whole(engagement["count"]).to_numpy()
    counted = (event >= 0) & (count > 0)
    end = int(day[counted].max()) + 1 if counted.any() else None
    learner, entity = _learner_codes(engagement["username"], usernames), _codes(engagement["entity_id"])[0]
    rows = np.flatnonzero(counted & (learner >= 0))
    rows = rows[order_of(learner[rows], len(usernames))]
    learner = learner[rows]
    sizes = np.bincount(learner, minlength=len(usernames))
    return Activity(
        np.concatenate([[0], np.cumsum(sizes)]),
        learner,
        day[rows],
        event[rows],
        entity[rows],
        count[rows],
        int(entity.max(initial=-1)) + 1,
        end,
    )


def measure(activity: Activity, start: int, end: int) -> Metrics:
    """Count what each learner did on the days [start, end)."""
    rows = np.flatnonzero((activity.day >= start) & (activity.day < end))
    learner, event = activity.learner[rows].astype(np.int64), activity.event[rows]

    def distinct(which: int) -> Ints:
        chosen = event == which
        return count_distinct(learner[chosen], activity.entity[rows[chosen]], activity.learners, activity.entities)

    def total(which: int) -> Ints:
        chosen = event == which
        return add_up(learner[chosen], activity.count[rows[chosen]], activity.learners)

    return Metrics(distinct(ATTEMPTED), distinct(COMPLETED), distinct(VIEWED), total(CONTRIBUTED), total(ATTEMPTED))


def count_distinct(groups: Ints, entity: Codes, size: int, entities: int) -> Ints:
    """Return how many distinct entities each of the groups 0 … `size` - 1 has."""
    pairs = groups * entities + entity
    pairs.sort()
    new = np.ones(len(pairs), dtype=np.bool_)
    np.not_equal(pairs[1:], pairs[:-1], out=new[1:])
    return np.bincount(pairs[new] // max(entities, 1), minlength=size)


def add_up(groups: Ints, counts: Ints, size: int) -> Ints:
    """Return the sum of the counts of each of the groups 0 … `size` - 1, in whole numbers."""
    sums = np.zeros(size, dtype=np.int64)
    np.add.at(sums, groups, counts)
    return sums


def _codes(column: pa.ChunkedArray) -> tuple[Codes, pa.Array]:
    """Return a code for each row, and the texts: codes as they are in a dictionary, since there are many rows."""
    encoded = whole(pc.dictionary_encode(column))
    return encoded.indices.to_numpy().astype(np.int32, copy=False), encoded.dictionary


def _learner_codes(column: pa.ChunkedArray, usernames: pa.Array) -> Codes:
    """Return each row's place in `usernames`; -1 for someone else."""
    codes, names = _codes(column)
    places: Codes = pc.fill_null(pc.index_in(names, value_set=usernames), -1).to_numpy()
    return places[codes]


def _event_codes(engagement: pa.Table) -> npt.NDArray[np.int8]:
    """Return each row's place in `EVENTS`; -1 for another pair."""
    kinds, kind_names = _codes(engagement["entity_type"])
    actions, action_names = _codes(engagement["event"])
    pairs = {pair: place for place, pair in enumerate(EVENTS)}
    table = [[pairs.get((kind, action), -1) for action in action_names.to_pylist()] for kind in kind_names.to_pylist()]
    places = np.array(table, dtype=np.int8).reshape(len(kind_names), len(action_names))
    return places[kinds, actions]
