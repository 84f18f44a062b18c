"""The learner list: pages, order, filters and rows. The numbers are those of the rules in the reference."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

DEMO = "course-v1:edX+DemoX+Demo_2014"
MANY = "course-v1:edX+Many+2015"
RATIOS = "course-v1:edX+Ratios+1"
ALL = [
    "Zed",
    "a.b-c+d_e",
    "alice",
    "bob",
    "carol",
    "daniel",
    "frank/x",
    "gone",
    "idle",
    "left",
    "pat@example.org",
    "élise",
]
COUNTS = ["discussion_contributions", "problems_attempted", "problems_completed", "videos_viewed"]
RATIO = "problem_attempts_per_completed"
ORDERS = ["username", "email", *COUNTS, RATIO, "attempt_ratio_order"]
MODES = ["audit", "verified"]


def refused(learners, **parameters: Any) -> tuple[int, str]:
    return learners.refused("/learners/", course_id=DEMO, **parameters)


def test_e13_the_envelope_has_the_documented_keys_and_the_number_of_pages(learners) -> None:
    found = learners.list(page_size=5)
    assert list(found) == ["count", "num_pages", "next", "previous", "results"]
    assert (found["count"], found["num_pages"], found["previous"], len(found["results"])) == (12, 3, None, 5)


def test_e14_a_page_has_25_learners_unless_asked_and_100_at_most(learners) -> None:
    assert len(learners.list(MANY)["results"]) == 25
    assert len(learners.list(MANY, page_size=100)["results"]) == 100
    assert len(learners.list(MANY, page_size=1)["results"]) == 1


@pytest.mark.parametrize("size", ["0", "-1", "101", "1.5", "ten", "", " 5", "5 ", "٣", "9" * 40])
def test_e14_a_page_size_out_of_range_is_refused(learners, size) -> None:
    assert refused(learners, page_size=size) == (400, "illegal_parameter_values")


@pytest.mark.parametrize("page", ["0", "-1", "1.5", "last", "", "1e3", "9" * 40])
def test_e15_a_page_that_is_no_number_from_1_is_refused(learners, page) -> None:
    assert refused(learners, page=page) == (400, "illegal_parameter_values")


def test_e15_a_page_past_the_end_is_not_found(learners) -> None:
    """The design decides for 404, as both code eras had it."""
    assert len(learners.list(page_size=5, page=3)["results"]) == 2
    assert refused(learners, page_size=5, page=4) == (404, "page_not_found")
    assert refused(learners, page=10**14) == (404, "page_not_found")


def test_e16_the_first_page_of_nothing_is_empty(learners) -> None:
    found = learners.list(text_search="nobody at all")
    assert found == {"count": 0, "num_pages": 1, "next": None, "previous": None, "results": []}
    assert refused(learners, text_search="nobody at all", page=2) == (404, "page_not_found")


@pytest.mark.parametrize("prefix", ["/api/v0", "/api/learner_analytics/v0"])
def test_e17_links_are_absolute_keep_the_query_and_leave_out_the_first_page(learners, prefix) -> None:
    given = {"course_id": DEMO, "page_size": "5", "cohort": "", "unknown": "kept & whole", "sort_order": "desc"}
    pages = {n: learners.get("/learners/", prefix=prefix, page=n, **given).json() for n in (1, 2, 3)}
    links = {name: urlsplit(pages[2][name]) for name in ("next", "previous")}
    for link in links.values():
        assert f"{link.scheme}://{link.netloc}{link.path}" == f"{learners.url}{prefix}/learners/"
    assert dict(parse_qsl(links["next"].query, keep_blank_values=True)) == {**given, "page": "3"}
    assert dict(parse_qsl(links["previous"].query, keep_blank_values=True)) == given
    assert parse_qsl(urlsplit(pages[3]["previous"]).query)[-1] == ("page", "2")
    assert (pages[1]["previous"], pages[3]["next"]) == (None, None)


def test_e18_learners_stand_by_username_as_code_points(learners) -> None:
    assert learners.names() == ALL
    assert learners.names(order_by="username", sort_order="desc") == ALL[::-1]


@pytest.mark.parametrize("order", ORDERS)
def test_e19_the_eight_ways_to_sort_are_known_in_both_directions(learners, order) -> None:
    for direction in ("asc", "desc"):
        assert sorted(learners.names(order_by=order, sort_order=direction)) == ALL
    assert learners.names(order_by=order) == learners.names(order_by=order, sort_order="asc")


@pytest.mark.parametrize(
    "order", ["", "name", "cohort", "segments", "Username", "discussions_contributed", "-username"]
)
def test_e19_other_ways_to_sort_are_refused(learners, order) -> None:
    assert refused(learners, order_by=order) == (400, "illegal_parameter_values")


@pytest.mark.parametrize("direction", ["", "ASC", "up", "descending"])
def test_e19_other_directions_are_refused(learners, direction) -> None:
    assert refused(learners, sort_order=direction) == (400, "illegal_parameter_values")


def test_e20_null_sorts_last_upward_and_first_downward(learners) -> None:
    upward = learners.names(order_by="email")
    assert upward[:3] == ["carol", "alice", "daniel"]  # Carol@ before alice@
    assert upward[-3:] == ["bob", "gone", "left"]
    downward = learners.names(order_by="email", sort_order="desc")
    assert downward[:3] == ["bob", "gone", "left"]
    assert downward[3:] == upward[:-3][::-1]


def test_e21_equal_ratios_stand_by_attempts_in_the_other_direction(learners) -> None:
    upward = ["ten-five", "two-one", "six-two", "nobody", "watcher", "one-none", "ten-none"]
    assert learners.names(RATIOS, order_by=RATIO) == upward
    downward = ["ten-none", "one-none", "nobody", "watcher", "six-two", "two-one", "ten-five"]
    assert learners.names(RATIOS, order_by=RATIO, sort_order="desc") == downward
    assert all("attempt_ratio_order" not in row["engagements"] for row in learners.list(RATIOS)["results"])


def test_e22_attempt_ratio_order_is_attempts_and_negative_without_a_solved_problem(learners) -> None:
    upward = ["ten-none", "one-none", "nobody", "watcher", "two-one", "six-two", "ten-five"]
    assert learners.names(RATIOS, order_by="attempt_ratio_order") == upward


@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_e23_ties_stand_by_username_both_ways(learners, world, direction) -> None:
    ranked = learners.names(order_by="discussion_contributions", sort_order=direction)
    assert [name for name in ranked if name != "alice"] == [name for name in ALL if name != "alice"]
    assert ranked.index("alice") == (11 if direction == "asc" else 0)


def test_e24_segments_are_joined_by_or_and_ignored_ones_by_neither(learners) -> None:
    assert learners.names(segments="disengaging") == ["left"]
    assert learners.names(segments="disengaging,unenrolled") == ["gone", "left"]
    quiet = set(learners.names(segments="inactive,disengaging"))
    assert set(learners.names(ignore_segments="inactive,disengaging")) == set(ALL) - quiet
    assert learners.names(segments="", ignore_segments="") == ALL
    assert learners.names(segments="disengaging", ignore_segments="") == ["left"]
    assert refused(learners, segments="inactive", ignore_segments="struggling") == (400, "illegal_parameter_values")


@pytest.mark.parametrize("names", ["has_potential", "low_grades", "inactive,", "inactive, struggling", "Inactive", ","])
def test_e25_an_unknown_segment_is_not_found(learners, names) -> None:
    """The design decides that only the five names exist."""
    assert refused(learners, segments=names) == (404, "segment_not_found")
    assert refused(learners, ignore_segments=names) == (404, "segment_not_found")
    assert refused(learners, segments=names, ignore_segments="inactive")[0] == 400


def test_e26_cohort_and_mode_are_matched_whole_and_must_occur(learners) -> None:
    assert learners.names(cohort="Cohort A") == ["alice", "bob"]
    assert learners.names(cohort="Größe 1") == ["daniel"]
    assert learners.names(enrollment_mode="verified") == ["Zed", "pat@example.org"]
    assert learners.names(cohort="", enrollment_mode="") == ALL
    for cohort in ("cohort a", "Cohort", "Cohort A ", "null"):
        assert refused(learners, cohort=cohort) == (404, "cohort_not_found")
    for mode in ("Honor", "masters", "hon"):
        assert refused(learners, enrollment_mode=mode) == (404, "enrollment_mode_not_found")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("daniel", ["daniel"]),
        ("DANIEL friedman", ["daniel"]),
        ("smith", ["alice", "bob"]),
        ("Bob Zebra", ["Zed", "bob"]),
        ("o'brien", ["alice"]),
        ("ÉLISE", ["élise"]),
        ("E\u0301lise", ["élise"]),
        ("李", ["frank/x"]),
        ("frank/x", ["frank/x"]),
        ("pat@example.org", ["pat@example.org"]),
        ("dfriedman@example.org", ["daniel"]),
        ("  lee  ", ["pat@example.org"]),
        ("a.b-c+d_e", ["a.b-c+d_e"]),
        ("dan", []),
        ("dfriedman", []),
        ("ALICE@example.org", ["alice"]),
        ("DFRIEDMAN@example.org", []),
        ("*", []),
        ("-", []),
    ],
)
def test_e27_a_search_finds_words_of_names_and_whole_usernames_and_addresses(learners, text, found) -> None:
    """``ALICE@example.org`` is no address here, but ``ALICE`` is a word of her name."""
    assert learners.names(text_search=text) == found


def test_e27_an_empty_search_finds_everyone(learners) -> None:
    assert learners.names(text_search="") == ALL


def test_e28_filters_are_joined_by_and(learners) -> None:
    assert learners.names(enrollment_mode="honor", cohort="Cohort A", text_search="bob lee") == ["bob"]
    assert learners.names(enrollment_mode="audit", segments="disengaging") == ["left"]
    assert learners.names(enrollment_mode="verified", segments="disengaging") == []


def test_e29_a_row_has_the_documented_keys_in_their_order_and_defaults(learners) -> None:
    row = next(row for row in learners.list()["results"] if row["username"] == "idle")
    assert list(row) == [
        *("last_updated", "username", "name", "email", "account_url", "enrollment_mode", "enrollment_date"),
        *("cohort", "segments", "engagements"),
    ]
    assert list(row["engagements"]) == ["date_range", *COUNTS, RATIO]
    assert row["engagements"] == {
        "date_range": {"start": "2015-10-19", "end": "2015-10-26"},
        **dict.fromkeys(COUNTS, 0),
        RATIO: None,
    }
    assert (row["cohort"], row["segments"]) == (None, ["inactive"])
    assert learners.detail("bob")["segments"] == []


def test_e30_no_other_field_is_given(learners) -> None:
    """There are no profile fields: they are reached by ``account_url``."""
    assert learners.detail("alice")["account_url"] == "https://lms.example/api/user/v1/accounts/alice"
    assert learners.detail("frank/x")["account_url"] == "https://lms.example/api/user/v1/accounts/frank%2Fx"
    assert len(learners.get("/learners/alice/", course_id=DEMO, extended="true").json()) == 10


def test_e31_dates_are_days_and_enrolment_has_its_time_where_the_data_has_one(learners) -> None:
    row = learners.detail("alice")
    assert (row["last_updated"], row["enrollment_date"]) == ("2015-10-25", "2015-10-01 08:30:00.000000")
    assert learners.detail("ann", learners.quiet)["enrollment_date"] == "2015-09-01"
    assert learners.detail("gone")["enrollment_date"] is None
    for day in row["engagements"]["date_range"].values():
        assert date.fromisoformat(day)


def test_the_last_of_a_repeated_parameter_counts_and_unknown_ones_do_not(learners) -> None:
    response = learners.get("/learners/?page=7&page=1", course_id=DEMO, format="xml", nonsense=1)
    assert response.status_code == 400  # the course stands after a second question mark
    query = f"course_id={DEMO.replace('+', '%2B')}&page=7&page=1&nonsense=1"
    url = f"{learners.url}/api/v0/learners/?{query}"
    assert learners.http.get(url, headers={"Authorization": "Token everything"}).json()["count"] == 12


QUERIES = st.fixed_dictionaries(
    {
        "order_by": st.sampled_from(ORDERS),
        "sort_order": st.sampled_from(["asc", "desc"]),
        "page_size": st.integers(7, 100),
    },
    optional={
        "cohort": st.sampled_from(["one", "two"]),
        "enrollment_mode": st.sampled_from(MODES),
        "text_search": st.sampled_from(["ann", "day fay", "3@example.org"]),
        "ignore_segments": st.sampled_from(["inactive", "struggling,unenrolled"]),
    },
)


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=QUERIES)
def test_following_the_pages_meets_every_learner_once(learners, all_pages, query) -> None:
    pages = list(all_pages(learners, MANY, **query))
    met = [row["username"] for page in pages for row in page["results"]]
    assert len(met) == len(set(met)) == pages[0]["count"]
    assert set(met) == {row["username"] for row in learners.world.learners if _matches(learners, row, query)}
    assert len(pages) == pages[0]["num_pages"]
    assert all(len(page["results"]) == query["page_size"] for page in pages[:-1])


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.sampled_from([*COUNTS, RATIO]), descending=st.booleans())
def test_sorted_pages_are_in_order(learners, all_pages, order, descending) -> None:
    direction = "desc" if descending else "asc"
    pages = all_pages(learners, MANY, order_by=order, sort_order=direction, page_size=100)
    values = [row["engagements"][order] for page in pages for row in page["results"]]
    numbers = [float("inf") if value is None else value for value in values]
    assert numbers == sorted(numbers, reverse=descending)


@cache
def segments_of(learners, username: str) -> frozenset[str]:
    return frozenset(learners.detail(username, MANY)["segments"])


def _matches(learners, row: dict[str, Any], query: dict[str, Any]) -> bool:
    if row["course_id"] != MANY:
        return False
    words = set(query.get("text_search", "").split())
    found = words & set(row["name"].lower().split()) or query.get("text_search", row["email"]) == row["email"]
    segments = segments_of(learners, row["username"]) if "ignore_segments" in query else set()
    return bool(
        query.get("cohort", row["cohort"]) == row["cohort"]
        and query.get("enrollment_mode", row["enrollment_mode"]) == row["enrollment_mode"]
        and found
        and not segments & set(query.get("ignore_segments", "").split(","))
    )
