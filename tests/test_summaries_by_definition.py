"""Every figure of small made-up worlds, against its definition in exact fractions."""

from __future__ import annotations

import random
import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learnosity_nb import summarize_groups, summarize_users, truncate_summary
from learnosity_nb.domain.fields import DEFAULT_FIELDS, USER_FIELDS

FIELDS = [*DEFAULT_FIELDS, "p05_score", "p95_score", "p05_percent", "p95_percent"]
Path = tuple[str, ...]

pytestmark = pytest.mark.filterwarnings(
    "ignore:.*(do not count|sessions counts):UserWarning"
)  # the worlds list such sessions


@dataclass(frozen=True)
class World:
    """Sessions as records, and a roster of (user, session or None, path)."""

    sessions: tuple[dict[str, Any], ...]
    roster: tuple[tuple[str, str | None, Path], ...]

    @property
    def levels(self) -> list[str]:
        return [f"rung_{depth}" for depth in range(len(self.roster[0][2]))]

    def tables(self) -> tuple[pa.Table, pa.Table]:
        kinds = {"session_id": pa.string(), "user_id": pa.string(), "activity_id": pa.string(), "status": pa.string()}
        names = ["session_id", "user_id", "score", "max_score", *self.sessions[0]] if self.sessions else list(kinds)
        names = list(dict.fromkeys([*names, "score", "max_score"]))
        sessions = {
            name: pa.array([s.get(name) for s in self.sessions], kinds.get(name, pa.float64())) for name in names
        }
        users, listed, paths = zip(*self.roster, strict=True)
        columns = {key: pa.array([path[depth] for path in paths]) for depth, key in enumerate(self.levels)}
        roster = {"user_id": pa.array(users), "session_id": pa.array(listed, pa.string()), **columns}
        return pa.table(sessions), pa.table(roster)


MARKS = st.none() | st.integers(-5, 20) | st.integers(-100, 2000).map(lambda cents: cents / 100)
TOPS = st.sampled_from([0, 1, 2.5, 10, 20, None])
SESSION = {
    "score": MARKS,
    "max_score": TOPS,
    "activity_id": st.sampled_from([None, "a", "b", "c"]),
    "status": st.sampled_from(["Completed", "Completed", "Completed", "Incomplete", None]),
    "attempted_max_score": st.none() | st.integers(0, 40).map(lambda half: half / 2),
    "unscored_max_score": st.none() | st.integers(0, 8),
}


@st.composite
def worlds(draw: st.DrawFn) -> World:
    kept = ["score", "max_score", *draw(st.lists(st.sampled_from(list(SESSION)[2:]), unique=True))]
    depth = draw(st.integers(1, 3))
    paths = st.tuples(*[st.sampled_from(["x", "y", "Springfield"])] * depth)
    sessions, roster = [], []
    for user in [f"u{n}" for n in range(draw(st.integers(1, 8)))]:
        own = [f"{user}-s{n}" for n in range(draw(st.integers(0, 4)))]
        for name in own:
            recorded = draw(st.sampled_from([user] * 9 + ["somebody else"]))
            record = {key: draw(SESSION[key]) for key in kept}
            sessions.append({"session_id": name, "user_id": recorded, **record})
        for path in draw(st.lists(paths, min_size=1, max_size=3)):
            listed = draw(st.lists(st.sampled_from([*own, f"{user}-gone"]), max_size=5))
            roster += [(user, name, path) for name in listed or [None]]
    return World(tuple(sessions), tuple(draw(st.permutations(roster))))


def add(values: Iterable[Any]) -> Fraction | None:
    """Add numbers exactly; None for no number, or where one is unknown."""
    numbers = list(values)
    return None if not numbers or None in numbers else sum(map(Fraction, numbers), Fraction(0))


def share(part: Fraction | None, whole: Fraction | None) -> Fraction | None:
    return 100 * part / whole if part is not None and whole else None


def user_figures(world: World, user: str, prefix: Path) -> dict[str, Any]:
    listed = {name for who, name, path in world.roster if who == user and path[: len(prefix)] == prefix}
    mine = [s for s in world.sessions if s["session_id"] in listed and s["user_id"] == user]
    counted = [s for s in mine if s.get("status") in ("Completed", None)]
    scored = [s for s in counted if s["score"] is not None]
    attempted = [s for s in counted if s.get("attempted_max_score") is not None]
    score, max_score = add(s["score"] for s in scored), add(s["max_score"] for s in scored)
    tried = add(s["attempted_max_score"] for s in attempted)
    return {
        "score": score,
        "max_score": max_score,
        "percent": share(score, max_score),
        "attempted_max_score": tried,
        "attempted_percent": share(tried, add(s["max_score"] for s in attempted)),
        "unscored_max_score": add(s["unscored_max_score"] for s in counted if s.get("unscored_max_score") is not None),
        "seen_activities": len({(s.get("activity_id") or ("alone", s["session_id"])) for s in counted}),
    }


def quantile(values: list[Fraction], percent: int) -> Fraction:
    if len(values) == 1:
        return values[0]
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def group_figures(world: World, prefix: Path) -> dict[str, Any]:
    users = sorted({user for user, _, path in world.roster if path[: len(prefix)] == prefix})
    figures = [user_figures(world, user, prefix) for user in users]
    below = {path[: len(prefix) + 1] for _, _, path in world.roster if path[: len(prefix)] == prefix}
    found: dict[str, Any] = {
        "population": len(users),
        "group_count": len(below - {prefix}),
        "mean_seen_activities": statistics.mean(Fraction(one["seen_activities"]) for one in figures),
    }
    tried = [one["attempted_percent"] for one in figures if one["attempted_percent"] is not None]
    found["mean_attempted_percent"] = statistics.mean(tried) if tried else None
    for measure in ("score", "percent"):
        values = [one[measure] for one in figures if one[measure] is not None]
        known = {
            "lowest": lambda v: min(v),
            "highest": lambda v: max(v),
            "mean": statistics.mean,
            "median": statistics.median,
            "stddev": lambda v: statistics.stdev(v) if len(v) > 1 else None,
        }
        known |= {f"p{p:02d}": lambda v, p=p: quantile(v, p) for p in (5, 25, 75, 90, 95)}
        found |= {f"{name}_{measure}": figure(values) if values else None for name, figure in known.items()}
    return found


def is_near(found: Any, expected: Any) -> bool:
    if expected is None or pd.isna(found):
        return expected is None and bool(pd.isna(found))
    return float(found) == pytest.approx(float(expected), rel=1e-9, abs=1e-9)


@settings(deadline=None, max_examples=60)
@given(worlds())
def test_every_figure_of_every_group_is_the_one_of_its_definition(world: World) -> None:
    found = summarize_groups(*world.tables(), world.levels, FIELDS)
    prefixes = {path[:depth] for _, _, path in world.roster for depth in range(len(path) + 1)}
    assert found["group_path"].tolist() == sorted(prefixes, key=lambda path: (len(path), path))
    for row in found.to_dict("records"):
        expected = group_figures(world, row["group_path"])
        wrong = {name: (row[name], expected[name]) for name in FIELDS if not is_near(row[name], expected[name])}
        assert wrong == {}, row["group_path"]


@settings(deadline=None, max_examples=60)
@given(worlds())
def test_every_users_figures_are_those_of_their_definition(world: World) -> None:
    found = summarize_users(*world.tables(), world.levels)
    places = sorted({(path, user) for user, _, path in world.roster})
    assert list(zip(found["group_path"], found["user_id"], strict=True)) == places
    for row in found.to_dict("records"):
        expected = user_figures(world, row["user_id"], row["group_path"])
        wrong = {name: (row[name], expected[name]) for name in USER_FIELDS if not is_near(row[name], expected[name])}
        assert wrong == {}, (row["group_path"], row["user_id"])


@settings(deadline=None, max_examples=40)
@given(worlds(), st.integers())
def test_the_order_of_rows_changes_no_figure(world: World, seed: int) -> None:
    shuffled = World(tuple(rearranged(world.sessions, seed)), tuple(rearranged(world.roster, seed + 1)))
    one = summarize_groups(*world.tables(), world.levels, FIELDS)
    other = summarize_groups(*shuffled.tables(), world.levels, FIELDS)
    pd.testing.assert_frame_equal(one, other, check_exact=True)


def rearranged(rows: tuple[Any, ...], seed: int) -> list[Any]:
    return random.Random(seed).sample(rows, len(rows))


@settings(deadline=None, max_examples=40)
@given(worlds())
def test_a_users_place_elsewhere_leaves_a_group_as_it_is(world: World) -> None:
    """A group's figures come from the lines under it alone."""
    branch = world.roster[0][2][:1]
    alone = World(world.sessions, tuple(line for line in world.roster if line[2][:1] == branch))
    whole, part = (summarize_groups(*one.tables(), world.levels, FIELDS) for one in (world, alone))
    inside = [path[:1] == branch for path in whole["group_path"]]
    under = part[part["level"] > 0]
    for name in FIELDS:
        one, other = whole.loc[inside, name].astype("float64"), under[name].astype("float64")
        assert one.tolist() == pytest.approx(other.tolist(), rel=1e-12, abs=1e-12, nan_ok=True)


def test_the_example_of_the_specification() -> None:
    """The documented group file gives sums, medians and extremes; the other marks are chosen to fit."""
    krabappel = [9, 10, 12, 13, 14, 18, 19, 19, 20]
    hoover = [2, 3, 4, 6, 7, 9, 17]
    marks = [*((mark, "7_krabappel") for mark in krabappel), *((mark, "7_hoover") for mark in hoover)]
    sessions = pd.DataFrame(
        {
            "session_id": [f"s{n}" for n in range(16)],
            "user_id": [f"u{n}" for n in range(16)],
            "score": [mark for mark, _ in marks],
            "max_score": 20,
        }
    )
    path = ("Simpson", "Springfield High")
    roster = sessions[["user_id", "session_id"]].assign(group_path=[[*path, name] for _, name in marks])
    fields = [
        "population",
        "lowest_score",
        "highest_score",
        "mean_score",
        "median_score",
        "mean_percent",
        "median_percent",
    ]
    found = truncate_summary(summarize_groups(sessions, roster, ["district", "school", "class"], fields))
    rows = {row["group_id"]: [row[name] for name in fields] for row in found.to_dict("records")}
    assert rows["c82cd9e95eddcb4f050257791cd73d97"] == [16, 2, 20, 11.37, 11, 56.875, 55]
    assert rows["d4130a365bfd812fcecdda69a1c81c2f"] == [9, 9, 20, 14.88, 14, 74.44444444444, 70]
    assert rows["84dea322f8946625a1b4e00fbfa10fb5"] == [7, 2, 17, 6.85, 6, 34.28571428571, 30]
