"""The calls on learners, in process and over TCP, against figures worked out by hand or straight from the rows."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import waitress

import learnosity_nb as lnb
from learnosity_nb.connections import learner_reading as calls
from learnosity_nb.connections.connection import Connection
from learnosity_nb.credentials import Secret
from learnosity_nb.files.access import Access, TokenAccess
from learnosity_nb.local.in_process import open_in_process
from learnosity_nb.local.tables import FrameTables

COURSE = "my/cool/course"
PLUS = "course-v1:edX+DemoX+Demo_2014"
WEEK = pd.date_range("2015-10-20", "2015-10-26")
METRICS = ["discussion_contributions", "problems_attempted", "problems_completed", "videos_viewed"]

PEOPLE = [
    # username, name, email, mode, cohort, enrolled
    ("ada", "Ada Armadillo", "ada@x.test", "honor", "BestAnimals", True),
    ("armadillo", "Bo Smith", "bo@x.test", "honor", "BestAnimals", True),
    ("cy", "Cy Jones", "armadillo", "honor", "BestAnimals", True),
    ("dan-friedman", "Daniel Friedman", "dan@x.test", "audit", None, True),
    ("eve", "Eve Armand", None, "audit", "Others", True),
    ("gone", None, "gone@x.test", "verified", "Others", False),
    ("idle", "Ida Lee", "ida@x.test", "honor", "Others", True),
    ("old", "Olga Old", "olga@x.test", "honor", "BestAnimals", True),
]
ACTS = [
    # username, day of October 2015, entity type, event, entity, count
    ("ada", 14, "video", "viewed", "v1", 2),
    ("ada", 16, "discussion", "contributed", "t", 3),
    ("armadillo", 14, "video", "viewed", "v1", 1),
    ("cy", 15, "problem", "attempted", "p1", 1),
    ("dan-friedman", 6, "video", "viewed", "v1", 1),
    ("dan-friedman", 20, "problem", "attempted", "p1", 4),
    ("dan-friedman", 20, "problem", "attempted", "p2", 5),
    ("dan-friedman", 20, "problem", "completed", "p2", 1),
    ("dan-friedman", 22, "video", "viewed", "v1", 9),
    ("dan-friedman", 22, "video", "viewed", "v2", 1),
    ("dan-friedman", 26, "discussion", "contributed", "t", 24),
    ("eve", 25, "problem", "attempted", "p1", 3),
    ("gone", 21, "video", "viewed", "v1", 1),
    ("old", 1, "video", "viewed", "v1", 1),
]


def learners_table() -> pd.DataFrame:
    names = ["username", "name", "email", "enrollment_mode", "cohort", "enrolled"]
    frame = pd.DataFrame(PEOPLE, columns=names).assign(course_id=COURSE, enrollment_date="2015-09-01 10:30:00")
    many = [f"learner-{number:03d}" for number in range(250)]
    names_of_many = [f"Number {number}" for number in range(250)]
    return pd.concat([frame, pd.DataFrame({"course_id": PLUS, "username": many, "name": names_of_many})])


def engagement_table() -> pd.DataFrame:
    names = ["username", "day", "entity_type", "event", "entity_id", "count"]
    frame = pd.DataFrame(ACTS, columns=names).assign(course_id=COURSE)
    frame["date"] = [f"2015-10-{day:02d}" for day in frame["day"]]
    rows = [
        (f"learner-{number:03d}", "2026-01-05", "problem", "attempted", f"p{each}", 1)
        for number in range(250)
        for each in range(number % 7)
    ]
    many = pd.DataFrame(rows, columns=["username", "date", "entity_type", "event", "entity_id", "count"])
    return pd.concat([frame, many.assign(course_id=PLUS)])


@pytest.fixture(scope="module", params=["in process", "over TCP"])
def lrn(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    frames = {"learners": learners_table(), "engagement": engagement_table()}
    if request.param == "in process":
        with lnb.connect_local(**frames) as connection:
            yield connection
        return
    access = Access({}, (TokenAccess(Secret("a-token")),), "https://lms.test/accounts/")
    opened = open_in_process(FrameTables(frames), access, state=tmp_path_factory.mktemp("state"), data=None)
    server = waitress.create_server(opened.app, host="127.0.0.1", port=0, threads=2)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.effective_port}/api/learner_analytics/v0"
    with lnb.connect(lnb.Consumer("k", "s"), learner_url=url, learner_token="a-token") as connection:
        yield connection
    server.close()
    thread.join(10)
    opened.close()


def test_e56_all_pages_come_as_one_frame_with_a_row_for_each_learner(lrn: Connection) -> None:
    frame = lrn.learners(PLUS)
    assert frame["username"].tolist() == [f"learner-{number:03d}" for number in range(250)]
    assert frame.index.equals(pd.RangeIndex(250))
    assert frame["problems_attempted"].tolist() == [number % 7 for number in range(250)]


@pytest.mark.parametrize("at_once", [1, 100, 125, 249, 250])
def test_e56_the_frame_is_the_same_however_it_is_put_together(
    lrn: Connection, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    whole = lrn.learners(PLUS)
    monkeypatch.setattr(calls, "LEARNERS_PER_FRAME", at_once)
    pd.testing.assert_frame_equal(lrn.learners(PLUS), whole)


def test_e56_an_empty_list_has_the_columns_of_a_full_one(lrn: Connection) -> None:
    full, empty = lrn.learners(COURSE), lrn.learners(COURSE, text_search="nobody").drop(columns="matched")
    assert empty.empty
    assert empty.dtypes.to_dict() == full.dtypes.to_dict()


@pytest.mark.parametrize("limit", [1, 3, 100, 101, 249, 250, 1000])
def test_a_limit_gives_the_first_of_the_order_asked_for(lrn: Connection, limit: int) -> None:
    frame = lrn.learners(PLUS, order_by="username", sort_order="desc", limit=limit)
    assert frame["username"].tolist() == [f"learner-{number:03d}" for number in reversed(range(250))][:limit]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"segments": "disengaging"}, ["ada", "armadillo", "cy"]),
        ({"segments": ["disengaging", "unenrolled"]}, ["ada", "armadillo", "cy", "gone"]),
        ({"ignore_segments": ["disengaging", "inactive"]}, ["dan-friedman", "eve", "gone"]),
        ({"cohort": "Others"}, ["eve", "gone", "idle"]),
        ({"enrollment_mode": "audit"}, ["dan-friedman", "eve"]),
        ({"cohort": "BestAnimals", "segments": "inactive"}, ["old"]),
        ({"text_search": "armadillo"}, ["ada", "armadillo", "cy"]),
        ({"text_search": " Jones "}, ["cy"]),
    ],
)
def test_filters_narrow_the_list(lrn: Connection, filters: dict[str, Any], expected: list[str]) -> None:
    assert lrn.learners(COURSE, **filters)["username"].tolist() == expected


def test_segments_stand_as_a_tuple_and_as_columns(lrn: Connection) -> None:
    frame = lrn.learners(COURSE).set_index("username")
    for segment in ("highly_engaged", "disengaging", "struggling", "inactive", "unenrolled"):
        assert frame[f"in_{segment}"].tolist() == [segment in each for each in frame["segments"]]
    assert frame.index[frame["in_unenrolled"]].tolist() == ["gone"]
    assert frame.index[frame["in_inactive"]].tolist() == ["idle", "old"]


def test_course_metadata_counts_and_has_the_week(lrn: Connection) -> None:
    course = lrn.course_metadata(COURSE)
    assert course.cohorts.set_index("name")["learners"].to_dict() == {"BestAnimals": 4, "Others": 3}
    assert course.enrollment_modes.set_index("name")["learners"].to_dict() == {"audit": 2, "honor": 5, "verified": 1}
    counted = course.segments.set_index("name")["learners"]
    assert (counted["disengaging"], counted["inactive"], counted["unenrolled"]) == (3, 2, 1)
    assert (course.start, course.end) == (WEEK[0], WEEK[-1] + pd.Timedelta(days=1))


def test_e57_labels_follow_percentiles_of_the_week(lrn: Connection) -> None:
    course, frame = lrn.course_metadata(PLUS), lrn.learners(PLUS)
    active = [number % 7 for number in range(250) if number % 7]
    low, high = np.percentile(active, [15, 85])
    expected = [
        "below_average" if n < low else "average" if n < high else "above_average" for n in frame["problems_attempted"]
    ]
    assert lnb.label_engagement(frame, course.engagement_ranges)["problems_attempted_range"].tolist() == expected


@pytest.mark.parametrize(
    ("username", "expected"),
    [
        ("ada", [("disengaging", "active_days", 0.0), ("disengaging", "active_days_before", 2.0)]),
        ("idle", [("inactive", "active_days", 0.0), ("inactive", "active_days_before", 0.0)]),
        ("old", [("inactive", "active_days", 0.0), ("inactive", "active_days_before", 0.0)]),
        ("gone", [("unenrolled", None, None)]),
    ],
)
def test_why_gives_the_figures_behind_each_segment(lrn: Connection, username: str, expected: list[Any]) -> None:
    frame = lrn.why(COURSE, username)
    found = frame[["segment", "metric", "value"]].astype(object).where(lambda one: one.notna(), None)
    assert list(found.itertuples(index=False, name=None)) == expected


def test_every_segment_of_every_learner_is_explained_by_a_figure(lrn: Connection) -> None:
    course = lrn.course_metadata(COURSE).engagement_ranges
    lows = course[course["range"] == "above_average"].set_index("metric")["low"]
    for username, segments in lrn.learners(COURSE).set_index("username")["segments"].items():
        frame = lrn.why(COURSE, username)
        assert set(frame["segment"]) == set(segments)
        assert not frame["reason"].str.contains("do not show").any()
        reached = frame[frame["metric"].isin(lows.index)]
        assert (reached["value"] >= reached["threshold"]).all()
        assert (reached["threshold"] == lows.loc[reached["metric"]].to_numpy()).all()


def test_course_averages_stand_beside_a_learner(lrn: Connection) -> None:
    frame = lrn.course_averages(COURSE, "dan-friedman").set_index("metric")
    enrolled = 7  # all but `gone`
    assert frame["learners"].tolist() == [enrolled, enrolled, enrolled, enrolled, 1]
    assert frame.loc["problems_attempted", "mean"] == pytest.approx(3 / enrolled)
    assert frame.loc["problems_attempted", "median"] == 0
    assert frame["value"].tolist() == [24, 2, 1, 2, 9.0]
    assert "value" not in lrn.course_averages(COURSE)
    assert lrn.course_averages(COURSE, cohort="Others")["learners"].tolist() == [2, 2, 2, 2, 0]


def test_case_profile_what_is_known_of_a_learner_comes_in_one_row(lrn: Connection) -> None:
    row = lrn.learner(COURSE, "dan-friedman").iloc[0]
    assert (row["email"], row["name"], row["enrollment_mode"]) == ("dan@x.test", "Daniel Friedman", "audit")
    assert pd.isna(row["cohort"])
    assert row["enrollment_date"] == pd.Timestamp("2015-09-01 10:30", tz="UTC")
    if lrn.learner_api is not None and "local.invalid" not in lrn.learner_api.base_url:
        assert row["account_url"] == "https://lms.test/accounts/dan-friedman"  # photo, age, biography are there


@pytest.mark.parametrize(("start", "end", "days"), [("2015-10-6", "2015-10-27", 21), ("2015-10-2", "2015-11-3", 32)])
def test_case_activity_each_day_of_a_period_has_four_figures_and_attempts(
    lrn: Connection, start: str, end: str, days: int
) -> None:
    frame = lrn.engagement_timeline(COURSE, "dan-friedman", start, end, problem_attempts=True)
    first = pd.Timestamp(start)
    assert frame.index.equals(pd.date_range(first, periods=days, name="date", unit="us"))
    assert frame.loc["2015-10-20"].tolist() == [0, 2, 1, 0, 9]
    assert frame.loc["2015-10-22"].tolist() == [0, 0, 0, 2, 0]
    assert frame.loc["2015-10-26", "discussion_contributions"] == 24
    assert frame.to_numpy().sum() == 1 + 12 + 2 + 24


def test_a_timeline_without_bounds_goes_from_the_first_active_day_to_the_last(lrn: Connection) -> None:
    frame = lrn.engagement_timeline(COURSE, "dan-friedman")
    assert frame.index.equals(pd.date_range("2015-10-06", "2015-10-26", name="date", unit="us"))
    assert list(frame) == METRICS


def test_case_summary_the_figures_of_a_learner_in_seven_days(lrn: Connection) -> None:
    assert lrn.learner(COURSE, "dan-friedman", "2015-10-20", "2015-10-27")["videos_viewed"].tolist() == [2]
    one = lrn.learner(COURSE, "dan-friedman", "2015-10-05", "2015-10-10").iloc[0]
    assert (one["videos_viewed"], one["date_range_end"]) == (1, pd.Timestamp("2015-10-10"))


def test_case_roster_the_base_list_has_its_seven_columns(lrn: Connection) -> None:
    frame = lrn.learners(COURSE)
    shown = ["username", "email", "name", "discussion_contributions", "problems_attempted"]
    row = frame[[*shown, "problem_attempts_per_completed", "videos_viewed"]].set_index("username").loc["dan-friedman"]
    assert row.tolist() == ["dan@x.test", "Daniel Friedman", 24, 2, 9.0, 2]


def test_case_highlighting_each_metric_of_the_table_has_thresholds(lrn: Connection) -> None:
    ranges = lrn.course_metadata(COURSE).engagement_ranges
    average = ranges[ranges["range"] == "average"].set_index("metric")
    assert average.index.tolist() == [*METRICS, "problem_attempts_per_completed"]
    assert average["low"].notna().all()


def test_case_filters_page_four_of_a_sorted_and_filtered_roster(lrn: Connection) -> None:
    frame = lrn.learners(
        COURSE,
        text_search="Armadillo",
        segments="disengaging",
        enrollment_mode="honor",
        cohort="BestAnimals",
        order_by="problems_attempted",
        sort_order="desc",
    )
    assert frame.query("videos_viewed == 0")["username"].tolist() == ["ada"]  # the others' usernames are no `Armadillo`


def test_case_highlighting_a_search_says_what_matched(lrn: Connection) -> None:
    matched = lrn.learners(COURSE, text_search="armadillo").set_index("username")["matched"]
    assert matched.to_dict() == {"ada": "name", "armadillo": "username", "cy": "email"}


def test_case_type_ahead_a_beginning_finds_username_name_and_address(lrn: Connection) -> None:
    found = lrn.find_learners(COURSE, "arma")
    assert found.columns.tolist() == ["username", "name", "email", "matched"]
    assert found.set_index("username")["matched"].to_dict() == {
        "ada": "name",
        "armadillo": "username",
        "cy": "email",
        "eve": "name",
    }
    assert lrn.find_learners(COURSE, "arma", limit=2)["username"].tolist() == ["ada", "armadillo"]


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda lrn: lrn.learners("no/such/course"), "course_not_found"),
        (lambda lrn: lrn.learners(COURSE, cohort="Nobody"), "cohort_not_found"),
        (lambda lrn: lrn.learners(COURSE, segments="has_potential"), "segment_not_found"),
        (lambda lrn: lrn.learners(COURSE, enrollment_mode="free"), "enrollment_mode_not_found"),
        (lambda lrn: lrn.learner(COURSE, "nobody"), "no_learner_for_course"),
        (lambda lrn: lrn.why(COURSE, "nobody"), "no_learner_for_course"),
        (lambda lrn: lrn.engagement_timeline(COURSE, "idle"), "no_learner_engagement_timeline"),
        (lambda lrn: lrn.course_metadata("course-v1:no+such+course"), "course_not_found"),
        (lambda lrn: lrn.learner("not a key", "u"), "course_key_malformed"),
    ],
)
def test_what_does_not_exist_is_an_error_with_its_code(
    lrn: Connection, call: Callable[[Connection], Any], code: str
) -> None:
    with pytest.raises(lnb.ApiError) as caught:
        call(lrn)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda lrn: lrn.learners(""), "course_id"),
        (lambda lrn: lrn.learner(COURSE, None), "username"),
        (lambda lrn: lrn.find_learners(COURSE, " "), "text"),
        (lambda lrn: lrn.find_learners(COURSE, "a", limit=0), "limit"),
        (lambda lrn: lrn.learners(COURSE, segments="struggling", ignore_segments="inactive"), "ignore_segments"),
        (lambda lrn: lrn.learners(COURSE, segments=[]), "segments"),
        (lambda lrn: lrn.learners(COURSE, cohort=""), "cohort"),
        (lambda lrn: lrn.learners(COURSE, text_search=5), "text_search"),
        (lambda lrn: lrn.learners(COURSE, order_by="name"), "order_by"),
        (lambda lrn: lrn.learners(COURSE, sort_order="up"), "sort_order"),
        (lambda lrn: lrn.learners(COURSE, limit=0), "limit"),
        (lambda lrn: lrn.learners(COURSE, limit=True), "limit"),
        (lambda lrn: lrn.engagement_timeline(COURSE, "ada", "2015-13-1"), "start_date"),
        (lambda lrn: lrn.engagement_timeline(COURSE, "ada", 20151001), "start_date"),
        (lambda lrn: lrn.engagement_timeline(COURSE, "ada", "2015-10-7", "2015-10-7"), "end_date"),
    ],
)
def test_a_wrong_parameter_is_named_before_anything_is_sent(
    lrn: Connection, call: Callable[[Connection], Any], said: str
) -> None:
    with pytest.raises(lnb.InputError, match=said):
        call(lrn)


def test_all_wrong_parameters_are_named_together(lrn: Connection) -> None:
    with pytest.raises(lnb.InputError) as caught:
        lrn.learners("", segments=["", "x"], ignore_segments="y", order_by="z", sort_order="up", limit=-1)
    assert [fault.key for fault in caught.value.faults] == [
        "course_id",
        "segments",
        "ignore_segments",
        "order_by",
        "sort_order",
        "limit",
    ]


def test_dates_may_be_dates_or_moments(lrn: Connection) -> None:
    start, end = pd.Timestamp("2015-10-20 12:00"), pd.Timestamp("2015-10-22").date()
    assert len(lrn.engagement_timeline(COURSE, "dan-friedman", start, end)) == 2


def test_a_data_directory_serves_learners_and_their_accounts(tmp_path: Path) -> None:
    learners_table().to_csv(tmp_path / "learners.csv", index=False)
    engagement_table().drop(columns="day").to_csv(tmp_path / "engagement.csv", index=False)
    (tmp_path / "access.toml").write_text('[service]\naccount_url_base = "https://lms.test/"\n', encoding="utf-8")
    with lnb.connect_local(tmp_path) as local:
        assert local.learner(COURSE, "ada")["account_url"].tolist() == ["https://lms.test/ada"]
        assert len(local.learners(PLUS)) == 250
