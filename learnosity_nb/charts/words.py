"""Words and numbers on charts: what a field is called, in which unit, and how a number is written."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, Literal

import pandas as pd

from ..domain.fields import find_group_field

__all__ = [
    "LONGEST",
    "NO_SCORES",
    "NUMBER",
    "ROOT_LABEL",
    "WHOLE",
    "WITHHELD",
    "ScoreMeasure",
    "charted_field",
    "counted",
    "field_title",
    "measure_of",
    "measure_title",
    "number_text",
    "ordinal",
    "scored_measure",
]

ScoreMeasure = Literal["score", "percent"]

NUMBER: Final = ",.2~f"
"""The d3 format that writes as `number_text` does."""

WHOLE: Final = ",d"

ROOT_LABEL: Final = "All"
"""What the root group is called, which has no name of its own."""

WITHHELD: Final = "withheld"
"""What is said of a group whose figures a floor on the population keeps back."""

NO_SCORES: Final = "No scores"

PLACES: Final = Decimal("0.01")
LONGEST: Final = 1e21
"""From here on a number is written with an exponent."""

MEASURE_TITLES: Final[dict[str, str]] = {
    "score": "Score (points)",
    "percent": "Percent of maximum",
    "attempted_percent": "Attempted (percent of maximum)",
    "seen_activities": "Activities seen",
}

SCORED: Final[dict[str, ScoreMeasure]] = {"score": "score", "percent": "percent"}

PREFERRED: Final = ("mean_percent", "median_percent", "mean_score", "median_score")

COUNT_TITLES: Final = {"population": "Learners", "group_count": "Groups directly below"}


def number_text(value: float) -> str:
    """Write a number with thousands commas and at most two decimals; half is rounded away from zero.

    From 1e21 on it has an exponent: ``1e+21``.

    Examples
    --------
    >>> number_text(1204.0), number_text(62.4666), number_text(0.125)
    ('1,204', '62.47', '0.13')
    """
    if not abs(value) < LONGEST:
        return f"{value:g}"
    rounded = Decimal(repr(float(value))).quantize(PLACES, ROUND_HALF_UP)
    text = f"{rounded:,f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def counted(number: int, noun: str) -> str:
    """Write how many there are of something: ``1 group``, ``1,204 groups``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def measure_title(measure: str) -> str:
    """Return the title of an axis of a measure, with its unit."""
    return MEASURE_TITLES[measure]


def field_title(field: str) -> str:
    """Return the title of an axis of a group field, with its unit; a field this package does not know has its name."""
    known = find_group_field(field)
    if known is None:
        return field
    if known.whole:
        return COUNT_TITLES[known.name]
    of = MEASURE_TITLES[known.measure]
    words = {
        "lowest": "Lowest",
        "highest": "Highest",
        "mean": "Mean",
        "stddev": "Standard deviation of",
        "quantile": "Median" if known.name.startswith("median_") else f"{ordinal(known.percent)} percentile of",
    }
    statistic = words.get(known.statistic) or f"{known.name.removesuffix(known.measure).strip('_').capitalize()} of"
    return f"{statistic} {of[0].lower()}{of[1:]}"


def scored_measure(field: str) -> ScoreMeasure | None:
    """Return whether a group field is about scores or percents; None where it is about neither."""
    known = find_group_field(field)
    return None if known is None else SCORED.get(known.measure)


def measure_of(field: str, frame: pd.DataFrame | None = None) -> ScoreMeasure:
    """Return the measure that a chart of a field draws, which may be ``"score"`` or ``"percent"`` itself.

    A field about neither counts as percents where `frame` has a figure of them, else as scores.
    """
    columns = () if frame is None else frame.columns
    some_percents = any(scored_measure(str(name)) == "percent" for name in columns)
    return SCORED.get(field) or scored_measure(field) or ("percent" if some_percents else "score")


def charted_field(figures: Sequence[str]) -> str | None:
    """Return the figure that charts draw where nobody chose one: a middle of percents or scores, else any of them."""
    of_scores = [name for name in figures if scored_measure(name) is not None]
    return next((name for name in [*PREFERRED, *of_scores] if name in figures), None)


def ordinal(number: int) -> str:
    """Write a number as a place in an order: 1st, 25th."""
    teen = 10 < number % 100 < 14
    return f"{number}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"
