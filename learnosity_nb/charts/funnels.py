"""Groups' means against their size, with the limits of what chance alone does."""

from __future__ import annotations

from statistics import NormalDist
from typing import Final

import altair as alt
import numpy as np
import pandas as pd

from ..compute.intervals import FUNNEL_CONFIDENCES, pooled_stddev
from ..compute.intervals import funnel_limits as limits_of
from ..frames.columns import Column, typed_frame
from .drawing import assemble, encoded, layer, tip, titled
from .group_rows import (
    IDENTITY_COLUMNS,
    MOST_POINTS,
    Floats,
    check_fields,
    figures,
    identity,
    own_name,
    reason_for_none,
    said_of_missing,
    shown_groups,
)
from .typed_rows import no_rows
from .words import NUMBER, WHOLE, ScoreMeasure, counted, field_title, number_text

__all__ = ["draw_funnel", "funnel", "funnel_limits", "funnel_rows", "outside"]

INNER, OUTER = (NormalDist().inv_cdf((1 + confidence) / 2) for confidence in FUNNEL_CONFIDENCES)
"""How many standard errors the limits of 95 % and of 99.8 % are away."""

ZONES: Final = ("within 95 %", "beyond 95 %", "beyond 99.8 %")
LIMIT_POINTS: Final = 60
NAMED: Final = 6
HEIGHT: Final = 340

FUNNEL_COLUMNS: Final = (
    *IDENTITY_COLUMNS,
    Column("value", "float64", "the group's mean"),
    Column("z", "float64", "standard errors between the mean and the middle line"),
    Column("zone", "str", "within 95 %, beyond 95 % or beyond 99.8 %"),
    Column("label", "str", "the group's name where it is one of the farthest out, else empty"),
)
LIMIT_COLUMNS: Final = (
    Column("population", "float64", "a group size"),
    Column("middle", "float64", "the mean that groups of every size are expected to have"),
    Column("low_95", "float64", "below it 1 in 40 groups fall by chance"),
    Column("high_95", "float64", "above it 1 in 40 groups fall by chance"),
    Column("low_998", "float64", "below it 1 in 1,000 groups fall by chance"),
    Column("high_998", "float64", "above it 1 in 1,000 groups fall by chance"),
)


def funnel(
    groups: pd.DataFrame,
    *,
    measure: ScoreMeasure = "percent",
    parent: pd.DataFrame | None = None,
    title: str | None = None,
    dark: bool | None = None,
) -> alt.LayerChart:
    """Draw groups' means against their size, between limits of 95 % and 99.8 %.

    The limits are where means of groups of that size would lie if all groups' learners were drawn from the same
    scores: wide for small groups. A class of three that is far above the others is inside; a large school outside
    differs by more than chance.

    Parameters
    ----------
    groups
        Rows of ``dataset.groups(path)`` with population, mean and standard deviation of the measure. Of more than
        200 groups a selection is drawn, evenly over their sizes, and those farthest out.
    measure
        ``"score"`` or ``"percent"``.
    parent
        One row of ``dataset.group(path)``: its mean is the middle line; the groups' mean, weighted by size, when
        None.
    title
        Over the chart.
    dark
        Whether the background is dark; None for colours that read on both.

    Raises
    ------
    ColumnError
        If the groups lack a field: naming the list to build the dataset with.
    """
    rows = funnel_rows(groups, measure, parent)
    chart = draw_funnel(groups, parent, measure, dark=dark)
    shown = shown_groups(groups, ["population", f"mean_{measure}"])
    notes = said_of_missing(groups, shown, min(len(rows), MOST_POINTS))
    if len(rows):
        notes.insert(0, f"{len(outside(rows)):,} of {counted(len(rows), 'group')} outside the limits of 99.8 %")
    return titled(chart, title, notes)


def draw_funnel(
    groups: pd.DataFrame, own: pd.DataFrame | None, measure: ScoreMeasure, *, dark: bool | None = None
) -> alt.LayerChart:
    """Draw a funnel without a title: datasets ``groups``, ``limits``, ``limit_names`` and ``middle``."""
    field = f"mean_{measure}"
    check_fields(groups, ["population", field, f"stddev_{measure}"], "A funnel")
    limits = funnel_limits(groups, measure, own)
    rows = {
        "groups": _selection(funnel_rows(groups, measure, own)),
        "limits": limits,
        **_limit_names(limits, own),
    }
    return assemble([*_limit_lines(), *_points(field)], rows, height=HEIGHT, dark=dark, empty=reason_for_none(groups))


def outside(rows: pd.DataFrame) -> list[str]:
    """Return the names of the groups beyond the limits of 99.8 %, of `funnel_rows`."""
    return [str(name) for name in rows.loc[rows["zone"] == ZONES[2], "name"]]


def funnel_rows(groups: pd.DataFrame, measure: ScoreMeasure, parent: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return groups with how far out each mean is, in their order.

    Returns
    -------
    DataFrame
        ``id``, ``name``, ``population``, ``value``, ``z``, ``zone``, ``label``; ``z`` null where the groups' spread
        is not known.
    """
    shown = shown_groups(groups, ["population", f"mean_{measure}"])
    values, sizes = figures(shown, f"mean_{measure}"), figures(shown, "population")
    middle, spread = _middle_and_spread(groups, measure, parent)
    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.where(spread > 0, (values - middle) * np.sqrt(sizes) / spread, np.nan)
    zones = np.where(np.abs(z) > OUTER, ZONES[2], np.where(np.abs(z) > INNER, ZONES[1], ZONES[0]))
    rows = typed_frame(
        FUNNEL_COLUMNS, {**identity(shown), "value": values, "z": z, "zone": zones, "label": [""] * len(z)}
    )
    return rows.assign(label=rows["name"].where(rows.index.isin(_told(rows)), ""))


def funnel_limits(groups: pd.DataFrame, measure: ScoreMeasure, parent: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the limits for sizes from the smallest group to the largest.

    The spread is the standard deviation within groups, pooled over them. Limits of percents end at 0 and 100.

    Returns
    -------
    DataFrame
        ``population``, ``middle``, ``low_95``, ``high_95``, ``low_998``, ``high_998``; no rows where the groups'
        spread is not known.
    """
    shown = shown_groups(groups, ["population", f"mean_{measure}"])
    middle, spread = _middle_and_spread(groups, measure, parent)
    if not len(shown) or not spread > 0:
        return no_rows(LIMIT_COLUMNS)
    smallest, largest = figures(shown, "population").min(), figures(shown, "population").max()
    sizes = np.linspace(np.sqrt(max(smallest, 1)), np.sqrt(largest), LIMIT_POINTS) ** 2
    ends: dict[str, Floats] = {}
    for name, confidence in zip(("95", "998"), FUNNEL_CONFIDENCES, strict=True):
        ends[f"low_{name}"], ends[f"high_{name}"] = limits_of(sizes, middle, spread, confidence)
    if measure == "percent":
        ends = {name: np.clip(values, 0, 100) for name, values in ends.items()}
    return typed_frame(LIMIT_COLUMNS, {"population": sizes, "middle": np.full(LIMIT_POINTS, middle), **ends})


def _middle_and_spread(groups: pd.DataFrame, measure: str, parent: pd.DataFrame | None) -> tuple[float, float]:
    """Return the mean that is expected, and the standard deviation within groups; nan where not known."""
    shown = shown_groups(groups, ["population", f"mean_{measure}"])
    sizes, means, deviations = (figures(shown, name) for name in ("population", f"mean_{measure}", f"stddev_{measure}"))
    spread = pooled_stddev(sizes, deviations)
    above = None if parent is None else shown_groups(parent, [f"mean_{measure}"])
    if above is not None and len(above):
        return float(figures(above, f"mean_{measure}")[0]), spread
    return float(np.average(means, weights=sizes)) if sizes.sum() > 0 else np.nan, spread


def _selection(rows: pd.DataFrame) -> pd.DataFrame:
    """Return at most 200 groups: the named ones, and the others at even steps through their order by size."""
    if len(rows) <= MOST_POINTS:
        return rows
    others = rows.loc[rows["label"] == ""].sort_values(["population", "value"], kind="stable").index
    steps = np.floor(np.linspace(0, len(others) - 1, MOST_POINTS - NAMED) + 0.5).astype(int)
    kept = {*others[steps], *rows.index[rows["label"] != ""]}
    return rows.loc[sorted(kept)].reset_index(drop=True)


def _told(rows: pd.DataFrame) -> list[int]:
    """Return the groups that are named: the farthest out beyond 99.8 %, as long as no two names meet."""
    outside = rows.loc[rows["zone"] == ZONES[2], "z"].abs().sort_values(ascending=False, kind="stable").index
    across = _in_units(np.sqrt(figures(rows, "population")))
    up = _in_units(figures(rows, "value"))
    told: list[int] = []
    for row in outside:
        if all(abs(across[row] - across[other]) > 0.2 or abs(up[row] - up[other]) > 0.05 for other in told):
            told.append(row)
        if len(told) == NAMED:
            break
    return told


def _in_units(values: Floats) -> Floats:
    """Return values as parts of their range."""
    if not len(values):
        return values
    units: Floats = (values - values.min()) / (np.ptp(values) or 1.0)
    return units


def _limit_names(limits: pd.DataFrame, parent: pd.DataFrame | None) -> dict[str, pd.DataFrame]:
    """Return what stands over the left ends of the upper limits, and at the right end of the middle line."""
    columns = (Column("population", "float64", ""), Column("value", "float64", ""), Column("label", "str", ""))
    first, last = limits.head(1), limits.tail(1)
    ends = [float(value) for name in ("high_95", "high_998") for value in first[name]]
    names = {"population": [*first["population"]] * 2, "value": ends, "label": ["95 %", "99.8 %"][: len(ends)]}
    own = "mean" if parent is None else own_name(parent)
    middle = [f"{own} {number_text(value)}" for value in last["middle"]]
    right = {"population": [*last["population"]], "value": [*last["middle"]], "label": middle}
    return {"limit_names": typed_frame(columns, names), "middle": typed_frame(columns, right)}


def _limit_lines() -> list[alt.Chart]:
    x = alt.X(field="population", type="quantitative")

    def line(name: str, style: str) -> alt.Chart:
        drawn = layer("limits").mark_line(style=style)
        return encoded(drawn, x=x, y=alt.Y(field=name, type="quantitative"))

    y, text = alt.Y(field="value", type="quantitative"), alt.Text(field="label", type="nominal")
    names = layer("limit_names").mark_text(style="label", align="left", baseline="bottom", dx=4, dy=-2)
    middle = layer("middle").mark_text(style="reference-label", align="left", baseline="middle", dx=5)
    words = [part.encode(x=x, y=y, text=text) for part in (names, middle)]
    lines = [line(name, "limit") for name in ("low_95", "high_95")]
    lines += [line(name, "limit-outer") for name in ("low_998", "high_998")]
    return [*lines, line("middle", "reference"), *words]


def _points(field: str) -> list[alt.Chart]:
    x = alt.X(field="population", type="quantitative", title="Learners in the group (square-root scale)")
    x = x.scale(type="sqrt", zero=False, nice=False, padding=8).axis(domain=False, grid=False, format=WHOLE)
    y = alt.Y(field="value", type="quantitative", title=field_title(field)).scale(zero=False).axis(domain=False)
    told = [
        tip("name", "Group"),
        tip("value", field_title(field), NUMBER),
        tip("population", "Learners", WHOLE),
        tip("zone", "Limits"),
        tip("z", "Standard errors from the middle", NUMBER),
    ]
    shape = alt.Shape(field="zone", type="nominal", title=None)
    shape = shape.scale(domain=list(ZONES), range=["circle", "diamond", "square"]).legend(None)
    near_end = "scale('x', datum['population']) > width - 150"
    dots = layer("groups").mark_point(style="figure-dot", filled=True, opacity=1)
    names = layer("groups").mark_text(
        style="strong-label",
        baseline="middle",
        limit=150,
        align=alt.ExprRef(f"{near_end} ? 'right' : 'left'"),
        dx=alt.ExprRef(f"{near_end} ? -8 : 8"),
    )
    return [
        dots.encode(x=x, y=y, shape=shape, size=_size(), tooltip=told),
        names.encode(x=x, y=y, text=alt.Text(field="label", type="nominal")),
    ]


def _size() -> alt.Size:
    """Return larger points for groups outside, so that they stand out without another colour."""
    sizes = alt.Scale(domain=list(ZONES), range=[24, 46, 70])
    return alt.Size(field="zone", type="ordinal", scale=sizes, legend=None)
