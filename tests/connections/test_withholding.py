"""Small groups withheld, and pseudonyms for users, in the frames of a dataset."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import learnosity_nb as lnb
from learnosity_nb.connections.connection import Connection
from learnosity_nb.connections.dataset import Dataset
from learnosity_nb.frames.origin import origin_of

LEVELS = ["district", "school", "class"]
FIELDS = ["population", "group_count", "mean_score", "p05_percent"]
FLOOR = 12
Crowd = tuple[pd.DataFrame, pd.DataFrame]


@pytest.fixture(scope="module")
def dataset(shared_crowd: Crowd, standing: Connection) -> Dataset:
    return standing.build_dataset(shared_crowd[1], LEVELS, FIELDS, ["score", "max_score"], sort_field="mean_score")


@pytest.fixture(scope="module")
def walked(dataset: Dataset) -> pd.DataFrame:
    found = dataset.walk(min_population=FLOOR)
    assert 0 < found["withheld"].sum() < len(found)
    return found


def test_a_walk_agrees_with_the_groups_of_every_path(dataset: Dataset, walked: pd.DataFrame) -> None:
    by_path = walked.set_index("group_path", drop=False)
    for path in walked["group_path"]:
        own = dataset.group(path, min_population=FLOOR)
        assert_frame_equal(own, by_path.loc[[path]].reset_index(drop=True))
        children = dataset.groups(path, min_population=FLOOR)
        expected = by_path.loc[list(children["group_path"])].reset_index(drop=True)
        assert_frame_equal(children, expected)
        assert len(children) == sum(one[:-1] == path for one in walked["group_path"] if one)


def test_a_walk_from_a_group_is_a_part_of_the_whole(dataset: Dataset, walked: pd.DataFrame) -> None:
    for path in walked.loc[walked["level"] < 3, "group_path"]:
        below = walked[[one[: len(path)] == path for one in walked["group_path"]]].reset_index(drop=True)
        assert_frame_equal(dataset.walk(path, min_population=FLOOR), below)


def test_what_is_shown_is_what_is_there(dataset: Dataset, walked: pd.DataFrame) -> None:
    plain = dataset.walk()
    shown = ~walked["withheld"]
    assert_frame_equal(walked.loc[shown, plain.columns.tolist()], plain[shown])
    assert walked.loc[~shown, FIELDS].isna().all(axis=None)
    assert plain.loc[shown, "population"].min() >= FLOOR
    assert plain.loc[~shown, "population"].max() >= FLOOR  # a sibling, or a group below one


def test_withheld_groups_come_last_and_by_name(dataset: Dataset, walked: pd.DataFrame) -> None:
    for path in walked.loc[walked["level"] < 3, "group_path"]:
        for options in ({}, {"sort_field": "population"}, {"sort_field": "population", "sort_order": "asc"}):
            found = dataset.groups(path, min_population=FLOOR, **options)
            assert found["withheld"].is_monotonic_increasing
            assert found.loc[found["withheld"], "group_name"].is_monotonic_increasing
            if not options:
                assert found["mean_score"].dropna().is_monotonic_decreasing


def test_a_withheld_group_shows_neither_users_nor_a_distribution(dataset: Dataset, walked: pd.DataFrame) -> None:
    for row in walked[walked["level"] == 3].itertuples():
        users = dataset.users(row.group_path, min_population=FLOOR)
        spread = dataset.distribution(row.group_path, min_population=FLOOR)
        plain_users, plain_spread = dataset.users(row.group_path), dataset.distribution(row.group_path)
        assert_frame_equal(users, plain_users.iloc[:0] if row.withheld else plain_users)
        assert_frame_equal(spread, plain_spread.iloc[:0] if row.withheld else plain_spread)


def test_a_floor_costs_no_request_more_however_deep_the_group(
    dataset: Dataset, standing: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    unread = standing.open_dataset(dataset.dataset_id)
    calls = []
    call = standing.api.call
    monkeypatch.setattr(standing.api, "call", lambda *given, **options: calls.append(given) or call(*given, **options))
    unread.groups(["district 0", "school 0", "class 0"], min_population=FLOOR)
    assert len(calls) == 1


def test_a_dataset_under_the_floor_shows_nothing(dataset: Dataset, crowd: Crowd) -> None:
    floor = crowd[1]["user_id"].nunique() + 1
    path = tuple(crowd[1].loc[0, LEVELS])
    assert dataset.walk(min_population=floor)["withheld"].all()
    assert not dataset.group(path, min_population=floor - 1).empty
    assert dataset.groups(path[:1], min_population=floor)["withheld"].all()
    assert dataset.group((), min_population=floor)["withheld"].all()
    assert dataset.users(path, min_population=floor).empty


def test_zero_shows_all_without_a_column(dataset: Dataset) -> None:
    assert "withheld" not in dataset.groups(min_population=0).columns


def test_a_floor_needs_the_field_population(crowd: Crowd, standing: Connection) -> None:
    dataset = standing.build_dataset(crowd[1], LEVELS, ["mean_score"])
    for ask in (dataset.group, dataset.groups, dataset.walk, dataset.distribution):
        with pytest.raises(lnb.NotOffered, match="population"):
            ask(min_population=5)
    assert len(dataset.groups()) == 3


def test_an_unknown_group_is_named_under_a_floor_too(dataset: Dataset) -> None:
    with pytest.raises(lnb.GroupNotFound, match=r"no group 'distrct 1' in the root group; did you mean `district 1`"):
        dataset.groups(["distrct 1", "school 0"], min_population=5)


def test_a_group_past_the_rows_that_can_be_had_has_its_own_population(hosted: Connection) -> None:
    roster = pd.DataFrame({"user_id": [f"u{number}" for number in range(2020)], "session_id": None})
    roster["school"] = [f"school {number // 2:04d}" for number in range(2020)]
    dataset = hosted.build_dataset(roster, ["school"], ["population"])
    last = dataset.group(["school 1009"], min_population=2)
    assert (last["population"].item(), last["withheld"].item()) == (2, False)
    with pytest.raises(lnb.IncompleteResult) as caught:
        dataset.groups(min_population=3)
    assert caught.value.frame["withheld"].all()


def test_pseudonyms_stand_in_for_ids_and_stay_the_same(dataset: Dataset, standing: Connection, crowd: Crowd) -> None:
    path = dataset.walk().query("level == 3").nlargest(1, "population")["group_path"].item()
    plain, masked = dataset.users(path), dataset.users(path, pseudonyms=True)
    assert not set(masked["user_id"]) & set(crowd[1]["user_id"])
    assert masked["user_id"].str.fullmatch("[A-Z2-7]{10}").all()
    assert masked["user_id"].nunique() == plain["user_id"].nunique()
    figures = ["score", "max_score"]
    in_order = {"by": figures, "ascending": False, "ignore_index": True}
    assert_frame_equal(masked[figures].sort_values(**in_order), plain[figures].sort_values(**in_order))
    again = standing.open_dataset(dataset.dataset_id).users(path, pseudonyms=True)
    assert_frame_equal(again, masked)


def test_users_with_equal_scores_stand_by_pseudonym(dataset: Dataset) -> None:
    path = dataset.walk().query("level == 3").nlargest(1, "population")["group_path"].item()
    found = dataset.users(path, pseudonyms=True)
    assert found["score"].dropna().is_monotonic_decreasing
    assert all(rows["user_id"].is_monotonic_increasing for _, rows in found.groupby("score", dropna=False))


def test_pseudonyms_last_as_long_as_the_state(crowd: Crowd, tmp_path: Path) -> None:
    found = []
    for state in ("one", "one", "two"):
        with lnb.connect_local(sessions=crowd[0], state=tmp_path / state) as connection:
            built = connection.build_dataset(crowd[1].head(40).assign(all="all"), ["all"], ["population"], ["score"])
            found.append(set(built.users(["all"], pseudonyms=True)["user_id"]))
    assert found[0] == found[1]
    assert not found[0] & found[2]


def test_a_dataset_without_a_connection_has_no_pseudonyms(dataset: Dataset, standing: Connection, crowd: Crowd) -> None:
    bare = Dataset(standing.api, standing.transfers, dataset.dataset_id, dataset.dataset_type, dataset.levels)
    path = tuple(crowd[1].loc[0, LEVELS])
    with pytest.raises(lnb.NotOffered, match="Pseudonyms"):
        bare.users(path, pseudonyms=True)


def test_each_frame_says_where_it_is_from(dataset: Dataset) -> None:
    path = dataset.walk()["group_path"].iloc[-1]
    asked = {
        "group": dataset.group(path),
        "groups": dataset.groups(path[:1], sort_field="population"),
        "users": dataset.users(path, min_population=3),
        "walk": dataset.walk(min_population=3),
        "distribution": dataset.distribution(path, "percent"),
    }
    for method, frame in asked.items():
        origin = origin_of(frame)
        call = dict(origin["call"])
        assert (origin["dataset_id"], call.pop("method")) == (dataset.dataset_id, method)
        assert_frame_equal(getattr(dataset, method)(**call), frame)


def test_the_files_above_a_group_are_asked_for_once_in_a_row(
    dataset: Dataset, standing: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    real = type(dataset._reader).files

    def counted(self: object, paths: list[tuple[str, ...]], **options: object) -> object:
        asked.append(len(paths))
        return real(self, paths, **options)

    unread = standing.open_dataset(dataset.dataset_id)
    path = unread.walk().query("level == 2")["group_path"].iloc[0]
    monkeypatch.setattr(type(dataset._reader), "files", counted)
    unread.group(path, min_population=FLOOR)
    unread.groups(path, min_population=FLOOR)
    unread.distribution(path, min_population=FLOOR)
    assert asked == [3, 1]
