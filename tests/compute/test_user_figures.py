from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from learnosity_nb.compute.sessions import count_sessions
from learnosity_nb.compute.user_figures import UserFigures, user_figures

NULL = float("nan")

Make = Callable[..., Any]


@pytest.fixture
def figures(roster_of: Make, sessions_of: Make) -> Callable[..., dict[str, float]]:
    """Work out the figures of one user, ann, who lists all the sessions."""

    def run(records: list[dict[str, Any]]) -> dict[str, float]:
        roster = roster_of([("ann", [record["session_id"] for record in records], ("A",))])
        table = sessions_of(records)
        counted = count_sessions(roster, table)
        found = user_figures(counted.place, counted.row, table, 1)
        return {name: getattr(found, name)[0] for name in UserFigures.__dataclass_fields__}

    return run


def test_scores_and_maxima_are_summed(session: Make, figures: Make) -> None:
    found = figures([session("s1", score=3, top=4), session("s2", score=1, top=6)])
    assert (found["score"], found["max_score"], found["percent"]) == (4, 10, 40)


def test_a_session_without_a_score_adds_neither_score_nor_maximum(session: Make, figures: Make) -> None:
    found = figures([session("s1", score=3, top=4), session("s2", score=None, top=6)])
    assert (found["score"], found["max_score"], found["percent"], found["seen_activities"]) == (3, 4, 75, 2)


def test_without_any_score_there_is_none(session: Make, figures: Make) -> None:
    found = figures([session("s1", score=None), session("s2", score=None, top=None)])
    assert np.isnan([found["score"], found["max_score"], found["percent"]]).all()
    assert found["seen_activities"] == 2


def test_an_unknown_maximum_leaves_the_score_but_no_percent(session: Make, figures: Make) -> None:
    found = figures([session("s1", score=3, top=4), session("s2", score=1, top=None)])
    assert found["score"] == 4
    assert np.isnan([found["max_score"], found["percent"]]).all()


def test_a_maximum_of_zero_gives_no_percent(session: Make, figures: Make) -> None:
    found = figures([session("s1", score=0, top=0)])
    assert (found["score"], found["max_score"]) == (0, 0)
    assert math.isnan(found["percent"])


def test_a_negative_score_gives_a_negative_percent(session: Make, figures: Make) -> None:
    assert figures([session("s1", score=-1, top=4)])["percent"] == -25


def test_attempted_percent_is_taken_over_the_sessions_that_tell_it(session: Make, figures: Make) -> None:
    found = figures(
        [
            session("s1", top=8, attempted_max_score=2),
            session("s2", top=8, attempted_max_score=None),
            session("s3", score=None, top=8, attempted_max_score=6),
        ]
    )
    assert (found["attempted_max_score"], found["attempted_percent"]) == (8, 50)


@pytest.mark.parametrize(
    "records",
    [
        [{}],
        [{"attempted_max_score": None}],
        [{"top": None, "attempted_max_score": 1.0}],
        [{"top": 4, "attempted_max_score": 1.0}, {"top": None, "attempted_max_score": 1.0}],
        [{"top": 0, "attempted_max_score": 0.0}],
    ],
)
def test_there_is_no_attempted_percent_without_both_sums_or_with_a_maximum_of_zero(
    session: Make, figures: Make, records: list[dict[str, Any]]
) -> None:
    found = figures([session(f"s{number}", **record) for number, record in enumerate(records)])
    assert math.isnan(found["attempted_percent"])


def test_unscored_points_are_summed_where_told(session: Make, figures: Make) -> None:
    found = figures(
        [
            session("s1", unscored_max_score=2.5),
            session("s2", unscored_max_score=None),
            session("s3", unscored_max_score=1),
        ]
    )
    assert found["unscored_max_score"] == 3.5
    assert math.isnan(figures([session("s1")])["unscored_max_score"])


def test_seen_activities_are_distinct_and_each_session_without_one_is_its_own(session: Make, figures: Make) -> None:
    activities = ["a", "b", "a", None, None, "s3"]
    records = [session(f"s{n}", activity_id=activity) for n, activity in enumerate(activities)]
    assert figures(records)["seen_activities"] == 5
    assert figures([session("s0"), session("s1")])["seen_activities"] == 2
    assert figures([session("s0", activity_id="a")])["seen_activities"] == 1


def test_a_users_score_is_the_exact_sum_in_whatever_order_the_sessions_come(session: Make, figures: Make) -> None:
    marks = [0.1, 0.2, 0.3, 1.1, 2.2, 0.7, 100.01, 0.01]
    for seed in range(20):
        random.Random(seed).shuffle(marks)
        records = [session(f"s{n}", score=mark, top=mark) for n, mark in enumerate(marks)]
        found = figures(records)
        assert (found["score"], found["percent"]) == (math.fsum(marks), 100)


@pytest.mark.parametrize(
    ("scores", "tops", "score", "percent"),
    [
        ([-16.1, 16.3], [1, 1], 0.2, 10.0),
        ([0.1, 0.2, -0.3], [1, 1, 1], 0.0, 0.0),
        ([0.29], [1], 0.29, 29.0),
        ([2.3], [2.5], 2.3, 92.0),
        ([0.0625, 0.5], [0.5, 0.625], 0.5625, 50.0),
        ([3, 4], [5, 20], 7.0, 28.0),
    ],
)
def test_sums_and_percents_of_decimals_are_those_of_decimals(
    session: Make, figures: Make, scores: list[float], tops: list[float], score: float, percent: float
) -> None:
    pairs = zip(scores, tops, strict=True)
    found = figures([session(f"s{n}", score=points, top=top) for n, (points, top) in enumerate(pairs)])
    assert (found["score"], found["percent"]) == (score, percent)


def test_users_without_sessions_have_no_figures(sessions_of: Make) -> None:
    none = np.empty(0, np.int64)
    found = user_figures(none, none, sessions_of([]), 2)
    assert np.isnan(found.score).all()
    assert found.seen_activities.tolist() == [0, 0]


@pytest.mark.parametrize("encoded", [False, True])
def test_activities_come_in_chunks_and_as_dictionaries(session: Make, sessions_of: Make, encoded: bool) -> None:
    whole = pa.concat_tables([sessions_of([session(f"s{n}", activity_id=f"a{n // 2}")]) for n in range(4)])
    if encoded:
        column = whole["activity_id"].dictionary_encode().unify_dictionaries()
        whole = whole.set_column(whole.column_names.index("activity_id"), "activity_id", column)
    rows = np.array([3, 0, 2, 1])
    assert user_figures(np.zeros(4, np.int64), rows, whole, 1).seen_activities.tolist() == [2]


def test_sessions_without_a_value_leave_the_sums_of_others_alone(session: Make, sessions_of: Make) -> None:
    rows = [session("s1", score=1.5, top=2.0), session("s2", score=None, top=1e100), session("s3", score=None)]
    found = user_figures(np.array([0, 0, 1]), np.arange(3), sessions_of(rows), 3)
    assert found.score[0] == 1.5
    assert found.max_score[0] == 2
    assert np.isnan(found.score[1:]).all()
    assert np.isnan(found.max_score[1:]).all()


def test_activities_of_many_users_are_counted_also_where_sessions_stand_apart() -> None:
    """Users times activities need more than 32 bits here."""
    users = 70_000
    table = pa.table(
        {
            "score": np.ones(2 * users),
            "max_score": np.ones(2 * users),
            "activity_id": pa.nulls(2 * users, pa.string()),
        }
    )
    entry = np.tile(np.arange(users), 2)
    assert (user_figures(entry, np.arange(2 * users), table, users).seen_activities == 2).all()
