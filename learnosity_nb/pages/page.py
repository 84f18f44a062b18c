"""One HTML file that needs no kernel, server or network: the explorer's table and charts over data it carries."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any, Final

import pandas as pd

from ..domain.group_paths import GroupPath
from ..errors import InputError, MissingExtra
from ..files.replacing import replacing
from .fallback import table_html
from .page_charts import chart_data
from .page_data import Json, group_data, table_data, tree_of
from .scripts import page_program, script, style
from .vega_bundle import bundled

__all__ = ["MOST_ROWS", "write_group_page", "write_table_page"]

PLAIN_BYTES: Final = 256 * 1024
"""Data beyond this size is compressed."""

MOST_ROWS: Final = 200
NO_CHARTS: Final = "This page has no charts: it was written without vl-convert, which brings them (learnosity-nb[lab])."

NOTHING_ELSE: Final = "base-uri 'none'; form-action 'none'"

PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<header><h1>{title}</h1></header>
<p id="failure" role="alert"></p>
<main><div id="table"></div><div id="chart"></div></main>
<noscript>{table}</noscript>
<footer>{footer}</footer>
<script type="application/json" id="data"{form}>{data}</script>
<script type="module">{program}</script>
</body>
</html>
"""


def write_group_page(
    path: str | os.PathLike[str],
    frame: pd.DataFrame,
    *,
    title: str,
    levels: Sequence[str],
    columns: Sequence[Mapping[str, Any]],
    units: Sequence[str] | None = None,
    field: str | None = None,
    sort: Mapping[str, str] | None = None,
    distributions: Mapping[GroupPath, pd.DataFrame] | None = None,
    notes: Sequence[str] = (),
    page_size: int = 50,
) -> Path:
    """Write a group and all groups below it as a page to drill down, sort, filter and chart.

    The page holds the figures in `columns` and those that its charts need, as they stand in `frame`: withhold what must
    not be read before. It holds no user.

    Parameters
    ----------
    path
        The file; its directory must exist.
    frame
        Rows as of ``dataset.walk()``: ``group_path``, the figures, and ``withheld`` if there is such a rule. One row
        is above all others: the group that the page begins with.
    title
        The page's title, and the caption of its first table.
    levels
        What people call the levels of the hierarchy, from the top down, also of those above that group.
    columns
        Columns of the table as its face takes them (key, label, kind, unit, places, help, sortable); the first, the
        name, gets each level's own label.
    units
        What several groups of each level are called, such as ``["schools", "classes"]``; ``groups`` when omitted.
    field
        What the charts are about, such as ``"mean_percent"``; without charts when None.
    sort
        The order to begin with: ``field`` and ``order``.
    distributions
        By group path, ``value`` and ``count`` of the measure of `field`; the page says so of groups that are not there.
    notes
        Sentences under the table.
    page_size
        Rows on a page of the table, and in a chart; at most 200.

    Returns
    -------
    pathlib.Path
        The file written.

    Raises
    ------
    InputError
        If columns lack, the groups are no tree, or the file cannot be written.
    """
    tree = tree_of(frame, [column["key"] for column in columns[1:]])
    data = group_data(
        tree,
        title=title,
        levels=levels,
        units=units or ["groups"] * len(levels),
        columns=columns,
        sort=sort,
        notes=notes,
        page_size=_checked_size(page_size),
    )
    chart = None if field is None else chart_data(tree, field, distributions)
    return _write(path, data, chart)


def write_table_page(
    path: str | os.PathLike[str],
    frame: pd.DataFrame,
    *,
    title: str,
    columns: Sequence[Mapping[str, Any]],
    unit: str,
    chips: Mapping[str, str] | None = None,
    sort: Mapping[str, str] | None = None,
    notes: Sequence[str] = (),
    charts: Json | None = None,
    page_size: int = 50,
) -> Path:
    """Write one table, such as a course's learners, as a page to sort and filter.

    Parameters
    ----------
    path, title, sort, notes, page_size
        As for `write_group_page`.
    frame
        The rows. A column of kind ``zone`` has its ranges in a column ``<key>_range``.
    columns
        Columns as the table face takes them; the first names the rows.
    unit
        What several rows are called, such as ``"learners"``.
    chips
        Columns whose values become filters, each with the label of its group; a value may be a list.
    charts
        As `learner_charts` or `drawn_charts` gives them; none when None.

    Returns
    -------
    pathlib.Path
        The file written.

    Raises
    ------
    InputError
        If columns lack, or the file cannot be written.
    """
    size = _checked_size(page_size)
    data = table_data(
        frame, title=title, unit=unit, columns=columns, chips=chips or {}, sort=sort, notes=notes, page_size=size
    )
    return _write(path, data, charts)


def _checked_size(page_size: int) -> int:
    if not 1 <= page_size <= MOST_ROWS:
        raise InputError(f"page_size must be between 1 and {MOST_ROWS}, not {page_size}.")
    return page_size


def _write(path: str | os.PathLike[str], data: Json, chart: Json | None) -> Path:
    program, footer = page_program(), ""
    if chart is not None:
        try:
            program = bundled(program)
            listed = {figure["key"] for figure in data["figures"]}
            data["figures"] += [figure for figure in chart.pop("figures", ()) if figure["key"] not in listed]
            data["chart"] = chart
        except MissingExtra:
            footer = NO_CHARTS
    target = Path(path)
    with replacing(target) as temporary:
        html = _html(data, program, footer)
        temporary.write_text(html, encoding="utf-8", errors="xmlcharrefreplace", newline="\n")
    return target


def _html(data: Json, program: str, footer: str) -> str:
    css = style() + script("page.css")
    code = program.replace("</script", "<\\/script").replace("<!--", "<\\!--")
    form, carried = _carried(data)
    policy = f"default-src 'none'; script-src '{_hash(code)}'; style-src '{_hash(css)}'; {NOTHING_ELSE}"
    return PAGE.format(
        policy=policy,
        title=escape(data["title"]),
        style=css,
        table=table_html(_first_view(data)),
        footer=escape(footer),
        form=form,
        data=carried,
        program=code,
    )


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _carried(data: Json) -> tuple[str, str]:
    """Return the data as a script element holds them: JSON that cannot end the element, or gzip as base64."""
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)  # ASCII: no U+2028, no lone surrogates
    if len(text) <= PLAIN_BYTES:
        return "", text.replace("<", "\\u003c")
    return ' data-form="gzip"', base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode()


def _first_view(data: Json) -> Json:
    """Return the first page as a view, for a browser that runs no scripts."""
    positions = [at for at, parent in enumerate(data["parents"]) if parent == 0]
    name = {"key": data["name_key"], "label": data["levels"][0], "kind": "text"}

    def cells(at: int) -> list[Any]:
        return [data["names"][at], *(figure["values"][at] for figure in data["figures"][: len(data["columns"])])]

    return {
        "caption": data["title"],
        "columns": [name, *data["columns"]],
        "own": None if data["flat"] else {"label": data["names"][0], "cells": cells(0)},
        "rows": [
            {"cells": cells(at), "note": "withheld" if data["withheld"][at] else None}
            for at in positions[: data["page_size"]]
        ],
        "total": len(positions),
        "unit": data["units"][0],
        "notes": data["notes"],
    }
