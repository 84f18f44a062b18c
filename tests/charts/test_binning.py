from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learnosity_nb.charts.binning import MOST_BINS, STEPS_APART, bin_labels, bins_of, checked_edges, edges_for
from learnosity_nb.errors import InputError


def distinct(*values: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array(values, dtype=np.float64)


@pytest.mark.parametrize(
    ("values", "first", "last", "bins"),
    [
        (distinct(0, 1, 2, 10), -0.5, 10.5, 11),
        (distinct(7), 6.5, 7.5, 1),
        (distinct(0, 33.33333333333, 66.66666666666, 100), -16.66666666666, 116.6666666666, 4),
        (distinct(-1, 0, 1), -1.5, 1.5, 3),
        (distinct(*range(STEPS_APART + 1)), -0.5, STEPS_APART + 0.5, STEPS_APART + 1),
    ],
)
def test_values_that_stand_a_fixed_step_apart_get_a_bin_each(
    values: np.ndarray[tuple[int], np.dtype[np.float64]], first: float, last: float, bins: int
) -> None:
    edges = edges_for(values)
    assert edges[[0, -1]] == pytest.approx([first, last], abs=1e-6)
    assert len(edges) == bins + 1
    assert len(set(bins_of(values, edges))) == len(values)


@pytest.mark.parametrize(
    ("low", "high", "edges"),
    [
        (0.0, 100.0, [5.0 * k for k in range(21)]),
        (0.001, 0.31, [k / 50 for k in range(17)]),
        (-7.3, 812.0, [50.0 * k for k in range(-1, 18)]),
    ],
)
def test_other_values_get_round_edges(low: float, high: float, edges: list[float]) -> None:
    assert edges_for(distinct(low, low + 0.0001, high)).tolist() == edges


@settings(deadline=None)
@given(st.lists(st.floats(-1e6, 1e6).map(lambda value: round(value, 3)), min_size=1, max_size=60, unique=True))
def test_every_value_is_in_one_bin_and_there_are_not_too_many(values: list[float]) -> None:
    ordered = distinct(*sorted(values))
    edges = edges_for(ordered)
    assert len(edges) - 1 <= max(MOST_BINS, STEPS_APART + 1)
    assert np.all(np.diff(edges) > 0)
    at = bins_of(ordered, edges)
    assert np.all(edges[at] <= ordered)
    assert np.all(ordered <= edges[at + 1])


def test_a_bin_holds_its_start_and_only_the_last_its_end() -> None:
    assert bins_of(distinct(0, 20, 99, 100), distinct(0, 20, 40, 100)).tolist() == [0, 1, 2, 2]


def test_labels_say_the_value_or_the_range() -> None:
    values = distinct(1, 2)
    assert bin_labels(edges_for(values), values) == ["1", "2"]
    assert bin_labels(distinct(0, 50, 100), distinct(3, 77)) == ["0 to under 50", "50 to 100"]


@pytest.mark.parametrize("edges", [[1.0], [2.0, 1.0], [0.0, 0.0, 1.0], [[0.0, 1.0]]])
def test_edges_must_ascend(edges: list[float]) -> None:
    with pytest.raises(InputError, match="ascending order"):
        checked_edges(edges, distinct(0.5))


def test_edges_must_hold_every_value() -> None:
    with pytest.raises(InputError, match="widen the first and the last bin"):
        checked_edges([0, 5], distinct(0, 6))
    assert checked_edges([0, 6], distinct(0, 6)).tolist() == [0, 6]
