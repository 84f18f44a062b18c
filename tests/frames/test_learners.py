"""Learners and their days as frames, and their labels, checked against rules written out anew."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import learnosity_nb as lnb
from learnosity_nb.frames.course import course_frames
from learnosity_nb.frames.learner_columns import RANGES
from learnosity_nb.frames.learners import averages_frame, label_engagement, learners_frame, timeline_frame

COLUMNS = {
    "username": "str",
    "name": "str",
    "email": "str",
    "account_url": "str",
    "enrollment_mode": "str",
    "enrollment_date": "datetime64[us, UTC]",
    "cohort": "str",
    "segments": "object",
    "discussion_contributions": "Int64",
    "problems_attempted": "Int64",
    "problems_completed": "Int64",
    "videos_viewed": "Int64",
    "problem_attempts_per_completed": "float64",
    "date_range_start": "datetime64[us]",
    "date_range_end": "datetime64[us]",
    "last_updated": "datetime64[us]",
    "in_highly_engaged": "bool",
    "in_disengaging": "bool",
    "in_struggling": "bool",
    "in_inactive": "bool",
    "in_unenrolled": "bool",
}


def learner(username: str = "dan-friedman", **changes: Any) -> dict[str, Any]:
    week = {
        "date_range": {"start": date(2015, 10, 19), "end": date(2015, 10, 26)},
        "discussion_contributions": 24,
        "problems_attempted": 138,
        "problems_completed": 76,
        "videos_viewed": 26,
        "problem_attempts_per_completed": 4.5,
    }
    engagements = {**week, **changes.pop("engagements", {})}
    return {
        "last_updated": date(2015, 11, 9),
        "username": username,
        "name": "Daniel Friedman",
        "email": "dfriedman@edx.org",
        "account_url": "https://x.test/dan",
        "enrollment_mode": "honor",
        "enrollment_date": "2015-10-26 18:13:32.656640",
        "cohort": None,
        "segments": ["struggling", "has_potential"],
        "engagements": engagements,
        **changes,
    }


def day(number: int, **changes: Any) -> dict[str, Any]:
    counts = {"discussion_contributions": 1, "problems_attempted": 5, "problems_completed": 2, "videos_viewed": 7}
    return {"date": date(2015, 10, number), **counts, **changes}


@pytest.mark.parametrize("learners", [[], [learner()], [learner("a"), learner("b", name=None, email=None)]])
def test_e56_learners_have_the_same_columns_whatever_the_rows(learners):
    frame = learners_frame(learners)
    assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == COLUMNS
    assert frame["username"].tolist() == [one["username"] for one in learners]


def test_e56_a_learner_keeps_every_value():
    row = learners_frame([learner()]).iloc[0]
    assert row["enrollment_date"] == pd.Timestamp("2015-10-26 18:13:32.656640", tz="UTC")
    assert row["segments"] == ("struggling", "has_potential")
    assert (row["in_struggling"], row["in_inactive"]) == (True, False)
    assert row[["discussion_contributions", "problems_attempted", "problems_completed", "videos_viewed"]].tolist() == [
        24,
        138,
        76,
        26,
    ]
    assert (row["date_range_start"], row["date_range_end"]) == (pd.Timestamp("2015-10-19"), pd.Timestamp("2015-10-26"))
    assert row["last_updated"] == pd.Timestamp("2015-11-09")
    assert pd.isna(row["cohort"])


def test_e56_what_is_not_known_is_null():
    gone = learner(
        name=None,
        email=None,
        account_url=None,
        enrollment_date=None,
        last_updated=None,
        segments=[""],
        engagements={"date_range": {"start": None, "end": None}, "problem_attempts_per_completed": None},
    )
    row = learners_frame([gone]).iloc[0]
    absent = ["name", "email", "account_url", "enrollment_date", "last_updated", "date_range_start", "date_range_end"]
    assert row[[*absent, "problem_attempts_per_completed"]].isna().all()
    assert row["segments"] == ()


def test_a_day_and_a_moment_of_enrolment_stand_in_one_column():
    frame = learners_frame(
        [learner(enrollment_date=text) for text in ("2015-10-26", "2015-10-26T01:00:00+02:00", None)]
    )
    assert frame["enrollment_date"].tolist()[:2] == [
        pd.Timestamp("2015-10-26", tz="UTC"),
        pd.Timestamp("2015-10-25 23:00", tz="UTC"),
    ]
    assert frame["enrollment_date"].isna().tolist() == [False, False, True]


def test_a_timeline_has_every_day_between_the_first_and_the_last():
    frame = timeline_frame([day(23), day(19), day(20, videos_viewed=0)])
    assert frame.index.equals(pd.date_range("2015-10-19", "2015-10-23", name="date", unit="us"))
    assert frame["videos_viewed"].tolist() == [7, 0, 0, 0, 7]
    assert set(map(str, frame.dtypes)) == {"Int64"}
    assert list(frame) == ["discussion_contributions", "problems_attempted", "problems_completed", "videos_viewed"]


def test_a_timeline_without_days_is_typed():
    frame = timeline_frame([], problem_attempts=True)
    assert isinstance(frame.index, pd.DatetimeIndex)
    assert (frame.index.name, frame.index.tz, len(frame)) == ("date", None, 0)
    assert set(map(str, frame.dtypes)) == {"Int64"}


def test_attempts_are_null_where_the_service_does_not_count_them():
    assert timeline_frame([day(19)], problem_attempts=True)["problem_attempts"].isna().all()
    assert timeline_frame([day(19, problem_attempts=9)], problem_attempts=True)["problem_attempts"].tolist() == [9]


def test_averages_skip_learners_without_a_value():
    ratios = [None, 2.0, 3.0, 7.0]
    frame = averages_frame(
        learners_frame([learner(engagements={"problem_attempts_per_completed": one}) for one in ratios])
    )
    by_metric = frame.set_index("metric").loc["problem_attempts_per_completed"]
    assert (by_metric["learners"], by_metric["mean"], by_metric["median"]) == (3, 4.0, 3.0)
    assert frame["learners"].tolist() == [4, 4, 4, 4, 3]


def ranges_of(bounds: dict[str, Any], metric: str = "videos_viewed") -> pd.DataFrame:
    document = {"cohorts": {}, "segments": {}, "enrollment_modes": {}, "engagement_ranges": {metric: bounds}}
    return course_frames("course", document).engagement_ranges


INF = math.inf
CASES = [
    ((5, [0, 5], [5, 15.2], [15.2, None]), "average"),
    ((4.99, [0, 5], [5, 15.2], [15.2, None]), "below_average"),
    ((15.2, [0, 5], [5, 15.2], [15.2, None]), "above_average"),
    ((15.19, [0, 5], [5, 15.2], [15.2, None]), "average"),
    ((INF, [0, 5], [5, 15.2], [15.2, None]), "above_average"),
    ((0, None, [0, None], None), "average"),
    ((1e9, None, [0, None], None), "average"),
    ((INF, None, [0, None], None), "average"),
    ((7, [0, 7], [7, None], None), "average"),
    ((INF, [0, None], [None, None], None), "average"),
    ((3, [0, None], [None, None], None), "below_average"),
    ((INF, [0, 2], [2, None], [None, None]), "above_average"),
    ((9, [0, 2], [2, None], [None, None]), "average"),
    ((4, None, [4, 4], None), "average"),
    ((1, None, [2, 3], [3, None]), None),
    ((math.nan, [0, 5], [5, None], None), None),
]


@pytest.mark.parametrize(("case", "label"), CASES)
def test_e57_a_value_belongs_to_its_half_open_range_and_infinity_to_the_end(case, label):
    value, below, average, above = case
    ranges = ranges_of({"below_average": below, "average": average, "above_average": above})
    found = label_engagement(pd.DataFrame({"videos_viewed": [value]}), ranges)["videos_viewed_range"].iloc[0]
    assert (None if pd.isna(found) else found) == label


def plain_label(value: float, ranges: dict[str, tuple[float, float] | None]) -> str | None:
    found = None
    for name, bounds in ranges.items():
        if bounds is not None and (
            bounds[0] <= value < bounds[1] or value == bounds[1] == INF or value == bounds[0] == bounds[1]
        ):
            found = name
    return found


@settings(deadline=None)
@given(
    values=st.lists(st.one_of(st.integers(0, 9).map(float), st.just(INF)), min_size=1, max_size=40),
    asked=st.lists(st.one_of(st.integers(0, 9).map(float), st.just(INF), st.just(math.nan)), max_size=12),
)
def test_e57_labels_equal_the_rules_for_ranges_of_any_course(values, asked):
    with np.errstate(invalid="ignore"):
        low, high = (INF if math.isnan(one) else float(one) for one in np.percentile(values, [15, 85]))
    bounds = {
        "below_average": (0.0, low) if low > 0 else None,
        "average": (low, INF) if low == high else (low, high),
        "above_average": None if low == high else (high, INF),
    }
    sent = {
        name: None if pair is None else [None if end == INF else end for end in pair] for name, pair in bounds.items()
    }
    frame = pd.DataFrame({"problem_attempts_per_completed": np.array([*values, *asked])})
    labelled = label_engagement(frame, ranges_of(sent, "problem_attempts_per_completed"))
    found = labelled["problem_attempts_per_completed_range"].astype(object).where(lambda one: one.notna(), None)
    assert found.tolist() == [plain_label(value, bounds) for value in [*values, *asked]]


def test_e57_labels_are_ordered_and_the_frame_keeps_what_it_had():
    frame = learners_frame([learner("a", engagements={"videos_viewed": n}) for n in (9, 0, 3)]).set_index("username")
    ranges = ranges_of({"below_average": [0, 1], "average": [1, 5], "above_average": [5, None]})
    labelled = lnb.label_engagement(frame, ranges.sample(frac=1, random_state=1))
    assert labelled.columns.tolist() == [*frame.columns, "videos_viewed_range"]
    assert labelled.index.equals(frame.index)
    assert labelled["videos_viewed_range"].sort_values().tolist() == ["below_average", "average", "above_average"]
    assert "videos_viewed_range" not in frame


def test_e57_an_empty_frame_is_labelled_too():
    ranges = ranges_of({"average": [0, None]})
    assert label_engagement(learners_frame([]), ranges)["videos_viewed_range"].cat.categories.tolist() == [
        "below_average",
        "average",
        "above_average",
    ]


@pytest.mark.parametrize("ranges", [pd.DataFrame({"metric": []}), None, {"average": [0, 1]}])
def test_ranges_that_are_no_such_frame_are_refused(ranges):
    with pytest.raises(lnb.InputError, match="engagement_ranges"):
        label_engagement(learners_frame([learner()]), ranges)


def table_of(low: list[Any], high: list[Any], names: Sequence[Any] = RANGES) -> pd.DataFrame:
    return pd.DataFrame({"metric": "videos_viewed", "range": names, "low": low, "high": high})


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        ([0, 1, 3], [1, 3, None], [None, "average", "above_average", "above_average"]),
        ([None, 1, 3], [1, 3, 4], ["below_average", "average", None, None]),
        ([None, 1, None], [None, 3, None], [None, "average", None, None]),
        ([None, 1, 3], [1, Decimal(3), pd.NA], ["below_average", "average", "above_average", "above_average"]),
    ],
)
def test_a_range_with_one_end_that_is_null_is_open_there(low, high, labels):
    frame = pd.DataFrame({"videos_viewed": [-1, 2, 9, INF]})
    found = label_engagement(frame, table_of(low, high))["videos_viewed_range"]
    assert [None if pd.isna(label) else label for label in found] == labels


@pytest.mark.parametrize(
    ("low", "high", "names", "said"),
    [
        ([0, 1, 3], [1, 3, 4], ("below", *RANGES[1:]), "'below'; expected below_average, average or above_average"),
        ([0, 1, 3], [1, 3, 4], (None, *RANGES[1:]), "expected below_average, average or above_average"),
        ([0, "1", 3], [1, 3, 4], RANGES, "'1' for a bound of average; expected a number or null"),
        ([0, 1, 3], [1, 3, [4]], RANGES, r"\[4\] for a bound of above_average; expected a number or null"),
        ([False, 1, 3], [1, 3, 4], RANGES, "False for a bound of below_average"),
    ],
)
def test_a_range_of_another_name_or_without_numbers_is_refused(low, high, names, said):
    with pytest.raises(lnb.InputError, match=said):
        label_engagement(pd.DataFrame({"videos_viewed": [1]}), table_of(low, high, names))


@pytest.mark.parametrize("figures", [[1, "many"], ["many", None], pd.array([None, "many"], "str")])
def test_figures_that_are_no_numbers_are_refused(figures):
    frame = pd.DataFrame({"videos_viewed": figures})
    with pytest.raises(lnb.InputError, match="'many' in videos_viewed; expected a number or null"):
        label_engagement(frame, table_of([0, 1, 3], [1, 3, 4]))


@pytest.mark.parametrize("kind", ["object", "Int64", "float32", "double[pyarrow]"])
def test_figures_of_every_numeric_type_are_labelled(kind):
    frame = pd.DataFrame({"videos_viewed": pd.Series([2, None], dtype=kind)})
    found = label_engagement(frame, table_of([0, 1, 3], [1, 3, 4]))["videos_viewed_range"]
    assert found.isna().tolist() == [False, True]


def test_what_is_no_frame_of_learners_is_refused():
    with pytest.raises(lnb.InputError, match=r"frame must be the frame learners\(course_id\), not dict"):
        label_engagement({"videos_viewed": [1]}, ranges_of({"average": [0, None]}))


def test_a_frame_without_a_metric_of_the_ranges_is_refused():
    with pytest.raises(lnb.InputError, match="none of the metrics"):
        label_engagement(pd.DataFrame({"score": [1]}), ranges_of({"average": [0, None]}))
