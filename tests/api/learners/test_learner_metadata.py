"""Course metadata, segments and weekly metrics. The numbers are those of the rules in the reference."""

from __future__ import annotations

import math
from collections import Counter

import pytest

DEMO = "course-v1:edX+DemoX+Demo_2014"
MANY = "course-v1:edX+Many+2015"
RATIOS = "course-v1:edX+Ratios+1"
SEGMENTS = ["unenrolled", "inactive", "disengaging", "highly_engaged", "struggling"]
COUNTS = ["discussion_contributions", "problems_attempted", "problems_completed", "videos_viewed"]
RATIO = "problem_attempts_per_completed"
METRICS = ["problems_attempted", "problems_completed", RATIO, "discussion_contributions", "videos_viewed"]
NOTHING = {"below_average": None, "average": [0, None], "above_average": None}


@pytest.fixture
def rows(learners, all_pages):
    return [row for page in all_pages(learners, MANY, page_size=100) for row in page["results"]]


def plain(bounds: tuple[float, float]) -> list[float | None]:
    return [None if math.isinf(bound) else bound for bound in bounds]


def test_e38_cohorts_segments_and_modes_count_every_learner(learners, rows) -> None:
    found = learners.metadata(MANY)
    assert list(found) == ["cohorts", "segments", "enrollment_modes", "engagement_ranges"]
    assert found["cohorts"] == Counter(row["cohort"] for row in rows if row["cohort"])
    assert found["enrollment_modes"] == Counter(row["enrollment_mode"] for row in rows)
    segments = Counter(name for row in rows for name in row["segments"])
    assert found["segments"] == {name: segments[name] for name in SEGMENTS}
    assert all(segments[name] for name in SEGMENTS)


def test_e38_segments_without_a_learner_are_there_and_cohorts_without_one_are_not(learners) -> None:
    found = learners.metadata("Algebra%201")
    assert found == {**found, "cohorts": {}, "segments": dict.fromkeys(SEGMENTS, 0), "enrollment_modes": {}}
    assert list(learners.metadata()["cohorts"]) == ["Cohort A", "Cohort B", "Größe 1"]


def test_e39_ranges_are_named_by_number_for_every_metric(learners) -> None:
    for metric in METRICS:
        found = learners.metadata(MANY)["engagement_ranges"][metric]
        assert list(found) == ["below_average", "average", "above_average"]
        bounds = [bound for one in found.values() if one for bound in one if bound is not None]
        assert bounds == sorted(bounds)


def test_e40_there_are_five_metrics(learners) -> None:
    assert list(learners.metadata(MANY)["engagement_ranges"]) == ["date_range", *METRICS]


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("course", [MANY, DEMO, RATIOS, "my/cool/course"])
def test_e41_ranges_lie_at_the_15th_and_85th_percentiles(learners, world, course, metric) -> None:
    found = learners.metadata(course)["engagement_ranges"][metric]
    low, high = world.bounds(course, metric) if world.week(course) else (0.0, 0.0)
    assert found["below_average"] == (plain((0, low)) if low > 0 else None)
    assert found["average"] == plain((low, math.inf if low == high else high))
    assert found["above_average"] == (None if low == high else plain((high, math.inf)))


def test_e42_the_population_is_active_in_the_week_and_has_tried_for_the_ratio(learners, world) -> None:
    """Zeros of active learners count, quiet learners do not, and 0/0 is no ratio."""
    week = world.week(RATIOS)
    assert [name for name, one in week.items() if not one["active"]] == ["nobody"]
    assert [name for name, one in week.items() if one["active"] and not one["attempts"]] == ["watcher"]
    found = learners.metadata(RATIOS)["engagement_ranges"]
    assert found["problems_attempted"]["below_average"] == [0, pytest.approx(0.75)]  # 0, 1, 1, 1, 1, 1
    assert found[RATIO] == {"below_average": [0, 2], "average": [2, None], "above_average": [None, None]}


def test_e43_infinity_is_null_and_average_is_always_there(learners) -> None:
    ranges = learners.metadata("edX/Quiet/2015")["engagement_ranges"]
    assert {metric: ranges[metric] for metric in METRICS} == dict.fromkeys(METRICS, NOTHING)
    narrow = learners.metadata("Algebra%201")["engagement_ranges"]
    assert narrow["videos_viewed"] == {"below_average": [0, 1], "average": [1, None], "above_average": None}
    assert narrow[RATIO] == NOTHING


def test_e44_the_week_ends_before_the_day_after_the_last_data(learners) -> None:
    expected = {"start": "2015-10-19", "end": "2015-10-26"}
    for course in (DEMO, MANY, RATIOS, "my/cool/course"):
        assert learners.metadata(course)["engagement_ranges"]["date_range"] == expected
        for row in learners.list(course)["results"]:
            assert (row["engagements"]["date_range"], row["last_updated"]) == (expected, "2015-10-25")


def test_e44_without_data_there_is_no_week(learners) -> None:
    nothing = {"start": None, "end": None}
    assert learners.metadata("edX/Quiet/2015")["engagement_ranges"]["date_range"] == nothing
    row = learners.detail("ann", "edX/Quiet/2015")
    assert (row["engagements"]["date_range"], row["last_updated"]) == (nothing, None)


def test_e45_segments_follow_the_rules(rows, world) -> None:
    week = world.week(MANY)
    bounds = {metric: world.bounds(MANY, metric) for metric in METRICS}
    enrolled = {row["username"]: row["enrolled"] for row in world.learners if row["course_id"] == MANY}
    for row in rows:
        one = week[row["username"]]
        above = {
            metric
            for metric, (low, high) in bounds.items()
            if low != high and (one[metric] is not None or one["attempts"])
            if (math.inf if one[metric] is None else one[metric]) >= high
        }
        rules = {
            "unenrolled": not enrolled[row["username"]],
            "inactive": not one["active"] and not one["active_before"],
            "disengaging": not one["active"] and one["active_before"],
            "highly_engaged": bool(above & set(COUNTS)),
            "struggling": RATIO in above,
        }
        assert row["segments"] == [name for name, holds in rules.items() if holds]


def test_e46_who_tried_nothing_is_not_struggling(learners) -> None:
    """The design overrides the old code, which took 0/0 for infinity; one attempt without success does count."""
    assert "struggling" not in learners.detail("watcher", RATIOS)["segments"]
    assert "struggling" in learners.detail("one-none", RATIOS)["segments"]


def test_e47_the_ratio_is_attempts_for_each_solved_problem(learners, rows, world) -> None:
    found = {row["username"]: row["engagements"][RATIO] for row in learners.list(RATIOS)["results"]}
    assert found == {
        "ten-five": 2.0,
        "two-one": 2.0,
        "six-two": 3.0,
        **dict.fromkeys(["one-none", "ten-none", "watcher", "nobody"]),
    }
    week = world.week(MANY)
    for row in rows:
        for metric in (*COUNTS, RATIO):
            assert row["engagements"][metric] == week[row["username"]][metric]


def test_e48_four_events_count_and_others_are_no_activity(learners) -> None:
    """Reading tracking logs into these events is the importer's part of this rule."""
    assert learners.detail("ann", "edX/Quiet/2015")["segments"] == ["inactive"]  # looked at a page
    assert learners.days("alice")[-1] == {
        **dict.fromkeys(["date", *COUNTS], 0),
        "date": "2015-10-25",
        "videos_viewed": 1,
    }


def test_e49_segments_are_listed_in_their_order(rows) -> None:
    listed = {tuple(row["segments"]) for row in rows}
    assert any(len(segments) > 1 for segments in listed)
    for segments in listed:
        assert list(segments) == [name for name in SEGMENTS if name in segments]
