"""Datasets as an analyst reads them."""

from __future__ import annotations

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import learnosity_nb as lnb
from learnosity_nb.connections.connection import Connection
from learnosity_nb.domain.policy import ROWS_PER_PAGE

LEVELS = ["district", "school", "class"]
FIELDS = ["population", "mean_score", "p05_percent"]
Crowd = tuple[pd.DataFrame, pd.DataFrame]


@pytest.fixture(scope="module")
def dataset(shared_crowd: Crowd, standing: Connection) -> lnb.Dataset:
    return standing.build_dataset(shared_crowd[1], LEVELS, FIELDS)


def test_walk_equals_the_truncated_summary(crowd: Crowd, standing: Connection) -> None:
    sessions, roster = crowd
    expected = lnb.truncate_summary(lnb.summarize_groups(sessions, roster, LEVELS))
    assert_frame_equal(standing.build_dataset(roster, LEVELS).walk(), expected)


def test_walk_without_known_levels_numbers_them(dataset: lnb.Dataset, standing: Connection) -> None:
    unnamed = lnb.Dataset(standing.api, standing.transfers, dataset.dataset_id, dataset.dataset_type, None)
    renamed = dataset.walk().rename(columns={"district": "level_1", "school": "level_2", "class": "level_3"})
    assert_frame_equal(unnamed.walk(), renamed)
    assert list(unnamed.group().columns[:5]) == ["group_id", "level", "group_name", "group_path", "population"]


def test_groups_are_sorted_as_the_dataset_was_built(crowd: Crowd, standing: Connection) -> None:
    dataset = standing.build_dataset(crowd[1], LEVELS, FIELDS, sort_field="mean_score", sort_order="asc")
    for path in ([], ["district 0"], ["district 0", "school 0"]):
        means = dataset.groups(path)["mean_score"]
        assert means.dropna().is_monotonic_increasing
        assert not means.isna().cummax().sum() > means.isna().sum()  # nulls come last


def test_groups_can_be_sorted_by_any_column(dataset: lnb.Dataset) -> None:
    up = dataset.groups(["district 0", "school 0"], sort_field="p05_percent", sort_order="asc")
    down = dataset.groups(["district 0", "school 0"], sort_field="p05_percent")
    assert set(up["group_id"]) == set(down["group_id"])
    assert up["p05_percent"].dropna().is_monotonic_increasing
    assert down["p05_percent"].dropna().is_monotonic_decreasing
    by_population = dataset.groups(sort_order="asc")["population"]  # the field as the dataset was built
    assert by_population.is_monotonic_increasing
    with pytest.raises(lnb.InputError, match="asc or desc"):
        dataset.groups(sort_order="sideways")
    with pytest.raises(lnb.InputError, match="did you mean `mean_score`"):
        dataset.groups(sort_field="mean_scores")
    with pytest.raises(lnb.InputError, match="asc or desc"):
        dataset.groups(sort_field="population", sort_order="up")


def test_a_group_is_its_row_in_the_walk(dataset: lnb.Dataset) -> None:
    walked = dataset.walk()
    for path in [(), ("district 1",), ("district 1", "school 0"), walked["group_path"].iloc[-1]]:
        row = walked[walked["group_path"] == path].reset_index(drop=True)
        assert_frame_equal(dataset.group(path), row, check_dtype=True)
    assert dataset.groups(walked["group_path"].iloc[-1]).empty


def test_an_unknown_group_names_near_ones(dataset: lnb.Dataset) -> None:
    with pytest.raises(lnb.GroupNotFound, match=r"no group 'distrct 1' in the root group; did you mean `district 1`"):
        dataset.groups(["distrct 1"])
    with pytest.raises(lnb.GroupNotFound, match="no group 'x' in"):
        dataset.group(["district 1", "x", "y"])
    with pytest.raises(lnb.InputError, match="list of group names"):
        dataset.groups("district 1")  # type: ignore[arg-type]


def test_users_are_those_of_summarize_users(crowd: Crowd, standing: Connection) -> None:
    sessions, roster = crowd
    fields = ["score", "max_score", "seen_activities"]
    dataset = standing.build_dataset(roster, LEVELS, FIELDS, fields)
    everyone = lnb.summarize_users(sessions, roster, LEVELS, fields)
    for path, expected in everyone.groupby("group_path"):
        found = dataset.users(path)
        assert list(found.columns) == ["user_id", *fields]
        order = expected.sort_values("score", ascending=False, kind="stable", na_position="last")
        assert_frame_equal(found, order[found.columns].reset_index(drop=True))


def test_users_can_be_sorted_otherwise(crowd: Crowd, standing: Connection) -> None:
    dataset = standing.build_dataset(
        crowd[1], LEVELS, FIELDS, ["score", "max_score"], users_sort_field="max_score", users_sort_order="asc"
    )
    leaf = dataset.walk().query("level == 3").nlargest(1, "population")["group_path"].item()
    assert dataset.users(leaf)["max_score"].dropna().is_monotonic_increasing


def test_users_are_of_the_last_level_and_need_user_fields(dataset: lnb.Dataset) -> None:
    with pytest.raises(lnb.InputError, match="last level, class"):
        dataset.users(["district 0"])
    with pytest.raises(lnb.NotOffered, match="user_fields"):
        dataset.users(dataset.walk()["group_path"].iloc[-1])


def test_a_distribution_counts_every_score(crowd: Crowd, standing: Connection) -> None:
    sessions, roster = crowd
    dataset = standing.build_dataset(roster, LEVELS, ["population", "highest_percent"])
    users = lnb.summarize_users(sessions, roster, LEVELS)
    leaf = users["group_path"].iloc[0]
    scores = users[users["group_path"] == leaf]["score"].dropna()
    found = dataset.distribution(leaf)
    assert dict(zip(found["value"], found["count"], strict=True)) == scores.value_counts().to_dict()
    assert found["value"].is_monotonic_increasing
    root = dataset.distribution(field="percent")
    assert root["value"].max() == dataset.group()["highest_percent"].item()
    with pytest.raises(lnb.InputError, match="score or percent"):
        dataset.distribution(field="max_score")


def test_more_rows_than_a_page_come_whole(standing: Connection) -> None:
    count = 2 * ROWS_PER_PAGE + 410
    roster = pd.DataFrame({"user_id": [f"u{n}" for n in range(count)], "session_id": None})
    roster["school"] = [f"school {number:04d}" for number in range(count)]
    dataset = standing.build_dataset(roster, ["school"], ["population"], ["score"])
    assert dataset.groups()["group_name"].tolist() == sorted(roster["school"])
    assert len(dataset.walk()) == count + 1
    one_class = standing.build_dataset(roster.assign(school="one"), ["school"], ["population"], ["score"])
    assert one_class.users(["one"])["user_id"].tolist() == sorted(roster["user_id"])


def test_a_service_without_pages_gives_no_silent_part(hosted: Connection) -> None:
    count = ROWS_PER_PAGE + 5
    roster = pd.DataFrame({"user_id": [f"u{n}" for n in range(count)], "session_id": None})
    roster["school"] = [f"school {number:04d}" for number in range(count)]
    dataset = hosted.build_dataset(roster, ["school"], ["population"])
    with pytest.raises(lnb.IncompleteResult, match=r"1,000 of the 1,005") as caught:
        dataset.groups()
    assert len(caught.value.frame) == ROWS_PER_PAGE
    assert_frame_equal(dataset.groups(allow_partial=True), caught.value.frame)
    with pytest.raises(lnb.IncompleteResult, match="5 groups") as walked:
        dataset.walk()
    assert len(walked.value.frame) == ROWS_PER_PAGE + 1


def test_a_service_without_the_additions_says_so(crowd: Crowd, hosted: Connection) -> None:
    dataset = hosted.build_dataset(crowd[1], LEVELS, FIELDS, ["score"])
    with pytest.raises(lnb.NotOffered, match="distributions"):
        dataset.distribution()
    with pytest.raises(lnb.NotOffered, match="user rows"):
        dataset.users(dataset.walk()["group_path"].iloc[-1])


def test_a_dataset_that_is_not_compiled_says_so(standing: Connection) -> None:
    unknown = standing.open_dataset("00000000-0000-4000-8000-000000000000")
    with pytest.raises(lnb.ApiError, match="no sessions-summary-by-group dataset"):
        unknown.groups()


def test_a_dataset_shows_its_levels(crowd: Crowd, standing: Connection) -> None:
    dataset = standing.build_dataset(crowd[1], {"district": "District", "class": "Form"}, ["population"])
    assert repr(dataset) == f"Dataset({dataset.dataset_id!r}, District > Form)"
    assert "levels not known" in repr(lnb.Dataset(standing.api, standing.transfers, "x", "y", None))


def test_sorting_by_a_figure_that_the_dataset_lacks_says_to_add_it(standing: Connection, crowd: Crowd) -> None:
    dataset = standing.build_dataset(crowd[1], LEVELS, ["population", "mean_score"])
    for floor in (0, 5):
        with pytest.raises(lnb.InputError, match="has no mean_percent to sort by: add it to fields when you build"):
            dataset.groups(sort_field="mean_percent", min_population=floor)
    with pytest.raises(lnb.InputError, match="no column 'mean_scor' to sort by; did you mean `mean_score`"):
        dataset.groups(sort_field="mean_scor")
    assert len(dataset.groups(sort_field="group_name")) == 3
