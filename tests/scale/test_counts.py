"""A group's figures from counts of values are those from its users."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learnosity_nb.domain.fields import parse_fields
from learnosity_nb.scale.counts import CountedValues, summarize_counts

MARKS = st.one_of(st.integers(-20, 20).map(float), st.floats(-1e6, 1e6).map(lambda mark: round(mark, 2)))


def counted(values: list[float]) -> CountedValues:
    return CountedValues(*np.unique(np.array(values), return_counts=True))


@settings(deadline=None)
@given(values=st.lists(MARKS, min_size=1, max_size=60), percent=st.integers(0, 99))
def test_quantiles_and_bounds_are_those_of_numpy(values: list[float], percent: int) -> None:
    found = counted(values)
    assert found.quantile(percent)[0] == pytest.approx(np.percentile(values, percent), rel=1e-12, abs=1e-9)
    assert (found.lowest()[0], found.highest()[0]) == (min(values), max(values))


@settings(deadline=None)
@given(values=st.lists(MARKS, min_size=1, max_size=60))
def test_mean_and_deviation_are_those_of_numpy(values: list[float]) -> None:
    found = counted(values)
    assert found.mean()[0] == pytest.approx(np.mean(values), rel=1e-12, abs=1e-9)
    deviation = np.std(values, ddof=1) if len(values) > 1 else np.nan
    assert found.stddev(1)[0] == pytest.approx(deviation, rel=1e-9, abs=1e-6, nan_ok=True)


def test_sums_are_exact_for_as_many_values_as_there_are_users() -> None:
    found = CountedValues(np.array([1 / 7, 1 / 3]), np.array([10**9, 1]))
    exact = Fraction(1 / 7) * 10**9 + Fraction(1 / 3)
    assert found.mean()[0] == float(exact) / (10**9 + 1)


def test_the_figures_of_decimals_are_those_of_decimals() -> None:
    found = CountedValues(np.array([93.18, 93.2, 93.22]), np.array([1, 1, 1]))
    assert (found.stddev(1)[0], found.mean()[0], found.lowest()[0]) == (0.02, 93.2, 93.18)
    assert CountedValues(np.array([-7.1, 8.9]), np.array([1, 1])).quantile(40)[0] == -0.7


def test_a_measure_nobody_has_is_null() -> None:
    runs = pa.table({"measure": ["users", "score"], "value": [0.0, 3.0], "count": [4, 1]})
    fields = parse_fields(["population", "group_count", "mean_score", "stddev_score", "mean_percent"])
    assert summarize_counts(runs, fields) == [4.0, None, 3.0, None, None]
