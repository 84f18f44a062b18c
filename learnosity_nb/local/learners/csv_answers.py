"""Learners and timelines as CSV: UTF-8, CRLF, quotes only where needed.

Source: Learner analytics API, "HTTP Headers"; nested keys are joined with a dot, and columns stand in the order of
the alphabet, as in the data API that the specification belongs to.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from werkzeug import Response

from ...compute.engagement import METRICS
from .course_keys import file_stem

__all__ = ["LEARNER_COLUMNS", "choose_columns", "csv_response"]

LEARNER_COLUMNS: Final = tuple(
    sorted(
        [
            *("last_updated", "username", "name", "email", "account_url"),
            *("enrollment_mode", "enrollment_date", "cohort", "segments"),
            *(f"engagements.{name}" for name in ("date_range.start", "date_range.end", *METRICS)),
        ]
    )
)


def choose_columns(fields: str) -> Sequence[str]:
    """Return the columns that ``fields`` names, in its order; all where it names none that exists."""
    chosen = [name for name in dict.fromkeys(fields.split(",")) if name in LEARNER_COLUMNS]
    return chosen or LEARNER_COLUMNS


def csv_response(
    columns: Sequence[str], rows: Iterable[Mapping[str, Any]], course_id: str, made: datetime, what: str
) -> Response:
    """Return rows as a file to save; without rows, its header alone.

    Parameters
    ----------
    columns
        Names of columns; a dot leads into a nested object.
    rows
        Plain JSON data.
    course_id, made, what
        What the file's name tells: the course, the time in UTC, and its contents.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([_cell(row, name) for name in columns] for row in rows)
    name = f"{file_stem(course_id)}--{made:%Y%m%dT%H%M%SZ}--{what}.csv"
    return Response(
        text.getvalue(), mimetype="text/csv", headers={"Content-Disposition": f"attachment; filename={name}"}
    )


def _cell(row: Mapping[str, Any], name: str) -> object:
    value: Any = row
    for key in name.split("."):
        value = value[key]
    return ", ".join(value) if isinstance(value, list) else value
