"""Parts that several charts of groups share: the axis of names, and the line they are held against."""

from __future__ import annotations

import altair as alt

from .drawing import KEY_LABEL, layer

__all__ = ["aligned", "name_axis", "reference_line"]


def name_axis() -> alt.Y:
    """Return the axis that gives each `keyed` group a row, in the rows' order and with the names as they are."""
    axis = alt.Axis(title=None, labelExpr=KEY_LABEL, labelLimit=170, domain=False, minExtent=40)
    return alt.Y(field="key", type="nominal", sort=None, axis=axis)


def reference_line(rows: str = "own", field: str = "value") -> list[alt.Chart]:
    """Return a dashed line across the chart, labelled over its upper end."""
    line = layer(rows).mark_rule(style="reference").encode(x=alt.X(field=field, type="quantitative"))
    words = layer(rows).mark_text(style="reference-label", baseline="bottom", y=-4, align=aligned(field))
    words = words.encode(x=alt.X(field=field, type="quantitative"), text=alt.Text(field="label", type="nominal"))
    return [line, words]


def aligned(field: str) -> alt.ExprRef:
    """Return how a label over the plot is aligned, so that it ends within it."""
    place = f"scale('x', datum['{field}'])"
    return alt.ExprRef(f"{place} > width - 60 ? 'right' : {place} < 60 ? 'left' : 'center'")
