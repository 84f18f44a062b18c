"""The charts of a page: a spec for each kind, and what their rows are computed from in the browser."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from ..charts.binning import bin_labels, bins_of, edges_for
from ..charts.group_rows import own_name
from ..charts.kinds import KINDS, empty_charts, ranked_field
from ..charts.percentiles import percentile_rows
from ..charts.rankings import ranking_rows
from ..charts.records import split_chart
from ..charts.theme import palette_config
from ..charts.words import measure_of
from ..domain.fields import find_group_field
from ..domain.group_paths import GroupPath
from .page_data import plain_values

__all__ = ["chart_data"]

Json = dict[str, Any]


def chart_data(frame: pd.DataFrame, field: str, distributions: Mapping[GroupPath, pd.DataFrame] | None) -> Json | None:
    """Return the charts of a page, or None if its groups have the fields of none.

    Parameters
    ----------
    frame
        The groups, as `tree_of` gives them.
    field
        What the charts are about: a group field, or ``"score"`` or ``"percent"``.
    distributions
        ``value`` and ``count`` by group path, of the measure of `field`; None without the two kinds that draw them.

    Returns
    -------
    dict or None
        ``kinds`` (key, label, spec), ``figures`` (key, values) beside those of the table, ``distributions`` in the
        order of the groups, ``configs`` for light and dark, and what the rows depend on.
    """
    columns = tuple((str(name), str(dtype)) for name, dtype in frame.dtypes.items())
    kinds = _kinds(columns, field, with_distributions=distributions is not None)
    if not kinds:
        return None
    measure = measure_of(field, frame)
    ranked = ranked_field(field, frame)
    statistics = _statistics(frame, measure)
    known = find_group_field(ranked)
    needed = [
        "population",
        "mean_attempted_percent",
        f"mean_{measure}",
        f"median_{measure}",
        f"stddev_{measure}",
        ranked,
    ]
    needed += [key for _, key in statistics]
    figures = {key: plain_values(frame[key]) for key in needed if key in frame}
    return {
        "kinds": list(kinds),
        "configs": {"light": palette_config(dark=False), "dark": palette_config(dark=True)},
        "figures": [{"key": key, "values": values} for key, values in {**figures, **_intervals(frame, ranked)}.items()],
        "distributions": [_counts((distributions or {}).get(path)) for path in frame["group_path"]],
        "measure": measure,
        "field": ranked,
        "counts": known is not None and known.whole,
        "statistics": statistics,
        "top": own_name(frame),
    }


@lru_cache(8)
def _kinds(columns: tuple[tuple[str, str], ...], field: str, *, with_distributions: bool) -> tuple[Json, ...]:
    """Return the kinds that groups with these columns have the fields for; a spec is the same for any rows."""
    frame = pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in columns})
    drawn = empty_charts(frame, field, with_distributions=with_distributions)
    return tuple({**kind, "spec": split_chart(drawn[kind["key"]])[0]} for kind in KINDS if kind["key"] in drawn)


def _statistics(frame: pd.DataFrame, measure: Any) -> list[tuple[str, str]]:
    names = percentile_rows(frame.iloc[:0], measure).columns[3:]
    return [(name, f"{name}_{measure}" if f"{name}_{measure}" in frame else f"p50_{measure}") for name in names]


def _intervals(frame: pd.DataFrame, field: str) -> Json:
    """Return both ends of each group's interval; null where there is none."""
    if field not in frame:
        return {}
    rows = ranking_rows(frame.assign(id=[str(at) for at in range(len(frame))]), field)
    at = rows["id"].astype("int64")
    ends = {key: pd.Series(rows[key].to_numpy(), index=at).reindex(range(len(frame))) for key in ("low", "high")}
    return {key: plain_values(values) for key, values in ends.items()}


def _counts(distribution: pd.DataFrame | None) -> Json | None:
    """Return a distribution by value, and its histogram; None where it is not known."""
    if distribution is None:
        return None
    if not len(distribution):
        return {"values": [], "counts": [], "edges": [], "bars": [], "labels": []}
    ordered = distribution.sort_values("value")
    values, counts = ordered["value"].to_numpy(np.float64), ordered["count"].to_numpy(np.int64)
    edges = edges_for(values)
    bars = np.bincount(bins_of(values, edges), weights=counts, minlength=len(edges) - 1).astype(np.int64)
    return {
        "values": values.tolist(),
        "counts": counts.tolist(),
        "edges": edges.tolist(),
        "bars": bars.tolist(),
        "labels": bin_labels(edges, values),
    }
