"""The charts of a page of learners: those that the browser counts from the rows in view, and those drawn before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from ..charts.binning import bin_labels, bins_of, edges_for
from ..charts.drawing import fitted
from ..charts.engagement import NO_LEARNERS, NO_RANGE, ZONE_WORDS, engagement_distribution
from ..charts.metrics import metric_title
from ..charts.records import split_chart
from ..charts.segments import segment_mix
from ..charts.theme import palette_config
from ..frames.learner_columns import RANGES, SEGMENTS
from .page_data import plain_values

__all__ = ["drawn_charts", "learner_charts"]

Json = dict[str, Any]


def learner_charts(
    learners: pd.DataFrame, ranges: pd.DataFrame, metrics: Sequence[str], drawn: Sequence[Mapping[str, Any]] = ()
) -> Json:
    """Return the charts of a table of learners, as `write_table_page` takes them.

    Parameters
    ----------
    learners
        The rows of the table, in its order, with the columns `metrics`.
    ranges
        ``lrn.course_metadata(course_id).engagement_ranges``; metrics without any have no chart.
    metrics
        Figures whose distribution is drawn, over the learners that the table shows; then comes the mix of segments.
    drawn
        Charts that stay as they are: ``key``, ``label``, ``title``, ``spec``, ``datasets`` and ``summary`` of each.
    """
    nobody = learners.head(0)
    ranged = [metric for metric in metrics if (ranges["metric"] == metric).any()]
    kinds = [_kind(name, metric_title(name), engagement_distribution(nobody, ranges, name)) for name in ranged]
    kinds.append(_kind("segments", "Segments", segment_mix(pd.DataFrame({"name": [], "learners": []}))))
    return drawn_charts([*kinds, *drawn]) | {
        "metrics": [{"key": name, **_bins(learners[name], ranges[ranges["metric"] == name])} for name in ranged],
        "zones": [*ZONE_WORDS.values(), NO_RANGE],
        "segments": [name.replace("_", " ") for name in SEGMENTS],
        "none": NO_LEARNERS,
    }


def drawn_charts(kinds: Sequence[Mapping[str, Any]]) -> Json:
    """Return charts for `write_table_page` that stay as they are; `learner_charts` says what each has."""
    return {
        "kinds": [dict(kind) for kind in kinds],
        "configs": {"light": palette_config(dark=False), "dark": palette_config(dark=True)},
    }


def _kind(key: str, label: str, chart: alt.TopLevelMixin) -> Json:
    return {"key": key, "label": label, "spec": split_chart(fitted(chart))[0]}


def _bins(column: pd.Series, ranges: pd.DataFrame) -> Json:
    """Return the bins of a figure, in which of them each row is, and where each zone begins."""
    values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    known = np.isfinite(values)
    lows = ranges.drop_duplicates("range").set_index("range")["low"].reindex(RANGES)
    found: Json = {"edges": [], "labels": [], "bins": [None, *[None] * len(values)], "lows": plain_values(lows)}
    if not known.any():
        return found
    different = np.unique(values[known])
    edges = edges_for(different)
    bins = pd.Series(pd.NA, index=range(len(values)), dtype="Int64")
    bins[known] = bins_of(values[known], edges)
    return found | {
        "edges": edges.tolist(),
        "labels": bin_labels(edges, different),
        "bins": [None, *plain_values(bins)],  # the first row of a page's data is the table itself
    }
