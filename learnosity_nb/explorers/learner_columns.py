"""The columns of tables of learners and of a learner's days, and their cells."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from ..charts.metrics import metric_title
from ..frames.learner_columns import LEARNER_COLUMNS
from ..frames.learners import label_engagement
from .face_columns import page_cells

__all__ = ["DAILY", "METRIC_ORDER", "day_columns", "roster_columns", "zone_cells", "zoned"]

DAILY: Final = ("problems_attempted", "problems_completed", "videos_viewed", "discussion_contributions")
RATIO: Final = "problem_attempts_per_completed"
METRIC_ORDER: Final = (*DAILY[:2], RATIO, *DAILY[2:])

MEANINGS: Final = {column.name: column.meaning for column in LEARNER_COLUMNS}
TEXTS: Final = {"name": "Name", "email": "E-mail address", "cohort": "Cohort", "enrollment_mode": "Enrolment mode"}


def roster_columns(*, show_names: bool) -> list[dict[str, Any]]:
    """Return the columns of a table of learners: who, the week's figures, then groups."""
    who = [_column("username", "Learner", "text", help_=MEANINGS["username"] if show_names else "the pseudonym")]
    known = [_text(name) for name in TEXTS if show_names or name not in ("name", "email")]
    named, groups = (known[:-2], known[-2:])
    segments = _column("segments", "Segments", "list", help_="what the service says of the week", sortable=False)
    return [*who, *named, *(_metric(name, sortable=True) for name in METRIC_ORDER), segments, *groups]


def day_columns() -> list[dict[str, Any]]:
    """Return the columns of a table of a learner's days."""
    day = _column("date", "Day", "text", help_="the day", sortable=False)
    return [day, *(_metric(name, sortable=False) for name in DAILY)]


def zoned(learners: pd.DataFrame, ranges: pd.DataFrame) -> pd.DataFrame:
    """Return learners with a column ``<metric>_range`` for each metric; null where the course has no ranges of one."""
    labelled = label_engagement(learners, ranges) if len(ranges) else learners
    lacking = [f"{name}_range" for name in METRIC_ORDER if f"{name}_range" not in labelled]
    return labelled.assign(**{name: pd.Series(None, index=labelled.index, dtype="str") for name in lacking})


def zone_cells(learners: pd.DataFrame, ranges: pd.DataFrame, columns: list[dict[str, Any]]) -> list[list[Any]]:
    """Return rows as JSON's own values; the cell of a figure is ``{value, zone}``."""
    labelled = zoned(learners, ranges)
    rows = page_cells(labelled, [column["key"] for column in columns])
    zones = page_cells(labelled, [f"{column['key']}_range" for column in columns if column["kind"] == "zone"])
    return [_with_zones(row, iter(found), columns) for row, found in zip(rows, zones, strict=True)]


def _with_zones(row: list[Any], zones: Any, columns: list[dict[str, Any]]) -> list[Any]:
    return [
        {"value": value, "zone": _word(next(zones))} if column["kind"] == "zone" else _listed(value)
        for value, column in zip(row, columns, strict=True)
    ]


def _listed(value: Any) -> Any:
    return [one.replace("_", " ") for one in value] if isinstance(value, tuple) else value


def _word(zone: str | None) -> str | None:
    """Return the table's word for a range: ``below_average`` is ``below``."""
    return None if zone is None else zone.partition("_")[0]


def _text(name: str) -> dict[str, Any]:
    return _column(name, TEXTS[name], "text", help_=MEANINGS[name])


def _metric(name: str, *, sortable: bool) -> dict[str, Any]:
    places = 2 if name == RATIO else 0
    return _column(name, metric_title(name), "zone", places=places, help_=MEANINGS[name], sortable=sortable)


def _column(
    key: str, label: str, kind: str, *, places: int | None = None, help_: str = "", sortable: bool = True
) -> dict[str, Any]:
    return {
        "key": key,
        "label": label,
        "kind": kind,
        "unit": "",
        "places": places,
        "help": help_,
        "sortable": sortable,
    }
