from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from learnosity_nb.frames.course import CourseMetadata, course_frames
from learnosity_nb.frames.learners import learners_frame, timeline_frame
from learnosity_nb.frames.reasons import needs_timeline, reasons_frame

COUNTS = ("discussion_contributions", "problems_attempted", "problems_completed", "videos_viewed")


def learner(*segments: str, ratio: float | None = None, **counts: int) -> pd.DataFrame:
    rest = dict.fromkeys(("last_updated", "name", "email", "account_url", "enrollment_date", "cohort"))
    engagements = {**dict.fromkeys(COUNTS, 0), **counts, "problem_attempts_per_completed": ratio}
    document = {**rest, "username": "u", "enrollment_mode": "audit", "segments": segments, "engagements": engagements}
    return learners_frame([document])


def course(week: bool = True, **ranges: Any) -> CourseMetadata:
    days = {"start": date(2026, 2, 9), "end": date(2026, 2, 16)} if week else {"start": None, "end": None}
    document = {"cohorts": {}, "segments": {}, "enrollment_modes": {}, "engagement_ranges": {"date_range": days}}
    document["engagement_ranges"].update(
        {metric: {"average": (0, 1), "above_average": r} for metric, r in ranges.items()}
    )
    return course_frames("c", document)


def timeline(*days: date) -> pd.DataFrame:
    return timeline_frame([{"date": day, **dict.fromkeys(COUNTS, 0), "videos_viewed": 1} for day in days])


def rows(frame: pd.DataFrame) -> list[tuple[Any, ...]]:
    return list(frame[["segment", "metric", "value", "threshold"]].itertuples(index=False, name=None))


def test_nobody_is_in_no_segment_for_no_reason():
    frame = reasons_frame(learner(), course())
    assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == {
        "segment": "str",
        "metric": "str",
        "value": "float64",
        "threshold": "float64",
        "reason": "str",
    }
    assert frame.empty


def test_high_engagement_names_each_figure_at_or_above_its_threshold():
    high = learner("highly_engaged", problems_attempted=12, videos_viewed=5, problems_completed=9)
    known = course(problems_attempted=(10.5, None), videos_viewed=(5, None), problems_completed=(9.1, None))
    frame = reasons_frame(high, known)
    assert rows(frame) == [
        ("highly_engaged", "problems_attempted", 12.0, 10.5),
        ("highly_engaged", "videos_viewed", 5.0, 5.0),
    ]
    assert frame["reason"][0] == "problems attempted: 12; above average begins at 10.5"


@pytest.mark.parametrize(
    ("ratio", "attempted", "low", "value"), [(8.5, 9, 8.2, 8.5), (None, 3, 8.2, np.inf), (None, 3, None, np.inf)]
)
def test_struggling_has_the_attempts_per_problem_completed(ratio, attempted, low, value):
    known = course(problem_attempts_per_completed=(low, None))
    frame = reasons_frame(learner("struggling", ratio=ratio, problems_attempted=attempted), known)
    threshold = np.inf if low is None else low
    assert rows(frame) == [("struggling", "problem_attempts_per_completed", value, threshold)]
    assert ("no problem completed" in frame["reason"][0]) == (ratio is None)


def test_disengaging_counts_the_active_days_of_both_weeks():
    days = timeline(date(2026, 1, 30), date(2026, 2, 2), date(2026, 2, 8))
    frame = reasons_frame(learner("disengaging"), course(), days)
    assert rows(frame) == [("disengaging", "active_days", 0.0, 1.0), ("disengaging", "active_days_before", 2.0, 1.0)]
    assert frame["reason"].tolist() == [
        "no active days from 2026-02-09 to 2026-02-15",
        "2 active days from 2026-02-02 to 2026-02-08",
    ]


@pytest.mark.parametrize("days", [None, timeline(date(2026, 2, 1), date(2026, 2, 16))])
def test_inactive_has_no_active_day_in_either_week(days):
    frame = reasons_frame(learner("inactive"), course(), days)
    assert rows(frame) == [("inactive", "active_days", 0.0, 1.0), ("inactive", "active_days_before", 0.0, 1.0)]


def test_without_data_nobody_was_active():
    frame = reasons_frame(learner("inactive"), course(week=False))
    assert frame["reason"].tolist() == ["nobody in the course was ever active"]


@pytest.mark.parametrize(("week", "said"), [(True, "not enrolled at the end of 2026-02-15"), (False, "not enrolled")])
def test_unenrolled_has_no_figure(week, said):
    frame = reasons_frame(learner("unenrolled"), course(week=week))
    assert frame["reason"].tolist() == [said]
    assert frame[["metric", "value", "threshold"]].isna().all(axis=None)


@pytest.mark.parametrize("segment", ["has_potential", "highly_engaged", "struggling"])
def test_a_segment_that_the_figures_do_not_explain_says_so(segment):
    frame = reasons_frame(learner(segment), course(videos_viewed=None))
    assert frame["reason"].tolist() == ["the service's figures do not show why"]


def test_days_are_needed_for_the_segments_of_quiet_learners_only():
    assert needs_timeline(("unenrolled", "inactive"))
    assert needs_timeline(("disengaging",))
    assert not needs_timeline(("unenrolled", "struggling", "highly_engaged"))
    assert not needs_timeline(())
