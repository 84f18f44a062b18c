"""The files of a report: a page for each group, and one that names them all."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Final

import pandas as pd

from ..charts.words import ROOT_LABEL, WITHHELD, charted_field, measure_of
from ..domain.group_paths import GroupPath, Level
from ..files.provenance import exported, written_table
from ..frames.origin import origin_of, with_origin
from ..pages.group_columns import level_label, plural
from ..pages.walk_page import place_of, write_walk_page
from .reporting import ReportCalls, page_spreads

__all__ = ["write_index", "write_page"]

INDEX: Final = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title></head>
<body>
<h1>{title}</h1>
<ul>
{items}
</ul>
</body>
</html>
"""


def write_page(
    dataset: ReportCalls, target: Path, part: pd.DataFrame, figures: Sequence[str], floor: int, *, charts: bool
) -> None:
    """Write the page of one group: its own row and those below, `part` of a walk with this floor."""
    path: GroupPath = part["group_path"].iloc[0]
    field = charted_field(figures) if charts else None
    call = {"method": "walk", "group_path": list(path), "min_population": floor}
    write_walk_page(
        target,
        with_origin(part, **origin_of(part) | {"dataset_id": dataset.dataset_id, "call": call}),
        levels=dataset.levels,
        figures=figures,
        min_population=floor,
        code=f"frame = dataset.walk({list(path)!r}, min_population={floor})",
        field=field,
        spreads=None if field is None else page_spreads(dataset, part, measure_of(field)),
    )


def write_index(target: Path, index: pd.DataFrame, levels: Sequence[Level] | None, depth: int, code: str) -> None:
    """Write the page that names the groups of a level, with links to theirs."""
    title = plural(level_label(levels, depth)).capitalize() if depth else ROOT_LABEL
    items = "\n".join(
        _item(place_of(path), file) for path, file in zip(index["group_path"], index["file"], strict=True)
    )
    text = INDEX.format(title=escape(title), items=items)
    with exported(target, lambda: [written_table(index)], provenance=True, code=code) as temporary:
        temporary.write_text(text, encoding="utf-8", errors="xmlcharrefreplace", newline="\n")


def _item(name: str, file: object) -> str:
    if isinstance(file, str):
        return f'<li><a href="{file}">{escape(name)}</a></li>'
    return f"<li>{escape(name)} ({WITHHELD})</li>"
