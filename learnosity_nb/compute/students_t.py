"""Quantiles of Student's t distribution, without scipy.

The tail is a regularised incomplete beta function, found by its continued
fraction; Newton's method on the logarithms of tail and quantile inverts it.
There the tail is concave, so the steps come to the root from any start. Many
degrees of freedom have a short series about the normal quantile instead.
Abramowitz and Stegun, 26.5.8 and 26.7.5.
"""

from __future__ import annotations

from math import lgamma
from statistics import NormalDist
from typing import Final

import numpy as np

from .arrays import Floats

__all__ = ["t_quantile"]

MANY_DEGREES: Final = 500
NEWTON_STEPS: Final = 50
FRACTION_STEPS: Final = 500
PRECISE: Final = 1e-15
TINY: Final = 1e-300


def t_quantile(probability: float, degrees: Floats) -> Floats:
    """Return the quantile of Student's t distribution above its middle.

    Parameters
    ----------
    probability
        From 0.6 and less than 1: 0.975 for a 95 % interval.
    degrees
        Degrees of freedom, not only whole numbers; NaN where there are none.

    Returns
    -------
    array of float64
        One element per element of `degrees`, right to 10 digits; NaN for less
        than one degree.
    """
    degrees = np.asarray(degrees, dtype=np.float64)
    found = np.full(degrees.shape, np.nan)
    few = (degrees >= 1) & (degrees < MANY_DEGREES)
    many = degrees >= MANY_DEGREES
    found[few] = _by_newton(1 - probability, degrees[few])
    found[many] = _by_series(NormalDist().inv_cdf(probability), degrees[many])
    return found


def _by_newton(tail: float, degrees: Floats) -> Floats:
    # The density at t is scale * (1 + t²/degrees) ** -(degrees + 1)/2.
    scale = np.array([lgamma((df + 1) / 2) - lgamma(df / 2) for df in degrees]) - np.log(np.pi * degrees) / 2
    quantile = np.full(degrees.shape, NormalDist().inv_cdf(1 - tail))
    for _ in range(NEWTON_STEPS):
        density = np.exp(scale - (degrees + 1) / 2 * np.log1p(quantile**2 / degrees))
        above = _tail(quantile, degrees)
        step = np.log(above / tail) * above / (quantile * density)
        quantile = quantile * np.exp(step)
        if np.all(np.abs(step) < 4 * PRECISE):
            break
    return quantile


def _tail(quantile: Floats, degrees: Floats) -> Floats:
    """Return the probability above `quantile`: half the incomplete beta function of degrees/2 and 1/2."""
    share = degrees / (degrees + quantile**2)
    a, b = degrees / 2, np.full(degrees.shape, 0.5)
    # The fraction converges fast below the mean of the beta distribution; above it, that of the complement does.
    swap = share > (a + 1) / (a + b + 2)
    x, y = np.where(swap, 1 - share, share), np.where(swap, share, 1 - share)
    a, b = np.where(swap, b, a), np.where(swap, a, b)
    log_beta = np.array([lgamma(one) + lgamma(other) - lgamma(one + other) for one, other in zip(a, b, strict=True)])
    part = np.exp(a * np.log(x) + b * np.log(y) - log_beta) / a * _beta_fraction(a, b, x)
    return np.asarray(np.where(swap, 1 - part, part) / 2)


def _beta_fraction(a: Floats, b: Floats, x: Floats) -> Floats:
    """Evaluate the continued fraction of the incomplete beta function from its front (Lentz)."""
    top = np.ones(x.shape)
    below = 1 / _away_from_zero(1 - (a + b) * x / (a + 1))
    fraction = below.copy()
    for m in range(1, FRACTION_STEPS):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            below = 1 / _away_from_zero(1 + term * below)
            top = _away_from_zero(1 + term / top)
            fraction = fraction * top * below
        if np.all(np.abs(top * below - 1) < PRECISE):
            break
    return fraction


def _away_from_zero(values: Floats) -> Floats:
    return np.where(np.abs(values) < TINY, TINY, values)


def _by_series(normal: float, degrees: Floats) -> Floats:
    z = normal
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    found = np.full(degrees.shape, z)
    for power, term in enumerate(terms, start=1):
        found = found + term / degrees**power
    return found
