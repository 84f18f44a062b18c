"""activity-summary-by-group: each user's latest session of each activity, without a list of sessions."""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import learnosity_nb as lnb
from learnosity_nb.compute.roster import encode_roster
from learnosity_nb.connections.building import ACTIVITY_SUMMARY
from learnosity_nb.connections.connection import Connection
from learnosity_nb.connections.lines import encode_user_lines
from learnosity_nb.domain.group_paths import parse_levels
from learnosity_nb.files.rosters import check_roster

LEVELS = ["school", "class"]


@pytest.fixture(scope="module")
def sessions() -> pd.DataFrame:
    """4,000 sessions of 500 users and 12 activities, several for a user and activity, some not Completed."""
    draw = np.random.default_rng(8)
    count = 4_000
    return pd.DataFrame(
        {
            "session_id": [f"s{number}" for number in range(count)],
            "user_id": [f"u{number}" for number in draw.integers(0, 500, count)],
            "activity_id": [f"a{number}" for number in draw.integers(0, 12, count)],
            "status": draw.choice(["Completed", "Incomplete", "Discarded"], count, p=[0.8, 0.1, 0.1]),
            "score": draw.integers(0, 21, count).astype(float),
            "max_score": draw.choice([10.0, 20.0], count),
            "dt_completed": pd.Timestamp("2026-01-01", tz="UTC") + pd.to_timedelta(draw.permutation(count), "min"),
        }
    )


@pytest.fixture(scope="module")
def users() -> pd.DataFrame:
    """A roster without sessions: 520 users, 20 of them without a session, 30 in two classes."""
    numbers = [*range(520), *range(0, 300, 10)]
    return pd.DataFrame(
        {
            "user_id": [f"u{number}" for number in numbers],
            "school": [f"school {row % 4}" for row in range(len(numbers))],
            "class": [f"class {row % 17}" for row in range(len(numbers))],
        }
    )


@pytest.fixture
def lrn(sessions: pd.DataFrame) -> Iterator[Connection]:
    with lnb.connect_local(sessions=sessions) as connection:
        yield connection


def by_definition(sessions: pd.DataFrame, users: pd.DataFrame, activities: list[str]) -> pd.DataFrame:
    """Pick the latest Completed session of each user and activity, list them in the roster, and summarise."""
    done = sessions.query("status == 'Completed' and activity_id in @activities").sort_values("dt_completed")
    latest = done.groupby(["user_id", "activity_id"]).tail(1)
    listed = latest.groupby("user_id")["session_id"].agg(list)
    roster = users.assign(session_id=users["user_id"].map(listed))
    return lnb.truncate_summary(lnb.summarize_groups(sessions, roster, LEVELS))


@pytest.mark.parametrize("count", [1, 3, 10])
def test_the_latest_session_of_each_activity_counts(
    lrn: Connection, sessions: pd.DataFrame, users: pd.DataFrame, count: int
) -> None:
    activities = [f"a{number}" for number in range(count)]
    dataset = lrn.build_dataset(users, LEVELS, dataset_type=ACTIVITY_SUMMARY, activity_ids=activities)
    assert_frame_equal(dataset.walk(), by_definition(sessions, users, activities))
    assert dataset.dataset_type == ACTIVITY_SUMMARY


def test_sessions_in_the_roster_are_not_looked_at(lrn: Connection, sessions: pd.DataFrame, users: pd.DataFrame) -> None:
    listed = users.assign(session_id=3.5)
    built = lrn.build_dataset(listed, LEVELS, dataset_type=ACTIVITY_SUMMARY, activity_ids="a1")  # type: ignore[arg-type]
    assert_frame_equal(built.walk(), by_definition(sessions, users, ["a1"]))


def test_a_dataset_is_opened_again_with_its_type(lrn: Connection, users: pd.DataFrame) -> None:
    built = lrn.build_dataset(users, LEVELS, dataset_type=ACTIVITY_SUMMARY, activity_ids=["a1"])
    again = lrn.open_dataset(built.dataset_id)
    assert again.dataset_type == ACTIVITY_SUMMARY
    assert_frame_equal(again.walk(), built.walk())


def test_time_bounds_pick_the_latest_session_within_them(
    lrn: Connection, sessions: pd.DataFrame, users: pd.DataFrame
) -> None:
    middle = sessions["dt_completed"].median().floor("s")
    built = lrn.build_dataset(users, LEVELS, dataset_type=ACTIVITY_SUMMARY, activity_ids=["a1", "a2"], maxtime=middle)
    early = sessions[sessions["dt_completed"] <= middle]
    assert_frame_equal(built.walk(), by_definition(early, users, ["a1", "a2"]))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"dataset_type": ACTIVITY_SUMMARY}, "1 to 10 different activities"),
        ({"dataset_type": ACTIVITY_SUMMARY, "activity_ids": []}, "1 to 10 different activities"),
        ({"dataset_type": ACTIVITY_SUMMARY, "activity_ids": [f"a{n}" for n in range(11)]}, "1 to 10 different"),
        ({"dataset_type": ACTIVITY_SUMMARY, "activity_ids": ["a1", "a1"]}, "1 to 10 different"),
        (
            {"dataset_type": ACTIVITY_SUMMARY, "activity_ids": ["a1", "", 3]},
            r"activity_ids\[1\].*\n.*activity_ids\[2\]",
        ),
        ({"dataset_type": "activity-summary"}, "dataset_type must be"),
        ({"activity_ids": ["a1"]}, "activity_ids go with"),
    ],
)
def test_wrong_activities_are_named_before_anything_is_sent(
    lrn: Connection, users: pd.DataFrame, options: dict[str, object], said: str
) -> None:
    with pytest.raises(lnb.InputError, match=said):
        lrn.build_dataset(users.assign(session_id=None), LEVELS, **options)  # type: ignore[arg-type]
    assert lrn.jobs().empty


def test_a_sessions_summary_needs_the_sessions(lrn: Connection, users: pd.DataFrame) -> None:
    with pytest.raises(lnb.InputError, match="no column `session_id`"):
        lrn.build_dataset(users, LEVELS)


def test_lines_without_sessions_hold_each_place_once(users: pd.DataFrame) -> None:
    levels = parse_levels(LEVELS)
    doubled = pd.concat([users, users.head(100)])
    roster = encode_roster(check_roster(doubled, levels, with_sessions=False), LEVELS)
    lines = [json.loads(line) for part in encode_user_lines(roster, 7) for line in part.splitlines()]
    assert len(list(encode_user_lines(roster, 7))) == 7
    assert all(line.keys() == {"user_id", "group_path"} for line in lines)
    found = [(line["user_id"], *line["group_path"]) for line in lines]
    assert sorted(found) == sorted(set(users.itertuples(index=False, name=None)))
