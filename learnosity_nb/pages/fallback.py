"""A view as plain HTML: for readers of a notebook whose front end runs no widgets, and for pages without scripts."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from html import escape
from typing import Any, Final

from ..charts.words import LONGEST

__all__ = ["fallback_html", "table_html", "written"]

MOST_ROWS: Final = 50
MOST_BYTES: Final = 64 * 1024
MOST_PLACES: Final = {"count": 0, "percent": 1}
NUMERIC: Final = frozenset({"count", "number", "percent", "zone"})
MISSING: Final = "–"

Json = Mapping[str, Any]


def fallback_html(view: Json, svg: str | None = None, summary: str = "") -> str:
    """Return a view as a table, and a chart as a picture, without a script.

    The picture is an image with its data in its address: of an SVG element in
    the page, readers that trust no notebook keep only the words.

    Parameters
    ----------
    view
        What the table face shows: ``caption``, ``columns``, ``own``, ``rows``, ``total``, ``unit``, ``notes``.
    svg
        A chart. Left out where all would exceed 64 KB.
    summary
        What the chart says, in words.

    Returns
    -------
    str
        HTML of at most 64 KB, as UTF-8, with at most 50 rows; every text of the view is escaped.
    """
    most = min(len(view["rows"]), MOST_ROWS)
    while True:
        table = table_html(view, most)
        if _size(table) <= MOST_BYTES or most == 0:
            break
        most //= 2
    if _size(table) > MOST_BYTES:
        return f"<p>{escape(str(view['unit']))}: {int(view['total']):,} rows, too long to be shown here.</p>"
    both = f"<div>{table}{'' if svg is None else _picture(svg, summary)}</div>"
    return both if _size(both) <= MOST_BYTES else table


def table_html(view: Json, most: int = MOST_ROWS) -> str:
    """Return the first rows of a view as an HTML table, with a line that says how many there are."""
    columns = view["columns"]
    head = "".join(f'<th scope="col">{_text(_heading(column))}</th>' for column in columns)
    own = view.get("own")
    rows = [_row([own["label"], *own["cells"][1:]], columns, None)] if own else []
    rows += [_row(row["cells"], columns, row.get("note")) for row in view["rows"][:most]]
    shown = min(len(view["rows"]), most)
    said = list(view.get("notes", ()))
    if shown < view["total"]:
        said.insert(0, f"{shown:,} of {view['total']:,} {view['unit']}")
    notes = "".join(f"<p>{_text(note)}</p>" for note in said)
    body = "".join(rows)
    caption = f"<caption>{_text(view['caption'])}</caption>"
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{notes}"


def written(value: object, column: Json) -> str:
    """Write a cell as the table face does: thousands commas, the column's decimals, ``–`` for none."""
    if isinstance(value, Mapping):
        number = written(value.get("value"), column)
        return f"{number} {value['zone']}" if value.get("zone") else number
    if value is None:
        return MISSING
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    if column["kind"] in NUMERIC and isinstance(value, int | float) and not isinstance(value, bool):
        return _number(value, column)
    return str(value)


def _picture(svg: str, summary: str) -> str:
    data = base64.b64encode(svg.encode("utf-8", "replace")).decode("ascii")
    return f'<img alt="{_text(summary)}" src="data:image/svg+xml;base64,{data}">'


def _number(value: float, column: Json) -> str:
    places = column.get("places")
    fixed = column["kind"] in MOST_PLACES or places is not None
    if places is None:
        places = MOST_PLACES.get(column["kind"], 2)
    if not abs(value) < LONGEST:
        return f"{value:g}"
    rounded = Decimal(repr(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    text = f"{rounded:,f}"
    return text if fixed or "." not in text else text.rstrip("0").rstrip(".")


def _row(cells: Sequence[object], columns: Sequence[Json], note: str | None) -> str:
    texts = [written(cell, column) for cell, column in zip(cells, columns, strict=True)]
    first = texts[0] if note is None else f"{texts[0]} ({note})"
    return f'<tr><th scope="row">{_text(first)}</th>{"".join(f"<td>{_text(text)}</td>" for text in texts[1:])}</tr>'


def _heading(column: Json) -> str:
    return f"{column['label']} ({column['unit']})" if column.get("unit") else str(column["label"])


def _text(value: object) -> str:
    return escape(str(value))


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
