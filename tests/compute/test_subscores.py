from __future__ import annotations

import random
from dataclasses import astuple
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learnosity_nb.compute.subscores import (
    Response,
    SubscoreGroup,
    find_subscores,
    group_items,
    tally_responses,
)
from learnosity_nb.files.sample_world import sample_world


def response(score: float | None, max_score: float | None = 2.0, **more: Any) -> Response:
    whole: Any = {
        "session_id": "s",
        "response_id": "r",
        "question_reference": None,
        "item_reference": "i",
        "attempted": True,
        "automarkable": None,
        "score": score,
        "max_score": max_score,
        **more,
    }
    return whole


def items_of(*rows: tuple[str, str, str, str]) -> pa.Table:
    names = ["activity_id", "item_reference", "subscore_id", "subscore_title"]
    return pa.table({name: pa.array([row[place] for row in rows], pa.string()) for place, name in enumerate(names)})


@pytest.mark.parametrize(
    ("responses", "tally"),
    [
        ([], (0, 0, 0, 0.0, 0.0, 0.0, 0.0)),
        ([response(1.5)], (1, 1, 0, 1.5, 2.0, 2.0, 0.0)),
        ([response(None)], (1, 1, 1, 0.0, 2.0, 2.0, 2.0)),
        ([response(None, attempted=False), response(1.0)], (2, 1, 1, 1.0, 4.0, 2.0, 2.0)),
        ([response(1.0, attempted=None), response(1.0)], (2, None, 0, 2.0, 4.0, None, 0.0)),
        ([response(1.0, None)], (1, 1, 0, 1.0, 0.0, 0.0, 0.0)),
        ([response(-1.0), response(0.0, 0.0)], (2, 2, 0, -1.0, 2.0, 2.0, 0.0)),
        ([response(0.1, 0.1)] * 3, (3, 3, 0, 0.3, 0.3, 0.3, 0.0)),
    ],
)
def test_responses_add_up(responses, tally) -> None:
    assert astuple(tally_responses(responses)) == tally


@pytest.mark.parametrize(
    ("responses", "score"),
    [
        ([response(None), response(None)], None),
        ([response(None), response(0.0)], 0.0),
        ([response(2.0)], 2.0),
        ([], None),
    ],
)
def test_a_session_has_no_score_while_nothing_in_it_is_marked(responses, score) -> None:
    assert tally_responses(responses).session_score == score


POINTS = st.one_of(st.none(), st.integers(-400, 400).map(lambda number: number / 4))


@settings(deadline=None)
@given(st.lists(st.tuples(POINTS, POINTS, st.booleans())), st.randoms())
def test_a_tally_is_what_a_plain_loop_gives_in_any_order(points, chance: random.Random) -> None:
    responses = [response(score, most, attempted=attempted) for score, most, attempted in points]
    chance.shuffle(responses)
    score = most = attempted_most = unmarked_most = 0.0
    attempted = unmarked = 0
    for found, maximum, tried in points:
        score += found or 0
        most += maximum or 0
        if tried:
            attempted += 1
            attempted_most += maximum or 0
        if found is None:
            unmarked += 1
            unmarked_most += maximum or 0
    assert astuple(tally_responses(responses)) == (
        len(points),
        attempted,
        unmarked,
        score,
        most,
        attempted_most,
        unmarked_most,
    )


def test_items_are_grouped_by_activity_and_subscore_in_the_order_of_the_table() -> None:
    groups = group_items(
        items_of(
            ("b", "i3", "z", "Z"),
            ("a", "i2", "y", "Y"),
            ("b", "i1", "x", "X"),
            ("b", "i1", "z", "another title"),
            ("b", "i3", "z", "Z"),
        )
    )
    assert list(groups) == ["b", "a"]
    assert groups["b"] == (SubscoreGroup("z", "Z", ("i3", "i1")), SubscoreGroup("x", "X", ("i1",)))
    assert groups["a"] == (SubscoreGroup("y", "Y", ("i2",)),)
    assert group_items(items_of()) == {}


def test_a_subscore_counts_the_responses_of_its_items() -> None:
    groups = (
        SubscoreGroup("x", "X", ("i1", "i2", "gone")),
        SubscoreGroup("y", "Y", ("i2",)),
        SubscoreGroup("z", "Z", ("gone",)),
    )
    responses = [
        response(1.0, item_reference="i2"),
        response(0.5, item_reference="i1"),
        response(None, item_reference="i2"),
        response(2.0, item_reference="elsewhere"),
        response(2.0, item_reference=None),
    ]
    first, second = find_subscores(responses, groups)
    assert first.group == SubscoreGroup("x", "X", ("i1", "i2"))
    assert (first.tally.num_questions, first.tally.score, first.tally.num_unmarked) == (3, 1.5, 1)
    assert (second.group.id, second.tally.num_questions, second.tally.score) == ("y", 2, 1.0)
    assert find_subscores([], groups) == []
    assert find_subscores(responses, ()) == []


def test_the_sample_worlds_sessions_are_scored_again_as_they_were() -> None:
    world = sample_world(seed=5, learners=60)
    by_session: dict[str, list[Response]] = {}
    for row in pa.Table.from_pandas(world.responses, preserve_index=False).to_pylist():
        by_session.setdefault(row["session_id"], []).append(row)
    groups = group_items(pa.Table.from_pandas(world.items, preserve_index=False))
    sessions = pa.Table.from_pandas(world.sessions, preserve_index=False).to_pylist()
    assert any(session["score"] is None for session in sessions)
    for session in sessions:
        mine = by_session[session["session_id"]]
        tally = tally_responses(mine)
        assert tally.session_score == session["score"]
        for name, other in (
            ("unscored_max_score", "unmarked_max_score"),
            ("attempted_max_score", "attempted_max_score"),
        ):
            assert getattr(tally, other) == session[name]
        assert (tally.num_attempted, tally.num_questions) == (session["num_attempted"], session["num_questions"])
        subscores = find_subscores(mine, groups[session["activity_id"]])
        assert sum(each.tally.score for each in subscores) == tally.score
        assert sum(each.tally.max_score for each in subscores) == session["max_score"]
