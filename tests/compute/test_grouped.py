from __future__ import annotations

import math
import statistics
import tracemalloc
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from learnosity_nb.compute import grouped as grouped_module
from learnosity_nb.compute.grouped import GroupedValues, rank_values

NULL = float("nan")
CENTS = st.integers(-10_000, 10_000).map(lambda cents: cents / 100)
MARKS = st.integers(-40, 400).map(lambda quarter: quarter / 4)
WIDE = st.floats(-1e12, 1e12, allow_subnormal=False)
TINY = st.floats(-1e-12, 1e-12, allow_subnormal=False)
MANY_VALUES = st.lists(st.tuples(st.integers(0, 5), MARKS | WIDE | TINY | st.just(NULL)), max_size=60)
FEW_VALUES = st.lists(st.tuples(st.integers(0, 5), st.sampled_from([-1.5, 2.25, NULL])), min_size=25, max_size=80)
ROWS = MANY_VALUES | FEW_VALUES

Rows = list[tuple[int, float]]
SIZE = 7  # group 6 never has a row
PARENTS = np.array([0, 0, 1, 1, 1, 3, 3])  # of each of these groups; the upper group 2 has none below it

# So few distinct values that they are counted in a table; group 1 has none, group 3 no row.
TABLED: Rows = (
    [(0, 2.0)] * 9 + [(0, 1.0)] * 4 + [(1, NULL)] * 2 + [(2, 2.0)] * 3 + [(4, 1.0)] * 8 + [(5, 1.0), (5, 2.0)]
)


@pytest.fixture(params=[False, True], ids=["values looked up", "values sorted"], autouse=True)
def ranking(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run each test with both ways to rank values."""
    if request.param:
        monkeypatch.setattr(grouped_module, "FEW_DISTINCT", 0)


def grouped(rows: Rows) -> GroupedValues:
    rows = sorted(rows, key=lambda row: row[0])
    counts = np.bincount(np.array([group for group, _ in rows], dtype=np.int64), minlength=SIZE)
    return GroupedValues(rank_values(np.array([value for _, value in rows], dtype=np.float64)), counts)


def by_group(rows: Rows) -> list[list[float]]:
    return [
        sorted(value for group, value in rows if group == wanted and not math.isnan(value)) for wanted in range(SIZE)
    ]


@settings(deadline=None)
@given(ROWS, st.integers(0, 99))
@example(TABLED, 0)
@example(TABLED, 25)
@example(TABLED, 50)
@example(TABLED, 99)
@example([], 50)
@example([(0, NULL), (1, NULL)], 50)
def test_percentiles_are_those_of_numpy(rows: Rows, percent: int) -> None:
    found = grouped(rows).quantile(percent)
    for group, values in enumerate(by_group(rows)):
        if not values:
            assert math.isnan(found[group])
            continue
        reach = max(abs(values[0]), abs(values[-1]))
        assert found[group] == pytest.approx(np.percentile(values, percent), rel=1e-12, abs=1e-14 * reach)
        assert values[0] <= found[group] <= values[-1]


@settings(deadline=None)
@given(st.lists(WIDE | TINY, min_size=1, max_size=40), st.sampled_from([25, 50, 75]))
@example([3.90001, 5.6], 25)
@example([1.90001, 5.9], 50)
@example([3.90001, 5.8], 75)
def test_quartiles_are_those_of_numpy_to_the_last_bit(values: list[float], percent: int) -> None:
    """For these, numpy's place among the values is exact too."""
    values = [*values, 1 / 3]  # not all are decimals
    assert grouped([(0, value) for value in values]).quantile(percent)[0] == np.percentile(values, percent)


@settings(deadline=None)
@given(st.lists(MARKS | CENTS, min_size=1, max_size=120), st.integers(0, 99))
@example([-7.1, 8.9], 40)
@example([1.9, 5.9], 50)
def test_percentiles_of_decimal_marks_are_exact(values: list[float], percent: int) -> None:
    """Linear interpolation at (n - 1)p, in whole fractions."""
    ordered = sorted(Fraction(str(value)) for value in values)
    place = Fraction((len(values) - 1) * percent, 100)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    exact = ordered[below] + (place - below) * (ordered[above] - ordered[below])
    assert grouped([(2, value) for value in values]).quantile(percent)[2] == float(exact)


def test_equal_neighbours_give_exactly_their_value() -> None:
    values = [0.1] * 7 + [0.3] * 7
    for percent in range(46):
        assert grouped([(0, value) for value in values]).quantile(percent)[0] == 0.1
    for percent in range(54, 100):
        assert grouped([(0, value) for value in values]).quantile(percent)[0] == 0.3


def test_the_vendors_sample_of_quarter_steps() -> None:
    """A group of 92 whose marks are multiples of 5 can have a 25th percentile of 43.75."""
    values = [40.0] * 23 + [45.0] * 69
    assert grouped([(0, value) for value in values]).quantile(25)[0] == 43.75


@settings(deadline=None)
@given(ROWS)
def test_lowest_highest_and_counts_are_those_of_the_values(rows: Rows) -> None:
    found = grouped(rows)
    for group, values in enumerate(by_group(rows)):
        assert found.counts[group] == len(values)
        expected = [values[0], values[-1]] if values else [NULL, NULL]
        np.testing.assert_array_equal([found.lowest()[group], found.highest()[group]], expected)


@settings(deadline=None)
@given(ROWS)
def test_means_are_those_of_exact_arithmetic(rows: Rows) -> None:
    found = grouped(rows)
    largest = max((abs(value) for _, value in rows if not math.isnan(value)), default=0.0)
    for group, values in enumerate(by_group(rows)):
        if not values:
            assert math.isnan(found.mean()[group])
            continue
        size = math.fsum(abs(value) for value in values)
        slack = 2**-51 * size + 2**-90 * largest
        assert abs(found.mean()[group] - math.fsum(values) / len(values)) <= slack / len(values) + 5e-324
        assert values[0] <= found.mean()[group] <= values[-1]


@settings(deadline=None)
@given(st.lists(CENTS, min_size=1, max_size=200))
@example([-8.9, 9.1])
def test_means_of_decimal_marks_are_exact(values: list[float]) -> None:
    mean = sum(Fraction(str(value)) for value in values) / len(values)
    assert grouped([(3, value) for value in values]).mean()[3] == float(mean)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), CENTS), max_size=60), CENTS.map(abs))
@example([(0, 93.18), (0, 93.2), (0, 93.22)], 0.0)
@example([(0, 1.0), (0, 1.0), (0, 2.0), (1, 4.0), (1, 5.0), (1, 5.0)], 0.0)
def test_standard_deviations_of_decimal_marks_are_right_to_two_units_in_the_last_place(rows: Rows, far: float) -> None:
    """On each level, and however far from zero the marks are: so they have 15 right digits."""
    rows = sorted(((group, round(value + far, 2)) for group, value in rows), key=lambda row: row[0])
    lower = grouped(rows)
    upper_counts = np.bincount(np.array([PARENTS[group] for group, _ in rows], dtype=np.int64), minlength=SIZE)
    upper = GroupedValues(lower._ranked, upper_counts, lower, PARENTS)
    for found, group_of in ((lower, dict(enumerate(range(SIZE)))), (upper, dict(enumerate(PARENTS)))):
        for group, deviation in enumerate(found.stddev(1)):
            marks = [Decimal(str(value)) for lowest, value in rows if group_of[lowest] == group]
            if len(marks) > 1:
                exact = float(statistics.stdev(marks))
                assert abs(deviation - exact) <= 2 * math.ulp(exact)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), MARKS | st.just(NULL)), max_size=60))
def test_the_standard_deviation_is_the_samples(rows: Rows) -> None:
    found = grouped(rows).stddev(1)
    for group, values in enumerate(by_group(rows)):
        if len(values) < 2:
            assert math.isnan(found[group])
        else:
            assert found[group] == pytest.approx(statistics.stdev(values), rel=1e-12, abs=1e-12)


def test_the_standard_deviation_of_close_values_far_from_zero_is_kept() -> None:
    values = [1e9 + step for step in (4.0, 7.0, 13.0, 16.0)]
    assert grouped([(0, value) for value in values]).stddev(1)[0] == pytest.approx(30**0.5, rel=1e-12)
    assert grouped([(0, 0.1)] * 9).stddev(1)[0] == 0


def test_degrees_of_freedom_are_taken_off() -> None:
    rows = [(0, 2.0), (0, 4.0), (1, 3.0)]
    np.testing.assert_array_equal(grouped(rows).stddev(0)[:2], [1.0, 0.0])
    np.testing.assert_array_equal(grouped(rows).stddev(2)[:2], [NULL, NULL])


@settings(deadline=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_no_bit(rows: Rows, random: object) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = grouped(rows), grouped(shuffled)
    for figures in ("lowest", "highest", "mean"):
        np.testing.assert_array_equal(getattr(one, figures)(), getattr(other, figures)())
    np.testing.assert_array_equal(one.stddev(1), other.stddev(1))
    np.testing.assert_array_equal(one.quantile(37), other.quantile(37))


@settings(deadline=None)
@given(ROWS)
@example(TABLED)
def test_runs_count_each_value_of_each_group(rows: Rows) -> None:
    groups, values, counts = grouped(rows).runs()
    assert counts.dtype == groups.dtype == np.int64
    expected = [
        (group, value, members.count(value))
        for group, members in enumerate(by_group(rows))
        for value in sorted(set(members))
    ]
    assert list(zip(groups.tolist(), values.tolist(), counts.tolist(), strict=True)) == expected


@settings(deadline=None)
@given(ROWS, st.integers(0, 99))
@example(TABLED, 25)
def test_groups_of_groups_have_the_figures_of_all_their_rows(rows: Rows, percent: int) -> None:
    """What was added up for the classes of a school is not added up again for the school."""
    lower = grouped(rows)
    upper_rows: Rows = [(int(PARENTS[group]), value) for group, value in rows]
    ranked = rank_values(np.array([value for _, value in sorted(rows, key=lambda row: row[0])], dtype=np.float64))
    row_counts = np.bincount(np.array([group for group, _ in upper_rows], dtype=np.int64), minlength=SIZE)
    upper = GroupedValues(ranked, row_counts, lower, PARENTS)
    direct = grouped(upper_rows)
    np.testing.assert_array_equal(upper.counts, direct.counts)
    for figures in ("lowest", "highest", "mean"):
        np.testing.assert_array_equal(getattr(upper, figures)(), getattr(direct, figures)())
    np.testing.assert_array_equal(upper.quantile(percent), direct.quantile(percent))
    slack = 1e-15 * max((abs(value) for _, value in rows if not math.isnan(value)), default=0.0)  # of the means
    np.testing.assert_allclose(upper.stddev(1), direct.stddev(1), rtol=1e-9, atol=slack)
    for group, values in enumerate(by_group(upper_rows)):
        assert math.isnan(upper.mean()[group]) == (not values)


def test_many_groups_of_many_values_take_the_memory_of_their_rows_not_of_a_table() -> None:
    """A table of all groups by all values would take 200 MB here, and all there is for a large district."""
    values = np.random.default_rng(1).random(5_000)
    tracemalloc.start()
    try:
        found = GroupedValues(rank_values(values), np.ones(len(values), dtype=np.int64))
        medians, (_, runs, _) = found.quantile(50), found.runs()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert np.array_equal(medians, values)
    assert np.array_equal(runs, values)
    assert peak < 5_000_000


def test_ranks_order_the_values_and_leave_nulls_out() -> None:
    ranked = rank_values(np.array([2.5, NULL, -1.0, 2.5]))
    assert ranked.ranks.tolist() == [1, 0, 1]
    assert (ranked.distinct / ranked.scale).tolist() == [-1.0, 2.5]
    assert ranked.known is not None
    assert ranked.known.tolist() == [True, False, True, True]
    assert rank_values(np.array([1.0])).known is None
