from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from learnosity_nb.compute.intervals import (
    FUNNEL_CONFIDENCES,
    funnel_limits,
    mean_interval,
    pooled_stddev,
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
