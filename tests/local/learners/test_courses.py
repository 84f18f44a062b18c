from __future__ import annotations

import pandas as pd
import pytest

from learnosity_nb.local.learners.courses import Courses
from learnosity_nb.local.tables import FrameTables


def test_a_course_is_indexed_once_for_each_version_of_its_files(desk) -> None:
    found = desk.service.courses.find(desk.course)
    assert desk.service.courses.find(desk.course) is found
    desk.write("engagement", [desk.watched("ann"), desk.watched("ben")])
    assert desk.service.courses.find(desk.course) is not found


def test_a_changed_file_is_read_again(desk) -> None:
    assert desk.names() == ["ann", "ben"]
    desk.write("learners", [desk.learner("ann"), desk.learner("ben"), desk.learner("cyd")])
    assert desk.names() == ["ann", "ben", "cyd"]
    desk.write("engagement", [desk.watched("cyd", date="2016-01-01")])
    assert desk.get("/learners/cyd/", course_id=desk.course).json()["last_updated"] == "2016-01-01"


def test_a_file_that_goes_takes_its_rows_with_it(desk) -> None:
    assert desk.get("/learners/ann/", course_id=desk.course).json()["last_updated"] == "2015-10-20"
    (desk.data / "engagement.ndjson").unlink()
    assert desk.get("/learners/ann/", course_id=desk.course).json()["last_updated"] is None
    (desk.data / "learners.ndjson").unlink()
    assert desk.get("/learners/ann/", course_id=desk.course).json()["error_code"] == "course_not_found"


def test_courses_of_one_file_do_not_mix(desk) -> None:
    others = [f"edX/Course/{number}" for number in range(3)]
    rows = [desk.learner(name, course) for name in ("zoe", "ann") for course in (*others, desk.course)]
    desk.write("learners", rows)
    desk.write("engagement", [desk.watched("ann", course, video=course) for course in (others[1], desk.course) * 2])
    for course in (*others, desk.course):
        assert desk.names(course) == ["ann", "zoe"]
        found = desk.get("/learners/ann/", course_id=course).json()
        assert found["engagements"]["videos_viewed"] == (1 if course in (others[1], desk.course) else 0)


def test_courses_come_from_frames_too() -> None:
    learners = pd.DataFrame({"course_id": ["c", "c"], "username": ["ben", "ann"]})
    courses = Courses(FrameTables({"learners": learners}))
    found = courses.find("c")
    assert found is not None
    assert courses.find("c") is found
    assert [found.row_of(name) for name in ("ann", "ben", "cyd")] == [0, 1, None]
    assert ("c" in courses, "d" in courses, courses.find("d")) == (True, False, None)


def test_without_learners_there_is_no_course() -> None:
    empty = pd.DataFrame({"course_id": [], "username": []}, dtype="str")
    for tables in (FrameTables({}), FrameTables({"learners": empty})):
        assert Courses(tables).find("c") is None


@pytest.mark.parametrize("path", ["/learners/", "/course_learner_metadata/course-v1:a+b+c/", "/learners/ann/"])
def test_a_file_that_cannot_be_used_is_said_with_its_faults(desk, path, caplog) -> None:
    desk.write("learners", [desk.learner("ann"), desk.learner("ann"), {"username": "x"}])
    answer = desk.get(path, course_id=desk.course)
    assert (answer.status_code, answer.json()["error_code"]) == (500, "data_unusable")
    assert "an earlier row has the same course_id and username" in answer.json()["developer_message"]
    assert [record.getMessage() for record in caplog.records] == ["learners.ndjson cannot be used."]


def test_faults_that_quote_rows_are_told_to_tokens_of_all_courses_only(desk) -> None:
    desk.write("learners", [desk.learner("private", "x"), desk.learner("private", "x")])
    for course in (desk.course, "no key"):
        answer = desk.get("/learners/", token="some", course_id=course)
        assert "private" not in answer.text
    everything = desk.get("/learners/", course_id="no key")  # to know whether it is a course, the file is read
    assert (everything.status_code, "private" in everything.text) == (500, True)
    assert desk.get("/learners/", token="some", course_id=desk.course).json() == {
        "error_code": "data_unusable",
        "developer_message": "learners.ndjson cannot be used.",
    }


def test_a_file_that_is_mended_is_used_again(desk) -> None:
    desk.write("learners", [{"username": "x"}])
    assert desk.get("/learners/", course_id=desk.course).status_code == 500
    assert desk.get("/learners/", course_id=desk.course).status_code == 500
    desk.write("learners", [desk.learner("mended")])
    assert desk.names() == ["mended"]
