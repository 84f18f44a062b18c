"""The service's figures: taken at 15 significant digits, then cut to a number of decimals.

Source: the specification's example, where 134/9 is 14.88, 48/7 is 6.85 and
56.875 stays; design decision for the digits (see `domain.policy`).
"""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal, localcontext

import numpy as np

from ..domain.fields import GroupField
from ..domain.policy import SIGNIFICANT_DIGITS
from .arrays import Floats

__all__ = ["as_served", "significant", "truncate"]

ULPS_IN_DOUBT = 1.5  # the edge below is known to about one unit in the last place
POWERS = np.array([float(f"1e{power}") for power in range(23)])  # all that a float holds exactly; numpy's ** may err
POWERS_IN_DOUBT = 1e-12  # so near to a power of ten, a logarithm may be on its wrong side


def as_served(field: GroupField, values: Floats) -> Floats:
    """Return a field's figures as the service gives them."""
    return significant(values) if field.places is None else truncate(values, field.places)


def significant(values: Floats) -> Floats:
    """Round values to 15 significant digits: 0.1 + 0.2 becomes 0.3. NaN and infinities stay."""
    rounded = values.copy()
    # NaN and infinities come along, and print as themselves.
    long = np.flatnonzero((rounded != np.rint(rounded)) | (np.abs(rounded) >= 10.0**SIGNIFICANT_DIGITS))
    if len(long):
        rounded[long] = _rounded(rounded[long])
    return rounded + 0.0  # no negative zero


def truncate(values: Floats, places: int) -> Floats:
    """Cut values toward zero to `places` decimals, after taking them at 15 significant digits.

    Parameters
    ----------
    values
        Any float64 array; NaN and infinities stay as they are.
    places
        Decimals to keep.

    Returns
    -------
    array of float64
        Each the double nearest to the cut decimal, so that it prints as one.
    """
    size = np.abs(values)
    scale = 10.0**places
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        nearest = np.rint(size * scale)
        # The value reads as `nearest` at 15 digits if it is at most half a unit of the 15th digit below it.
        power = np.log10(size)
        unit = 10.0 ** (np.floor(power) - (SIGNIFICANT_DIGITS - 1))
        edge = nearest / scale - unit / 2
        whole = np.where(size >= edge, nearest, np.floor(size * scale))
        cut = np.copysign(whole / scale, values)
        ulp = np.spacing(size)
        near_power = (np.abs(power - np.rint(power)) < POWERS_IN_DOUBT) & (size != nearest / scale)
        doubt = (np.abs(size - edge) <= ULPS_IN_DOUBT * ulp) | (unit * scale > 0.5) | near_power
    doubt &= np.isfinite(values) & (size > 0)
    if doubt.any():
        cut[doubt] = [_truncate_exactly(value, places) for value in values[doubt].tolist()]
    cut[~np.isfinite(values)] = values[~np.isfinite(values)]
    return cut + 0.0  # no negative zero


def _rounded(values: Floats) -> Floats:
    """Round to 15 digits through whole numbers of the 15th, and by printing where their nearest is in doubt."""
    with np.errstate(invalid="ignore"):
        places = SIGNIFICANT_DIGITS - 1 - np.floor(np.log10(np.abs(values)))
        scale = POWERS.take(places.astype(np.int64), mode="clip")
        digits = values.astype(np.longdouble) * scale
        nearest = np.rint(digits)
        rounded: Floats = nearest.astype(np.float64) / scale  # both are exact, so the quotient is the nearest float
        # A product is rounded to a half at most, never past it: only there is the nearest whole number in doubt.
        clear = np.abs(digits - nearest) != 0.5
        clear &= (np.abs(nearest) < 10.0**SIGNIFICANT_DIGITS) & (np.abs(digits) >= 10.0 ** (SIGNIFICANT_DIGITS - 1))
    doubt = ~clear
    if doubt.any():
        rounded[doubt] = np.char.mod(f"%.{SIGNIFICANT_DIGITS - 1}e", values[doubt]).astype(np.float64)
    return rounded


def _truncate_exactly(value: float, places: int) -> float:
    with localcontext() as context:
        context.prec = 400
        digits = Decimal(f"{value:.{SIGNIFICANT_DIGITS - 1}e}")
        return float(digits.quantize(Decimal(1).scaleb(-places), rounding=ROUND_DOWN))
