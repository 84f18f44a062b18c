from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import pytest

from learnosity_nb.charts import KINDS, describe
from learnosity_nb.errors import InputError

Spread = Callable[[Sequence[float]], pd.DataFrame]
Make = Callable[..., pd.DataFrame]


def test_a_distribution_in_a_sentence(spread: Spread) -> None:
    said = describe("distribution", spread([4.0] * 400 + [6.0] * 404 + [8.0] * 400), "score")
    assert said == "1,204 learners; from 4 to 8 points, median 6, middle half 4 to 8."
    assert (
        describe("ecdf", spread([50.0]))
        == "1 learner; from 50 to 50 percent of maximum, median 50, middle half 50 to 50."
    )


def test_groups_in_a_sentence(classes: pd.DataFrame) -> None:
    assert (
        describe("ranking", classes, "mean_percent") == "3 groups by mean percent of maximum; from 90 (8a) to 50 (7a)."
    )
    assert describe("percentiles", classes, "percent") == "3 groups; medians from 51 (7a) to 90 (8a)."
    assert describe("attempted", classes) == "3 groups; attempted 80 to 99 percent, means 50 to 90 percent of maximum."


def test_what_is_left_out_is_told(classes: pd.DataFrame) -> None:
    frame = classes.assign(withheld=[False, False, True], mean_percent=[50.0, np.nan, np.nan])
    assert describe("ranking", frame) == (
        "1 group by mean percent of maximum; 50 (7a); 1 group withheld; 1 group without a value left out."
    )


@pytest.mark.parametrize("kind", [kind["key"] for kind in KINDS])
def test_nothing_is_told_too(kind: str, classes: pd.DataFrame, spread: Spread) -> None:
    frame = spread([]) if kind in {"distribution", "ecdf"} else classes.head(0)
    assert describe(kind, frame) == "No scores."
    assert describe(kind, None) == "No scores."


def test_groups_without_a_median_have_no_medians(classes: pd.DataFrame) -> None:
    assert describe("percentiles", classes, "score").startswith("No scores")


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(InputError, match="no kind of chart 'pie'"):
        describe("pie", None)


def test_a_funnel_says_which_groups_are_outside(groups: Make) -> None:
    many = groups(
        [f"g{at}" for at in range(12)],
        population=[100] * 12,
        mean_percent=[*range(20, 100, 10), 50.0, 50.0, 50.0, 50.0],
        stddev_percent=[5.0] * 12,
    )
    own = groups([""], mean_percent=[50.0])
    said = describe("funnel", many, "percent", own=own)
    assert said == (
        "12 groups; 7 outside the limits of 99.8 percent: g0, g1, g2, g4, g5, g6 and others; "
        "sizes count learners without a score too."
    )
    none = many.assign(mean_percent=50.0, n=100)
    assert describe("funnel", none) == "12 groups; 0 outside the limits of 99.8 percent."
    assert describe("funnel", many.head(0)) == "No scores."
