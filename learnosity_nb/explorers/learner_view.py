"""From a learner explorer's state to the rows in view: as a frame, and as the page that its table shows."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from ..charts.metrics import metric_title
from .learner_columns import DAILY, RATIO, day_columns, roster_columns, zone_cells
from .learner_notes import days_notes, roster_notes
from .learner_selection import chips_of
from .learner_source import LearnerSource
from .learner_state import LearnerState
from .paging import ORDER_WORDS, page_count, page_of

__all__ = ["frame_in_view", "loading_view", "page_in_view", "page_with", "table_view"]

ASKS: Final = [
    {"what": "csv", "label": "CSV of these rows"},
    {"what": "html", "label": "Web page"},
    {"what": "code", "label": "Code"},
]


def frame_in_view(state: LearnerState, source: LearnerSource) -> pd.DataFrame:
    """Return the rows in view as an explorer's ``value``: what `view_code` gives when it is run."""
    frame = source.rows(state) if state.learner is None else source.days(state.learner).iloc[::-1]
    return frame.copy(deep=False)


def page_in_view(state: LearnerState, source: LearnerSource, page_size: int) -> pd.DataFrame:
    """Return the learners on the page of the roster in view."""
    return page_of(source.rows(state), state.page, page_size)


def page_with(learner: str, state: LearnerState, source: LearnerSource, page_size: int) -> int:
    """Return the page of the roster that a learner is on; the first one if on none."""
    found = (source.rows(state)["username"] == learner).to_numpy(dtype=bool).nonzero()[0]
    return 1 + int(found[0]) // page_size if len(found) else 1


def table_view(
    state: LearnerState, source: LearnerSource, page_size: int, notes: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Return what the table's face shows: one page of rows and everything around it, as JSON's own values."""
    shown = _roster_view(state, source, page_size) if state.learner is None else _days_view(state, source, page_size)
    return shown | {"notes": [*notes, *shown["notes"]]}


def loading_view(source: LearnerSource) -> dict[str, Any]:
    """Return what the table shows until the roster is there."""
    said = f"Reading {source.size:,} learners …"
    return _frame(source, None) | {
        "caption": said,
        "columns": roster_columns(show_names=source.show_names),
        "rows": [],
        "first": 1,
        "total": source.size,
        "page": 1,
        "pages": 1,
        "unit": "learners",
        "sort": None,
        "filter": "",
        "filter_label": None,
        "chips": [],
        "notes": [said],
        "message": said,
        "busy": True,
        "asks": [],
    }


def _frame(source: LearnerSource, learner: str | None) -> dict[str, Any]:
    """Return what every view of a course has."""
    crumbs = [{"label": source.course_id, "hint": "Course", "to": []}]
    if learner is not None:
        crumbs.append({"label": learner, "hint": "Learner", "to": [learner]})
    return {
        "crumbs": crumbs,
        "own": None,
        "markable": False,
        "marked": [],
        "mark_limit": 0,
        "error": None,
        "busy": False,
        "asks": ASKS,
    }


def _roster_view(state: LearnerState, source: LearnerSource, page_size: int) -> dict[str, Any]:
    frame = source.rows(state)
    page = page_in_view(state, source, page_size)
    columns = roster_columns(show_names=source.show_names)
    pages = page_count(len(frame), page_size)
    cells = zone_cells(page, source.course.engagement_ranges, columns)
    return _frame(source, None) | {
        "caption": f"Learners of {source.course_id}",
        "columns": columns,
        "rows": [{"id": row[0], "opens": True, "cells": row, "note": None} for row in cells],
        "first": (state.page - 1) * page_size + 1,
        "total": len(frame),
        "page": state.page,
        "pages": pages,
        "unit": "learners",
        "sort": None if state.sort_field is None else {"field": state.sort_field, "order": state.sort_order},
        "filter": state.filter,
        "filter_label": "Search name, username or e-mail" if source.show_names else "Search pseudonyms",
        "chips": chips_of(state, source.selection(state), source.roster()),
        "notes": roster_notes(source, page),
        "message": _message(state, len(frame), pages),
    }


def _days_view(state: LearnerState, source: LearnerSource, page_size: int) -> dict[str, Any]:
    assert state.learner is not None
    days = frame_in_view(state, source)
    page = page_of(days, state.page, page_size)
    columns = day_columns()
    return _frame(source, state.learner) | {
        "caption": f"Days of {state.learner}",
        "columns": columns,
        "own": _week(state.learner, source, columns),
        "rows": [_day(row) for row in page[list(DAILY)].astype(object).itertuples()],
        "first": (state.page - 1) * page_size + 1,
        "total": len(days),
        "page": state.page,
        "pages": page_count(len(days), page_size),
        "unit": "days",
        "sort": None,
        "filter": "",
        "filter_label": None,
        "chips": [],
        "notes": days_notes(state.learner, source),
        "message": f"{state.learner}: {len(days):,} days, the newest first",
    }


def _day(row: Any) -> dict[str, Any]:
    day = f"{row.Index:%Y-%m-%d}"
    cells = [{"value": None if pd.isna(value) else int(value), "zone": None} for value in row[1:]]
    return {"id": day, "opens": False, "cells": [day, *cells], "note": None}


def _week(learner: str, source: LearnerSource, columns: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the learner's week as the row that is always in sight."""
    figures = zone_cells(source.week(learner), source.course.engagement_ranges, columns[1:])[0]
    return {"label": "The week", "cells": ["The week", *figures]}


def _message(state: LearnerState, total: int, pages: int) -> str:
    said = [f"{total:,} learners"]
    if state.search or state.segments or state.cohort or state.enrollment_mode or state.hide_inactive:
        said.append("filtered")
    if state.sort_field is not None:
        label = (
            "attempts per problem completed" if state.sort_field == RATIO else metric_title(state.sort_field).lower()
        )
        said.append(f"sorted by {label}, {ORDER_WORDS[state.sort_order]}")
    if pages > 1:
        said.append(f"page {state.page} of {pages}")
    return ", ".join(said)
