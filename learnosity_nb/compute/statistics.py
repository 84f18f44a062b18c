"""One formula for each statistic of a group's values."""

from __future__ import annotations

from ..domain.fields import GroupField
from ..domain.policy import STDDEV_DEGREES
from .arrays import Floats
from .grouped import GroupedValues

__all__ = ["statistic"]


def statistic(field: GroupField, values: GroupedValues) -> Floats:
    """Return a field of every group from the group's values.

    Parameters
    ----------
    field
        A field that is taken over a measure (not one that counts users or groups).
    values
        The measure's values within each group.

    Returns
    -------
    array of float64
        One element per group; NaN where no user of the group has a value.
    """
    match field.statistic:
        case "lowest":
            return values.lowest()
        case "highest":
            return values.highest()
        case "mean":
            return values.mean()
        case "quantile":
            return values.quantile(field.percent)
        case "stddev":
            return values.stddev(STDDEV_DEGREES)
        case counted:
            raise ValueError(f"{counted} is counted, not taken over values")
