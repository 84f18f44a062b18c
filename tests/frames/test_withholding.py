from __future__ import annotations

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from learnosity_nb.errors import InputError, NotOffered
from learnosity_nb.frames.groups import groups_frame
from learnosity_nb.frames.withholding import is_withheld, withhold_groups

FIELDS = ["population", "group_count", "mean_score"]
ROWS = [
    ["r", [], "", 30, 3, 5.0],
    ["a", ["a"], "a", 12, 2, 6.0],
    ["b", ["b"], "b", 15, 1, 4.0],
    ["c", ["c"], "c", 3, 1, 9.0],
    ["ax", ["a", "x"], "x", 6, 0, 6.0],
    ["ay", ["a", "y"], "y", 6, 0, 6.0],
    ["bx", ["b", "x"], "x", 15, 0, 4.0],
    ["cx", ["c", "x"], "x", 3, 0, 9.0],
]


@pytest.fixture
def walked() -> pd.DataFrame:
    return groups_frame(ROWS, FIELDS, ["district", "school"])


def test_figures_are_nulled_and_names_stay(walked: pd.DataFrame) -> None:
    found = withhold_groups(walked, 5)
    assert found["withheld"].tolist() == [False, True, False, True, True, True, False, True]
    assert found.loc[found["withheld"], FIELDS].isna().all(axis=None)
    shown = ~found["withheld"]
    assert_frame_equal(found.loc[shown, FIELDS], walked.loc[shown, FIELDS])
    others = [name for name in walked.columns if name not in FIELDS]
    assert_frame_equal(found[others], walked[others])
    assert found.dtypes[FIELDS].tolist() == walked.dtypes[FIELDS].tolist()


def test_the_order_of_rows_does_not_matter(walked: pd.DataFrame) -> None:
    mixed = walked.sample(frac=1, random_state=3)
    assert_frame_equal(withhold_groups(mixed, 5), withhold_groups(walked, 5).loc[mixed.index])


def test_the_children_of_one_group_are_enough(walked: pd.DataFrame) -> None:
    children = walked[walked["level"] == 1]
    assert withhold_groups(children, 5)["withheld"].tolist() == [True, False, True]
    assert withhold_groups(children, 5, above=True)["withheld"].all()
    assert not withhold_groups(children.iloc[:0], 5)["withheld"].any()


def test_equal_siblings_are_taken_by_path_whatever_the_order_of_rows() -> None:
    rows = [["q", ["q"], "q", 9, 0, 1.0], ["p", ["p"], "p", 9, 0, 1.0], ["s", ["s"], "s", 2, 0, 1.0]]
    found = withhold_groups(groups_frame(rows, FIELDS, ["district"]), 5)
    assert found.loc[found["withheld"], "group_name"].tolist() == ["p", "s"]


def test_a_population_that_is_not_known_is_withheld(walked: pd.DataFrame) -> None:
    unknown = walked.assign(population=walked["population"].mask(walked["group_id"] == "bx"))
    assert withhold_groups(unknown, 1).set_index("group_id")["withheld"]["bx"]


def test_zero_switches_the_rule_off(walked: pd.DataFrame) -> None:
    assert "withheld" not in withhold_groups(walked, 0).columns


def test_a_floor_needs_the_population_and_is_a_whole_number(walked: pd.DataFrame) -> None:
    with pytest.raises(NotOffered, match="needs the field population"):
        withhold_groups(walked.drop(columns="population"), 5)
    for floor in (-1, 2.5, True, "5"):
        with pytest.raises(InputError, match="min_population must be a whole number from 0"):
            withhold_groups(walked, floor)  # type: ignore[arg-type]


def test_a_frame_says_of_each_group_whether_it_is_withheld(walked: pd.DataFrame) -> None:
    assert is_withheld(walked).tolist() == [False] * len(walked)
    found = withhold_groups(walked, 5)
    assert is_withheld(found).tolist() == found["withheld"].tolist()
    assert is_withheld(found.head(0)).tolist() == []
