"""The spread of each group's scores from its summary alone: nested bands, or boxes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, Literal

import altair as alt
import pandas as pd

from ..frames.columns import Column, typed_frame
from .drawing import assemble, keyed, rows_high, tip, titled
from .group_rows import (
    IDENTITY_COLUMNS,
    MOST_ROWS,
    check_fields,
    figures,
    identity,
    reason_for_none,
    reference_rows,
    said_of_missing,
    shown_groups,
)
from .reference import name_axis, reference_line
from .words import NUMBER, WHOLE, ScoreMeasure, measure_title, ordinal

__all__ = ["draw_percentiles", "percentile_box", "percentile_fan", "percentile_rows"]

Band = tuple[str, str]
Kind = Literal["box", "fan"]

QUANTILE: Final = re.compile(r"p(\d\d)")


def percentile_fan(
    groups: pd.DataFrame,
    *,
    measure: ScoreMeasure = "percent",
    parent: pd.DataFrame | None = None,
    title: str | None = None,
    dark: bool | None = None,
) -> alt.LayerChart:
    """Draw each group's scores as bands, one within the other, with the median as a dot.

    Every pair of fields that lies evenly around the median gives a band: p25 and p75, p10 and p90, lowest and
    highest. More pairs give a smoother picture.

    Parameters
    ----------
    groups
        Rows of ``dataset.groups(path)``, in the order to draw them; 50 at most are drawn.
    measure
        ``"score"`` or ``"percent"``.
    parent
        One row of ``dataset.group(path)``: its median is drawn as a line.
    title
        Over the chart.
    dark
        Whether the background is dark; None for colours that read on both.

    Raises
    ------
    ColumnError
        If there is no median, or no pair: naming the fields to build the dataset with.
    """
    return _percentiles(groups, measure, parent, title, "fan", dark=dark)


def percentile_box(
    groups: pd.DataFrame,
    *,
    measure: ScoreMeasure = "percent",
    parent: pd.DataFrame | None = None,
    title: str | None = None,
    dark: bool | None = None,
) -> alt.LayerChart:
    """Draw each group's scores as a box: the middle half, a dot for the median, lines out to the ends.

    The box is the narrowest pair of percentiles that the groups have, p25 and p75 as a rule; a thick line the next
    wider pair; a thin one lowest to highest.

    Parameters
    ----------
    groups, measure, parent, title, dark
        As for `percentile_fan`.

    Raises
    ------
    ColumnError
        If there is no median, or no pair: naming the fields to build the dataset with.
    """
    return _percentiles(groups, measure, parent, title, "box", dark=dark)


def percentile_rows(groups: pd.DataFrame, measure: ScoreMeasure) -> pd.DataFrame:
    """Return the spread of each group that has a median and may be shown.

    Returns
    -------
    DataFrame
        ``id``, ``name``, ``population``, then the statistics of the measure that there are, in ascending order
        and without the measure's name: ``lowest``, ``p25``, ``median``, ``p75``, ``highest``.
    """
    found = _statistics(groups, measure)
    median = found.get("median")
    shown = shown_groups(groups, [] if median is None else [median])
    columns = [*IDENTITY_COLUMNS, *(Column(name, "float64", f"the group's {column}") for name, column in found.items())]
    values = {name: figures(shown, column) for name, column in found.items()}
    return typed_frame(columns, {**identity(shown), **values})


def draw_percentiles(
    groups: pd.DataFrame, own: pd.DataFrame | None, measure: ScoreMeasure, kind: Kind, *, dark: bool | None = None
) -> alt.LayerChart:
    """Draw bands or boxes without a title: datasets ``groups`` and ``own``."""
    check_fields(groups, [], "A chart of percentiles")
    found = _statistics(groups, measure)
    bands = _bands(list(found))
    needed = [] if "median" in found else [f"median_{measure}"]
    needed += [] if bands else [f"p25_{measure}", f"p75_{measure}"]
    check_fields(groups, needed, "A chart of percentiles")
    rows = {
        "groups": percentile_rows(groups, measure).head(MOST_ROWS),
        "own": reference_rows(own, found["median"]),
    }
    parts = _fan(bands) if kind == "fan" else _box(bands)
    x = alt.X(type="quantitative", field="median", title=[measure_title(measure), *_key(bands, kind)])
    x = x.scale(zero=False, nice=True).axis(domain=False, titleAnchor="start")
    told = [tip("name", "Group"), tip("population", "Learners", WHOLE)]
    told += [tip(name, _word(name), NUMBER) for name in reversed(found)]
    y = name_axis()
    drawn = [part.encode(y=y, tooltip=told) for part in parts]
    dot = keyed("groups").mark_circle(style="median", opacity=1).encode(x=x, y=y, tooltip=told)
    return assemble(
        [*reference_line(), *drawn, dot], rows, height=rows_high(20), dark=dark, empty=reason_for_none(groups)
    )


def _percentiles(
    groups: pd.DataFrame,
    measure: ScoreMeasure,
    parent: pd.DataFrame | None,
    title: str | None,
    kind: Kind,
    *,
    dark: bool | None,
) -> alt.LayerChart:
    chart = draw_percentiles(groups, parent, measure, kind, dark=dark)
    shown = shown_groups(groups, [_statistics(groups, measure)["median"]])
    return titled(chart, title, said_of_missing(groups, shown, min(len(shown), MOST_ROWS)))


def _statistics(groups: pd.DataFrame, measure: str) -> dict[str, str]:
    """Return the statistics of the measure that groups have, ascending, each with its column."""
    found = {}
    for column in map(str, groups.columns):
        name, _, of = column.partition("_")
        if of == measure and (name in {"lowest", "median", "highest"} or QUANTILE.fullmatch(name)):
            found["median" if name == "p50" else name] = column
    return dict(sorted(found.items(), key=lambda one: _place(one[0])))


def _place(statistic: str) -> float:
    return {"lowest": -1.0, "median": 50.0, "highest": 100.0}.get(statistic) or float(statistic[1:])


def _bands(statistics: Sequence[str]) -> list[Band]:
    """Return the pairs that lie evenly around the median, the widest first."""
    pairs = [("lowest", "highest"), *((f"p{low:02}", f"p{100 - low:02}") for low in range(1, 50))]
    return [pair for pair in pairs if pair[0] in statistics and pair[1] in statistics]


def _fan(bands: Sequence[Band]) -> list[alt.Chart]:
    opacity = {1: [0.55], 2: [0.25, 0.6]}.get(len(bands)) or [
        0.16 + 0.34 * place / (len(bands) - 1) for place in range(len(bands))
    ]
    return [
        _between(keyed("groups").mark_bar(style="figure", height=14, fillOpacity=one), band)
        for one, band in zip(opacity, bands, strict=True)
    ]


def _box(bands: Sequence[Band]) -> list[alt.Chart]:
    """Return a thin line for the widest pair, thicker ones for those within, and a bar for the narrowest."""
    parts = [_between(keyed("groups").mark_rule(style="figure-hairline"), band) for band in bands[:-1][:1]]
    parts += [_between(keyed("groups").mark_bar(style="figure", height=4), band) for band in bands[1:-1][-1:]]
    return [*parts, _between(keyed("groups").mark_bar(style="figure", fillOpacity=0.55, height=12), bands[-1])]


def _between(part: alt.Chart, band: Band) -> alt.Chart:
    return part.encode(x=alt.X(field=band[0], type="quantitative"), x2=alt.X2(field=band[1]))


def _key(bands: Sequence[Band], kind: Kind) -> list[str]:
    """Say what the parts stand for, in short lines under the axis."""
    texts = [_range(band) for band in reversed(bands)]
    if kind == "fan":
        pairs = [", ".join(texts[at : at + 2]) for at in range(0, len(texts), 2)]
        return ["dot: median · bands from strong to faint:", *pairs]
    lines = [f"dot: median · box: {texts[0]}"]
    thick = f"thick line: {texts[1]} · " if len(bands) > 2 else ""
    return [*lines, f"{thick}line: {texts[-1]}"] if len(bands) > 1 else lines


def _range(band: Band) -> str:
    return "–".join(_word(name).lower() for name in band).replace(" percentile–", "–")


def _word(statistic: str) -> str:
    return statistic.capitalize() if statistic[1:].isalpha() else f"{ordinal(int(statistic[1:]))} percentile"
