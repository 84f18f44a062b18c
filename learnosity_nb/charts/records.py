"""Rows as plain JSON, and a chart as a spec without its rows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import altair as alt
import pandas as pd

__all__ = ["records", "split_chart"]

Rows = list[dict[str, Any]]


def records(frame: pd.DataFrame) -> Rows:
    """Return the rows of a frame as dicts of JSON values: missing and infinite ones None, times ISO text."""
    columns = [str(name) for name in frame.columns]
    rows = frame.astype(object).itertuples(index=False, name=None)
    return [dict(zip(columns, map(_plain, row), strict=True)) for row in rows]


def split_chart(chart: alt.TopLevelMixin) -> tuple[dict[str, Any], dict[str, Rows]]:
    """Return a chart's Vega-Lite spec without rows, and its rows.

    Parameters
    ----------
    chart
        Any Altair chart; one of this package names its datasets.

    Returns
    -------
    spec
        The spec, in which each ``data`` is only a name.
    datasets
        The rows of each name. A name that Altair made from the rows' hash is ``data_1``, ``data_2``, … in order
        of use, so that the spec stays the same when the rows change.

    Examples
    --------
    >>> spec, datasets = split_chart(ranking(dataset.groups()))  # doctest: +SKIP
    """
    spec: dict[str, Any] = chart.to_dict()
    datasets: dict[str, Rows] = spec.pop("datasets", {})
    made = dict.fromkeys(name for name in _names_used(spec) if name.startswith("data-"))
    renamed = {name: f"data_{number}" for number, name in enumerate(made, start=1)}
    return _with_names(spec, renamed), {renamed.get(name, name): rows for name, rows in datasets.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return value
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    plain = value.item() if hasattr(value, "item") else value
    return None if isinstance(plain, float) and not math.isfinite(plain) else plain


def _names_used(part: Any) -> list[str]:
    if isinstance(part, list):
        return [name for one in part for name in _names_used(one)]
    if not isinstance(part, Mapping):
        return []
    data = part.get("data")
    own = [str(data["name"])] if isinstance(data, Mapping) and set(data) == {"name"} else []
    return own + [name for one in part.values() for name in _names_used(one)]


def _with_names(part: Any, renamed: Mapping[str, str]) -> Any:
    if isinstance(part, list):
        return [_with_names(one, renamed) for one in part]
    if not isinstance(part, Mapping):
        return part
    return {
        key: {"name": renamed.get(value["name"], value["name"])}
        if key == "data" and isinstance(value, Mapping) and set(value) == {"name"}
        else _with_names(value, renamed)
        for key, value in part.items()
    }
