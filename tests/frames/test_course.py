from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from learnosity_nb.frames.course import course_frames

EXAMPLE = {
    "cohorts": {"Cohort B": 900, "Cohort A": 1000},
    "segments": {"low_grades": 4, "struggling": 12, "disengaging": 12, "inactive": 9},
    "enrollment_modes": {"honor": 2000, "verified": 100},
    "engagement_ranges": {
        "date_range": {"start": date(2015, 10, 19), "end": date(2015, 10, 26)},
        "problems_attempted": {"below_average": (0, 5), "average": (5, 15.2), "above_average": (15.2, None)},
        "problems_completed": {"below_average": (0, 5), "average": (5, 15.2), "above_average": None},
        "problem_attempts_per_completed": {"below_average": None, "average": (0, None), "above_average": None},
    },
}
NOTHING = {"cohorts": {}, "segments": {}, "enrollment_modes": {}, "engagement_ranges": {}}


def test_the_specifications_example_becomes_four_frames():
    course = course_frames("a/b/c", EXAMPLE)
    assert course.cohorts.to_dict("list") == {"name": ["Cohort A", "Cohort B"], "learners": [1000, 900]}
    assert course.segments.set_index("name")["learners"].to_dict() == EXAMPLE["segments"]
    assert course.enrollment_modes["name"].tolist() == ["honor", "verified"]
    ranges = course.engagement_ranges
    metrics = ["problems_attempted", "problems_completed", "problem_attempts_per_completed"]
    assert ranges["metric"].tolist() == [metric for metric in metrics for _ in range(3)]
    assert ranges["range"].tolist() == ["below_average", "average", "above_average"] * 3
    np.testing.assert_array_equal(ranges["low"], [0, 5, 15.2, 0, 5, np.nan, np.nan, 0, np.nan])
    np.testing.assert_array_equal(ranges["high"], [5, 15.2, np.inf, 5, 15.2, np.nan, np.nan, np.inf, np.nan])
    assert (course.start, course.end) == (pd.Timestamp("2015-10-19"), pd.Timestamp("2015-10-26"))
    assert repr(course) == (
        "CourseMetadata('a/b/c', 2015-10-19 to 2015-10-26, cohorts: 2, segments: 4, enrollment_modes: 2)"
    )


def test_a_range_from_infinity_to_infinity_is_not_a_missing_one():
    ranges = {"videos_viewed": {"below_average": (0, None), "average": (None, None)}}
    frame = course_frames("c", {**NOTHING, "engagement_ranges": ranges}).engagement_ranges
    np.testing.assert_array_equal(frame[["low", "high"]], [[0, np.inf], [np.inf, np.inf], [np.nan, np.nan]])


@pytest.mark.parametrize("ranges", [{}, {"date_range": {"start": None, "end": None}}])
def test_a_course_without_data_has_typed_frames_and_no_week(ranges):
    course = course_frames("c", {**NOTHING, "engagement_ranges": ranges})
    for frame in (course.cohorts, course.segments, course.enrollment_modes):
        assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == {"name": "str", "learners": "Int64"}
    assert list(map(str, course.engagement_ranges.dtypes)) == ["str", "str", "float64", "float64"]
    assert (course.start, course.end) == (None, None)
    assert "no data" in repr(course)


def test_metadata_cannot_be_changed():
    with pytest.raises(AttributeError):
        course_frames("c", NOTHING).cohorts = pd.DataFrame()
