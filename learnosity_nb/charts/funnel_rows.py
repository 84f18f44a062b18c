"""How far out groups' means are for their size: the rows of a funnel."""

from __future__ import annotations

from statistics import NormalDist
from typing import Final

import numpy as np
import pandas as pd

from ..compute.intervals import FUNNEL_CONFIDENCES, pooled_stddev
from ..compute.intervals import funnel_limits as limits_of
from ..frames.columns import Column, typed_frame
from .group_rows import (
    IDENTITY_COLUMNS,
    MOST_POINTS,
    Floats,
    figures,
    identity,
    own_name,
    says_scored,
    scored,
    shown_groups,
)
from .typed_rows import no_rows
from .words import ScoreMeasure, counted, number_text

__all__ = [
    "ZONES",
    "funnel_limits",
    "funnel_rows",
    "funnel_selection",
    "limit_names",
    "outside",
    "said_of_no_limits",
    "said_of_sizes",
]

INNER, OUTER = (NormalDist().inv_cdf((1 + confidence) / 2) for confidence in FUNNEL_CONFIDENCES)
"""How many standard errors the limits of 95 % and of 99.8 % are away."""

NO_LIMITS: Final = "no limits"
ZONES: Final = ["within 95 %", "beyond 95 %", "beyond 99.8 %", NO_LIMITS]
LIMIT_POINTS: Final = 60
NAMED: Final = 6

FUNNEL_COLUMNS: Final = (
    *IDENTITY_COLUMNS,
    Column("value", "float64", "the group's mean"),
    Column("z", "float64", "standard errors between the mean and the middle line; null without limits"),
    Column("zone", "str", "within 95 %, beyond 95 %, beyond 99.8 %, or that there are no limits"),
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


def funnel_rows(groups: pd.DataFrame, measure: ScoreMeasure, parent: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return groups with how far out each mean is, in their order.

    Returns
    -------
    DataFrame
        ``id``, ``name``, ``population`` (``n`` where the groups have it), ``value``, ``z``, ``zone``, ``label``;
        ``z`` null where the group's own
        standard deviation or the spread within all groups is not known.
    """
    shown = shown_groups(groups, ["population", f"mean_{measure}"])
    values, sizes = figures(shown, f"mean_{measure}"), scored(shown)
    middle, spread = _middle_and_spread(shown, measure, parent)
    known = np.isfinite(figures(shown, f"stddev_{measure}")) & (spread > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.where(known, (values - middle) * np.sqrt(sizes) / spread, np.nan)
    zones = np.select([~known, np.abs(z) > OUTER, np.abs(z) > INNER], [NO_LIMITS, ZONES[2], ZONES[1]], ZONES[0])
    who = identity(shown) | {"population": pd.Series(sizes).astype("Int64")}
    rows = typed_frame(FUNNEL_COLUMNS, {**who, "value": values, "z": z, "zone": zones, "label": [""] * len(z)})
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
    middle, spread = _middle_and_spread(shown, measure, parent)
    if not len(shown) or not spread > 0:
        return no_rows(LIMIT_COLUMNS)
    smallest, largest = scored(shown).min(), scored(shown).max()
    sizes = np.linspace(np.sqrt(max(smallest, 1)), np.sqrt(largest), LIMIT_POINTS) ** 2
    ends: dict[str, Floats] = {}
    for name, confidence in zip(("95", "998"), FUNNEL_CONFIDENCES, strict=True):
        ends[f"low_{name}"], ends[f"high_{name}"] = limits_of(sizes, middle, spread, confidence)
    if measure == "percent":
        ends = {name: np.clip(values, 0, 100) for name, values in ends.items()}
    return typed_frame(LIMIT_COLUMNS, {"population": sizes, "middle": np.full(LIMIT_POINTS, middle), **ends})


def outside(rows: pd.DataFrame) -> list[str]:
    """Return the names of the groups beyond the limits of 99.8 %, of `funnel_rows`."""
    return [str(name) for name in rows.loc[rows["zone"] == ZONES[2], "name"]]


def said_of_no_limits(rows: pd.DataFrame) -> str | None:
    """Say of how many groups, of `funnel_rows`, limits say nothing, and why; None where there is no such group."""
    count = int((rows["zone"] == NO_LIMITS).sum())
    return f"no limits for {counted(count, 'group')}: fewer than 2 scores, or all the same" if count else None


def said_of_sizes(groups: pd.DataFrame, rows: pd.DataFrame) -> str | None:
    """Say whom sizes count where the groups do not say how many learners have a score; None where nothing is drawn."""
    return None if says_scored(groups) or not len(rows) else "sizes count learners without a score too"


def funnel_selection(rows: pd.DataFrame) -> pd.DataFrame:
    """Return at most 200 groups: the named ones, and the others at even steps through their order by size."""
    if len(rows) <= MOST_POINTS:
        return rows
    others = rows.loc[rows["label"] == ""].sort_values(["population", "value"], kind="stable").index
    steps = np.floor(np.linspace(0, len(others) - 1, MOST_POINTS - NAMED) + 0.5).astype(int)
    kept = {*others[steps], *rows.index[rows["label"] != ""]}
    return rows.loc[sorted(kept)].reset_index(drop=True)


def limit_names(limits: pd.DataFrame, parent: pd.DataFrame | None) -> dict[str, pd.DataFrame]:
    """Return what stands over the left ends of the upper limits, and at the right end of the middle line."""
    columns = (Column("population", "float64", ""), Column("value", "float64", ""), Column("label", "str", ""))
    first, last = limits.head(1), limits.tail(1)
    ends = [float(value) for name in ("high_95", "high_998") for value in first[name]]
    names = {"population": [*first["population"]] * 2, "value": ends, "label": ["95 %", "99.8 %"][: len(ends)]}
    own = "mean" if parent is None else own_name(parent)
    middle = [f"{own} {number_text(value)}" for value in last["middle"]]
    right = {"population": [*last["population"]], "value": [*last["middle"]], "label": middle}
    return {"limit_names": typed_frame(columns, names), "middle": typed_frame(columns, right)}


def _middle_and_spread(shown: pd.DataFrame, measure: str, parent: pd.DataFrame | None) -> tuple[float, float]:
    """Return the mean that is expected, and the standard deviation within groups; nan where not known."""
    sizes, means, deviations = scored(shown), figures(shown, f"mean_{measure}"), figures(shown, f"stddev_{measure}")
    spread = pooled_stddev(sizes, deviations)
    above = None if parent is None else shown_groups(parent, [f"mean_{measure}"])
    if above is not None and len(above):
        return float(figures(above, f"mean_{measure}")[0]), spread
    return float(np.average(means, weights=sizes)) if sizes.sum() > 0 else np.nan, spread


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
