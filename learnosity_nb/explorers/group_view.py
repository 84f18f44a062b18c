"""From a group explorer's state to the rows in view: as a frame, and as the page that its table shows."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from ..charts.words import ROOT_LABEL, WITHHELD
from ..domain.group_paths import GroupPath, group_name
from ..frames.origin import origin_of, with_origin
from ..frames.sorting import sort_frame
from ..frames.withholding import is_withheld
from ..pages.group_columns import figure_label, group_columns, groups_counted, level_label, plural
from ..pages.walk_page import withheld_sentence
from .face_columns import page_cells, user_columns
from .group_source import GroupSource, Rows
from .group_state import GroupState
from .paging import ORDER_WORDS, page_count, page_of

__all__ = [
    "MARK_LIMIT",
    "chosen_columns",
    "frame_in_view",
    "rows_in_order",
    "rows_told",
    "sort_of",
    "table_view",
]

MARK_LIMIT: Final = 5
ASKS: Final = [
    {"what": "csv", "label": "CSV of these rows"},
    {"what": "subtree", "label": "CSV of all groups below"},
    {"what": "html", "label": "Web page"},
    {"what": "code", "label": "Code"},
]


def sort_of(state: GroupState, rows: Rows) -> tuple[str, str] | None:
    """Return the column and order that rows are sorted by; None for the dataset's own order."""
    if state.sort_field is None or state.sort_field not in rows.frame.columns:
        return None
    return state.sort_field, state.sort_order


def rows_in_order(state: GroupState, source: GroupSource) -> pd.DataFrame:
    """Return the rows in view with every column that was read: sorted, then filtered by name."""
    rows = source.rows(state.group_path)
    frame, sort = rows.frame, sort_of(state, rows)
    if sort is not None:
        frame = sort_frame(frame, *sort, tie=rows.name_column)
    if state.filter:
        found = frame[rows.name_column].str.contains(state.filter, case=False, regex=False)
        frame = frame[found].reset_index(drop=True)
    return frame


def rows_told(state: GroupState, source: GroupSource) -> str:
    """Return how many rows are in view, in words."""
    label = _row_label(source, state.group_path, source.rows(state.group_path))
    return groups_counted(len(rows_in_order(state, source)), label)


def chosen_columns(state: GroupState, source: GroupSource) -> list[str] | None:
    """Return the columns to keep: the chosen figures; None for all, as of users."""
    rows = source.rows(state.group_path)
    if rows.of == "users" or state.fields == source.figures:
        return None
    others = [name for name in rows.frame.columns if name not in source.figures]
    last = [name for name in others if name == "withheld"]
    return [*(name for name in others if name != "withheld"), *state.fields, *last]


def frame_in_view(state: GroupState, source: GroupSource) -> pd.DataFrame:
    """Return the rows in view as an explorer's ``value``: what `view_code` gives when it is run."""
    frame = rows_in_order(state, source)
    columns = chosen_columns(state, source)
    shown = frame.copy(deep=False) if columns is None else frame[columns]
    return _with_call(shown, state, source)


def table_view(state: GroupState, source: GroupSource, page_size: int, notes: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return what the table's face shows: one page of rows and everything around it, as JSON's own values.

    Parameters
    ----------
    state
        Where the explorer is.
    source
        What it reads.
    page_size
        Rows on a page.
    notes
        What else to say under the table.
    """
    rows = source.rows(state.group_path)
    frame = rows_in_order(state, source)
    page = page_of(frame, state.page, page_size)
    columns = _columns(state, source, rows)
    label = _row_label(source, state.group_path, rows)
    unit = plural(label)
    sort = sort_of(state, rows)
    pages = page_count(len(frame), page_size)
    return {
        "caption": _caption(unit, state.group_path),
        "crumbs": _crumbs(source, state.group_path),
        "columns": columns,
        "own": _own(source, state.group_path, columns) if rows.of == "groups" else None,
        "rows": _page_rows(rows, page, columns),
        "first": (state.page - 1) * page_size + 1,
        "total": len(frame),
        "page": state.page,
        "pages": pages,
        "unit": unit,
        "sort": None if sort is None else {"field": sort[0], "order": sort[1]},
        "filter": state.filter,
        "filter_label": f"Filter {unit} by {'name' if rows.of == 'groups' or source.show_names else 'pseudonym'}",
        "markable": rows.of == "groups",
        "marked": list(state.selection),
        "mark_limit": MARK_LIMIT,
        "chips": [],
        "notes": [*notes, *_notes(source, state.group_path, rows, page)],
        "message": _message(state, groups_counted(len(frame), label), sort, pages),
        "error": None,
        "busy": False,
        "asks": ASKS,
    }


def _columns(state: GroupState, source: GroupSource, rows: Rows) -> list[dict[str, Any]]:
    if rows.of == "users":
        return user_columns(rows.frame)
    label = level_label(source.dataset.levels, len(state.group_path) + 1)
    return group_columns(label, state.fields)


def _page_rows(rows: Rows, page: pd.DataFrame, columns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    cells = page_cells(page, [column["key"] for column in columns])
    return [
        {
            "id": row[0],
            "opens": rows.of == "groups" and not hidden,
            "cells": row,
            "note": WITHHELD if hidden else None,
        }
        for row, hidden in zip(cells, is_withheld(page).tolist(), strict=True)
    ]


def _own(source: GroupSource, path: GroupPath, columns: list[dict[str, Any]]) -> dict[str, Any]:
    label = group_name(path) or ROOT_LABEL
    figures = page_cells(source.own(path), [column["key"] for column in columns[1:]])[0]
    return {"label": label, "cells": [label, *figures]}


def _crumbs(source: GroupSource, path: GroupPath) -> list[dict[str, Any]]:
    below = [
        {"label": name, "hint": level_label(source.dataset.levels, depth), "to": list(path[:depth])}
        for depth, name in enumerate(path, 1)
    ]
    return [{"label": ROOT_LABEL, "hint": "", "to": []}, *below]


def _row_label(source: GroupSource, path: GroupPath, rows: Rows) -> str:
    return "Learner" if rows.of == "users" else level_label(source.dataset.levels, len(path) + 1)


def _caption(unit: str, path: GroupPath) -> str:
    plain = unit[:1].upper() + unit[1:]
    return f"{plain} of {group_name(path)}" if path else plain


def _notes(source: GroupSource, path: GroupPath, rows: Rows, page: pd.DataFrame) -> list[str]:
    notes = [rows.notice] if rows.notice else []
    if source.is_withheld(path):
        notes.append(f"Nothing of this group is shown. {withheld_sentence(source.min_population)}")
    elif is_withheld(page).any():
        notes.append(withheld_sentence(source.min_population))
    if rows.of == "users" and not source.show_names and len(rows.frame):
        notes.append("Learners appear by pseudonyms.")
    return notes


def _message(state: GroupState, told: str, sort: tuple[str, str] | None, pages: int) -> str:
    place = group_name(state.group_path) or ROOT_LABEL
    said = [f"{place}: {told}"]
    if state.filter:
        said.append("filtered")
    if sort is not None:
        said.append(f"sorted by {figure_label(sort[0]).lower()}, {ORDER_WORDS[sort[1]]}")
    if pages > 1:
        said.append(f"page {state.page} of {pages}")
    return ", ".join(said)


def _with_call(frame: pd.DataFrame, state: GroupState, source: GroupSource) -> pd.DataFrame:
    """Note the call that gives exactly these rows, of all columns; none for rows that were cut down or sorted here."""
    rows = source.rows(state.group_path)
    origin = origin_of(frame)
    sort = sort_of(state, rows)
    if state.filter or (sort and rows.of == "users"):
        origin.pop("call", None)
    elif sort is not None and "call" in origin:
        origin["call"] = origin["call"] | {"sort_field": sort[0], "sort_order": sort[1]}
    return with_origin(frame, **origin)
