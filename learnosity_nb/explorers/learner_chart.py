"""From a learner explorer's state to its chart."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Final

import altair as alt
import pandas as pd

from .. import charts
from ..charts.drawing import fitted
from ..charts.metrics import metric_title
from ..charts.words import counted
from ..errors import InputError, LearnosityError
from ..frames.learner_columns import SEGMENTS
from .learner_columns import DAILY, METRIC_ORDER
from .learner_source import LearnerSource
from .learner_state import LearnerState
from .learner_view import page_in_view

__all__ = [
    "CHARTS",
    "MOST_COMPARED",
    "chart_picture",
    "chart_view",
    "kind_in_view",
    "learners_compared",
    "loading_chart",
]

OF_ROSTER: Final = (
    *({"key": name, "label": metric_title(name)} for name in METRIC_ORDER),
    {"key": "segments", "label": "Segments"},
    {"key": "weeks", "label": "Week over week"},
)
OF_LEARNER: Final = ({"key": "timeline", "label": "Days"}, {"key": "weeks", "label": "Week over week"})
CHARTS: Final = tuple(dict.fromkeys(kind["key"] for kind in (*OF_ROSTER, *OF_LEARNER)))

MOST_COMPARED: Final = 50
WEEK: Final = pd.Timedelta(days=7)
DAY: Final = pd.Timedelta(days=1)
NO_WEEK: Final = "This course has no data yet: there are no weeks to compare."


def kind_in_view(state: LearnerState) -> str:
    """Return the kind of chart that is drawn: the one asked for, else the first that the rows in view have."""
    kinds = [kind["key"] for kind in _kinds(state)]
    return state.chart if state.chart in kinds else kinds[0]


def learners_compared(state: LearnerState, source: LearnerSource, page_size: int) -> list[str]:
    """Return the learners whose days the chart draws: of a page at most 50; none where it draws none."""
    if kind_in_view(state) != "weeks" or state.learner is not None:
        return []
    return [str(name) for name in page_in_view(state, source, page_size)["username"][:MOST_COMPARED]]


def chart_view(state: LearnerState, source: LearnerSource, page_size: int) -> dict[str, Any]:
    """Return what the chart's face shows, as JSON's own values."""
    return source.charts.get(_key(state, source, page_size), lambda: _chart_view(state, source, page_size))


def loading_chart() -> dict[str, Any]:
    """Return what the chart's face shows until the roster is there."""
    return _empty("", ()) | {"message": "The chart waits for the learners."}


def chart_picture(state: LearnerState, source: LearnerSource, page_size: int) -> str | None:
    """Return the chart as SVG; None where it cannot be drawn."""
    try:
        return charts.to_svg(_drawn(state, source, page_size)[0])
    except LearnosityError:
        return None


def _kinds(state: LearnerState) -> tuple[dict[str, str], ...]:
    return OF_ROSTER if state.learner is None else OF_LEARNER


def _key(state: LearnerState, source: LearnerSource, page_size: int) -> Hashable:
    kind = kind_in_view(state)
    if state.learner is not None:
        return kind, state.learner
    if kind == "weeks":
        return kind, tuple(learners_compared(state, source, page_size))
    return kind, state.search, state.segments, state.cohort, state.enrollment_mode, state.hide_inactive


def _chart_view(state: LearnerState, source: LearnerSource, page_size: int) -> dict[str, Any]:
    kind = kind_in_view(state)
    label = next(one["label"] for one in _kinds(state) if one["key"] == kind)
    shown = _empty(kind, _kinds(state)) | {"title": f"{label}: {_about(state, source, page_size)}"}
    try:
        chart, summary = _drawn(state, source, page_size)
    except InputError as reason:
        return shown | {"message": str(reason)}
    spec, datasets = charts.split_chart(fitted(chart))
    return shown | {"spec": spec, "datasets": datasets, "summary": summary}


def _empty(kind: str, kinds: tuple[dict[str, str], ...]) -> dict[str, Any]:
    texts = {"kind": kind, "title": "", "summary": "", "message": None}
    return {"kinds": list(kinds), "spec": {}, "datasets": {}, **texts}


def _about(state: LearnerState, source: LearnerSource, page_size: int) -> str:
    if state.learner is not None:
        return state.learner
    compared = learners_compared(state, source, page_size)
    if compared:
        return f"{counted(len(compared), 'learner')} of this page"
    return counted(len(source.selection(state).frame), "learner")


def _drawn(state: LearnerState, source: LearnerSource, page_size: int) -> tuple[alt.TopLevelMixin, str]:
    kind = kind_in_view(state)
    if kind == "timeline":
        return _timeline(str(state.learner), source)
    if kind == "weeks":
        return _weeks([state.learner] if state.learner else learners_compared(state, source, page_size), source)
    learners = source.selection(state).frame
    if kind == "segments":
        return _segments(learners)
    ranges = source.course.engagement_ranges
    zones = charts.zone_rows(learners, ranges, kind)
    said = f"{metric_title(kind)} in the week, learners: {'; '.join(zones['label']) or 'none'}."
    return charts.engagement_distribution(learners, ranges, kind), said


def _segments(learners: pd.DataFrame) -> tuple[alt.TopLevelMixin, str]:
    sizes = [int(learners[f"in_{name}"].sum()) for name in SEGMENTS]
    segments = pd.DataFrame({"name": SEGMENTS, "learners": sizes})
    rows = charts.segment_rows(segments, len(learners))
    told = ", ".join(f"{row.name} {row.label}" for row in rows.itertuples(index=False))
    said = f"Of {counted(len(learners), 'learner')}: {told}."
    return charts.segment_mix(segments, learners=len(learners)), said


def _timeline(learner: str, source: LearnerSource) -> tuple[alt.TopLevelMixin, str]:
    days = source.days(learner)
    sums = "; ".join(f"{metric_title(name).lower()} {int(days[name].sum()):,}" for name in DAILY)
    said = f"{len(days):,} days, sums of days: {sums}. The line is the course's average." if len(days) else "No days."
    return charts.engagement_timeline(days, source.averages()), said


def _weeks(learners: list[str], source: LearnerSource) -> tuple[alt.TopLevelMixin, str]:
    start, end = source.course.start, source.course.end
    if start is None or end is None:
        raise InputError(NO_WEEK)
    days = [source.days(learner) for learner in learners]
    before, after = _means(days, start - WEEK, start), _means(days, start, end)
    rows = charts.week_rows(before, after)
    said = "; ".join(f"{row.name} {row.label}" for row in rows.itertuples(index=False))
    return charts.week_over_week(before, after), f"Sums of days for each learner, the week before and the week: {said}."


def _means(timelines: list[pd.DataFrame], start: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame:
    """Return, per learner, the mean sum of each metric's days in a week, and of active days."""
    weeks = [days[(days.index >= start) & (days.index < end)][list(DAILY)] for days in timelines]
    sums = pd.DataFrame([week.sum() for week in weeks], columns=list(DAILY), dtype="float64")
    active = pd.Series([float((week > 0).any(axis=1).sum()) for week in weeks], dtype="float64")
    means = sums.assign(active_days=active).mean()
    return pd.DataFrame({"metric": means.index, "mean": means.to_numpy()})
