"""The rows of charts of distributions: bins, cumulative steps, medians."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd

from ..errors import ColumnError, Fault, InputError
from ..frames.columns import Column, typed_frame
from .binning import MOST_BINS, Floats, bin_labels, bins_of, checked_edges, edges_for
from .typed_rows import no_rows, typed_rows
from .words import number_text

__all__ = [
    "Bins",
    "Distribution",
    "counted_values",
    "distribution_rows",
    "ecdf_rows",
    "middle_rows",
    "outline_rows",
    "said_of_thinning",
    "value_at",
]

Distribution = pd.DataFrame | Mapping[str, pd.DataFrame]
Bins = int | Sequence[float] | None

MOST_GROUPS: Final = 6
STEPS: Final = 200
FEWEST_BINS: Final = 3

BAR_COLUMNS: Final = (
    Column("group", "str", "the group's name; empty where only one is drawn"),
    Column("start", "float64", "where the bin begins"),
    Column("end", "float64", "where it ends"),
    Column("count", "int64", "the group's learners in the bin"),
    Column("share", "float64", "the same, in percent of the group's learners with a value"),
    Column("label", "str", "what the bin holds, in words"),
)
STEP_COLUMNS: Final = (
    Column("group", "str", "the group's name; empty where only one is drawn"),
    Column("value", "float64", "a value that occurs"),
    Column("share", "float64", "percent of the group's learners with at most this value"),
)
MIDDLE_COLUMNS: Final = (
    Column("group", "str", "the group's name; empty where only one is drawn"),
    Column("value", "float64", "the group's median"),
    Column("label", "str", "the median in words"),
)


def distribution_rows(distribution: Distribution, *, bins: Bins = None) -> pd.DataFrame:
    """Count learners by bin; every bin has a row, also an empty one.

    Parameters
    ----------
    distribution, bins
        As for `score_distribution`.

    Returns
    -------
    DataFrame
        Columns as ``BAR_COLUMNS``: ``group``, ``start``, ``end``, ``count``, ``share``, ``label``.
    """
    groups = _by_name(distribution)
    values = np.unique(np.concatenate([frame["value"].to_numpy(dtype=np.float64) for frame in groups.values()]))
    if not len(values):
        return no_rows(BAR_COLUMNS)
    edges = _edges(values, bins)
    labels = bin_labels(edges, values)
    parts = []
    for name, frame in groups.items():
        at = bins_of(frame["value"].to_numpy(dtype=np.float64), edges)
        counts = np.bincount(at, weights=frame["count"], minlength=len(labels)).astype(np.int64)
        share = 100 * counts / max(int(counts.sum()), 1)
        parts.append(
            pd.DataFrame({"start": edges[:-1], "end": edges[1:], "count": counts, "share": share, "label": labels})
        )
        parts[-1].insert(0, "group", name)
    rows = pd.concat(parts, ignore_index=True)
    return typed_rows(BAR_COLUMNS, rows)


def outline_rows(bars: pd.DataFrame) -> pd.DataFrame:
    """Return the outline of each group's histogram: ``group``, ``value``, ``share`` (held up to the next value)."""
    rows: dict[str, list[object]] = {"group": [], "value": [], "share": []}
    for name, each in bars.groupby("group", sort=False):
        rows["group"] += [name] * (len(each) + 2)
        rows["value"] += [each["start"].iloc[0], *each["start"], each["end"].iloc[-1]]
        rows["share"] += [0.0, *each["share"], 0.0]
    return typed_frame(STEP_COLUMNS, rows)


def ecdf_rows(distribution: Distribution) -> pd.DataFrame:
    """Return the steps of the cumulative distribution, from zero up.

    With more than 200 values (100 each where several groups are drawn) only those are kept at which the share
    reaches the next 0.5 (or 1) percent. What is drawn is exact at every step, and between two steps less than that
    too low.

    Parameters
    ----------
    distribution
        As for `score_distribution`.

    Returns
    -------
    DataFrame
        Columns as ``STEP_COLUMNS``: ``group``, ``value`` ascending, ``share`` from 0 to 100. The lowest value comes
        twice: with share 0, and with its own.
    """
    groups = _by_name(distribution)
    most = STEPS if len(groups) == 1 else STEPS // 2
    parts = [_steps(frame, most).assign(group=name) for name, frame in groups.items()]
    rows = pd.concat(parts, ignore_index=True)
    return typed_rows(STEP_COLUMNS, rows)


def middle_rows(distribution: Distribution) -> pd.DataFrame:
    """Return the median of each group that has values: ``group``, ``value``, ``label``."""
    groups = {name: frame for name, frame in _by_name(distribution).items() if len(frame)}
    medians = [value_at(frame, 0.5) for frame in groups.values()]
    values = {"group": list(groups), "value": medians, "label": [f"median {number_text(one)}" for one in medians]}
    return typed_frame(MIDDLE_COLUMNS, values)


def counted_values(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a distribution by value, without the values that nobody has and those that are no number."""
    values = frame["value"].to_numpy(dtype=np.float64, na_value=np.nan)
    counts = frame["count"].to_numpy(dtype=np.int64, na_value=0)
    kept = np.isfinite(values) & (counts > 0)
    return pd.DataFrame({"value": values[kept], "count": counts[kept]}).sort_values("value", ignore_index=True)


def value_at(counts: pd.DataFrame, share: float) -> float:
    """Return a quantile of a distribution, by linear interpolation as everywhere in this package."""
    up_to = counts["count"].cumsum().to_numpy()
    place = (int(up_to[-1]) - 1) * share
    below, above = counts["value"].to_numpy()[
        np.searchsorted(up_to, [math.floor(place), math.ceil(place)], side="right")
    ]
    return float(below + (above - below) * (place - math.floor(place)))


def said_of_thinning(distribution: Distribution, steps: pd.DataFrame) -> str | None:
    """Say how a cumulative distribution was thinned out; None where every step is drawn."""
    groups = _by_name(distribution)
    drawn = len(steps) - sum(1 for frame in groups.values() if len(frame))
    if drawn == sum(len(frame) for frame in groups.values()):
        return None
    most = STEPS if len(groups) == 1 else STEPS // 2
    return f"Drawn in at most {most} steps: exact at each, and between two less than {100 / most:g} points too low"


def _edges(values: Floats, bins: Bins) -> Floats:
    if bins is None:
        return edges_for(values, MOST_BINS)
    if isinstance(bins, int):
        if not FEWEST_BINS <= bins <= STEPS:
            raise InputError(f"bins must be a number from {FEWEST_BINS} to {STEPS}, or edges, not {bins}.")
        return edges_for(values, bins)
    return checked_edges(bins, values)


def _by_name(distribution: Distribution) -> dict[str, pd.DataFrame]:
    groups = (
        {str(name): frame for name, frame in distribution.items()}
        if isinstance(distribution, Mapping)
        else {"": distribution}
    )
    if not 1 <= len(groups) <= MOST_GROUPS:
        raise InputError(
            f"A chart holds 1 to {MOST_GROUPS} distributions, not {len(groups)}: draw more groups with percentile_box."
        )
    faults = [
        Fault(
            "missing_column", f"a distribution has the columns value and count; this lacks {missing}", key=name or None
        )
        for name, frame in groups.items()
        for missing in ("value", "count")
        if missing not in getattr(frame, "columns", ())
    ]
    if faults:
        raise ColumnError("That is no distribution, as dataset.distribution(path) gives it.", faults)
    return {name: counted_values(frame) for name, frame in groups.items()}


def _steps(frame: pd.DataFrame, most: int) -> pd.DataFrame:
    values, shares = frame["value"].to_numpy(), 100 * frame["count"].cumsum().to_numpy() / max(frame["count"].sum(), 1)
    if len(values) > most:
        passed = np.floor(shares * most / 100 + 1e-9)
        kept = np.diff(passed, prepend=0) > 0
        values, shares = values[kept], shares[kept]
    lowest = frame["value"].iloc[:1].to_numpy()
    return pd.DataFrame({"value": [*lowest, *values], "share": [*np.zeros(len(lowest)), *shares]})
