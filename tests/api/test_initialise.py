"""``reports/datasets`` set: every parameter at, below and above its limits."""

from __future__ import annotations

import re
from uuid import UUID, uuid4

import pytest

EXAMPLE = {
    "dataset_type": "sessions-summary-by-group",
    "file_count": 1,
    "options": {
        "default_sort_field": "mean_percent",
        "default_sort_order": "desc",
        "fields": [
            *["group_count", "population", "lowest_score", "highest_score", "mean_seen_activities"],
            *["mean_attempted_percent", "mean_score", "median_score", "p25_score", "p75_score", "p90_score"],
            *["stddev_score", "lowest_percent", "highest_percent", "mean_percent", "median_percent"],
            *["p25_percent", "p75_percent", "p90_percent", "stddev_percent"],
        ],
        "default_users_sort_field": "score",
        "default_users_sort_order": "desc",
        "user_fields": ["score", "attempted_max_score", "unscored_max_score", "max_score", "seen_activities"],
    },
    "groups": [
        {"key": "district", "label": "District"},
        {"key": "school", "label": "School"},
        {"key": "class", "label": "Class"},
    ],
}

URL = re.compile(
    r"https?://[^/]+/reports/0007/sessions-summary-by-group/[0-9a-f-]{36}/infiles/(\d+)\.ndjson"
    r"\?AWSAccessKeyId=consumer-\d+&Expires=(\d+)&Signature=\S+"
)


def test_the_specifications_own_example_is_accepted(api) -> None:
    answer = api.call("reports/datasets", EXAMPLE, "set")
    assert answer.status == 200
    assert set(answer.meta) == {"status", "timestamp", "versions"}
    assert set(answer.data) == {"dataset_id", "input_files"}
    assert str(UUID(answer.data["dataset_id"])) == answer.data["dataset_id"]
    [url] = answer.data["input_files"]
    found = URL.fullmatch(url)
    assert found[1] == "0"
    assert int(found[2]) - answer.meta["timestamp"] in {3600, 3601, 3602}
    assert url.startswith(f"{api.url}/")
    assert answer.data["dataset_id"] in url


@pytest.mark.parametrize("file_count", [1, 2, 100, "1", "100"])
def test_there_is_one_numbered_url_for_each_file(api, file_count) -> None:
    urls = api.initialise(file_count=file_count).data["input_files"]
    assert [int(URL.fullmatch(url)[1]) for url in urls] == list(range(int(file_count)))


@pytest.mark.parametrize(
    ("file_count", "code"),
    [(None, 20000), (0, 20004), (-1, 20004), (101, 20004), ("101", 20004), ("0", 20004)]
    + [(value, 20003) for value in ("three", "", "-1", "1.0", "²", "9" * 5000, True, 1.5, [1], {})],
)
def test_another_file_count_is_refused(api, file_count, code) -> None:
    answer = api.initialise(file_count=file_count)
    assert answer.refused == (400, code)
    assert "file_count" in answer.meta["message"]


@pytest.mark.parametrize("dataset_type", ["activity-analysis-by-question", "sessions-summary", "", 5, ["a"], {}])
def test_an_unknown_dataset_type_is_refused(api, dataset_type) -> None:
    assert api.initialise(dataset_type=dataset_type).refused == (400, 44000)


def test_a_missing_dataset_type_is_refused(api) -> None:
    assert api.initialise(dataset_type=None).refused == (400, 20000)


@pytest.mark.parametrize(
    ("groups", "code"),
    [
        (None, 20000),
        ([], 20003),
        ("district", 20003),
        ({"key": "a", "label": "A"}, 20003),
        (["district"], 20003),
        ([{"label": "A"}], 20003),
        ([{"key": "", "label": "A"}], 20003),
        ([{"key": "  ", "label": "A"}], 20003),
        ([{"key": 1, "label": "A"}], 20003),
        ([{"key": "a", "label": 1}], 20003),
        ([{"key": "a", "label": "A"}, {"key": "a", "label": "B"}], 20004),
    ],
)
def test_groups_must_be_levels_with_keys_of_their_own(api, groups, code) -> None:
    answer = api.initialise(groups=groups)
    assert answer.refused == (400, code)
    assert "groups" in answer.meta["message"]


@pytest.mark.parametrize("groups", [[{"key": "a"}], [{"key": f"level {n}", "label": ""} for n in range(40)]])
def test_a_label_may_be_left_out_and_levels_may_be_many(api, groups) -> None:
    assert api.initialise(groups=groups).status == 200


@pytest.mark.parametrize(
    ("options", "code", "place"),
    [
        ([], 20003, "options"),
        ("fields", 20003, "options"),
        ({"fields": "population"}, 20003, "options.fields"),
        ({"fields": [1]}, 20003, "options.fields[0]"),
        ({"fields": ["population", "p5_score"]}, 20004, "options.fields[1]"),
        ({"fields": ["p100_score"]}, 20004, "options.fields[0]"),
        ({"fields": ["mean"]}, 20004, "options.fields[0]"),
        ({"fields": ["p05_score", "p05_score"]}, 20004, "options.fields[1]"),
        ({"user_fields": ["population"]}, 20004, "options.user_fields[0]"),
        ({"user_fields": ["score", "score"]}, 20004, "options.user_fields[1]"),
        ({"user_fields": {"score": 1}}, 20003, "options.user_fields"),
        ({"default_sort_field": "mean_score", "fields": ["population"]}, 20004, "options.default_sort_field"),
        ({"default_sort_field": "p01_score"}, 20004, "options.default_sort_field"),
        ({"default_sort_field": 1}, 20004, "options.default_sort_field"),
        ({"default_sort_order": "DESC"}, 20004, "options.default_sort_order"),
        ({"default_sort_order": ["asc"]}, 20004, "options.default_sort_order"),
        ({"default_users_sort_order": "up"}, 20004, "options.default_users_sort_order"),
        ({"default_users_sort_field": "score"}, 20004, "options.default_users_sort_field"),
        ({"default_users_sort_field": "x", "user_fields": ["score"]}, 20004, "options.default_users_sort_field"),
    ],
)
def test_an_option_that_cannot_be_is_refused_at_its_place(api, options, code, place) -> None:
    answer = api.initialise(options=options)
    assert answer.refused == (400, code)
    assert [detail["key"] for detail in answer.meta["details"]] == [place]


@pytest.mark.parametrize(
    "options",
    [
        None,
        {},
        {"fields": [], "user_fields": []},
        {"fields": ["p00_score", "p99_percent"]},
        {"default_sort_field": None, "default_sort_order": None},
        {"default_users_sort_field": None, "default_users_sort_order": None},
        {"fields": ["population"], "default_sort_field": "population", "default_sort_order": "asc"},
        {"user_fields": ["score"], "default_users_sort_field": "score", "unheard_of": 1},
    ],
)
def test_options_that_can_be_are_accepted(api, options) -> None:
    assert api.initialise(options=options).status == 200


@pytest.mark.parametrize(
    ("filters", "place"),
    [
        ({"mintime": "yesterday"}, "filters.mintime"),
        ({"maxtime": "2026-02-30"}, "filters.maxtime"),
        ({"mintime": True}, "filters.mintime"),
        ({"mintime": []}, "filters.mintime"),
        ({"mintime": 1_700_000_000_000}, "filters.mintime"),
        ({"mintime": -1}, "filters.mintime"),
        ({"maxtime": 10**300}, "filters.maxtime"),
        ({"maxtime": 10**400}, "filters.maxtime"),
        ({"mintime": "0001-01-01T00:00:00+23:00"}, "filters.mintime"),
        ({"mintime": "2026-01-02", "maxtime": "2026-01-01"}, "filters.mintime"),
    ],
)
def test_a_time_that_cannot_be_is_refused_at_its_place(api, filters, place) -> None:
    answer = api.initialise(filters=filters)
    assert answer.refused == (400, 20004)
    assert [detail["key"] for detail in answer.meta["details"]] == [place]


def test_filters_must_be_an_object(api) -> None:
    assert api.initialise(filters=["mintime"]).refused == (400, 20003)


@pytest.mark.parametrize(
    "filters",
    [
        {},
        {"mintime": None, "maxtime": None},
        {"mintime": 0, "maxtime": 1_700_000_000},
        {"mintime": "1700000000", "maxtime": 1_700_000_000.5},
        {"mintime": "2026-01-01T00:00:00Z", "maxtime": "2026-01-01T02:00:00+02:00"},
        {"mintime": "1950-01-01", "maxtime": "1960-01-01"},
    ],
)
def test_times_are_unix_seconds_or_rfc_3339(api, filters) -> None:
    assert api.initialise(filters=filters).status == 200


def test_every_fault_is_named_at_once_with_the_first_ones_code(api) -> None:
    answer = api.initialise(file_count=0, groups=None, options={"fields": ["mean", "population", "population"]})
    assert answer.refused == (400, answer.meta["details"][0]["code"])
    places = {detail["key"] for detail in answer.meta["details"]}
    assert places == {"file_count", "groups", "options.fields[0]", "options.fields[2]"}
    assert "mean_score" in answer.meta["message"]  # a name that may have been meant


def test_a_callers_own_uuid_is_kept_in_its_canonical_form(api) -> None:
    own = str(uuid4())
    assert api.initialise(dataset_id=own.upper()).data["dataset_id"] == own


@pytest.mark.parametrize(("dataset_id", "code"), [("7", 20004), ("../../x", 20004), (7, 20003), ([], 20003)])
def test_a_dataset_id_that_is_no_uuid_is_refused(api, dataset_id, code) -> None:
    assert api.initialise(dataset_id=dataset_id).refused == (400, code)


def test_the_same_call_again_gives_the_same_dataset(api) -> None:
    own = str(uuid4())
    first, second = api.initialise(dataset_id=own), api.initialise(dataset_id=own)
    assert first.data["dataset_id"] == second.data["dataset_id"]
    assert len(second.data["input_files"]) == 1


def test_an_id_with_other_parameters_or_of_another_consumer_is_taken(api, other) -> None:
    own = str(uuid4())
    assert api.initialise(dataset_id=own).status == 200
    assert api.initialise(dataset_id=own, file_count=2).refused == (409, 20011)
    assert other.initialise(dataset_id=own).refused == (409, 20011)


def test_meta_and_unknown_keys_of_a_request_are_passed_over(api) -> None:
    assert api.initialise(meta={"sdk": {"version": "v0"}}, unheard_of=[1]).status == 200
