"""Two groups compared: differences of means and medians, and how large they are.

Everything is the second group less the first, and positive where the second is
higher. Groups are taken as independent samples.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import lgamma
from statistics import NormalDist
from typing import Final, NamedTuple

import numpy as np

from .arrays import Floats, Ints
from .students_t import t_quantile

__all__ = [
    "RESAMPLES",
    "Estimates",
    "Moments",
    "ValueCounts",
    "cliffs_delta",
    "hedges_g",
    "mean_difference",
    "median_difference_interval",
]

RESAMPLES: Final = 2000
"""Bootstrap samples behind an interval of a difference of medians."""


class Estimates(NamedTuple):
    """An estimate and its confidence interval, one element per pair of groups; NaN where there is none."""

    value: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True)
class Moments:
    """Size, mean and sample standard deviation of groups, one element per group; NaN where not known.

    Attributes
    ----------
    n, mean, stddev : array of float64
    """

    n: Floats
    mean: Floats
    stddev: Floats


@dataclass(frozen=True)
class ValueCounts:
    """How often each value occurs in a group.

    Attributes
    ----------
    values
        Distinct values, ascending.
    counts
        How many users have each; at least one.
    """

    values: Floats
    counts: Ints

    @cached_property
    def n(self) -> int:
        """Number of users with a value."""
        return int(self.counts.sum())

    @cached_property
    def mean(self) -> float:
        """Arithmetic mean; NaN for nobody."""
        if not self.n:
            return float("nan")
        # Between the lowest and the highest, whatever the rounding: equal values have no spread.
        return float(np.clip(self.values @ self.counts / self.n, self.values[0], self.values[-1]))

    @cached_property
    def stddev(self) -> float:
        """Sample standard deviation; NaN for fewer than two users."""
        if self.n < 2:
            return float("nan")
        return float(np.sqrt((self.values - self.mean) ** 2 @ self.counts / (self.n - 1)))

    @cached_property
    def median(self) -> float:
        """Median; NaN for nobody."""
        if not self.n:
            return float("nan")
        middle = np.array([(self.n - 1) // 2, self.n // 2])
        return float(np.mean(self.values[np.searchsorted(self._reach, middle, side="right")]))

    @cached_property
    def _reach(self) -> Ints:
        """Number of users with this value or a lower one."""
        return np.cumsum(self.counts)

    def resampled_medians(self, draws: int, draw: np.random.Generator) -> Floats:
        """Return the medians of `draws` bootstrap samples of the group's users.

        A sample's k-th value is the group's quantile at the k-th of n uniform
        numbers in order, so two numbers stand for a sample: the k-th of them
        follows a beta distribution, and the next is the least of those left
        above it. No sample is ever made, whatever the size of the group.
        """
        n, middle = self.n, (self.n + 1) // 2
        at = draw.beta(middle, n - middle + 1, draws)
        above = at if n % 2 else 1 - (1 - at) * draw.random(draws) ** (1 / (n - middle))
        found = np.searchsorted(self._reach, np.stack([at, above]) * n, side="right")
        return np.asarray(np.mean(self.values[np.minimum(found, len(self.values) - 1)], axis=0))


def mean_difference(first: Moments, second: Moments, confidence: float) -> Estimates:
    """Return the difference of means with Welch's confidence interval.

    The interval takes no equal variances; its degrees of freedom are
    Satterthwaite's. NaN where a group has fewer than two users, or neither
    group has any spread.
    """
    value = second.mean - first.mean
    with np.errstate(invalid="ignore", divide="ignore"):
        one, other = first.stddev**2 / first.n, second.stddev**2 / second.n
        degrees = (one + other) ** 2 / (one**2 / (first.n - 1) + other**2 / (second.n - 1))
    half = t_quantile((1 + confidence) / 2, np.maximum(degrees, 1)) * np.sqrt(one + other)
    return Estimates(value, value - half, value + half)


def hedges_g(first: Moments, second: Moments, confidence: float) -> Estimates:
    """Return Hedges' g, the difference of means in pooled standard deviations, with its confidence interval.

    g is Cohen's d times the exact factor that frees it of bias. The interval is
    g plus and minus z standard errors, by the large-sample variance
    ``(n1 + n2) / (n1 n2) + d² / (2 (n1 + n2))`` of d (Borenstein and others,
    Introduction to Meta-Analysis, 2009, chapter 4). NaN where a group has fewer
    than two users, or neither has any spread.
    """
    n, degrees = first.n + second.n, first.n + second.n - 2
    with np.errstate(invalid="ignore", divide="ignore"):
        pooled = np.sqrt(((first.n - 1) * first.stddev**2 + (second.n - 1) * second.stddev**2) / degrees)
        d = np.where(pooled > 0, (second.mean - first.mean) / pooled, np.nan)
        error = np.sqrt(n / (first.n * second.n) + d**2 / (2 * n))
    factor = np.array([_unbiased(one) for one in degrees.tolist()])
    half = NormalDist().inv_cdf((1 + confidence) / 2) * error
    return Estimates(factor * d, factor * (d - half), factor * (d + half))


def median_difference_interval(
    first: ValueCounts, second: ValueCounts, confidence: float, draw: np.random.Generator
) -> tuple[float, float]:
    """Return the percentile bootstrap interval of the difference of medians; NaN for fewer than two users in one."""
    if min(first.n, second.n) < 2:
        return float("nan"), float("nan")
    apart = second.resampled_medians(RESAMPLES, draw) - first.resampled_medians(RESAMPLES, draw)
    low, high = np.quantile(apart, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)


def cliffs_delta(first: ValueCounts, second: ValueCounts) -> float:
    """Return Cliff's delta: how much oftener a user of the second group is above one of the first than below.

    From -1 to 1; NaN where a group is empty.
    """
    if not first.n or not second.n:
        return float("nan")
    reach = np.concatenate([[0], np.cumsum(first.counts)])
    lower = reach[np.searchsorted(first.values, second.values, side="left")]
    higher = first.n - reach[np.searchsorted(first.values, second.values, side="right")]
    return float((lower - higher) @ second.counts) / (first.n * second.n)


def _unbiased(degrees: float) -> float:
    """Return the factor of Hedges (1981) that takes the bias off d; NaN for fewer than two degrees."""
    if not degrees >= 2:
        return float("nan")
    return float(np.exp(lgamma(degrees / 2) - lgamma((degrees - 1) / 2)) / np.sqrt(degrees / 2))
