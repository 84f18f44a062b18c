"""What leaves a learner explorer: CSV, a page, code; all under its privacy rule."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any, Final

import pandas as pd

from ..errors import InputError, shorten
from ..files.exports import csv_text
from ..files.provenance import exported, written_table
from ..pages.page import MOST_ROWS, write_table_page
from .learner_code import view_code
from .learner_columns import DAILY, day_columns, roster_columns, zoned
from .learner_notes import days_notes, roster_notes
from .learner_source import LearnerSource
from .learner_state import LearnerState
from .learner_view import frame_in_view
from .replies import CSV, HTML, PLAIN, file_stem, reply

__all__ = ["answer", "write_page"]

CHIPS: Final = {"segments": "Segment", "cohort": "Cohort", "enrollment_mode": "Enrolment mode"}


def write_page(target: str | os.PathLike[str], state: LearnerState, source: LearnerSource, page_size: int) -> Path:
    """Write the rows in view, of all pages, as one HTML file to filter and sort without a kernel."""
    table = _roster_table(state, source) if state.learner is None else _days_table(state.learner, source)
    rows = table.pop("rows")
    page, code = Path(target).expanduser(), view_code(state, source)
    with exported(page, lambda: [written_table(rows)], provenance=True, code=code) as temporary:
        write_table_page(temporary, rows, page_size=min(page_size, MOST_ROWS), **table)
    return page


def answer(what: str, state: LearnerState, source: LearnerSource, page_size: int) -> dict[str, Any]:
    """Return the answer to a button of the table: ``{what, name, mime, text}``.

    Raises
    ------
    InputError
        If there is no such button.
    """
    stem = file_stem(state.learner or source.course_id, "learners")
    if what == "csv":
        return reply(what, f"{stem}.csv", CSV, csv_text(frame_in_view(state, source)))
    if what == "html":
        with tempfile.TemporaryDirectory() as folder:
            page = write_page(Path(folder) / "page.html", state, source, page_size)
            return reply(what, f"{stem}.html", HTML, page.read_text(encoding="utf-8"))
    if what == "code":
        return reply(what, None, PLAIN, view_code(state, source))
    raise InputError(f"There is nothing called {shorten(what)} to download.")


def _with_words(learners: pd.DataFrame) -> pd.DataFrame:
    """Return learners with their segments as people read them."""
    words = [[one.replace("_", " ") for one in each] for each in learners["segments"]]
    return learners.assign(segments=pd.Series(words, index=learners.index, dtype=object))


def _roster_table(state: LearnerState, source: LearnerSource) -> dict[str, Any]:
    rows = _with_words(zoned(source.rows(state), source.course.engagement_ranges))
    columns = roster_columns(show_names=source.show_names)
    sorts = state.sort_field in [column["key"] for column in columns]
    return {
        "rows": rows,
        "title": f"Learners of {source.course_id}",
        "columns": columns,
        "unit": "learners",
        "chips": CHIPS,
        "sort": {"field": state.sort_field, "order": state.sort_order} if sorts else None,
        "notes": roster_notes(source, rows),
    }


def _days_table(learner: str, source: LearnerSource) -> dict[str, Any]:
    days = source.days(learner).iloc[::-1]
    kinds = {"zone": "count"}
    return {
        "rows": days[list(DAILY)].assign(date=pd.DatetimeIndex(days.index).strftime("%Y-%m-%d")),
        "title": f"Days of {learner}",
        "columns": [column | {"kind": kinds.get(column["kind"], column["kind"])} for column in day_columns()],
        "unit": "days",
        "notes": days_notes(learner, source),
    }
