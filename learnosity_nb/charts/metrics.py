"""The metrics of learners' engagement: their names on charts, and the zones of a course."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from ..domain.fields import near_names
from ..errors import ColumnError, InputError, shorten
from ..frames.learner_columns import METRICS

__all__ = ["METRIC_TITLES", "metric_title", "wanted_columns"]

METRIC_TITLES: Final = {
    "discussion_contributions": "Discussion contributions",
    "problems_attempted": "Problems attempted",
    "problems_completed": "Problems completed",
    "videos_viewed": "Videos viewed",
    "problem_attempts": "Attempts at problems",
    "problem_attempts_per_completed": "Attempts per problem completed",
    "active_days": "Active days",
}


def metric_title(metric: str) -> str:
    """Return a metric's name on a chart."""
    return METRIC_TITLES.get(metric, metric.replace("_", " "))


def wanted_columns(frame: pd.DataFrame, wanted: Sequence[str], what: str) -> None:
    """Refuse a frame that lacks columns.

    Raises
    ------
    ColumnError
        Naming them, and what the frame should be.
    """
    missing = [name for name in wanted if name not in getattr(frame, "columns", ())]
    if missing:
        raise ColumnError(f"This must be {what}: it lacks {', '.join(f'`{name}`' for name in missing)}.")


def check_metric(metric: str) -> None:
    """Refuse what is no metric of a learner's week."""
    if metric not in METRICS:
        raise InputError(f"There is no metric {shorten(metric)}{near_names(str(metric), METRICS)}.")
