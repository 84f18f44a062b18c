"""A chart from its layers and its named rows: size, titles, the word for an empty chart, and the theme."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import altair as alt
import pandas as pd

from .records import records
from .theme import palette_config
from .words import NO_SCORES

__all__ = [
    "KEY_LABEL",
    "WIDTH",
    "assemble",
    "encoded",
    "fitted",
    "heading",
    "keyed",
    "layer",
    "message_rows",
    "rows_high",
    "tip",
    "titled",
]

WIDTH: Final = 560
PANEL_WIDTH: Final = 300

KEY_LABEL: Final = "slice(datum.value, 1)"
"""The expression that gives the label of a `keyed` name."""


def layer(rows: str) -> alt.Chart:
    """Return the start of a layer that draws the rows of this name."""
    return alt.Chart(alt.NamedData(rows))


def encoded(part: alt.Chart, **channels: Any) -> alt.Chart:
    """Return a layer with these channels; Altair's own method does not say what it returns."""
    made: alt.Chart = part.encode(**channels)
    return made


def keyed(rows: str, field: str = "name") -> alt.Chart:
    """Return the start of a layer in which each row has a ``key``: the name in `field` after an underscore.

    Vega keeps what it draws in plain objects by the values of a scale, where the name ``__proto__`` would be lost.
    `KEY_LABEL` takes the underscore off again.
    """
    keyed: alt.Chart = layer(rows).transform_calculate(key=f"'_' + datum.{field}")
    return keyed


def tip(field: str, title: str, format_: str | None = None) -> alt.Tooltip:
    """Return one line of a tooltip: text, or a number where a format is given."""
    if format_ is None:
        return alt.Tooltip(field=field, type="nominal", title=title)
    return alt.Tooltip(field=field, type="quantitative", title=title, format=format_)


def rows_high(height: int = 18) -> alt.Step:
    """Return the height of a chart that gives every group a row."""
    return alt.Step(height)


def message_rows(*rows: pd.DataFrame, text: str = NO_SCORES) -> pd.DataFrame:
    """Return the row that stands in an empty chart, or none if there is anything to draw."""
    return pd.DataFrame({"text": [] if any(len(frame) for frame in rows) else [text]}, dtype="object")


def assemble(
    layers: Iterable[alt.Chart | alt.LayerChart],
    rows: Mapping[str, pd.DataFrame],
    *,
    height: int | alt.Step,
    dark: bool | None,
    empty: str = NO_SCORES,
) -> alt.LayerChart:
    """Return a chart of its layers, without a title, as wide as what holds it.

    Parameters
    ----------
    layers
        From back to front, each on one of the named rows.
    rows
        What each name stands for. The chart says `empty` where the first of them has no rows.
    height
        In pixels, or a step for each row.
    dark
        As for `theme.palette_config`.
    empty
        What to say when there is nothing.
    """
    first = next(iter(rows.values()))
    named = {**rows, "message": message_rows(first, text=empty)}
    return alt.LayerChart(
        layer=[*layers, _said(in_a_row=isinstance(height, alt.Step))],
        width="container",
        height=height,
        datasets={name: records(frame) for name, frame in named.items()},
        config=palette_config(dark),
    )


def _said(*, in_a_row: bool) -> alt.Chart:
    """Return the layer of the message; where each group has a row, the message takes one too."""
    text, middle = alt.Text(field="text", type="nominal"), alt.ExprRef("width / 2")
    if not in_a_row:
        words = layer("message").mark_text(style="message", baseline="middle", x=middle, y=alt.ExprRef("height / 2"))
        return encoded(words, text=text)
    words = layer("message").mark_text(style="message", baseline="middle", x=middle)
    row = alt.Y(field="key", type="nominal", sort=None)
    return encoded(words.transform_calculate(key="'_'"), text=text, y=row)


def titled(chart: alt.LayerChart, title: str | None, notes: Sequence[str | None] = ()) -> alt.LayerChart:
    """Return a chart at its usual width, with a title and what has to be said under it."""
    said = [note for note in notes if note]
    sized = chart.properties(width=WIDTH)
    if not title and not said:
        return sized
    return sized.properties(title=heading(title, said))


def heading(title: str | None, notes: Sequence[str]) -> alt.TitleParams:
    """Return a title with notes under it."""
    return alt.TitleParams(title or "", subtitle=list(notes)) if notes else alt.TitleParams(title or "")


def fitted(chart: Any) -> alt.TopLevelMixin:
    """Return a chart as wide as what holds it; one of several panels gets a width that fits beside a table."""
    if isinstance(chart, alt.VConcatChart):
        for panel in chart.vconcat:
            panel.width = PANEL_WIDTH
        return chart
    within: alt.TopLevelMixin = chart.properties(
        width="container", autosize=alt.AutoSizeParams(type="fit-x", contains="padding")
    )
    return within
