"""A learner's engagement day by day, with zeros for the quiet days.

Source: Learner analytics API, "Engagement Timeline".
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from .arrays import Ints
from .engagement import ATTEMPTED, COMPLETED, CONTRIBUTED, VIEWED, Activity, add_up, count_distinct

__all__ = ["PROBLEM_ATTEMPTS", "timeline"]

PROBLEM_ATTEMPTS = "problem_attempts"
"""The timeline's column of total attempts, which the API gives only on request."""


def timeline(activity: Activity, start: int, end: int) -> pa.Table:
    """Return what one learner did on each of the days [start, end).

    Parameters
    ----------
    activity
        The activity of a single learner.
    start, end
        Days since 1970.

    Returns
    -------
    pyarrow.Table
        ``date`` (date32), then int64: ``discussion_contributions`` (summed), ``problems_attempted``,
        ``problems_completed`` and ``videos_viewed`` (distinct on the day), ``problem_attempts`` (summed).
    """
    inside = (activity.day >= start) & (activity.day < end)
    day = activity.day[inside].astype(np.int64) - start
    event, entity, count = activity.event[inside], activity.entity[inside], activity.count[inside]
    days = max(end - start, 0)

    def distinct(which: int) -> Ints:
        chosen = event == which
        return count_distinct(day[chosen], entity[chosen], days, activity.entities)

    def total(which: int) -> Ints:
        chosen = event == which
        return add_up(day[chosen], count[chosen], days)

    return pa.table(
        {
            "date": pa.array(np.arange(start, start + days, dtype=np.int32)).cast(pa.date32()),
            "discussion_contributions": total(CONTRIBUTED),
            "problems_attempted": distinct(ATTEMPTED),
            "problems_completed": distinct(COMPLETED),
            "videos_viewed": distinct(VIEWED),
            PROBLEM_ATTEMPTS: total(ATTEMPTED),
        }
    )
