"""Learner detail and timelines. The numbers are those of the rules in the reference."""

from __future__ import annotations

from typing import Any

import pytest

DEMO = "course-v1:edX+DemoX+Demo_2014"
MANY = "course-v1:edX+Many+2015"
SPECIFIED = "my/cool/course"
MISDATED = "edX/Misdated/2015"
KEYS = ["date", "discussion_contributions", "problems_attempted", "problems_completed", "videos_viewed"]
RATIO = "problem_attempts_per_completed"

EXAMPLE = {
    "last_updated": "2015-11-09",
    "username": "dan-friedman",
    "name": "Daniel Friedman",
    "email": "dfriedman@edx.org",
    "account_url": "https://openedx-platform-instance.org/api/user/v1/accounts/dan-friedman",
    "enrollment_mode": "honor",
    "enrollment_date": "2015-10-26 18:13:32.656640",
    "cohort": None,
    "segments": ["has_potential"],
    "engagements": {
        "date_range": {"start": "2015-10-19", "end": "2015-10-26"},
        "discussion_contributions": 24,
        "problems_attempted": 138,
        "problems_completed": 76,
        "videos_viewed": 26,
        "problem_attempts_per_completed": 4.5,
    },
}
"""The specification's example response."""


def refused(learners, path: str, **parameters: Any) -> tuple[int, str]:
    return learners.refused(path, course_id=DEMO, **parameters)


def test_the_specifications_example_is_answered_field_for_field(learners) -> None:
    """But for what was a draft there: has_potential was never defined, and the data are of the day before D."""
    found = learners.detail("dan-friedman", SPECIFIED)
    own = {
        "last_updated": "2015-10-25",
        "account_url": "https://lms.example/api/user/v1/accounts/dan-friedman",
        "segments": [],
    }
    assert found == {**EXAMPLE, **own}
    assert list(found) == list(EXAMPLE)
    assert list(found["engagements"]) == list(EXAMPLE["engagements"])
    assert learners.list(SPECIFIED)["results"] == [found]


def test_e32_the_detail_is_the_row_of_the_list(learners) -> None:
    for row in learners.list()["results"]:
        assert learners.detail(row["username"]) == row
    assert learners.detail("gone")["segments"] == ["unenrolled", "inactive"]
    for username in ("unknown", "Alice", "alic", "staff"):
        assert refused(learners, f"/learners/{username}/") == (404, "no_learner_for_course")
    assert learners.refused("/learners/alice/", course_id=MANY) == (404, "no_learner_for_course")


@pytest.mark.parametrize("username", ["idle", "gone", "unknown", "staff"])
def test_e33_who_was_never_active_has_no_timeline(learners, username) -> None:
    """The design decides for 404, whether or not the learner is enrolled."""
    expected = (404, "no_learner_engagement_timeline")
    assert refused(learners, f"/engagement_timelines/{username}/") == expected
    assert refused(learners, f"/engagement_timelines/{username}/", start_date="2015-10-01") == expected


def test_e34_a_timeline_goes_from_the_first_active_day_to_the_last(learners) -> None:
    days = learners.days("alice")
    assert [list(day) for day in days] == [KEYS] * 20
    dates = [day["date"] for day in days]
    assert (dates[0], dates[-1], dates) == ("2015-10-06", "2015-10-25", sorted(dates))
    quiet = [day for day in days if not any(day[key] for key in KEYS[1:])]
    assert len(quiet) == 20 - 6
    assert [day["date"] for day in learners.days("left")] == ["2015-10-18"]


def test_e35_problems_and_videos_are_distinct_and_contributions_summed(learners) -> None:
    days = {day["date"]: day for day in learners.days("alice")}
    assert list(days["2015-10-24"].values())[1:] == [5, 1, 1, 0]
    assert list(days["2015-10-21"].values())[1:] == [5, 1, 0, 0]
    assert list(days["2015-10-17"].values())[1:] == [0, 0, 0, 1]
    week = learners.detail("alice")["engagements"]
    assert [week[key] for key in KEYS[1:]] == [10, 1, 1, 2]


def test_e36_a_timeline_comes_as_csv_too(learners) -> None:
    response = learners.get("/engagement_timelines/left/", course_id=DEMO, accept="text/csv")
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"].endswith("--timeline.csv")
    assert response.text == ",".join(KEYS) + "\r\n2015-10-18,0,0,0,1\r\n"
    more = learners.get("/engagement_timelines/left/", course_id=DEMO, accept="text/csv", include="problem_attempts")
    assert more.text == ",".join(KEYS) + ",problem_attempts\r\n2015-10-18,0,0,0,1,0\r\n"


@pytest.mark.parametrize(
    ("start", "end", "first", "last", "length"),
    [
        ("2015-10-6", "2015-10-27", "2015-10-06", "2015-10-26", 21),
        ("2015-10-2", "2015-11-3", "2015-10-02", "2015-11-02", 32),
        ("2015-10-24", "2015-10-25", "2015-10-24", "2015-10-24", 1),
        ("2015-10-20", None, "2015-10-20", "2015-10-25", 6),
        (None, "2015-10-08", "2015-10-06", "2015-10-07", 2),
        ("2014-01-01", "2014-01-03", "2014-01-01", "2014-01-02", 2),
    ],
)
def test_e37_a_timeline_in_a_range_of_days(learners, start, end, first, last, length) -> None:
    """The design decides that the dates of the specification's test cases work: the start is in, the end is out."""
    given = {key: value for key, value in (("start_date", start), ("end_date", end)) if value}
    days = learners.days("alice", **given)
    assert (days[0]["date"], days[-1]["date"], len(days)) == (first, last, length)
    whole = {day["date"]: day for day in learners.days("alice")}
    for day in days:
        assert day == whole.get(day["date"], {**dict.fromkeys(KEYS, 0), "date": day["date"]})


@pytest.mark.parametrize(
    "given",
    [
        {"start_date": "2015-10-20", "end_date": "2015-10-20"},
        {"start_date": "2015-10-21", "end_date": "2015-10-20"},
        {"start_date": "2015-02-30"},
        {"start_date": "2015-13-01"},
        {"start_date": "0000-01-01"},
        {"end_date": ""},
        {"end_date": "today"},
        {"end_date": "20151020"},
        {"end_date": "2015-10-20T00:00"},
        {"end_date": "٢٠١٥-10-20"},
        {"start_date": "2015-10-26"},
        {"end_date": "2015-10-06"},
    ],
)
def test_e37_a_range_without_a_day_and_a_bad_date_are_refused(learners, given) -> None:
    for path in ("/engagement_timelines/alice/", "/learners/alice/"):
        assert refused(learners, path, **given) == (400, "illegal_parameter_values")


def test_e37_a_timeline_spans_ten_years_at_most(learners) -> None:
    assert len(learners.days("alice", start_date="2010-01-01", end_date="2020-01-01")) == 3652
    given = {"start_date": "0001-01-01", "end_date": "9999-12-31"}
    assert refused(learners, "/engagement_timelines/alice/", **given) == (400, "illegal_parameter_values")


@pytest.mark.parametrize("given", [{}, {"start_date": "2003-01-01"}, {"end_date": "2015-10-07"}])
def test_e37_a_timeline_without_both_bounds_spans_ten_years_at_most_too(learners, given) -> None:
    """Of ada one row has a year with a digit too few."""
    response = learners.get("/engagement_timelines/ada/", course_id=MISDATED, **given)
    assert (response.status_code, response.json()["error_code"]) == (400, "illegal_parameter_values")
    message = response.json()["developer_message"]
    assert "3,660 days" in message
    assert "start_date" in message
    assert "end_date" in message
    assert [day["date"] for day in learners.days("ada", MISDATED, start_date="2015-10-25")] == ["2015-10-25"]


def test_e37_on_the_detail_only_the_engagements_follow_the_range(learners) -> None:
    week = learners.detail("alice")
    found = learners.detail("alice", start_date="2015-10-6", end_date="2015-10-24")
    assert found["engagements"] == {
        "date_range": {"start": "2015-10-06", "end": "2015-10-24"},
        "discussion_contributions": 5,
        "problems_attempted": 1,
        "problems_completed": 0,
        "videos_viewed": 1,
        RATIO: None,
    }
    assert {**found, "engagements": None} == {**week, "engagements": None}
    same = learners.detail("alice", start_date="2015-10-19", end_date="2015-10-26")
    assert same == week


def test_e37_a_bound_that_is_left_out_is_the_first_active_day_or_d(learners) -> None:
    ranges = [
        learners.detail(name, **given)["engagements"]["date_range"]
        for name, given in (
            ("alice", {"start_date": "2015-10-20"}),
            ("alice", {"end_date": "2015-10-20"}),
            ("idle", {"end_date": "2015-10-20"}),
        )
    ]
    assert ranges[0] == {"start": "2015-10-20", "end": "2015-10-26"}
    assert ranges[1] == {"start": "2015-10-06", "end": "2015-10-20"}
    assert ranges[2] == {"start": None, "end": "2015-10-20"}  # never active: no first day
    quiet = learners.detail("ann", learners.quiet, start_date="2015-10-20")["engagements"]["date_range"]
    assert quiet == {"start": "2015-10-20", "end": None}


def test_total_attempts_a_day_are_given_where_they_are_asked_for(learners) -> None:
    """The specification's test cases need the total number of problem attempts, per day."""
    days = {day["date"]: day for day in learners.days("alice", include="problem_attempts")}
    assert list(days["2015-10-24"]) == [*KEYS, "problem_attempts"]
    assert [days[day]["problem_attempts"] for day in ("2015-10-21", "2015-10-22", "2015-10-24")] == [3, 0, 3]
    assert "problem_attempts" not in learners.days("alice", include="")[0]
    refusal = refused(learners, "/engagement_timelines/alice/", include="grades")
    assert refusal == (400, "illegal_parameter_values")


def test_every_timeline_adds_up_to_the_rows_of_its_learner(learners, world) -> None:
    rows: dict[str, list[Any]] = {}
    for row in world.engagement:
        if row["course_id"] == MANY and row["entity_type"] != "page":
            rows.setdefault(row["username"], []).append(row)
    for username in sorted(rows)[:40]:
        for day in learners.days(username, MANY, include="problem_attempts"):
            own = [row for row in rows[username] if row["date"] == day["date"]]
            of = {
                event: [row for row in own if row["event"] == event] for event in ("attempted", "completed", "viewed")
            }
            assert list(day.values())[1:] == [
                sum(row["count"] for row in own if row["event"] == "contributed"),
                *(len({row["entity_id"] for row in of[event]}) for event in of),
                sum(row["count"] for row in of["attempted"]),
            ]
