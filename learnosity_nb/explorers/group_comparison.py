"""The marked groups of an explorer side by side."""

from __future__ import annotations

from html import escape
from typing import Any, Final

import pandas as pd

from ..errors import InputError, LearnosityError
from .group_chart import measure_in_view
from .group_source import GroupSource
from .group_state import GroupState

__all__ = ["compared", "comparison_html"]

FEWEST: Final = 2
HEADS: Final = (
    "Learners with a value",
    "Mean (95 %)",
    "Median",
    "Difference of means (95 %)",
    "Hedges' g (95 %)",
    "Note",
)
MISSING: Final = "–"


def compared(state: GroupState, source: GroupSource) -> pd.DataFrame:
    """Return the marked groups compared with the first of them.

    Raises
    ------
    InputError
        If fewer than two groups are marked.
    """
    if len(state.selection) < FEWEST:
        raise InputError("Mark 2 to 5 groups to compare them: explorer.selection = ('…', '…'), or Space in the table.")
    return source.comparison(state.group_path, state.selection, measure_in_view(state, source)).copy(deep=False)


def comparison_html(state: GroupState, source: GroupSource) -> str:
    """Return the comparison as an HTML table; an empty text where fewer than two groups are marked."""
    if len(state.selection) < FEWEST:
        return ""
    try:
        frame = compared(state, source)
    except LearnosityError as reason:
        return f"<p>{escape(str(reason))}</p>"
    measure = measure_in_view(state, source)
    head = "".join(f'<th scope="col"><span>{escape(name)}</span></th>' for name in ("Group", *HEADS))
    body = "".join(_row(record) for record in frame.to_dict("records"))
    caption = escape(f"Marked groups compared with {state.selection[0]}, by {measure}")
    table = f"<caption><span>{caption}</span></caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
    return f'<div class="lnb"><div class="lnb-scroller"><table class="lnb-table">{table}</table></div></div>'


def _row(record: dict[Any, Any]) -> str:
    cells = [
        MISSING if pd.isna(record["n"]) else f"{record['n']:,}",
        _interval(record, "mean"),
        _number(record["median"]),
        _interval(record, "mean_difference"),
        _interval(record, "hedges_g"),
        "" if pd.isna(record["note"]) else str(record["note"]),
    ]
    name = f'<th scope="row">{escape(str(record["group_name"]))}</th>'
    return f"<tr>{name}{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"


def _interval(record: dict[Any, Any], name: str) -> str:
    low, high = record[f"{name}_low"], record[f"{name}_high"]
    ends = "" if pd.isna(low) or pd.isna(high) else f" ({_number(low)} to {_number(high)})"
    return f"{_number(record[name])}{ends}"


def _number(value: Any) -> str:
    return MISSING if pd.isna(value) else f"{round(value, 2) + 0.0:,.2f}"  # + 0.0: no minus before a zero
