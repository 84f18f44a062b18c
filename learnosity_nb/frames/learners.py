"""Learners, their days and their course as rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from numbers import Real
from operator import itemgetter
from typing import Any

import numpy as np
import pandas as pd

from ..errors import InputError, shorten
from .columns import typed_frame
from .learner_columns import (
    ATTEMPTS_COLUMN,
    AVERAGE_COLUMNS,
    LEARNER_COLUMNS,
    METRICS,
    RANGE_COLUMNS,
    RANGES,
    SEGMENTS,
    TIMELINE_COLUMNS,
)

__all__ = [
    "averages_frame",
    "label_engagement",
    "learners_frame",
    "timeline_frame",
]

Record = Mapping[str, Any]
Limits = tuple[int, float, float]
"""A range's place among `RANGES`, where it begins and where it ends."""


def learners_frame(learners: Sequence[Record]) -> pd.DataFrame:
    """Return learners as the API gives them as a frame, in the order given.

    Columns as `learner_columns.LEARNER_COLUMNS`, also without rows.
    """
    weeks = [learner["engagements"] for learner in learners]
    ranges = [week.get("date_range") or {} for week in weeks]
    segments = [tuple(segment for segment in learner["segments"] if segment) for learner in learners]
    values: dict[str, Any] = {column.name: [one.get(column.name) for one in learners] for column in LEARNER_COLUMNS}
    values |= {metric: [week.get(metric) for week in weeks] for metric in METRICS}
    values |= {f"in_{segment}": [segment in each for each in segments] for segment in SEGMENTS}
    values |= {f"date_range_{end}": [one.get(end) for one in ranges] for end in ("start", "end")}
    values["segments"] = segments
    dates = pd.Series(values["enrollment_date"], dtype="str")
    values["enrollment_date"] = pd.to_datetime(dates, utc=True, format="ISO8601")
    return typed_frame(LEARNER_COLUMNS, values)


def timeline_frame(days: Sequence[Record], *, problem_attempts: bool = False) -> pd.DataFrame:
    """Return a learner's days as a frame.

    Parameters
    ----------
    days
        As the API gives them.
    problem_attempts
        Whether to have that column too.

    Returns
    -------
    DataFrame
        Index ``date``: daily, without a zone. Columns as `learner_columns.TIMELINE_COLUMNS`, Int64; a day that the
        service left out between two others counts zero.
    """
    columns = (*TIMELINE_COLUMNS, *([ATTEMPTS_COLUMN] if problem_attempts else []))
    frame = typed_frame(columns, {column.name: [day.get(column.name) for day in days] for column in columns})
    frame = frame.set_index("date").sort_index()
    return frame[~frame.index.duplicated()].asfreq("D", fill_value=0)


def averages_frame(learners: pd.DataFrame) -> pd.DataFrame:
    """Return mean and median of each figure over learners; columns as `learner_columns.AVERAGE_COLUMNS`."""
    figures = [learners[metric].astype("float64") for metric in METRICS]
    return typed_frame(
        AVERAGE_COLUMNS,
        {
            "metric": METRICS,
            "learners": [int(figure.count()) for figure in figures],
            "mean": [figure.mean() for figure in figures],
            "median": [figure.median() for figure in figures],
        },
    )


def label_engagement(frame: pd.DataFrame, ranges: pd.DataFrame) -> pd.DataFrame:
    """Say of each learner's figures whether they are below average, average or above average.

    A value belongs to a range from its `low`, inclusive, to its `high`, exclusive; infinity belongs to a range
    that ends there, and a value to a range that begins and ends with it. A range of which one end alone is null is
    open at that end; one without both is none.

    Parameters
    ----------
    frame
        Learners, as ``connection.learners(course_id)`` gives them.
    ranges
        The ranges of their course: ``connection.course_metadata(course_id).engagement_ranges``.

    Returns
    -------
    DataFrame
        `frame` with a column ``<metric>_range`` for each metric that both have: an ordered categorical of
        below_average, average and above_average; null where the value is null. Above average is a high value, which
        is no praise where attempts per problem solved are counted.

    Raises
    ------
    InputError
        If either is no such frame, a range has another name, a bound or a figure is no number, or the two have no
        metric in common.

    Examples
    --------
    >>> weeks = pd.DataFrame({"videos_viewed": [0, 3, 9]})
    >>> ranges = pd.DataFrame({"metric": "videos_viewed", "range": ["below_average", "average", "above_average"],
    ...                        "low": [0.0, 1.0, 5.0], "high": [1.0, 5.0, float("inf")]})
    >>> label_engagement(weeks, ranges)["videos_viewed_range"].tolist()
    ['below_average', 'average', 'above_average']
    """
    if not isinstance(frame, pd.DataFrame):
        raise InputError(f"frame must be the frame learners(course_id), not {type(frame).__name__}.")
    names = ranges.columns if isinstance(ranges, pd.DataFrame) else ()
    missing = [column.name for column in RANGE_COLUMNS if column.name not in names]
    if missing:
        raise InputError(
            f"ranges must be the frame course_metadata(course_id).engagement_ranges: it lacks {', '.join(missing)}."
        )
    metrics = [metric for metric in ranges["metric"].unique() if metric in frame.columns]
    if not metrics:
        raise InputError(f"The frame has none of the metrics that the ranges are of; its columns: {shorten([*frame])}.")
    of_metric: dict[str, list[Limits]] = {metric: [] for metric in metrics}
    for metric, name, low, high in ranges[["metric", "range", "low", "high"]].itertuples(index=False, name=None):
        bounds = _bounds(name, low, high)
        if metric in of_metric and bounds is not None:
            of_metric[metric].append(bounds)
    return frame.assign(**{f"{metric}_range": _labels(frame[metric], limits) for metric, limits in of_metric.items()})


def _bounds(name: Any, low: Any, high: Any) -> Limits | None:
    """Return a range as its limits, infinite where an end is open; None where the metric has no such range."""
    if not isinstance(name, str) or name not in RANGES:
        raise InputError(f"ranges has a range {shorten(name)}; expected {', '.join(RANGES[:-1])} or {RANGES[-1]}.")
    for bound in (low, high):
        if not _is_number(bound):
            raise InputError(f"ranges has {shorten(bound)} for a bound of {name}; expected a number or null.")
    if pd.isna(low) and pd.isna(high):
        return None
    return RANGES.index(name), -np.inf if pd.isna(low) else float(low), np.inf if pd.isna(high) else float(high)


def _is_number(value: object) -> bool:
    """Whether a value is a number or null."""
    if isinstance(value, Real | Decimal):
        return not isinstance(value, bool)
    return value is None or value is pd.NA


def _labels(figures: pd.Series[Any], limits: list[Limits]) -> pd.Categorical[Any]:
    if not pd.api.types.is_any_real_numeric_dtype(figures):
        wrong = [value for value in figures if not _is_number(value)]
        if wrong:
            raise InputError(f"The frame has {shorten(wrong[0])} in {figures.name}; expected a number or null.")
    values = figures.to_numpy(dtype=np.float64, na_value=np.nan)
    codes = np.full(len(values), -1)
    for code, low, high in sorted(limits, key=itemgetter(0)):
        within = (low <= values) & (values < high)
        at_end = (values == high) & (np.isinf(values) | (low == high))
        codes[within | at_end] = code  # where two ranges fit, the later one counts
    return pd.Categorical.from_codes(codes, categories=pd.Index(RANGES), ordered=True)
