"""The learner list as CSV, and what formats there are. The numbers are those of the rules in the reference."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import httpx
import pytest

DEMO = "course-v1:edX+DemoX+Demo_2014"
COLUMNS = [
    "account_url",
    "cohort",
    "email",
    "engagements.date_range.end",
    "engagements.date_range.start",
    "engagements.discussion_contributions",
    "engagements.problem_attempts_per_completed",
    "engagements.problems_attempted",
    "engagements.problems_completed",
    "engagements.videos_viewed",
    "enrollment_date",
    "enrollment_mode",
    "last_updated",
    "name",
    "segments",
    "username",
]


def fetch(learners, course: str = DEMO, accept: str = "text/csv", **parameters: Any) -> httpx.Response:
    response = learners.get("/learners/", course_id=course, accept=accept, **parameters)
    assert response.status_code == 200, response.text
    return response


def table(response: httpx.Response) -> list[list[str]]:
    return list(csv.reader(io.StringIO(response.text, newline="")))


def cell(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else "" if value is None else str(value)


def test_e50_the_csv_has_the_rows_of_the_json(learners) -> None:
    found = table(fetch(learners))
    assert found[0] == COLUMNS == sorted(COLUMNS)
    for line, row in zip(found[1:], learners.list()["results"], strict=True):
        flat = {**row, **{f"engagements.{key}": value for key, value in row["engagements"].items()}}
        flat |= {f"engagements.date_range.{key}": value for key, value in row["engagements"]["date_range"].items()}
        assert line == [cell(flat[name]) for name in COLUMNS]


def test_e50_the_csv_is_utf8_with_crlf_and_quotes_where_needed(learners) -> None:
    response = fetch(learners, fields="username,segments,name")
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    lines = response.content.decode("utf-8").split("\r\n")
    assert lines[-1] == ""
    assert 'gone,"unenrolled, inactive",Gone Girl' in lines
    assert "élise,,Élise Smithson" in lines
    assert "\n" not in "".join(lines)


def test_e51_fields_choose_and_order_the_columns(learners) -> None:
    def header(fields: str) -> list[str]:
        return table(fetch(learners, fields=fields))[0]

    assert header("username,email") == ["username", "email"]
    assert header("email,username,email") == ["email", "username"]
    assert header("username, email") == ["username"]
    assert header("engagements,engagements.videos_viewed,nothing") == ["engagements.videos_viewed"]


@pytest.mark.parametrize("fields", ["", ",", "engagements", "nothing,at_all", " username"])
def test_e52_fields_without_a_column_are_all_columns(learners, fields) -> None:
    assert table(fetch(learners, fields=fields))[0] == COLUMNS
    assert learners.list(fields="username") == learners.list()


def test_e53_links_stand_in_a_header(learners) -> None:
    first, middle, last = (fetch(learners, page_size=5, page=page) for page in (1, 2, 3))
    pattern = r'<(\S+)>; rel="(\w+)"'
    assert [rel for _, rel in re.findall(pattern, first.headers["Link"])] == ["next"]
    assert [rel for _, rel in re.findall(pattern, middle.headers["Link"])] == ["next", "prev"]
    assert [rel for _, rel in re.findall(pattern, last.headers["Link"])] == ["prev"]
    url = re.findall(pattern, first.headers["Link"])[0][0]
    again = learners.http.get(url, headers={"Authorization": "Token everything", "Accept": "text/csv"})
    assert again.text == middle.text
    assert "Link" not in fetch(learners).headers


@pytest.mark.parametrize(("course", "stem"), [(DEMO, "edX-DemoX-Demo_2014"), ("Algebra 1", "Algebra-1")])
def test_e53_the_file_is_named_after_the_course_and_the_time(learners, course, stem) -> None:
    name = fetch(learners, course).headers["Content-Disposition"]
    assert re.fullmatch(rf"attachment; filename={stem}--\d{{8}}T\d{{6}}Z--learners\.csv", name)


def test_e54_without_a_row_there_is_the_header(learners) -> None:
    """The design overrides the empty body of the old code, which pandas cannot read."""
    assert table(fetch(learners, text_search="nobody at all")) == [COLUMNS]
    assert table(fetch(learners, text_search="nobody at all", fields="name")) == [["name"]]


def test_e55_refusals_are_json_whatever_is_accepted(learners) -> None:
    assert learners.refused("/learners/", accept="text/csv") == (400, "course_not_specified")
    assert learners.refused("/engagement_timelines/x/", accept="text/csv", course_id=DEMO)[0] == 404


@pytest.mark.parametrize("accept", ["image/png", "text/html", "application/xml", "garbage", "application/json;q=0"])
def test_e55_what_cannot_be_given_is_not_acceptable(learners, accept) -> None:
    for path in ("/learners/", "/learners/alice/", "/engagement_timelines/alice/", f"/course_learner_metadata/{DEMO}/"):
        assert learners.refused(path, accept=accept, course_id=DEMO) == (406, "not_acceptable")


@pytest.mark.parametrize("path", ["/learners/alice/", f"/course_learner_metadata/{DEMO}/"])
def test_e55_detail_and_metadata_are_json_only(learners, path) -> None:
    assert learners.refused(path, accept="text/csv", course_id=DEMO) == (406, "not_acceptable")


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("application/json; charset=utf-8", "application/json"),
        ("text/html, */*;q=0.1", "application/json"),
        ("text/*", "text/csv"),
        ("TEXT/CSV", "text/csv"),
        ("text/csv; charset=utf-8", "text/csv"),
        ("text/csv, application/json;q=0.5", "text/csv"),
        ("text/csv;q=0.5, application/json", "application/json"),
    ],
)
def test_the_format_that_is_liked_best_is_given(learners, accept, kind) -> None:
    headers = {} if accept else {"Accept": ""}
    response = learners.get("/learners/", course_id=DEMO, accept=accept, headers=headers)
    assert response.headers["Content-Type"].partition(";")[0] == kind
