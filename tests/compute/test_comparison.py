from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from learnosity_nb.compute.comparison import (
    Moments,
    ValueCounts,
    cliffs_delta,
    hedges_g,
    mean_difference,
    median_difference_interval,
)

samples = st.lists(st.integers(-4, 40).map(lambda half: half / 2), min_size=1, max_size=40)


def counted(sample: np.ndarray | list[float]) -> ValueCounts:
    return ValueCounts(*np.unique(np.asarray(sample, dtype=np.float64), return_counts=True))


def moments(*groups: np.ndarray) -> Moments:
    found = [counted(group) for group in groups]
    return Moments(*(np.array([float(getattr(one, name)) for one in found]) for name in ("n", "mean", "stddev")))


@given(samples)
@settings(deadline=None)
def test_counts_say_what_the_values_say(sample: list[float]) -> None:
    found = counted(sample)
    assert found.n == len(sample)
    assert found.mean == pytest.approx(np.mean(sample))
    assert found.median == np.median(sample)
    expected = np.std(sample, ddof=1) if len(sample) > 1 else np.nan
    assert found.stddev == pytest.approx(expected, nan_ok=True)


def test_nobody_has_no_figures() -> None:
    found = counted([])
    assert found.n == 0
    assert np.isnan([found.mean, found.stddev, found.median]).all()


@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.95, 0.999])
def test_welchs_interval_is_scipys(confidence: float) -> None:
    draw = np.random.default_rng(3)
    sizes = [(2, 2), (2, 90), (5, 8), (30, 12), (400, 700)]
    pairs = [(draw.normal(50, 10, one), draw.normal(52, 25, other)) for one, other in sizes]
    firsts, seconds = zip(*pairs, strict=True)
    found = mean_difference(moments(*firsts), moments(*seconds), confidence)
    for row, (first, second) in enumerate(pairs):
        test = stats.ttest_ind(second, first, equal_var=False)
        expected = test.confidence_interval(confidence)
        assert found.value[row] == pytest.approx(second.mean() - first.mean())
        assert (found.low[row], found.high[row]) == pytest.approx((expected.low, expected.high), rel=1e-9)


def test_one_degree_of_freedom_has_an_interval_still() -> None:
    """Two users without spread against two with: rounding must not take the last degree away."""
    second = np.array([1.1, 1.4])
    found = mean_difference(moments(np.array([3.0, 3.0])), moments(second), 0.95)
    expected = stats.t.interval(0.95, 1, second.mean() - 3, second.std(ddof=1) / np.sqrt(2))
    assert (found.low[0], found.high[0]) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("estimate", [mean_difference, hedges_g])
@pytest.mark.parametrize("pair", [([4.0], [1.0, 2.0]), ([], [1.0, 2.0]), ([0.1] * 3, [0.3] * 3)])
def test_too_few_or_without_spread_is_no_interval(estimate, pair) -> None:
    found = estimate(moments(np.array(pair[0])), moments(np.array(pair[1])), 0.95)
    assert np.isnan([found.low[0], found.high[0]]).all()


@pytest.mark.parametrize(("one", "other"), [(2, 2), (4, 9), (25, 25), (300, 40)])
def test_hedges_g_by_its_definition(one: int, other: int) -> None:
    draw = np.random.default_rng(one)
    first, second = draw.normal(50, 10, one), draw.normal(56, 10, other)
    within = np.concatenate([first - first.mean(), second - second.mean()])
    degrees = one + other - 2
    d = (second.mean() - first.mean()) / np.sqrt(within @ within / degrees)
    factor = np.exp(special.gammaln(degrees / 2) - special.gammaln((degrees - 1) / 2)) / np.sqrt(degrees / 2)
    variance = factor**2 * (1 / one + 1 / other + d**2 / (2 * (one + other)))
    expected = stats.norm.interval(0.9, factor * d, np.sqrt(variance))
    found = hedges_g(moments(first), moments(second), 0.9)
    assert found.value[0] == pytest.approx(factor * d, rel=1e-12)
    assert (found.low[0], found.high[0]) == pytest.approx(expected, rel=1e-9)


def test_the_interval_of_g_is_near_the_exact_one() -> None:
    """The exact interval comes from the noncentral t distribution."""
    one, other, g = 40, 50, 0.6
    scale = np.sqrt(one * other / (one + other))
    factor = 1 - 3 / (4 * (one + other - 2) - 1)
    t = g / factor * scale
    from scipy.optimize import brentq

    exact = [
        brentq(lambda ncp, tail=tail: stats.nct.cdf(t, one + other - 2, ncp) - tail, -5, 15) / scale * factor
        for tail in (0.975, 0.025)
    ]
    d = g / factor
    found = hedges_g(
        Moments(np.array([one]), np.array([0.0]), np.array([1.0])),
        Moments(np.array([other]), np.array([d]), np.array([1.0])),
        0.95,
    )
    assert (found.low[0], found.high[0]) == pytest.approx(exact, abs=0.01)


@given(samples, samples)
@settings(deadline=None)
def test_cliffs_delta_counts_the_pairs(first: list[float], second: list[float]) -> None:
    pairs = [np.sign(other - one) for one in first for other in second]
    found = cliffs_delta(counted(first), counted(second))
    assert found == pytest.approx(np.mean(pairs), abs=1e-12)
    u = stats.mannwhitneyu(second, first, method="asymptotic").statistic
    assert found == pytest.approx(2 * u / (len(first) * len(second)) - 1, abs=1e-12)


def test_nobody_is_neither_above_nor_below() -> None:
    assert np.isnan(cliffs_delta(counted([]), counted([1.0])))


@pytest.mark.parametrize("size", [2, 3, 4, 7, 30, 31])
def test_resampled_medians_are_distributed_as_those_of_resampled_users(size: int) -> None:
    draw = np.random.default_rng(size)
    sample = draw.integers(0, 12, size).astype(float)
    expected = np.median(draw.choice(sample, (40_000, size)), axis=1)
    found = counted(sample).resampled_medians(40_000, draw)
    for value in np.unique(expected):
        assert np.mean(found <= value) == pytest.approx(np.mean(expected <= value), abs=0.012)


def test_the_interval_of_a_difference_of_medians_is_scipys_bootstrap() -> None:
    draw = np.random.default_rng(11)
    first, second = np.round(draw.normal(50, 10, 80)), np.round(draw.normal(55, 12, 61))

    def apart(one: np.ndarray, other: np.ndarray, axis: int = -1) -> np.ndarray:
        return np.median(other, axis=axis) - np.median(one, axis=axis)

    expected = stats.bootstrap((first, second), apart, method="percentile", n_resamples=4000, rng=draw)
    found = median_difference_interval(counted(first), counted(second), 0.95, np.random.default_rng(1))
    assert found == pytest.approx(tuple(expected.confidence_interval), abs=1)
    assert found == median_difference_interval(counted(first), counted(second), 0.95, np.random.default_rng(1))


def test_one_user_has_no_interval_of_medians() -> None:
    found = median_difference_interval(counted([3.0]), counted([1.0, 2.0]), 0.95, np.random.default_rng(1))
    assert np.isnan(found).all()
