from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from learnosity_nb.charts import comparison, comparison_rows, split_chart
from learnosity_nb.errors import ColumnError, InputError
from learnosity_nb.frames.origin import with_origin

Make = Callable[..., pd.DataFrame]


@pytest.fixture
def compared(groups: Make) -> pd.DataFrame:
    """Three groups of two datasets; the second has no last one."""
    return groups(
        ["a", "b", "c"],
        n_1=[10, 20, 5],
        n_2=[11, 21, np.nan],
        mean_1=[5.0, 6.0, 7.0],
        mean_2=[7.0, 5.0, np.nan],
        mean_difference=[2.0, -1.0, np.nan],
        mean_difference_low=[0.5, -3.0, np.nan],
        mean_difference_high=[3.5, 1.0, np.nan],
        hedges_g=[0.4, -0.2, np.nan],
        hedges_g_low=[0.1, -0.5, np.nan],
        hedges_g_high=[0.7, 0.1, np.nan],
        note=[None, "small", None],
    )


def test_differences_with_their_intervals(compared: pd.DataFrame) -> None:
    rows = comparison_rows(compared.set_axis([7, 8, 9]))
    assert rows["name"].tolist() == ["a", "b"]
    assert rows["population"].tolist() == [21, 41]
    assert rows[["first", "second", "difference", "low", "high"]].to_numpy().tolist() == [
        [5.0, 7.0, 2.0, 0.5, 3.5],
        [6.0, 5.0, -1.0, -3.0, 1.0],
    ]
    assert rows["sure"].tolist() == ["yes", "no"]
    assert rows["note"].tolist()[1] == "small"


def test_groups_are_held_against_the_first(groups: Make) -> None:
    frame = groups(
        ["a", "b"],
        n=[10, 12],
        median=[5.0, 8.0],
        median_difference=[np.nan, 3.0],
        median_difference_low=[np.nan, np.nan],
        median_difference_high=[np.nan, np.nan],
    )
    rows = comparison_rows(frame, "median_difference")
    assert rows[["name", "first", "second", "difference"]].to_numpy().tolist() == [["b", 5.0, 8.0, 3.0]]
    assert rows["low"].isna().all()
    assert rows["sure"].tolist() == ["no"]


def test_the_axis_has_the_unit_and_what_is_left_out_is_said(compared: pd.DataFrame) -> None:
    spec, datasets = split_chart(comparison(compared, field="percent"))
    assert "Difference of means (points of percent)" in repr(spec)
    assert spec["title"]["subtitle"] == ["1 group without a difference left out"]
    assert len(datasets["groups"]) == 2
    assert "points" not in repr(split_chart(comparison(compared, difference="hedges_g", field="score"))[0])


@pytest.mark.parametrize(
    ("confidence", "said"),
    [(0.95, "95 % interval"), (0.9, "90 % interval"), (0.999, "99.9 % interval"), (0.99999, "99.999 % interval")],
)
def test_intervals_are_named_as_the_comparison_was_asked(compared: pd.DataFrame, confidence: float, said: str) -> None:
    asked = with_origin(
        compared, dataset_id="a", call={"method": "compare", "confidence": confidence, "field": "score"}
    )
    spec = repr(split_chart(comparison(asked))[0])
    assert f"'line: {said} · filled: it does not hold zero'" in spec
    assert f"'{said} from'" in spec
    assert "Difference of means (points)" in spec
    assert "Difference of means (points of percent)" in repr(split_chart(comparison(asked, field="percent"))[0])


def test_intervals_of_an_unknown_confidence_have_no_number(compared: pd.DataFrame) -> None:
    spec = repr(split_chart(comparison(compared))[0])
    assert "line: confidence interval" in spec
    assert "Confidence interval from" in spec
    assert "95 %" not in spec


def test_nothing_to_compare_is_said(compared: pd.DataFrame) -> None:
    assert split_chart(comparison(compared.head(0)))[1]["message"] == [{"text": "Nothing to compare"}]


def test_what_is_no_comparison_is_refused(compared: pd.DataFrame) -> None:
    with pytest.raises(ColumnError, match="median_difference_low"):
        comparison(compared, difference="median_difference")
    with pytest.raises(InputError, match="difference is mean_difference"):
        comparison(compared, difference="mean")  # type: ignore[arg-type]
