from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa

from learnosity_nb.compute.entries import Entries, enter_users
from learnosity_nb.compute.roster import Roster
from learnosity_nb.compute.sessions import count_sessions

Make = Callable[..., Any]


def enter(roster: Roster, sessions: pa.Table) -> Entries:
    return enter_users(roster, count_sessions(roster, sessions), sessions)


def scores(entries: Entries, roster: Roster) -> list[dict[tuple[str, ...], list[float]]]:
    """The scores of each group's users, level by level; NaN stands last."""
    found = []
    for level, used in enumerate(entries.levels):
        paths = roster.tree.paths()[roster.tree.offsets[level] : roster.tree.offsets[level + 1]]
        values = entries.values("score")
        values = values if used.rows is None else values[used.rows]
        parts = np.split(values, np.cumsum(used.counts)[:-1])
        found.append({path: sorted(part.tolist()) for path, part in zip(paths, parts, strict=True)})
    return found


def records(scores: dict[str, float | None], users: dict[str, str]) -> list[dict[str, Any]]:
    return [{"session_id": s, "user_id": users[s], "score": score, "max_score": 10.0} for s, score in scores.items()]


def test_users_with_one_place_use_the_same_figures_on_every_level(roster_of: Make, sessions_of: Make) -> None:
    roster = roster_of([("ann", ["s1"], ("A", "x")), ("bob", ["s2"], ("A", "y")), ("cy", ["s3"], ("B", "x"))])
    table = sessions_of(records({"s1": 1, "s2": 2, "s3": 3}, {"s1": "ann", "s2": "bob", "s3": "cy"}))
    entries = enter(roster, table)
    assert scores(entries, roster) == [
        {(): [1, 2, 3]},
        {("A",): [1, 2], ("B",): [3]},
        {("A", "x"): [1], ("A", "y"): [2], ("B", "x"): [3]},
    ]
    assert len(entries.figures.score) == 3


def test_a_user_in_two_leaves_counts_once_in_an_ancestor_with_the_union_of_the_sessions(
    roster_of: Make, sessions_of: Make
) -> None:
    roster = roster_of(
        [
            ("ann", ["s1", "s2"], ("A", "x")),
            ("ann", ["s2", "s3"], ("A", "y")),
            ("ann", ["s4"], ("B", "x")),
            ("bob", ["t1"], ("A", "x")),
        ]
    )
    users = dict.fromkeys(["s1", "s2", "s3", "s4"], "ann") | {"t1": "bob"}
    table = sessions_of(records({"s1": 1, "s2": 2, "s3": 4, "s4": 8, "t1": 0.5}, users))
    entries = enter(roster, table)
    assert scores(entries, roster) == [
        {(): [0.5, 15]},
        {("A",): [0.5, 7], ("B",): [8]},
        {("A", "x"): [0.5, 3], ("A", "y"): [6], ("B", "x"): [8]},
    ]
    sizes = [level.counts.tolist() for level in entries.levels]
    assert sizes == [[2], [2, 1], [2, 1, 1]]


def test_a_user_of_several_places_without_a_session_counts_once_too(roster_of: Make, sessions_of: Make) -> None:
    roster = roster_of([("ann", None, ("A",)), ("ann", ["gone"], ("B",)), ("bob", ["t1"], ("B",))])
    entries = enter(roster, sessions_of(records({"t1": 5}, {"t1": "bob"})))
    (root, leaves) = scores(entries, roster)
    assert root[()][0] == 5
    assert math.isnan(root[()][1])
    assert len(root[()]) == 2
    assert len(leaves[("B",)]) == 2


def test_the_first_figures_are_those_of_the_places(roster_of: Make, sessions_of: Make) -> None:
    roster = roster_of([("ann", ["s1"], ("A",)), ("ann", ["s2"], ("B",)), ("bob", ["t1"], ("B",))])
    table = sessions_of(records({"s1": 1, "s2": 2, "t1": 4}, {"s1": "ann", "s2": "ann", "t1": "bob"}))
    entries = enter(roster, table)
    assert entries.values("score")[: len(roster.place_user)].tolist() == [1, 2, 4]
    assert entries.values("score")[len(roster.place_user) :].tolist() == [3]
