"""Paths, methods, tokens and refusals. The numbers are those of the rules in the reference on the learner API."""

from __future__ import annotations

from urllib.parse import quote

import httpx
import pytest

DEMO = "course-v1:edX+DemoX+Demo_2014"
PREFIXES = ["/api/v0", "/api/learner_analytics/v0"]
PATHS = ["/learners/", "/learners/alice/", "/engagement_timelines/alice/"]


@pytest.mark.parametrize("prefix", PREFIXES)
def test_e01_the_four_endpoints_answer_under_both_prefixes(learners, prefix) -> None:
    for path in PATHS:
        assert learners.get(path, prefix=prefix, course_id=DEMO).status_code == 200
    assert learners.get(f"/course_learner_metadata/{DEMO}/", prefix=prefix).status_code == 200


@pytest.mark.parametrize("prefix", PREFIXES)
def test_e01_the_paths_of_the_specifications_test_cases_answer_too(learners, prefix) -> None:
    """Its last table writes two of the paths another way."""
    aliases = {
        "/learners/engagement_timelines/dan-friedman/": "/engagement_timelines/dan-friedman/",
        "/learners/courses/my/cool/course": "/course_learner_metadata/my/cool/course/",
    }
    for alias, path in aliases.items():
        answers = [learners.get(one, prefix=prefix, course_id="my/cool/course") for one in (alias, path)]
        assert answers[0].status_code == 200
        assert answers[0].json() == answers[1].json()


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", [*PATHS, f"/course_learner_metadata/{DEMO}/", "/health", "/authenticated"])
def test_e02_other_methods_are_refused(learners, method, path) -> None:
    assert learners.refused(path, method=method, course_id=DEMO) == (405, "method_not_allowed")
    assert learners.get(path, method=method).headers["Allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize("path", [*PATHS, f"/course_learner_metadata/{DEMO}/", "/health"])
def test_e02_head_and_options_answer(learners, path) -> None:
    got = learners.get(path, course_id=DEMO)
    head = learners.get(path, method="HEAD", course_id=DEMO)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Length"] == str(len(got.content))
    options = learners.get(path, method="OPTIONS", course_id=DEMO)
    assert (options.status_code, options.headers["Allow"]) == (204, "GET, HEAD, OPTIONS")


@pytest.mark.parametrize("course", [DEMO, "edX/Quiet/2015", "my/cool/course"])
def test_e03_a_course_key_in_a_path_is_raw_or_encoded(learners, course) -> None:
    expected = learners.metadata(course)
    for written in (course, quote(course), quote(course, safe=""), quote(course, safe="").lower()):
        if written.lower() == written and course.lower() != course:
            continue
        assert learners.get(f"/course_learner_metadata/{written}/").json() == expected


def test_e03_a_plus_in_a_path_is_no_space(learners) -> None:
    assert learners.get("/learners/a.b-c+d_e/", course_id=DEMO).json()["name"] == "Eve Plus"
    assert learners.get("/learners/a.b-c%2Bd_e/", course_id=DEMO).json()["name"] == "Eve Plus"
    spaced = learners.refused(f"/course_learner_metadata/{DEMO.replace('+', '%20')}/")
    assert spaced == (404, "course_not_found")


@pytest.mark.parametrize(
    ("username", "name"),
    [("élise", "Élise Smithson"), ("pat@example.org", "Pat Lee"), ("frank/x", "Frank 李 Zhang")],
)
def test_e03_a_username_in_a_path_may_hold_any_character(learners, username, name) -> None:
    assert learners.detail(username)["name"] == name
    assert learners.days(username)


def test_e03_a_slash_in_a_username_must_be_encoded(learners) -> None:
    assert learners.refused("/learners/frank/x/", course_id=DEMO) == (404, "not_found")


@pytest.mark.parametrize("path", [*PATHS, f"/course_learner_metadata/{DEMO}/"])
def test_e04_a_path_without_its_last_slash_is_the_same(learners, path) -> None:
    with_slash, without = (learners.get(one, course_id=DEMO) for one in (path, path.rstrip("/")))
    assert without.status_code == 200
    assert without.json() == with_slash.json()


@pytest.mark.parametrize(
    "header", [None, "", "Token", "Token wrong", "Token everything else", "Bearer everything", "everything"]
)
def test_e05_without_a_token_that_is_known_nothing_is_told(learners, header) -> None:
    headers = {} if header is None else {"Authorization": header}
    for path in (*PATHS, f"/course_learner_metadata/{DEMO}/", "/authenticated"):
        assert learners.refused(path, token=None, headers=headers, course_id=DEMO) == (401, "not_authenticated")
        response = learners.get(path, token=None, headers=headers, course_id=DEMO)
        assert response.headers["WWW-Authenticate"] == "Token"


@pytest.mark.parametrize("scheme", ["Token", "token", "TOKEN"])
def test_e05_the_scheme_is_written_in_any_case(learners, scheme) -> None:
    headers = {"Authorization": f"{scheme} everything"}
    assert learners.get("/learners/", token=None, headers=headers, course_id=DEMO).status_code == 200
    assert learners.get("/authenticated", token=None, headers=headers).status_code == 200


def test_e06_a_token_for_some_courses_reads_no_others(learners) -> None:
    for path in PATHS:
        assert learners.get(path, token="one-course", course_id=DEMO).status_code == 200
        for course in ("edX/Quiet/2015", "edX/Nothing/Here"):  # whether it exists is not told
            assert learners.refused(path, token="one-course", course_id=course) == (403, "permission_denied")
    assert learners.get(f"/course_learner_metadata/{DEMO}/", token="one-course").status_code == 200
    refused = learners.refused("/course_learner_metadata/edX/Quiet/2015/", token="one-course")
    assert refused == (403, "permission_denied")


def test_e07_refusals_have_an_order(learners) -> None:
    """No token, then no parameters, then no rights, then nothing there."""
    everything_wrong = {"course_id": "edX/Nothing/Here", "order_by": "wrong", "segments": "unknown"}
    assert learners.refused("/learners/", token="wrong", **everything_wrong)[0] == 401
    assert learners.refused("/learners/", token="one-course", **everything_wrong)[0] == 400
    del everything_wrong["order_by"]
    assert learners.refused("/learners/", token="one-course", **everything_wrong)[0] == 403
    assert learners.refused("/learners/", **everything_wrong) == (404, "course_not_found")
    assert learners.refused("/learners/", token="wrong", method="POST")[0] == 401
    assert learners.refused("/learners/", accept="image/png")[0] == 406


def test_e08_every_refusal_has_a_code_and_a_message(learners) -> None:
    """The shape is the same for all of them, also where the data API had ``detail``."""
    assert learners.refused("/nowhere/") == (404, "not_found")
    assert learners.refused("/learners/a/b/c/") == (404, "not_found")
    assert learners.refused("", prefix="/api/v1/learners/") == (404, "not_found")
    assert learners.refused("", prefix="/api") == (404, "not_found")
    assert learners.refused("/learners/", course_id=DEMO, page=99) == (404, "page_not_found")


def test_e09_the_codes_say_what_is_not_there(learners) -> None:
    there = {"course_id": DEMO}
    assert learners.refused("/learners/") == (400, "course_not_specified")
    assert learners.refused("/learners/", **there, sort_order="up") == (400, "illegal_parameter_values")
    assert learners.refused("/learners/unknown/", **there) == (404, "no_learner_for_course")
    assert learners.refused("/learners/", course_id="a/b/c") == (404, "course_not_found")
    assert learners.refused("/learners/", **there, segments="low_grades") == (404, "segment_not_found")
    assert learners.refused("/learners/", **there, cohort="Cohort C") == (404, "cohort_not_found")
    assert learners.refused("/learners/", **there, enrollment_mode="masters") == (404, "enrollment_mode_not_found")
    timeline = learners.refused("/engagement_timelines/unknown/", **there)
    assert timeline == (404, "no_learner_engagement_timeline")


@pytest.mark.parametrize("path", PATHS)
def test_e10_a_course_must_be_named(learners, path) -> None:
    assert learners.refused(path) == (400, "course_not_specified")
    assert learners.refused(path, course_id="") == (400, "course_not_specified")


@pytest.mark.parametrize(
    "course",
    ["x", "a+b+c", "a/b", "a/b/c/d", "a/b/c d", "a/b/c%", "a/b/c\n", "course-v1:a+b", "course-v1:a/b/c", "/b/c", "🙂"],
)
def test_e10_a_course_key_must_be_well_formed(learners, course) -> None:
    assert learners.refused("/learners/", course_id=course) == (400, "course_key_malformed")


@pytest.mark.parametrize("path", PATHS)
def test_e10_a_malformed_key_is_refused_by_every_endpoint_that_takes_it_in_its_query(learners, path) -> None:
    assert learners.refused(path, course_id="a/b") == (400, "course_key_malformed")


@pytest.mark.parametrize("course", ["x", "a+b+c", "a/b", "a/b/c/d", "course-v1:a+b", "a/b/c%20d", "%F0%9F%99%82"])
def test_e10_metadata_knows_no_malformed_key_only_a_course_that_is_not_there(learners, course) -> None:
    """The text has 404 alone there; the key is part of the path."""
    assert learners.refused(f"/course_learner_metadata/{course}/") == (404, "course_not_found")


def test_e10_a_plus_that_is_not_encoded_in_a_query_is_malformed(learners) -> None:
    response = learners.http.get(
        f"{learners.url}/api/v0/learners/?course_id={DEMO}", headers={"Authorization": "Token everything"}
    )
    assert response.status_code == 400
    assert "%2B" in response.json()["developer_message"]


@pytest.mark.parametrize(
    "course",
    ["a/b/c", "course-v1:a+b+c", "course-v1:a+b+c+branch@draft", "library-v1:a+b", "ccx-v1:a+b+c+ccx@1", "ä/ö/ü"],
)
def test_e10_a_well_formed_key_is_looked_for(learners, course) -> None:
    assert learners.refused("/learners/", course_id=course) == (404, "course_not_found")


def test_e10_a_course_of_the_data_may_have_any_name(learners) -> None:
    """Who brings their own files need not write course keys."""
    assert learners.names("Algebra 1") == ["solo"]
    assert learners.get("/course_learner_metadata/Algebra%201/").status_code == 200
    refused = learners.refused("/learners/", course_id="Algebra 1", token="one-course")
    assert refused == (400, "course_key_malformed")  # as if it were not there


@pytest.mark.parametrize("course", ["edX/Nothing/Here", "edX/Staff/Only"])
def test_e11_an_unknown_course_is_not_found_by_any_endpoint(learners, course) -> None:
    """A course is known by its learners: engagement of others alone makes none."""
    for path in PATHS:
        assert learners.refused(path, course_id=course) == (404, "course_not_found")
    assert learners.refused(f"/course_learner_metadata/{course}/") == (404, "course_not_found")


@pytest.mark.parametrize("prefix", ["", *PREFIXES])
@pytest.mark.parametrize("slash", ["", "/"])
def test_e12_status_health_and_authenticated_answer_everywhere(learners, prefix, slash) -> None:
    for path in ("/status", "/health"):
        response = learners.get(path + slash, prefix=prefix, token=None)
        assert response.status_code == 200
        assert response.json()["overall_status"] == "OK"
    assert learners.get("/authenticated" + slash, prefix=prefix).status_code == 200
    assert learners.refused("/authenticated" + slash, prefix=prefix, token=None) == (401, "not_authenticated")


@pytest.mark.parametrize("prefix", PREFIXES)
def test_the_description_is_served_to_everyone(learners, prefix) -> None:
    found = learners.get("/openapi.json", prefix=prefix, token=None)
    assert found.status_code == 200
    assert found.json()["openapi"].startswith("3.1")
    assert [one["url"] for one in found.json()["servers"]] == PREFIXES


def test_the_specifications_search_with_every_filter_is_understood(learners) -> None:
    query = "page=1&order_by=problems_attempted&sort_order=desc&text_search=Smith&segments=disengaging"
    filters = "enrollment_mode=honor&cohort=Cohort+A"
    response: httpx.Response = learners.http.get(
        f"{learners.url}/api/v0/learners/?course_id={quote(DEMO, safe='')}&{query}&{filters}",
        headers={"Authorization": "Token everything"},
    )
    assert (response.status_code, response.json()["count"]) == (200, 0)
