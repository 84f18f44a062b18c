from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from learnosity_nb.local.learners.course import Course
from learnosity_nb.local.learners.courses import Courses
from learnosity_nb.local.learners.csv_answers import LEARNER_COLUMNS, choose_columns
from learnosity_nb.local.learners.rendering import render_learners, render_timeline
from learnosity_nb.local.tables import FrameTables


def course(**columns: list[Any]) -> Course:
    learners = pd.DataFrame({"course_id": "c", "username": ["ann"], **columns})
    found = Courses(FrameTables({"learners": learners})).find("c")
    assert found is not None
    return found


def row(found: Course, base: str | None = None) -> dict[str, Any]:
    [only] = render_learners(found, np.zeros(1, dtype=np.int64), found.figures.metrics, (None, None), base)
    return only


@pytest.mark.parametrize(
    ("base", "username", "url"),
    [
        (None, "ann", None),
        ("https://lms/accounts/", "ann", "https://lms/accounts/ann"),
        ("https://lms/accounts", "ann", "https://lms/accounts/ann"),
        ("https://lms/?user=", "ann", "https://lms/?user=ann"),
        ("https://lms/", "a b/é?#%@+", "https://lms/a%20b%2F%C3%A9%3F%23%25@+"),
    ],
)
def test_the_account_address_is_the_base_and_the_username(base, username, url) -> None:
    assert row(course(username=[username]), base)["account_url"] == url


def test_columns_that_the_file_lacks_are_null() -> None:
    found = row(course())
    lacking = ("name", "email", "enrollment_mode", "enrollment_date", "cohort", "last_updated")
    assert [found[name] for name in lacking] == [None] * 6
    assert found["segments"] == ["inactive"]  # but enrolled


@pytest.mark.parametrize(
    ("given", "written"),
    [
        (["2015-10-26 18:13:32.656640", None], ["2015-10-26 18:13:32.656640", None]),
        (["2015-10-26 18:13:32", "2015-10-27"], ["2015-10-26 18:13:32.000000", "2015-10-27 00:00:00.000000"]),
        (["2015-10-26", "2015-10-27"], ["2015-10-26", "2015-10-27"]),
        (["1960-02-29", None], ["1960-02-29", None]),
        (["2015-10-26T20:00:00+02:00", None], ["2015-10-26 18:00:00.000000", None]),
    ],
)
def test_enrolment_is_written_one_way_in_a_course(given, written) -> None:
    found = course(username=["a", "b"], enrollment_date=given)
    assert found.roster["enrollment_date"].to_pylist() == written


def test_days_on_the_edges_of_the_calendar_are_written() -> None:
    def last_updated(day: str) -> list[Any]:
        learners = pd.DataFrame({"course_id": ["c"], "username": ["a"]})
        rows = {"course_id": "c", "username": "a", "date": [day], "entity_type": "video", "event": "viewed"}
        engagement = pd.DataFrame({**rows, "entity_id": "v", "count": 1})
        found = Courses(FrameTables({"learners": learners, "engagement": engagement})).find("c")
        assert found is not None
        [only] = render_learners(found, np.zeros(1, dtype=np.int64), found.figures.metrics, found.figures.window, None)
        return [only["last_updated"], *only["engagements"]["date_range"].values()]

    assert last_updated("9999-12-31") == ["9999-12-31", "9999-12-25", "10000-01-01"]
    assert last_updated("1970-01-01") == ["1970-01-01", "1969-12-26", "1970-01-02"]


def test_a_timeline_shows_total_attempts_only_when_asked() -> None:
    days = pa.table({"date": pa.array([0], pa.int32()).cast(pa.date32()), "problem_attempts": [3]})
    assert render_timeline(days, ()) == [{"date": "1970-01-01"}]
    assert render_timeline(days, ("problem_attempts",)) == [{"date": "1970-01-01", "problem_attempts": 3}]


def test_every_column_of_the_csv_is_a_key_of_the_row() -> None:
    found = row(course())
    flat = {name.partition(".")[0] for name in LEARNER_COLUMNS}
    assert flat == set(found)
    assert choose_columns("username,username,name") == ["username", "name"]
