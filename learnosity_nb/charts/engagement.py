"""How a week's engagement is distributed over a course, with the course's three zones."""

from __future__ import annotations

from typing import Final

import altair as alt
import numpy as np
import pandas as pd

from ..frames.columns import Column, typed_frame
from ..frames.learner_columns import RANGES
from ..frames.learners import label_engagement
from .binning import bin_labels, bins_of, edges_for
from .drawing import assemble, layer, tip, titled
from .metrics import check_metric, metric_title, wanted_columns
from .typed_rows import no_rows, typed_rows
from .words import WHOLE, counted

__all__ = ["engagement_distribution", "engagement_rows", "zone_rows"]

HEIGHT: Final = 260
NO_LEARNERS: Final = "No learners"
ZONE_WORDS: Final = {name: name.replace("_", " ") for name in RANGES}
NO_RANGE: Final = "in no range"

ENGAGEMENT_COLUMNS: Final = (
    Column("start", "float64", "where the bin begins"),
    Column("end", "float64", "where it ends"),
    Column("zone", "str", "below average, average, above average, or no range"),
    Column("from", "int64", "learners of the bin in lower zones"),
    Column("to", "int64", "the same with those of this zone: the bar's upper end"),
    Column("count", "int64", "learners of the bin in this zone"),
    Column("label", "str", "what the bin holds, in words"),
)
ZONE_COLUMNS: Final = (
    Column("zone", "str", "below average, average or above average"),
    Column("value", "float64", "where it begins: the left end of its first bin, or the value within a bin"),
    Column("learners", "int64", "the learners in it"),
    Column("label", "str", "its name and its learners"),
    Column("line", "int64", "0, 1, 2: on which line its name stands, the first zone's highest: so no two meet"),
)


def engagement_distribution(
    learners: pd.DataFrame,
    ranges: pd.DataFrame,
    metric: str,
    *,
    title: str | None = None,
    dark: bool | None = None,
) -> alt.LayerChart:
    """Draw how many learners have each value of a metric, and where the course's zones begin.

    Above average is a high value, which is no praise where attempts per problem solved are counted.

    Parameters
    ----------
    learners
        As ``lrn.learners(course_id)`` gives them.
    ranges
        ``lrn.course_metadata(course_id).engagement_ranges``.
    metric
        Such as ``"problems_attempted"``.
    title
        Over the chart; the metric's name when None.
    dark
        Whether the background is dark; None for colours that read on both.

    Raises
    ------
    InputError
        If there is no such metric, or a frame is not what it should be.
    """
    bars = engagement_rows(learners, ranges, metric)
    rows = {"bars": bars, "zones": _zones(bars, ranges, metric)}
    x = alt.X(field="start", type="quantitative", bin="binned", title=f"{metric_title(metric)} in the week")
    x = x.axis(grid=False, tickMinStep=1).scale(zero=False, nice=False)
    y = alt.Y(field="from", type="quantitative", title="Learners").axis(tickMinStep=1, domain=False, format=WHOLE)
    words = [*ZONE_WORDS.values(), NO_RANGE]
    told = [tip("label", metric_title(metric)), tip("zone", "Zone"), tip("count", "Learners", WHOLE)]
    drawn = layer("bars").mark_bar(binSpacing=1).encode(x=x, x2="end", y=y, y2="to", tooltip=told)
    drawn = drawn.encode(
        fill=alt.Fill(field="zone", type="nominal", scale=alt.Scale(domain=words, range="ramp"), legend=None)
    )
    at = alt.X(field="value", type="quantitative")
    top = alt.ExprRef("-3 - 14 * datum.line")
    begins = layer("zones").mark_rule(style="limit", y=top, y2=alt.ExprRef("height")).encode(x=at)
    names = layer("zones").mark_text(
        style="strong-label", align="left", baseline="top", dx=4, y=alt.ExprRef("-15 - 14 * datum.line")
    )
    names = names.encode(x=at, text=alt.Text(field="label", type="nominal"))
    chart = assemble([drawn, begins, names], rows, height=HEIGHT, dark=dark, empty=NO_LEARNERS)
    missing = int(learners[metric].isna().sum())
    notes = [f"{counted(missing, 'learner')} without a value left out"] if missing else []
    return titled(chart, title, notes)


def engagement_rows(learners: pd.DataFrame, ranges: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Count learners by bin and zone; a bin that a zone begins within has a row for each.

    Returns
    -------
    DataFrame
        ``start``, ``end``, ``zone``, ``from``, ``to``, ``count``, ``label``; only rows of one learner or more.
    """
    zoned = _zoned(learners, ranges, metric)
    if not len(zoned):
        return no_rows(ENGAGEMENT_COLUMNS)
    values = np.unique(zoned["value"].to_numpy())
    edges = edges_for(values)
    zoned["bin"] = bins_of(zoned["value"].to_numpy(), edges)
    counts = zoned.groupby(["bin", "zone"], observed=True).size().rename("count").reset_index()
    upper = counts.groupby("bin")["count"].cumsum()
    at = counts["bin"].to_numpy()
    return typed_frame(
        ENGAGEMENT_COLUMNS,
        {
            "start": edges[at],
            "end": edges[at + 1],
            "zone": counts["zone"].astype("str"),
            "from": upper - counts["count"],
            "to": upper,
            "count": counts["count"],
            "label": np.asarray(bin_labels(edges, values))[at],
        },
    )


def zone_rows(learners: pd.DataFrame, ranges: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Return the zones that have learners, with where each begins.

    Returns
    -------
    DataFrame
        ``zone``, ``value``, ``learners``, ``label``, ``line``.
    """
    return _zones(engagement_rows(learners, ranges, metric), ranges, metric)


def _zones(bars: pd.DataFrame, ranges: pd.DataFrame, metric: str) -> pd.DataFrame:
    lows = ranges.loc[ranges["metric"] == metric].set_index("range")["low"]
    found: list[tuple[str, float, int, str]] = []
    for name, rows in bars.groupby("zone", sort=False):
        first = rows.iloc[0]
        key = str(name).replace(" ", "_")
        begins = first["start"] if first["from"] == 0 or key not in lows else max(first["start"], lows[key])
        count = int(rows["count"].sum())
        found.append((str(name), begins, count, f"{name}: {count:,}"))
    zones = pd.DataFrame(found, columns=[column.name for column in ZONE_COLUMNS[:-1]])
    return typed_rows(ZONE_COLUMNS, zones.assign(line=range(len(zones) - 1, -1, -1)))


def _zoned(learners: pd.DataFrame, ranges: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Return ``value`` and ``zone`` of each learner who has a value; zones in their order."""
    check_metric(metric)
    wanted_columns(learners, [metric], "learners, as lrn.learners(course_id) gives them")
    zones = label_engagement(learners[[metric]], ranges)[f"{metric}_range"]
    words = pd.Categorical(
        [ZONE_WORDS.get(zone, NO_RANGE) for zone in zones.astype(object)],
        categories=[*ZONE_WORDS.values(), NO_RANGE],
        ordered=True,
    )
    values = learners[metric].to_numpy(dtype=np.float64, na_value=np.nan)
    known = np.isfinite(values)
    return pd.DataFrame({"value": values[known], "zone": words[known]})
