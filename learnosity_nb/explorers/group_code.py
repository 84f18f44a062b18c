"""The rows in view as Python text."""

from __future__ import annotations

from typing import Any

from .group_source import GroupSource
from .group_state import GroupState
from .group_view import chosen_columns, sort_of

__all__ = ["view_code"]


def view_code(state: GroupState, source: GroupSource) -> str:
    """Return Python text that leaves in ``frame``, read from ``dataset``, what `frame_in_view` returns."""
    rows = source.rows(state.group_path)
    sort = sort_of(state, rows)
    lines: list[str] = []
    if rows.of == "users":
        lines.append(_read("users", state, source.user_options, partial=rows.partial))
        if sort is not None:
            lines.append(_sort(*sort))
    else:
        order = {} if sort is None else {"sort_field": sort[0], "sort_order": sort[1]}
        lines.append(_read("groups", state, order | source.group_options, partial=rows.partial))
    if state.filter:
        found = f"frame[{rows.name_column!r}].str.contains({state.filter!r}, case=False, regex=False)"
        lines.append(f"frame = frame[{found}].reset_index(drop=True)")
    columns = chosen_columns(state, source)
    if columns is not None:
        lines.append(f"frame = frame[{columns!r}]")
    return "\n".join(lines)


def _read(method: str, state: GroupState, options: dict[str, Any], *, partial: bool) -> str:
    given = options | ({"allow_partial": True} if partial else {})
    arguments = [repr(list(state.group_path)), *(f"{name}={value!r}" for name, value in given.items())]
    return f"frame = dataset.{method}({', '.join(arguments)})"


def _sort(field: str, order: str) -> str:
    if field == "user_id":
        return f"frame = frame.sort_values({field!r}, ascending={order == 'asc'}, ignore_index=True)"
    return f"frame = frame.sort_values([{field!r}, 'user_id'], ascending=[{order == 'asc'}, True], ignore_index=True)"
