from __future__ import annotations

from datetime import date

import duckdb
import numpy as np
import pandas as pd
import pytest

from learnosity_nb import charts
from learnosity_nb.errors import ColumnError, InputError
from learnosity_nb.frames.learner_columns import METRICS
from learnosity_nb.frames.learners import label_engagement

DAILY = ["problems_attempted", "problems_completed", "videos_viewed", "discussion_contributions"]


def timeline(days: int) -> pd.DataFrame:
    index = pd.date_range("2026-01-05", periods=days, name="date", unit="us")
    draws = np.random.default_rng(5).poisson(2, (days, 4))
    return pd.DataFrame(draws, index=index, columns=DAILY).astype("Int64")


@pytest.fixture
def averages() -> pd.DataFrame:
    return pd.DataFrame({"metric": METRICS, "learners": 9, "mean": [7.0, 14.0, np.nan, 3.5, 2.0], "median": 1.0})


@pytest.fixture
def ranges() -> pd.DataFrame:
    rows = [
        ("videos_viewed", "below_average", 0.0, 1.0),
        ("videos_viewed", "average", 1.0, 4.0),
        ("videos_viewed", "above_average", 4.0, np.inf),
        ("problem_attempts_per_completed", "below_average", np.nan, np.nan),
        ("problem_attempts_per_completed", "average", 0.0, 2.25),
        ("problem_attempts_per_completed", "above_average", 2.25, np.inf),
    ]
    return pd.DataFrame(rows, columns=["metric", "range", "low", "high"])


@pytest.fixture
def learners() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "videos_viewed": pd.array([0, 0, 1, 3, 4, 4, 9, None], dtype="Int64"),
            "problem_attempts_per_completed": [1.0, 2.0, 2.3, 2.2, 77.125, 30.5, np.nan, np.nan],
        }
    )


def test_up_to_a_hundred_days_are_drawn_as_they_are() -> None:
    days = timeline(100)
    rows = charts.timeline_rows(days)
    assert len(rows) == 400
    assert rows["metric"].unique().tolist() == DAILY
    assert rows.query("metric == 'videos_viewed'")["value"].tolist() == days["videos_viewed"].tolist()
    assert (rows["end"] - rows["start"]).unique().tolist() == [pd.Timedelta(days=1)]


def test_more_days_are_weeks_that_end_with_the_last_day() -> None:
    days = timeline(199)
    rows = charts.timeline_rows(days).query("metric == 'problems_attempted'")
    assert rows["days"].tolist() == [3, *[7] * 28]
    assert rows["end"].iloc[-1] == days.index[-1] + pd.Timedelta(days=1)
    assert rows["value"].iloc[-1] == pytest.approx(days["problems_attempted"].tail(7).mean())
    assert (rows["value"] * rows["days"]).sum() == pytest.approx(days["problems_attempted"].sum())


def test_days_without_a_count_are_left_out() -> None:
    days = timeline(3)
    days.loc["2026-01-06", "videos_viewed"] = pd.NA
    rows = charts.timeline_rows(days).query("metric == 'videos_viewed'")
    assert rows["start"].dt.date.tolist() == [date(2026, 1, 5), date(2026, 1, 7)]


def test_a_timeline_has_a_panel_for_each_metric_and_the_courses_average(averages: pd.DataFrame) -> None:
    spec, datasets = charts.split_chart(charts.engagement_timeline(timeline(150), averages, title="Days"))
    assert [panel["title"]["text"] for panel in spec["vconcat"]][3] == "Discussion contributions, mean of a day"
    assert {row["metric"]: row["value"] for row in datasets["average"]} == {
        "discussion_contributions": 1.0,
        "problems_attempted": 2.0,
        "videos_viewed": 0.5,
    }
    assert spec["title"]["subtitle"] == ["Weeks, each as the mean of its days: 150 days"]


def test_a_timeline_without_days_says_so() -> None:
    spec, datasets = charts.split_chart(charts.engagement_timeline(timeline(0)))
    assert datasets["message"] == [{"text": "No active days"}]
    assert "title" not in spec


def test_what_is_no_timeline_and_what_are_no_averages_is_told(averages: pd.DataFrame) -> None:
    with pytest.raises(ColumnError, match="`videos_viewed`"):
        charts.engagement_timeline(timeline(2).drop(columns="videos_viewed"))
    with pytest.raises(ColumnError, match="`mean`"):
        charts.engagement_timeline(timeline(2), averages.drop(columns="mean"))


@pytest.mark.parametrize("metric", ["videos_viewed", "problem_attempts_per_completed"])
def test_bars_count_each_learner_in_the_zone_of_the_ranges(
    metric: str, learners: pd.DataFrame, ranges: pd.DataFrame
) -> None:
    bars = charts.engagement_rows(learners, ranges, metric)
    labelled = label_engagement(learners, ranges)[f"{metric}_range"].value_counts()
    expected = {name.replace("_", " "): count for name, count in labelled.items() if count}
    assert bars.groupby("zone")["count"].sum().to_dict() == expected
    with duckdb.connect() as database:
        database.register("bars", bars)
        gaps = database.execute(
            'select count(*) from bars a where "from" <> (select coalesce(sum(b."count"), 0) from bars b '
            'where b.start = a.start and b."to" <= a."from")'
        ).fetchone()
    assert gaps == (0,)


def test_a_zone_that_begins_within_a_bin_splits_it(learners: pd.DataFrame, ranges: pd.DataFrame) -> None:
    bars = charts.engagement_rows(learners, ranges, "problem_attempts_per_completed")
    first = bars.loc[bars["start"] == bars["start"].min()]
    assert first["zone"].tolist() == ["average", "above average"]
    zones = charts.zone_rows(learners, ranges, "problem_attempts_per_completed").set_index("zone")
    assert zones.loc["above average", "value"] == 2.25
    assert zones["label"].tolist() == ["average: 3", "above average: 3"]


def test_zones_are_named_and_bordered_not_only_coloured(learners: pd.DataFrame, ranges: pd.DataFrame) -> None:
    spec, datasets = charts.split_chart(charts.engagement_distribution(learners, ranges, "videos_viewed"))
    assert [(row["label"], row["value"], row["line"]) for row in datasets["zones"]] == [
        ("below average: 2", -0.5, 2),
        ("average: 2", 0.5, 1),
        ("above average: 3", 3.5, 0),
    ]
    assert spec["title"]["subtitle"] == ["1 learner without a value left out"]


def test_no_learners_is_said(learners: pd.DataFrame, ranges: pd.DataFrame) -> None:
    _, datasets = charts.split_chart(charts.engagement_distribution(learners.head(0), ranges, "videos_viewed"))
    assert datasets["message"] == [{"text": "No learners"}]
    assert datasets["zones"] == []


def test_a_metric_must_exist_and_be_there(learners: pd.DataFrame, ranges: pd.DataFrame) -> None:
    with pytest.raises(InputError, match="did you mean `videos_viewed`"):
        charts.engagement_distribution(learners, ranges, "video_viewed")
    with pytest.raises(ColumnError, match="`problems_attempted`"):
        charts.engagement_distribution(learners, ranges, "problems_attempted")


def test_segments_by_size_with_their_share() -> None:
    frame = pd.DataFrame({"name": ["inactive", "highly_engaged", "none"], "learners": pd.array([5, 20, None], "Int64")})
    rows = charts.segment_rows(frame, 30)
    assert rows["name"].tolist() == ["highly engaged", "inactive"]
    assert rows["label"].tolist() == ["20 (66.7 %)", "5 (16.7 %)"]
    assert charts.segment_rows(frame)["label"].tolist() == ["20", "5"]
    spec, _ = charts.split_chart(charts.segment_mix(frame, learners=30))
    assert spec["title"]["subtitle"] == ["of 30 learners"]
    assert min(spec["padding"]["left"], spec["padding"]["right"]) >= 12
    with pytest.raises(ColumnError, match="`name`"):
        charts.segment_mix(frame.drop(columns="name"))


def test_weeks_of_a_course_are_compared_by_their_means(averages: pd.DataFrame) -> None:
    after = averages.assign(mean=[14.0, 7.0, 3.0, 3.5, 0.0])
    rows = charts.week_rows(averages, after).set_index("name")
    assert rows["change"].to_dict() == {
        "Discussion contributions": 100.0,
        "Problems attempted": -50.0,
        "Videos viewed": 0.0,
        "Attempts per problem completed": -100.0,
    }
    assert rows.loc["Problems attempted", "label"] == "14 → 7"


def test_weeks_of_a_learner_are_compared_by_sums_and_active_days() -> None:
    days = timeline(14)
    days["videos_viewed"] = pd.array([0] * 7 + [1] * 7, dtype="Int64")
    rows = charts.week_rows(days[-14:-7], days[-7:]).set_index("name")
    assert rows.loc["Videos viewed", ["before", "after"]].tolist() == [0.0, 7.0]
    assert pd.isna(rows.loc["Videos viewed", "change"])
    assert rows.loc["Active days", "after"] == 7.0
    _, datasets = charts.split_chart(charts.week_over_week(days[-14:-7], days[-7:]))
    assert len(datasets["weeks"]) == 5


def test_what_is_no_week_is_told() -> None:
    with pytest.raises(ColumnError, match="course_averages"):
        charts.week_over_week(pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [1]}))
