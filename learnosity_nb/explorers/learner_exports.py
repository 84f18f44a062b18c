"""What leaves a learner explorer: CSV, a page, code; all under its privacy rule."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pandas as pd

from ..charts.words import counted
from ..files.provenance import exported, written_table
from ..pages.learner_charts import drawn_charts, learner_charts
from ..pages.page import MOST_ROWS, write_table_page
from .learner_chart import MOST_COMPARED, chart_view, learners_compared
from .learner_code import view_code
from .learner_columns import DAILY, METRIC_ORDER, day_columns, roster_columns, zoned
from .learner_notes import days_notes, roster_notes
from .learner_source import LearnerSource
from .learner_state import LearnerState
from .learner_view import frame_in_view
from .replies import file_stem, replied

__all__ = ["answer", "write_page"]

DRAWN: Final = ("title", "spec", "datasets", "summary")
CHIPS: Final = {"segments": "Segment", "cohort": "Cohort", "enrollment_mode": "Enrolment mode"}


def write_page(target: str | os.PathLike[str], state: LearnerState, source: LearnerSource, page_size: int) -> Path:
    """Write the rows in view, of all pages, as one HTML file to filter and sort without a kernel."""
    table = _roster_table(state, source) if state.learner is None else _days_table(state, state.learner, source)
    rows = table.pop("rows")
    page, code = Path(target).expanduser(), view_code(state, source)
    with exported(page, lambda: [written_table(rows)], provenance=True, code=code) as temporary:
        write_table_page(temporary, rows, page_size=min(page_size, MOST_ROWS), **table)
    return page


def answer(what: str, state: LearnerState, source: LearnerSource, page_size: int) -> dict[str, Any]:
    """Return the answer to a button of the table, as `replied`."""
    return replied(
        what,
        file_stem(state.learner or source.course_id, "learners"),
        tables={"csv": (".csv", lambda: frame_in_view(state, source))},
        write_page=lambda page: write_page(page, state, source, page_size),
        code=lambda: view_code(state, source),
    )


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
        "charts": learner_charts(rows, source.course.engagement_ranges, METRIC_ORDER, _weeks(state, source)),
    }


def _days_table(state: LearnerState, learner: str, source: LearnerSource) -> dict[str, Any]:
    days = source.days(learner).iloc[::-1]
    kinds = [chart for name in ("timeline", "weeks") for chart in _drawn(replace(state, chart=name), source)]
    return {
        "rows": days[list(DAILY)].assign(date=pd.DatetimeIndex(days.index).strftime("%Y-%m-%d")),
        "title": f"Days of {learner}",
        "columns": [column | {"kind": "count"} if column["kind"] == "zone" else column for column in day_columns()],
        "unit": "days",
        "notes": days_notes(learner, source),
        "charts": drawn_charts(kinds) if kinds else None,
    }


def _weeks(state: LearnerState, source: LearnerSource) -> list[dict[str, Any]]:
    """Return the weeks of the first learners in view; the days of all would take a request for each."""
    first = replace(state, chart="weeks", page=1)
    learners, total = learners_compared(first, source, MOST_COMPARED), len(source.rows(state))
    some = counted(total, "learner") if len(learners) == total else f"the first {len(learners):,} of {total:,} learners"
    return [kind | {"title": f"{kind['label']}: {some}"} for kind in _drawn(first, source)]


def _drawn(state: LearnerState, source: LearnerSource) -> list[dict[str, Any]]:
    """Return the chart of a state as a page carries it; none where it cannot be drawn."""
    view = chart_view(state, source, MOST_COMPARED)
    if view["message"] is not None:
        return []
    label = next(kind["label"] for kind in view["kinds"] if kind["key"] == view["kind"])
    return [{"key": view["kind"], "label": label, **{name: view[name] for name in DRAWN}}]
