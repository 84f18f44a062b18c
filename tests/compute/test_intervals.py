from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from learnosity_nb.compute.intervals import (
    FUNNEL_CONFIDENCES,
    funnel_limits,
    mean_interval,
    pooled_stddev,
    rank_interval,
)


@pytest.mark.parametrize("confidence", [0.5, 0.8, 0.95, 0.999])
def test_the_interval_of_a_mean_is_scipys(confidence: float) -> None:
    draw = np.random.default_rng(1)
    samples = [draw.normal(50, 12, size) for size in (2, 3, 10, 50, 700)]
    n, mean = np.array([len(sample) for sample in samples]), np.array([sample.mean() for sample in samples])
    stddev = np.array([sample.std(ddof=1) for sample in samples])
    low, high = mean_interval(n, mean, stddev, confidence)
    for row, sample in enumerate(samples):
        expected = stats.ttest_1samp(sample, 0).confidence_interval(confidence)
        assert (low[row], high[row]) == pytest.approx((expected.low, expected.high), rel=1e-9)


def test_fewer_than_two_users_have_no_interval() -> None:
    low, high = mean_interval(np.array([0, 1, np.nan]), np.array([np.nan, 3, 3]), np.array([np.nan, np.nan, 1]))
    assert np.isnan([low, high]).all()


def test_the_pooled_deviation_is_the_one_within_groups() -> None:
    draw = np.random.default_rng(2)
    samples = [draw.normal(mean, 5, size) for mean, size in ((0, 4), (100, 30), (50, 1), (7, 2))]
    within = np.concatenate([sample - sample.mean() for sample in samples])
    expected = np.sqrt((within**2).sum() / (len(within) - len(samples)))
    stddev = np.array([sample.std(ddof=1) if len(sample) > 1 else np.nan for sample in samples])
    assert pooled_stddev(np.array([4, 30, 1, 2]), stddev) == pytest.approx(expected, rel=1e-12)
    assert np.isnan(pooled_stddev(np.array([1]), np.array([np.nan])))


@pytest.mark.parametrize("confidence", FUNNEL_CONFIDENCES)
def test_means_of_chance_keep_to_the_funnel(confidence: float) -> None:
    sizes = np.array([0, 1, 4, 100])
    low, high = funnel_limits(sizes, 50, 12, confidence)
    assert np.isnan([low[0], high[0]]).all()
    for row, size in enumerate(sizes[1:], start=1):
        expected = stats.norm.interval(confidence, 50, 12 / np.sqrt(size))
        assert (low[row], high[row]) == pytest.approx(expected)


def test_ranks_are_sure_where_groups_lie_far_apart() -> None:
    low, high = rank_interval(np.full(4, 50), np.array([10.0, 40, 20, 30]), np.full(4, 1.0))
    assert low.tolist() == high.tolist() == [4, 1, 3, 2]


def test_a_class_of_three_is_not_surely_the_best() -> None:
    n, mean = np.array([3, 200, 200, 200, 1]), np.array([62.0, 60, 55, 50, 99])
    low, high = rank_interval(n, mean, np.array([15, 15, 15, 15, np.nan]))
    assert (low[0], high[0]) == (1, 4)
    assert (low[1], high[1]) == (1, 2)
    assert np.isnan([low[4], high[4]]).all()


def test_rank_intervals_cover_the_ranks_of_fresh_draws_as_often_as_they_say() -> None:
    draw = np.random.default_rng(8)
    n, mean, stddev = draw.integers(5, 60, 30), draw.normal(50, 3, 30), np.full(30, 10.0)
    low, high = rank_interval(n, mean, stddev, confidence=0.9)
    fresh = mean + draw.standard_t(n - 1, (4000, 30)) * stddev / np.sqrt(n)
    ranks = 31 - stats.rankdata(fresh, axis=1)
    covered = ((low <= ranks) & (ranks <= high)).mean(axis=0)
    assert covered.min() > 0.87
    assert np.mean(covered) < 0.97


def test_the_same_seed_gives_the_same_ranks_and_nobody_gives_none() -> None:
    given = (np.array([5, 6, 7]), np.array([1.0, 2, 3]), np.array([2.0, 2, 2]))
    assert np.array_equal(rank_interval(*given, seed=4), rank_interval(*given, seed=4))
    low, high = rank_interval(np.array([1.0]), np.array([3.0]), np.array([np.nan]))
    assert np.isnan([low, high]).all()
