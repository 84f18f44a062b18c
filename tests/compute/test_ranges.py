from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnosity_nb.compute.ranges import Ranges, find_ranges

INF = math.inf
VALUES = st.one_of(
    st.lists(st.integers(0, 9).map(float), max_size=60),
    st.lists(st.one_of(st.floats(0, 1e6), st.just(INF), st.just(0.0)), max_size=40),
)


def percentile(values: list[float], percent: int) -> float:
    """Linear interpolation in plain Python; infinite as soon as a value it looks at is."""
    ranked = sorted(values)
    place = (len(ranked) - 1) * percent
    below, above = ranked[place // 100], ranked[min(place // 100 + 1, len(ranked) - 1)]
    return INF if INF in (below, above) else below + (above - below) * (place % 100) / 100


def expected(values: list[float]) -> Ranges:
    if not values:
        return Ranges(None, (0.0, INF), None)
    low, high = percentile(values, 15), percentile(values, 85)
    below = (0.0, low) if low > 0 else None
    if low == high:
        return Ranges(below, (low, INF), None)
    return Ranges(below, (low, high), (high, INF))


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([], Ranges(None, (0.0, INF), None)),
        ([0.0], Ranges(None, (0.0, INF), None)),
        ([3.0], Ranges((0.0, 3.0), (3.0, INF), None)),
        ([INF], Ranges((0.0, INF), (INF, INF), None)),
        ([0.0] * 9, Ranges(None, (0.0, INF), None)),
        ([4.0] * 9, Ranges((0.0, 4.0), (4.0, INF), None)),
        ([INF] * 9, Ranges((0.0, INF), (INF, INF), None)),
        ([0.0] * 18 + [5.0] * 3, Ranges(None, (0.0, INF), None)),
        ([0.0] * 17 + [5.0] * 4, Ranges(None, (0.0, 5.0), (5.0, INF))),
        ([1.0] * 18 + [INF] * 3, Ranges((0.0, 1.0), (1.0, INF), (INF, INF))),
        ([1.0] * 19 + [INF] * 2, Ranges((0.0, 1.0), (1.0, INF), None)),
        ([1.0] * 3 + [INF] * 18, Ranges((0.0, INF), (INF, INF), None)),
        ([0.0, 1.0], Ranges((0.0, 0.15), (0.15, 0.85), (0.85, INF))),
        (list(range(101)), Ranges((0.0, 15.0), (15.0, 85.0), (85.0, INF))),
    ],
    ids=str,
)
def test_ranges_of_known_courses(values: list[float], found: Ranges) -> None:
    assert find_ranges(np.array(values, dtype=np.float64)) == found


@given(VALUES)
def test_ranges_are_those_of_the_rules_in_plain_python(values: list[float]) -> None:
    found, wanted = find_ranges(np.array(values, dtype=np.float64)), expected(values)
    for name in ("below_average", "average", "above_average"):
        one, other = getattr(found, name), getattr(wanted, name)
        assert (one is None) == (other is None) or len(set(values)) > 1  # a rounding may part equal bounds
        if one is not None and other is not None:
            assert one == pytest.approx(other, rel=1e-12)


@given(VALUES)
def test_bounds_are_those_of_numpy(values: list[float]) -> None:
    found = find_ranges(np.array(values, dtype=np.float64))
    if not values:
        return
    with np.errstate(invalid="ignore"):
        low, high = np.nan_to_num(np.percentile(values, [15, 85]), nan=INF, posinf=INF).tolist()
    assert found.average == (low, INF if low == high else high)
    assert (found.below_average is None) == (low == 0)
    assert (found.above_average is None) == (low == high)


@given(VALUES)
def test_ranges_follow_each_other_without_a_gap(values: list[float]) -> None:
    found = find_ranges(np.array(values, dtype=np.float64))
    present = [one for one in (found.below_average, found.average, found.above_average) if one is not None]
    assert present[0][0] == 0 or found.average[0] == INF
    assert present[-1][1] == INF
    assert all(one[1] == other[0] for one, other in itertools.pairwise(present))
