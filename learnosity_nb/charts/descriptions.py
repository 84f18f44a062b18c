"""What a chart shows, in a sentence: for those who do not see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import pandas as pd

from ..domain.fields import near_names
from ..errors import InputError, shorten
from .attempts import ATTEMPTED, attempted_rows
from .funnel_rows import funnel_rows, outside, said_of_no_limits, said_of_sizes
from .group_rows import reason_for_none, said_of_missing, shown_groups
from .kinds import ranked_field
from .percentiles import percentile_rows
from .rankings import ranking_rows
from .spreads import counted_values, value_at
from .words import NO_SCORES, counted, field_title, measure_of, number_text

__all__ = ["describe"]

MOST_NAMED: Final = 6
UNITS: Final = {"score": "points", "percent": "percent of maximum"}


def describe(kind: str, frame: pd.DataFrame | None, field: str = "percent", *, own: pd.DataFrame | None = None) -> str:
    """Say in a sentence what a chart of a kind shows.

    Parameters
    ----------
    kind
        A key of `KINDS`.
    frame
        What the chart is drawn of: a distribution for ``"distribution"`` and ``"ecdf"``, else rows of groups.
    field, own
        As for `kind_chart`; only a funnel needs `own`.

    Raises
    ------
    InputError
        If there is no such kind.

    Examples
    --------
    >>> spread = pd.DataFrame({"value": [4.0, 6.0, 8.0], "count": [300, 304, 300]})
    >>> describe("distribution", spread, "score")
    '904 learners; from 4 to 8 points, median 6, middle half 4 to 8.'
    """
    if kind == "funnel" and frame is not None:
        return _funnel(frame, field, own)
    said = SAYINGS.get(kind)
    if said is None:
        raise InputError(f"There is no kind of chart {shorten(kind)}{near_names(str(kind), SAYINGS)}.")
    return f"{NO_SCORES}." if frame is None else said(frame, field)


def _distribution(spread: pd.DataFrame, field: str) -> str:
    counts = counted_values(spread)
    if not len(counts):
        return f"{NO_SCORES}."
    lowest, low, middle, high, highest = (number_text(value_at(counts, at)) for at in (0, 0.25, 0.5, 0.75, 1))
    learners = counted(int(counts["count"].sum()), "learner")
    unit = UNITS[measure_of(field)]
    return f"{learners}; from {lowest} to {highest} {unit}, median {middle}, middle half {low} to {high}."


def _percentiles(groups: pd.DataFrame, field: str) -> str:
    rows = percentile_rows(groups, measure_of(field, groups))
    left_out = _left_out(groups, [f"median_{measure_of(field, groups)}"])
    if not len(rows) or "median" not in rows.columns:
        return f"{reason_for_none(groups)}{left_out}."
    ordered = rows.sort_values("median", kind="stable")
    return f"{counted(len(rows), 'group')}; medians {_from_to(ordered, 'median')}{left_out}."


def _ranking(groups: pd.DataFrame, field: str) -> str:
    by = ranked_field(field, groups)
    rows = ranking_rows(groups, by)
    left_out = _left_out(groups, [by])
    if not len(rows):
        return f"{reason_for_none(groups)}{left_out}."
    title = field_title(by)
    return f"{counted(len(rows), 'group')} by {title[0].lower()}{title[1:]}; {_from_to(rows, 'value')}{left_out}."


def _funnel(groups: pd.DataFrame, field: str, own: pd.DataFrame | None = None) -> str:
    measure = measure_of(field, groups)
    rows = funnel_rows(groups, measure, own)
    left_out = _left_out(groups, ["population", f"mean_{measure}"])
    if not len(rows):
        return f"{reason_for_none(groups)}{left_out}."
    far = outside(rows)
    said = [note for note in (said_of_no_limits(rows), said_of_sizes(groups, rows)) if note]
    named = f": {', '.join(far[:MOST_NAMED])}{' and others' if len(far) > MOST_NAMED else ''}" if far else ""
    notes = "".join(f"; {note}" for note in said)
    return f"{counted(len(rows), 'group')}; {len(far):,} outside the limits of 99.8 percent{named}{notes}{left_out}."


def _attempted(groups: pd.DataFrame, field: str) -> str:
    measure = measure_of(field, groups)
    rows = attempted_rows(groups, measure)
    left_out = _left_out(groups, [ATTEMPTED, f"mean_{measure}"])
    if not len(rows):
        return f"{reason_for_none(groups)}{left_out}."
    tried, reached = (
        f"{number_text(rows[name].min())} to {number_text(rows[name].max())}" for name in ("attempted", "value")
    )
    return f"{counted(len(rows), 'group')}; attempted {tried} percent, means {reached} {UNITS[measure]}{left_out}."


def _from_to(rows: pd.DataFrame, figure: str) -> str:
    first, last = rows.iloc[0], rows.iloc[-1]
    ends = [f"{number_text(row[figure])} ({row['name']})" for row in (first, last)]
    return ends[0] if len(rows) == 1 else f"from {ends[0]} to {ends[1]}"


def _left_out(groups: pd.DataFrame, fields: list[str]) -> str:
    return "".join(f"; {said}" for said in said_of_missing(groups, shown_groups(groups, fields)))


SAYINGS: Final[Mapping[str, Callable[[pd.DataFrame, str], str]]] = {
    "distribution": _distribution,
    "ecdf": _distribution,
    "percentiles": _percentiles,
    "ranking": _ranking,
    "funnel": _funnel,
    "attempted": _attempted,
}
