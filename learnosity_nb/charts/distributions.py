"""How scores are distributed: histogram and cumulative distribution, for one group or several."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

import altair as alt
import pandas as pd

from ..domain.origin import ORIGIN_KEY, parse_origin
from ..errors import InputError, shorten
from .drawing import KEY_LABEL, assemble, encoded, keyed, layer, tip, titled
from .reference import reference_line
from .spreads import Bins, Distribution, distribution_rows, ecdf_rows, middle_rows, outline_rows, said_of_thinning
from .words import NUMBER, WHOLE, measure_of, measure_title

__all__ = ["draw_ecdf", "draw_histogram", "score_distribution"]

HEIGHT: Final = 260


def score_distribution(
    distribution: Distribution,
    *,
    field: str | None = None,
    kind: Literal["histogram", "ecdf"] = "histogram",
    bins: Bins = None,
    title: str | None = None,
    dark: bool | None = None,
) -> alt.LayerChart:
    """Draw how the scores of one group, or of up to six, are distributed.

    Parameters
    ----------
    distribution
        ``value`` and ``count``, as ``dataset.distribution(path)`` gives them; or a dict of names to such frames,
        drawn over each other in percent of each group.
    field
        What the values are: ``"score"`` or ``"percent"``; what the frame says it is from, else a score, when None.
    kind
        ``"histogram"``, or ``"ecdf"``: the percent of learners with at most each value.
    bins
        A number of bins at most, from 3 to 200, or their edges; chosen by `edges_for` when None.
    title
        Over the chart.
    dark
        Whether the background is dark; None for colours that read on both.

    Raises
    ------
    InputError
        If a frame is no distribution, there are more than six, or `bins` do not hold every value.

    Examples
    --------
    >>> score_distribution(dataset.distribution(["Oregon"]))  # doctest: +SKIP
    """
    if kind not in ("histogram", "ecdf"):
        raise InputError(f"kind is histogram or ecdf, not {shorten(kind)}.")
    field = field or _field_of(distribution)
    if kind == "histogram":
        return titled(draw_histogram(distribution, field=field, bins=bins, dark=dark), title)
    steps = ecdf_rows(distribution)
    drawn = draw_ecdf(distribution, field=field, dark=dark)
    return titled(drawn, title, [said_of_thinning(distribution, steps)])


def draw_histogram(
    distribution: Distribution, *, field: str, bins: Bins = None, dark: bool | None = None
) -> alt.LayerChart:
    """Draw a histogram without a title: datasets ``bars`` and ``middle``, and ``outline`` for several groups."""
    bars = distribution_rows(distribution, bins=bins)
    rows = {"bars": bars, "middle": middle_rows(distribution)}
    x = alt.X(field="start", type="quantitative", bin="binned", title=measure_title(measure_of(field)))
    x = x.axis(grid=False, tickMinStep=1).scale(zero=False, nice=False)
    told = [tip("label", measure_title(measure_of(field))), tip("count", "Learners", WHOLE)]
    told.append(tip("share", "Percent of learners", NUMBER))
    if isinstance(distribution, pd.DataFrame):
        y = alt.Y(field="count", type="quantitative", title="Learners").axis(tickMinStep=1, domain=False, format=WHOLE)
        drawn = layer("bars").mark_bar(style="figure", binSpacing=1).encode(x=x, x2="end", y=y, tooltip=told)
        return assemble([drawn, *reference_line("middle")], rows, height=HEIGHT, dark=dark)
    rows["outline"] = outline_rows(bars)
    y = alt.Y(field="share", type="quantitative", title="Percent of each group").axis(domain=False)
    inner = alt.Y(field="share", type="quantitative", stack=None)
    told = [tip("group", "Group"), *told]
    filled = (
        keyed("bars", "group").mark_bar(fillOpacity=0.05, binSpacing=0).encode(x=x, x2="end", y=inner, tooltip=told)
    )
    filled = filled.encode(fill=_by_group_fill())
    outlined = keyed("outline", "group").mark_line(interpolate="step-after", strokeWidth=2)
    outlined = outlined.encode(x=_plain_x("value"), y=y, stroke=_by_group(), strokeDash=_by_dash())
    return assemble([filled, outlined, _median_marks()], rows, height=HEIGHT, dark=dark)


def draw_ecdf(distribution: Distribution, *, field: str, dark: bool | None = None) -> alt.LayerChart:
    """Draw a cumulative distribution without a title: datasets ``steps`` and ``middle``."""
    rows = {"steps": ecdf_rows(distribution), "middle": middle_rows(distribution)}
    title = measure_title(measure_of(field))
    x = alt.X(field="value", type="quantitative", title=title).axis(grid=False).scale(zero=False, nice=False)
    y = alt.Y(field="share", type="quantitative", title="Learners with at most this value (percent)")
    y = y.scale(domain=[0, 100]).axis(values=[0, 25, 50, 75, 100], domain=False)
    told = [
        tip("value", f"At most: {title[0].lower()}{title[1:]}", NUMBER),
        tip("share", "Percent of learners", NUMBER),
    ]
    points = layer("steps").mark_point(opacity=0, size=60).encode(x=_plain_x("value"), y=y)
    if isinstance(distribution, pd.DataFrame):
        line = layer("steps").mark_line(style="figure-line", interpolate="step-after").encode(x=x, y=y)
        return assemble([*reference_line("middle"), line, points.encode(tooltip=told)], rows, height=HEIGHT, dark=dark)
    line = keyed("steps", "group").mark_line(interpolate="step-after", strokeWidth=2)
    line = line.encode(x=x, y=y, stroke=_by_group(), strokeDash=_by_dash())
    points = points.encode(tooltip=[tip("group", "Group"), *told])
    return assemble([line, points, _median_marks()], rows, height=HEIGHT, dark=dark)


def _field_of(distribution: Distribution) -> str:
    """Return the field that a distribution was asked for with."""
    frames = list(distribution.values()) if isinstance(distribution, Mapping) else [distribution]
    origin = parse_origin(frames[0].attrs.get(ORIGIN_KEY)) if frames and isinstance(frames[0], pd.DataFrame) else None
    call = {} if origin is None else origin.call or {}
    return str(call.get("field", "score"))


def _plain_x(field: str) -> alt.X:
    return alt.X(field=field, type="quantitative")


def _by_group() -> alt.Stroke:
    return alt.Stroke(field="key", type="nominal", sort=None, title=None).legend(labelExpr=KEY_LABEL)


def _by_dash() -> alt.StrokeDash:
    dashes = [[1, 0], [7, 3], [2, 2], [7, 2, 2, 2], [4, 4], [10, 4]]
    return alt.StrokeDash(field="key", type="nominal", sort=None, title=None).scale(range=dashes)


def _median_marks() -> alt.Chart:
    marks = keyed("middle", "group").mark_point(shape="triangle-down", filled=True, size=70, opacity=1, y=-5)
    told = [tip("group", "Group"), tip("value", "Median", NUMBER)]
    return encoded(marks, x=_plain_x("value"), fill=_by_group_fill(), tooltip=told)


def _by_group_fill() -> alt.Fill:
    return alt.Fill(field="key", type="nominal", sort=None, title=None).legend(None)
