"""A learner's days: a panel for each metric, with the course's average."""

from __future__ import annotations

from typing import Final

import altair as alt
import numpy as np
import pandas as pd

from ..frames.columns import Column, typed_frame
from .drawing import WIDTH, heading, layer, message_rows, tip
from .metrics import metric_title, wanted_columns
from .records import records
from .theme import palette_config
from .typed_rows import no_rows, typed_rows
from .words import NUMBER, number_text

__all__ = ["average_rows", "engagement_timeline", "timeline_rows"]

DAYS_DRAWN: Final = 100
DAYS_A_WEEK: Final = 7
PANEL: Final = 62
NO_DAYS: Final = "No active days"

DAILY: Final = ("problems_attempted", "problems_completed", "videos_viewed", "discussion_contributions")

TIMELINE_ROW_COLUMNS: Final = (
    Column("metric", "str", "what is counted"),
    Column("start", "datetime64[us]", "the day, or the first day of the week"),
    Column("end", "datetime64[us]", "the day after"),
    Column("days", "int64", "1, or the days of the week that the timeline has"),
    Column("value", "float64", "the count; the mean of the days of a week"),
)
AVERAGE_ROW_COLUMNS: Final = (
    Column("metric", "str", "what is counted"),
    Column("value", "float64", "the mean of the course's learners for a day"),
    Column("label", "str", "the same in words"),
)


def engagement_timeline(
    timeline: pd.DataFrame,
    course_average: pd.DataFrame | None = None,
    *,
    title: str | None = None,
    dark: bool | None = None,
) -> alt.VConcatChart:
    """Draw what a learner did on each day, with a panel for each of the four metrics.

    Parameters
    ----------
    timeline
        As ``lrn.engagement_timeline(course_id, username)`` gives it. More than 100 days are drawn as weeks: each as
        the mean of its days, so that the unit stays the same.
    course_average
        As ``lrn.course_averages(course_id)`` gives it: the week's mean of each metric, a seventh of which is drawn
        as a line. A week counts a problem or a video once that was worked on for several days: the line is a little
        low.
    title
        Over the chart.
    dark
        Whether the background is dark; None for colours that read on both.

    Raises
    ------
    ColumnError
        If `timeline` is no timeline, or `course_average` no averages.
    """
    rows = timeline_rows(timeline)
    averages = average_rows(course_average)
    weekly = bool((rows["days"] > 1).any())
    panels = [
        _panel(metric, last=metric == DAILY[-1], weekly=weekly, reference=course_average is not None)
        for metric in DAILY
    ]
    named = {"days": rows, "average": averages, "message": message_rows(rows, text=NO_DAYS)}
    notes = [f"Weeks, each as the mean of its days: {len(timeline):,} days"] if weekly else []
    chart = alt.VConcatChart(vconcat=panels, spacing=14)
    chart = chart.properties(
        datasets={name: records(frame) for name, frame in named.items()},
        config=palette_config(dark),
        resolve=alt.Resolve(scale={"x": "shared", "y": "independent"}),
    )
    return chart.properties(title=heading(title, notes)) if title or notes else chart


def timeline_rows(timeline: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each metric and day, or week where there are more than 100 days.

    Returns
    -------
    DataFrame
        ``metric``, ``start``, ``end``, ``days``, ``value``. Weeks end with the last day; the first may be shorter.
    """
    wanted_columns(timeline, DAILY, "a learner's days, as lrn.engagement_timeline(course_id, username) gives them")
    count = len(timeline)
    length = 1 if count <= DAYS_DRAWN else DAYS_A_WEEK
    # Counted from the end, so that the last week is whole.
    block = (count - 1 - np.arange(count)) // length
    starts = pd.Series(timeline.index, dtype="datetime64[us]").groupby(-block).min().to_numpy()
    days = pd.Series(block).groupby(-block).size().to_numpy()
    parts = []
    for metric in DAILY:
        values = pd.Series(timeline[metric].to_numpy(dtype=np.float64, na_value=np.nan)).groupby(-block).mean()
        ends = starts + days * np.timedelta64(1, "D")
        parts.append(
            pd.DataFrame({"metric": metric, "start": starts, "end": ends, "days": days, "value": values.to_numpy()})
        )
    rows = pd.concat(parts, ignore_index=True).dropna(subset="value", ignore_index=True)
    return typed_rows(TIMELINE_ROW_COLUMNS, rows)


def average_rows(course_average: pd.DataFrame | None) -> pd.DataFrame:
    """Return a seventh of each metric's mean of a week: ``metric``, ``value``, ``label``."""
    if course_average is None:
        return no_rows(AVERAGE_ROW_COLUMNS)
    wanted_columns(course_average, ["metric", "mean"], "averages, as lrn.course_averages(course_id) gives them")
    known = course_average.loc[course_average["metric"].isin(DAILY) & course_average["mean"].notna()]
    values = known["mean"].to_numpy(dtype=np.float64) / DAYS_A_WEEK
    labels = [f"course {number_text(value)} a day" for value in values]
    return typed_frame(AVERAGE_ROW_COLUMNS, {"metric": known["metric"].to_numpy(), "value": values, "label": labels})


def _panel(metric: str, *, last: bool, weekly: bool, reference: bool) -> alt.LayerChart:
    of_metric = alt.FieldEqualPredicate(field="metric", equal=metric)
    axis = alt.Axis(title=None, grid=False, labels=last, format="%e %b %Y", labelOverlap=True, tickCount=6)
    x = alt.X(field="start", type="temporal", axis=axis)
    y = alt.Y(field="value", type="quantitative", title=None)
    shown = "datum.label" if weekly else "datum.value === floor(datum.value) ? datum.label : ''"
    y = y.axis(domain=False, tickCount=2, format=NUMBER, labelExpr=shown).scale(domainMin=0, nice=True)
    told = [
        alt.Tooltip(field="start", type="temporal", title="Week from" if weekly else "Day", format="%a %e %b %Y"),
        tip("value", metric_title(metric) + (" a day" if weekly else ""), NUMBER),
    ]
    bars = layer("days").transform_filter(of_metric).mark_bar(style="figure", orient="vertical")
    parts = [bars.encode(x=x, x2="end", y=y, tooltip=told)]
    if reference:
        average = layer("average").transform_filter(of_metric)
        parts.append(average.mark_rule(style="reference").encode(y=y))
        words = average.mark_text(
            style="reference-label", align="left", baseline="middle", x=alt.ExprRef("width"), dx=6
        )
        parts.append(words.encode(y=y, text=alt.Text(field="label", type="nominal")))
    if last:
        said = layer("message").mark_text(style="message", x=WIDTH / 2, y=PANEL / 2)
        parts.append(said.encode(text=alt.Text(field="text", type="nominal")))
    name = alt.TitleParams(text=metric_title(metric) + (", mean of a day" if weekly else ""), fontSize=12, offset=4)
    return alt.LayerChart(layer=parts).properties(width=WIDTH, height=PANEL, title=name)
