"""Datasets compared, and groups of a dataset, against scipy over the users themselves."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from scipy import stats

import learnosity_nb as lnb
from learnosity_nb.connections.connection import Connection
from learnosity_nb.connections.dataset import Dataset
from learnosity_nb.frames.comparison import DATASETS_COLUMNS, GROUPS_COLUMNS
from learnosity_nb.frames.origin import origin_of
from learnosity_nb.wire.datasets import initialise

LEVELS = ["district", "school", "class"]
FIELDS = ["population", "mean_score", "median_score", "stddev_score"]
Crowd = tuple[pd.DataFrame, pd.DataFrame]


@pytest.fixture(scope="module")
def later(shared_crowd: Crowd) -> Crowd:
    """The same learners another year: higher scores, one school gone and a new one."""
    sessions, roster = shared_crowd
    moved = roster.assign(district=roster["district"].where(roster["class"] != "class 0", "district 9"))
    draw = np.random.default_rng(8)
    scores = sessions["score"] + draw.integers(0, 12, len(sessions)) / 2
    return sessions.assign(score=scores), moved[moved["school"] != "school 2"]


@pytest.fixture(scope="module")
def other(later: Crowd) -> Iterator[Dataset]:
    with lnb.connect_local(sessions=later[0], progress=False) as connection:
        yield connection.build_dataset(later[1], LEVELS, FIELDS)


@pytest.fixture(scope="module")
def dataset(shared_crowd: Crowd, standing: Connection) -> Dataset:
    return standing.build_dataset(shared_crowd[1], LEVELS, FIELDS)


def users_of(crowd: Crowd, path: tuple[str, ...], field: str = "score") -> np.ndarray:
    """Return the values of the users at or below a group, each user once."""
    sessions, roster = crowd
    here = roster[(roster[LEVELS[: len(path)]] == list(path)).all(axis=1)]
    everyone = lnb.summarize_users(sessions, here.assign(all="all"), ["all"])
    values = everyone["score"] if field == "score" else 100 * everyone["score"] / everyone["max_score"]
    return values.replace([np.inf, -np.inf], np.nan).dropna().to_numpy()


@pytest.mark.parametrize("field", ["score", "percent"])
def test_every_figure_is_what_the_users_give(
    crowd: Crowd, later: Crowd, dataset: Dataset, other: Dataset, field: str
) -> None:
    found = dataset.compare(other, field=field).set_index("group_path")
    both = found[found["found_in"] == "both"]
    for path in [*both.index[:6], *both.index[-4:]]:
        row, first, second = found.loc[[path]].iloc[0], users_of(crowd, path, field), users_of(later, path, field)
        assert (row["n_1"], row["n_2"]) == (len(first), len(second))
        assert (row["mean_1"], row["mean_2"]) == pytest.approx((first.mean(), second.mean()))
        assert (row["median_1"], row["median_2"]) == pytest.approx((np.median(first), np.median(second)))
        assert row["mean_difference"] == pytest.approx(second.mean() - first.mean())
        assert row["median_difference"] == pytest.approx(np.median(second) - np.median(first))
        welch = stats.ttest_ind(second, first, equal_var=False).confidence_interval(0.95)
        assert (row["mean_difference_low"], row["mean_difference_high"]) == pytest.approx((welch.low, welch.high))
        u = stats.mannwhitneyu(second, first).statistic
        assert row["cliffs_delta"] == pytest.approx(2 * u / len(first) / len(second) - 1)
        assert row["median_difference_low"] <= row["median_difference_high"]
        assert row["hedges_g_low"] < row["hedges_g"] < row["hedges_g_high"]


def test_groups_that_one_dataset_has_are_kept(dataset: Dataset, other: Dataset) -> None:
    found = dataset.compare(other)
    first, second = dataset.walk(), other.walk()
    assert set(found["group_path"]) == set(first["group_path"]) | set(second["group_path"])
    assert found["found_in"].value_counts().to_dict().keys() == {"both", "first", "second"}
    for where, walked, absent in (("first", second, "n_2"), ("second", first, "n_1")):
        alone = found[found["found_in"] == where]
        assert not set(alone["group_path"]) & set(walked["group_path"])
        assert alone[absent].isna().all()
        assert alone.filter(like="difference").isna().all(axis=None)
    assert found["group_path"].tolist() == sorted(found["group_path"], key=lambda path: (len(path), path))
    group_columns = first.columns[: first.columns.get_loc("population")].tolist()
    assert list(found.columns) == [*group_columns, *(column.name for column in DATASETS_COLUMNS)]
    assert_frame_equal(
        found.loc[found["found_in"] != "second", group_columns].reset_index(drop=True), first[group_columns]
    )


def test_a_dataset_is_equal_to_itself(dataset: Dataset) -> None:
    found = dataset.compare(dataset)
    assert (found["found_in"] == "both").all()
    for name in ("mean_difference", "median_difference", "hedges_g", "cliffs_delta"):
        assert (found[name].dropna() == 0).all()
    assert (found["mean_difference_low"].dropna() <= 0).all()


def test_the_other_way_round_has_the_opposite_sign(dataset: Dataset, other: Dataset) -> None:
    there, back = dataset.compare(other, level=1), other.compare(dataset, level="district")
    for name in ("mean_difference", "median_difference", "hedges_g", "cliffs_delta"):
        assert there[name].to_numpy() == pytest.approx(-back[name].to_numpy(), nan_ok=True)
    assert there["hedges_g_low"].to_numpy() == pytest.approx(-back["hedges_g_high"].to_numpy(), nan_ok=True)
    assert there["n_1"].tolist() == back["n_2"].tolist()


def test_one_level_and_one_part_have_the_rows_of_the_whole(dataset: Dataset, other: Dataset) -> None:
    whole = dataset.compare(other)
    schools = whole[whole["level"] == 2].reset_index(drop=True)
    assert_frame_equal(dataset.compare(other, level="school"), schools)
    below = whole[[path[:1] == ("district 1",) for path in whole["group_path"]]].reset_index(drop=True)
    assert_frame_equal(dataset.compare(other, ["district 1"]), below)
    new = dataset.compare(other, ["district 9"])
    assert set(new["found_in"]) == {"second"}


def test_what_cannot_be_compared_says_why(dataset: Dataset, standing: Connection, crowd: Crowd) -> None:
    shallow = standing.build_dataset(crowd[1], ["district"], FIELDS)
    with pytest.raises(lnb.InputError, match=r"3 of them, .* has 1"):
        dataset.compare(shallow)
    with pytest.raises(lnb.InputError, match="another Dataset, not 'x'"):
        dataset.compare("x")  # type: ignore[arg-type]
    with pytest.raises(lnb.InputError, match="no level 'schools'; did you mean `school`"):
        dataset.compare(dataset, level="schools")
    with pytest.raises(lnb.InputError, match="no level 4"):
        dataset.compare(dataset, level=4)
    with pytest.raises(lnb.GroupNotFound, match="no group 'nowhere'"):
        dataset.compare(dataset, ["nowhere"])
    with pytest.raises(lnb.InputError, match="score or percent"):
        dataset.compare(dataset, field="max_score")
    for confidence in (0, 1, 95, "0.95"):
        with pytest.raises(lnb.InputError, match="confidence"):
            dataset.compare(dataset, confidence=confidence)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("scores", "note"),
    [
        ([1.0] * 10, None),
        ([1.0] * 9 + [None], "fewer than 10 in one group"),
        ([1.0, 2.0], "fewer than 10 in one group"),
        ([1.0], "a single user in one group: no interval"),
        ([None] * 4, "nobody has a score in one group"),
    ],
)
def test_small_groups_are_noted(scores: list[float | None], note: str | None) -> None:
    sessions = pd.DataFrame({"score": [*scores, *np.arange(12.0)], "max_score": 20.0})
    sessions["session_id"] = sessions["user_id"] = [f"u{number}" for number in range(len(sessions))]
    roster = sessions[["user_id", "session_id"]].assign(school=["one"] * len(scores) + ["two"] * 12)
    with lnb.connect_local(sessions=sessions, progress=False) as connection:
        dataset = connection.build_dataset(roster, ["school"], FIELDS)
        found = dataset.compare_groups([["two"], ["one"]])
        by_two = dataset.compare(dataset).set_index("group_name")["note"]
    assert [None if pd.isna(said) else said for said in found["note"]] == [None, note]
    assert pd.isna(by_two["two"])
    assert (None if pd.isna(by_two["one"]) else by_two["one"]) == note
    has_interval = not pd.isna(found["mean_difference_low"][1])
    assert has_interval == (note is None or note.startswith("fewer"))


def test_a_dataset_that_is_not_compiled_has_nothing_to_compare(dataset: Dataset, standing: Connection) -> None:
    request = {"dataset_type": dataset.dataset_type, "file_count": 1, "groups": [{"key": "a", "label": "A"}]}
    waiting = initialise(standing.api, {**request, "options": {"fields": ["population"]}})
    with pytest.raises(lnb.GroupNotFound, match="no groups yet"):
        dataset.compare(standing.open_dataset(waiting.dataset_id))


def test_withheld_groups_are_compared_with_nothing(dataset: Dataset, other: Dataset) -> None:
    found = dataset.compare(other, min_population=12).set_index("group_path")
    plain = dataset.compare(other).set_index("group_path")
    for side, walked in (("1", dataset.walk(min_population=12)), ("2", other.walk(min_population=12))):
        hidden = walked.loc[walked["withheld"], "group_path"]
        figures = [f"n_{side}", f"mean_{side}", f"median_{side}", "mean_difference", "hedges_g", "cliffs_delta"]
        assert found.loc[list(hidden), figures].isna().all(axis=None)
        assert found.loc[list(hidden), "withheld"].all()
        assert found.loc[list(hidden), "note"].str.startswith("withheld").all()
    shown = found[~found["withheld"]]
    assert 0 < len(shown) < len(found)
    assert_frame_equal(shown.drop(columns="withheld"), plain.loc[shown.index])


def test_intervals_depend_on_the_seed_and_on_no_other_group(dataset: Dataset, other: Dataset) -> None:
    columns = ["median_difference_low", "median_difference_high"]
    whole = dataset.compare(other, seed=3).set_index("group_path")
    alone = dataset.compare(other, ["district 0"], level=2, seed=3).set_index("group_path")
    assert_frame_equal(alone[columns], whole.loc[alone.index, columns])
    assert not dataset.compare(other, seed=4).set_index("group_path")[columns].equals(whole[columns])


def test_without_distributions_the_fields_stand_in(crowd: Crowd, dataset: Dataset, hosted: Connection) -> None:
    remote = hosted.build_dataset(crowd[1], LEVELS, FIELDS)
    found = dataset.compare(remote, level=1)
    walked = remote.walk().query("level == 1")
    assert found["n_2"].tolist() == walked["population"].tolist()
    assert found["mean_2"].tolist() == walked["mean_score"].tolist()
    assert found["median_2"].tolist() == walked["median_score"].tolist()
    assert found["mean_difference"].abs().max() < 0.011  # the service cuts its figures
    assert found["mean_difference_low"].lt(0).all()
    assert found["hedges_g_high"].gt(0).all()
    assert found["median_difference"].abs().max() < 0.011
    assert found[["median_difference_low", "cliffs_delta"]].isna().all(axis=None)
    assert (found["note"] == "n is the population, those without a score too").all()
    assert_frame_equal(dataset.compare(remote).query("level == 1").reset_index(drop=True), found)
    first = walked["group_path"].iloc[0]
    assert remote.compare_groups([first])["mean_low"].item() < remote.compare_groups([first])["mean"].item()
    with pytest.raises(lnb.NotOffered, match=r"mean_percent and stddev_percent.*median_percent"):
        dataset.compare(remote, field="percent")


def test_groups_of_one_dataset(crowd: Crowd, dataset: Dataset) -> None:
    paths = [("district 1",), ("district 0",), ("district 2", "school 1")]
    found = dataset.compare_groups(paths, confidence=0.9)
    values = [users_of(crowd, path) for path in paths]
    assert found["group_path"].tolist() == paths
    assert found["n"].tolist() == [len(one) for one in values]
    for row, one in enumerate(values):
        low, high = stats.ttest_1samp(one, 0).confidence_interval(0.9)
        assert found.loc[row, ["mean_low", "mean", "mean_high"]].tolist() == pytest.approx([low, one.mean(), high])
        assert found.loc[row, "median"] == np.median(one)
    for row in (1, 2):
        welch = stats.ttest_ind(values[row], values[0], equal_var=False).confidence_interval(0.9)
        assert found.loc[row, "mean_difference"] == pytest.approx(values[row].mean() - values[0].mean())
        assert found.loc[row, "mean_difference_low"] == pytest.approx(welch.low)
        u = stats.mannwhitneyu(values[row], values[0]).statistic
        assert found.loc[row, "cliffs_delta"] == pytest.approx(2 * u / len(values[0]) / len(values[row]) - 1)
    differences = [name for name in found.columns if "difference" in name or "hedges" in name or "cliffs" in name]
    assert found.loc[0, differences].isna().all()
    assert list(found.columns)[7:] == [column.name for column in GROUPS_COLUMNS]


def test_withheld_groups_of_one_dataset_have_no_figures(dataset: Dataset) -> None:
    walked = dataset.walk(min_population=12)
    shown, hidden = (walked[(walked["level"] == 3) & (walked["withheld"] == is_hidden)] for is_hidden in (False, True))
    paths = [shown["group_path"].iloc[0], hidden["group_path"].iloc[0]]
    found = dataset.compare_groups(paths, min_population=12)
    assert found["withheld"].tolist() == [False, True]
    assert found.loc[1, ["n", "mean", "median", "mean_difference"]].isna().all()
    assert found.loc[1, "note"] == "withheld"
    assert not pd.isna(found.loc[0, "mean"])


@pytest.mark.parametrize(
    ("paths", "said"),
    [
        ([], "one group or more"),
        ([["district 0"], ["district 0"]], "each once"),
        ([["district 0"], ["district 0", "school 0"]], "share their users"),
        ([["district 0", "school 0"], []], "share their users"),
    ],
)
def test_groups_are_apart_and_each_comes_once(dataset: Dataset, paths: list[list[str]], said: str) -> None:
    with pytest.raises(lnb.InputError, match=said):
        dataset.compare_groups(paths)


def test_a_comparison_says_where_it_is_from(dataset: Dataset, other: Dataset) -> None:
    origin = origin_of(dataset.compare(other, level=0))
    assert (origin["dataset_id"], origin["call"]["other"]) == (dataset.dataset_id, other.dataset_id)
    assert origin["call"]["method"] == "compare"
    assert origin_of(dataset.compare_groups([["district 0"]]))["call"]["paths"] == [["district 0"]]


@pytest.mark.parametrize("seed", [-1, None, 1.5, True])
def test_a_seed_is_a_whole_number(dataset: Dataset, seed: object) -> None:
    with pytest.raises(lnb.InputError, match="seed must be a whole number"):
        dataset.compare(dataset, seed=seed)  # type: ignore[arg-type]
