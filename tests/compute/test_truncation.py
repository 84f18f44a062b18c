from __future__ import annotations

import math
import sys
import tracemalloc
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Context, Decimal, localcontext

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from learnosity_nb.compute.truncation import as_served, significant, truncate
from learnosity_nb.domain.fields import GROUP_FIELDS

FLOATS = st.floats(allow_nan=False, allow_infinity=False)
MARKS = st.fractions(min_value=-1000, max_value=1000, max_denominator=1000).map(float)
NEAR_TIES = st.builds(
    lambda whole, places, steps: _stepped(whole / 10**places, steps),
    st.integers(-(10**7), 10**7),
    st.integers(0, 12),
    st.integers(-60, 60),
)
NEAR_POWERS = st.builds(
    lambda power, steps: _stepped(float(f"1e{power}"), steps), st.integers(-20, 20), st.integers(-60, 60)
)
EXACTLY = Context(prec=15, rounding=ROUND_HALF_EVEN)


def _stepped(value: float, steps: int) -> float:
    for _ in range(abs(steps)):
        value = math.nextafter(value, math.copysign(math.inf, steps))
    return value


def fifteen_digits(value: float) -> Decimal:
    """Take the exact value of a double at 15 significant digits."""
    return EXACTLY.create_decimal(Decimal(value))


def cut(value: float, places: int) -> float:
    with localcontext() as context:
        context.prec = 1000
        return float(fifteen_digits(value).quantize(Decimal(1).scaleb(-places), rounding=ROUND_DOWN))


@pytest.mark.parametrize(
    ("value", "places", "served"),
    [
        (134 / 9, 2, 14.88),
        (48 / 7, 2, 6.85),
        (182 / 16, 2, 11.37),
        (100 * 134 / 180, 11, 74.44444444444),
        (100 * 48 / 140, 11, 34.28571428571),
        (56.875, 11, 56.875),
        (55.0, 11, 55.0),
        (55.0, 2, 55.0),
        (100 * 0.29, 11, 29.0),
        (100 * 0.29, 2, 29.0),
        (100 * 2.3 / 2.5, 11, 92.0),
        (100 * 2.3 / 2.5, 2, 92.0),
        (0.29, 2, 0.29),
        (-134 / 9, 2, -14.88),
        (-0.001, 2, 0.0),
        (0.1 + 0.2, 2, 0.3),
        (2.999, 2, 2.99),
        (2.99999999999999, 2, 2.99),
        (2.999999999999999, 2, 3.0),
        (9999999.99, 2, 9999999.99),
    ],
)
def test_figures_are_served_as_the_specification_prints_them(value: float, places: int, served: float) -> None:
    assert truncate(np.array([value]), places).tolist() == [served]


def test_every_number_of_two_decimals_stays_as_it_is() -> None:
    cents = np.arange(-1_000_000, 1_000_001) / 100
    assert np.array_equal(truncate(cents, 2), cents)


def test_every_number_of_two_decimals_stays_when_it_comes_from_a_sum_or_a_product() -> None:
    """As 0.29 * 100 does: one rounding away from its decimal."""
    cents = np.arange(1, 1_000_001)
    assert np.array_equal(truncate((cents / 10_000) * 100, 2), cents / 100)
    assert np.array_equal(truncate(cents / 100 + 0.1 - 0.1, 2), cents / 100)


@settings(deadline=None, max_examples=1200)
@given(FLOATS | MARKS | NEAR_TIES | NEAR_POWERS, st.sampled_from([0, 2, 11]))
@example(1.7976931348623157e308, 2)
@example(5e-324, 11)
@example(0.005, 2)
@example(99.99999999999999, 2)
@example(0.9999999999999999, 11)
@example(4503599627370497.5, 2)
@example(9.999999999999993e-08, 11)
@example(9999999.999999993, 2)
def test_truncation_is_exact_for_every_double(value: float, places: int) -> None:
    (served,) = truncate(np.array([value]), places).tolist()
    assert served == cut(value, places)
    assert math.copysign(1, served) == 1 or served < 0


@settings(deadline=None)
@given(st.lists(FLOATS | NEAR_TIES, max_size=30), st.sampled_from([2, 11]))
def test_a_value_is_cut_alike_alone_and_among_others(values: list[float], places: int) -> None:
    together = truncate(np.array(values, dtype=np.float64), places).tolist()
    assert together == [cut(value, places) for value in values]


@settings(deadline=None)
@given(FLOATS | MARKS | NEAR_TIES, st.sampled_from([2, 11]))
def test_cutting_again_changes_nothing(value: float, places: int) -> None:
    once = truncate(np.array([value]), places)
    assert np.array_equal(truncate(once, places), once)


def test_a_random_million_agrees_with_exact_arithmetic_where_it_can_be_checked() -> None:
    """Percents of whole marks: the exact fraction decides, not a double."""
    rng = np.random.default_rng(1)
    part, whole = rng.integers(0, 500, 20_000), rng.integers(1, 500, 20_000)
    served = truncate(100 * part / whole, 11)
    # 15 digits of a percent above 999 leave no room for 11 decimals to be cut from.
    exact = [100 * p * 10**11 // w for p, w in zip(part.tolist(), whole.tolist(), strict=True)]
    for figure, scaled, percent in zip(served.tolist(), exact, (100 * part / whole).tolist(), strict=True):
        if percent < 1000:
            assert abs(Decimal(repr(figure)) * 10**11 - scaled) <= 1


@pytest.mark.parametrize("places", [0, 2, 11])
def test_figures_at_the_edge_of_reading_as_the_next_step_are_cut_exactly(places: int) -> None:
    """Half a unit of the 15th digit below a step, a figure reads as that step; one float lower it does not."""
    rng = np.random.default_rng(2)
    values = []
    for steps in (10 ** rng.uniform(0, 7 if places == 2 else 13, 1000)).astype(np.int64).tolist():
        step = Decimal(steps).scaleb(-places)
        edge = float(step - Decimal(5).scaleb(step.adjusted() - 15))
        values += [_stepped(edge, away) for away in range(-2, 3)]
    assert truncate(np.array(values), places).tolist() == [cut(value, places) for value in values]


def test_cutting_ordinary_figures_takes_no_call_for_each() -> None:
    """A summary of a large district has millions of figures: nearly all are cut as columns."""
    rng = np.random.default_rng(3)
    figures = np.concatenate([rng.random(20_000) * 100, np.zeros(20_000), np.repeat([1.0, 10.0, 100.0], 5_000)])
    calls = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    previous = sys.getprofile()
    sys.setprofile(count)
    try:
        truncate(figures, 2)
    finally:
        sys.setprofile(previous)
    assert calls < 1_000


@pytest.mark.parametrize("size", [1e-8, 1.0, 1e14])
def test_rounding_ordinary_figures_takes_the_memory_of_numbers_not_of_texts(size: float) -> None:
    figures = size * (1 + np.random.default_rng(4).random(50_000))
    tracemalloc.start()
    try:
        significant(figures)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 200 * len(figures)


@pytest.mark.parametrize(
    "change", [lambda values: truncate(values, 2), lambda values: truncate(values, 11), significant]
)
def test_nan_and_infinities_stay(change: object) -> None:
    values = np.array([np.nan, np.inf, -np.inf, 1.5])
    np.testing.assert_array_equal(change(values), values)  # type: ignore[operator]


@pytest.mark.parametrize("change", [lambda values: truncate(values, 2), significant])
def test_an_empty_column_stays_empty_and_the_given_one_is_not_changed(change: object) -> None:
    assert change(np.array([], dtype=np.float64)).dtype == np.float64  # type: ignore[operator]
    given_values = np.array([1 / 3, 0.1 + 0.2, np.nan])
    kept = given_values.copy()
    change(given_values)  # type: ignore[operator]
    np.testing.assert_array_equal(given_values, kept)


@pytest.mark.parametrize("change", [lambda values: truncate(values, 2), significant])
def test_there_is_no_negative_zero(change: object) -> None:
    assert not np.signbit(change(np.array([-0.0, -0.0])))[0]  # type: ignore[operator]


@settings(deadline=None, max_examples=600)
@given(FLOATS | MARKS | NEAR_TIES)
@example(0.1 + 0.2)
@example(1234567890123457.0)
@example(1e300 / 3)
@example(5e-324)
def test_fifteen_significant_digits_are_exact_for_every_double(value: float) -> None:
    assert significant(np.array([value])).tolist() == [float(fifteen_digits(value))]


@pytest.mark.parametrize(
    "value",
    [
        8.937535370084515e-06,
        0.006384088404945195,
        0.9152505689874465,
        71.24705894716665,
        797.5190678295005,
        1632081.209019545,
        8229243393.134305,
    ],
)
def test_a_figure_next_to_a_tie_of_its_sixteenth_digit_is_rounded_exactly(value: float) -> None:
    """Each is so near to half a unit of the 15th digit that a product of floats takes it for that half."""
    for figure in (_stepped(value, away) for away in range(-2, 3)):
        assert significant(np.array([figure])).tolist() == [float(fifteen_digits(figure))]


def test_the_lowest_and_highest_figures_keep_their_decimals() -> None:
    values = np.array([2.12345, 0.1 + 0.2])
    assert as_served(GROUP_FIELDS["lowest_score"], values).tolist() == [2.12345, 0.3]
    assert as_served(GROUP_FIELDS["mean_score"], values).tolist() == [2.12, 0.3]
    assert as_served(GROUP_FIELDS["mean_percent"], np.array([200 / 3])).tolist() == [66.66666666666]
