"""What leaves a group explorer: CSV, a page, code; all under its privacy rule."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pandas as pd

from ..charts.words import scored_measure
from ..connections.reporting import page_spreads
from ..domain.group_paths import GroupPath, group_name
from ..errors import IncompleteResult
from ..pages.page import MOST_ROWS
from ..pages.walk_page import write_walk_page
from .group_chart import chart_field, measure_in_view
from .group_code import view_code
from .group_source import GroupSource
from .group_state import GroupState
from .group_view import frame_in_view, sort_of
from .replies import file_stem, replied

__all__ = ["answer", "subtree_code", "subtree_frame", "write_page"]


def subtree_frame(path: GroupPath, source: GroupSource) -> pd.DataFrame:
    """Return a group and all groups below it, one row each; what the service keeps back is left out."""
    try:
        return source.dataset.walk(path, **source.group_options)
    except IncompleteResult as part:
        frame: pd.DataFrame = part.frame
        return frame


def subtree_code(path: GroupPath, source: GroupSource) -> str:
    """Return Python text that leaves in ``frame``, read from ``dataset``, what `subtree_frame` returns."""
    options = "".join(f", {name}={value!r}" for name, value in source.group_options.items())
    return f"frame = dataset.walk({list(path)!r}{options})"


def write_page(target: str | os.PathLike[str], state: GroupState, source: GroupSource, page_size: int) -> Path:
    """Write the group in view and all groups below it as one HTML file that drills down without a kernel."""
    walked = subtree_frame(state.group_path, source)
    field = chart_field(state, source)
    field_drawn = field if scored_measure(field) else None
    sort = sort_of(state, source.rows(state.group_path))
    return write_walk_page(
        Path(target).expanduser(),
        walked,
        levels=source.dataset.levels,
        figures=state.fields,
        min_population=source.min_population,
        code=subtree_code(state.group_path, source),
        field=field_drawn,
        spreads=None if field_drawn is None else page_spreads(source.dataset, walked, measure_in_view(state, source)),
        sort={"field": sort[0], "order": sort[1]} if sort and sort[0] in walked else None,
        page_size=min(page_size, MOST_ROWS),
    )


def answer(what: str, state: GroupState, source: GroupSource, page_size: int) -> dict[str, Any]:
    """Return the answer to a button of the table, as `replied`."""
    return replied(
        what,
        file_stem(group_name(state.group_path), "groups"),
        tables={
            "csv": (".csv", lambda: frame_in_view(state, source)),
            "subtree": ("-below.csv", lambda: subtree_frame(state.group_path, source)),
        },
        write_page=lambda page: write_page(page, state, source, page_size),
        code=lambda: view_code(state, source),
    )
