"""How far a group's mean can be trusted.

All functions take one element per group and give NaN for a group of fewer than
two users: one value says nothing of its own spread.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import Final

import numpy as np

from .arrays import Floats
from .students_t import t_quantile

__all__ = ["FUNNEL_CONFIDENCES", "funnel_limits", "mean_interval", "pooled_stddev"]

FUNNEL_CONFIDENCES: Final = (0.95, 0.998)
"""The usual two pairs of lines in a funnel plot: about two and three standard errors."""


def mean_interval(n: Floats, mean: Floats, stddev: Floats, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Return the confidence interval of each group's mean, by Student's t.

    Parameters
    ----------
    n, mean, stddev
        Users with a value, their mean and sample standard deviation.
    confidence
        0.5 to 1, 1 excluded.

    Returns
    -------
    low, high : array of float64
    """
    n = np.asarray(n, dtype=np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        half = t_quantile((1 + confidence) / 2, n - 1) * stddev / np.sqrt(n)
    return mean - half, mean + half


def pooled_stddev(n: Floats, stddev: Floats) -> float:
    """Return the standard deviation within groups: their variances weighted by n - 1; NaN where none has two users."""
    n, stddev = np.asarray(n, dtype=np.float64), np.asarray(stddev, dtype=np.float64)
    known = (n >= 2) & np.isfinite(stddev)
    free = n[known] - 1
    return float(np.sqrt(np.sum(free * stddev[known] ** 2) / np.sum(free))) if known.any() else float("nan")


def funnel_limits(n: Floats, centre: float, stddev: float, confidence: float) -> tuple[Floats, Floats]:
    """Return the limits that the means of groups of size `n` keep to if they differ by chance alone.

    Parameters
    ----------
    n
        Sizes of groups, such as an axis of a chart.
    centre
        The mean of all: the parent's.
    stddev
        The standard deviation within groups, as `pooled_stddev` gives it.
    confidence
        One of `FUNNEL_CONFIDENCES`, or another.

    Returns
    -------
    low, high : array of float64
        ``centre`` less and plus z standard errors; NaN for n < 1.
    """
    n = np.where(np.asarray(n) >= 1, n, np.nan)
    half = NormalDist().inv_cdf((1 + confidence) / 2) * stddev / np.sqrt(n)
    return centre - half, centre + half
