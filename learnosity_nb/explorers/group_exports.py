"""What leaves a group explorer: CSV, a page, code; all under its privacy rule."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from typing import Any, Final

import pandas as pd

from ..domain.group_paths import GroupPath, group_name
from ..errors import IncompleteResult, InputError, shorten
from ..files.exports import csv_text
from ..pages.page import write_group_page
from .face_columns import group_columns, plural
from .group_chart import chart_field, measure_in_view, measure_of
from .group_code import view_code
from .group_source import GroupSource, Measure
from .group_state import GroupState
from .group_view import ROOT_LABEL, frame_in_view

__all__ = ["answer", "subtree_code", "subtree_frame", "write_page"]

MOST_DISTRIBUTIONS: Final = 500
CSV: Final = "text/csv;charset=utf-8"
HTML: Final = "text/html;charset=utf-8"
PLAIN: Final = "text/plain;charset=utf-8"


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
    frame = subtree_frame(state.group_path, source)
    field = chart_field(state, source)
    measure = measure_in_view(state, source)
    levels = source.dataset.levels
    depth = int(frame["level"].max())
    labels = [level.label for level in levels] if levels else ["Group"] * depth
    notes = [f"–: withheld: fewer than {source.min_population} learners, or it would give away a group that has."]
    return write_group_page(
        target,
        frame,
        title=" / ".join(state.group_path) or ROOT_LABEL,
        levels=labels,
        units=[plural(label) for label in labels],
        columns=group_columns("Group", state.fields),
        field=field if measure_of(field) else None,
        sort={"field": state.sort_field, "order": state.sort_order} if state.sort_field in state.fields else None,
        distributions=_distributions(frame, source, measure),
        notes=notes if source.min_population else [],
        page_size=page_size,
    )


def answer(what: str, state: GroupState, source: GroupSource, page_size: int) -> dict[str, Any]:
    """Return the answer to a button of the table: ``{what, name, mime, text}``.

    Raises
    ------
    InputError
        If there is no such button.
    """
    stem = _file_stem(state.group_path)
    if what == "csv":
        return _file(what, f"{stem}.csv", CSV, csv_text(frame_in_view(state, source)))
    if what == "subtree":
        return _file(what, f"{stem}-below.csv", CSV, csv_text(subtree_frame(state.group_path, source)))
    if what == "html":
        with tempfile.TemporaryDirectory() as folder:
            page = write_page(Path(folder) / "page.html", state, source, page_size)
            return _file(what, f"{stem}.html", HTML, page.read_text(encoding="utf-8"))
    if what == "code":
        return _file(what, None, PLAIN, view_code(state, source))
    raise InputError(f"There is nothing called {shorten(what)} to download.")


def _file(what: str, name: str | None, mime: str, text: str) -> dict[str, Any]:
    return {"what": what, "name": name, "mime": mime, "text": text}


def _file_stem(path: GroupPath) -> str:
    """Return a file name that every system takes, whatever the group is called."""
    plain = re.sub(r"[^\w-]+", "-", group_name(path), flags=re.ASCII).strip("-")
    return plain[:60] or "groups"


def _distributions(frame: pd.DataFrame, source: GroupSource, measure: Measure) -> dict[GroupPath, pd.DataFrame] | None:
    """Return distributions by path, the upper levels first, as many as a page can carry; None where there are none."""
    shown = frame[~frame["withheld"]] if "withheld" in frame else frame
    found = {}
    for path in shown["group_path"].head(MOST_DISTRIBUTIONS):
        spread = source.read_distribution(path, measure)
        if spread is None:
            return None
        found[path] = spread
    return found
