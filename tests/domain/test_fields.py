from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnosity_nb.domain.fields import (
    DEFAULT_FIELDS,
    GROUP_FIELDS,
    USER_FIELDS,
    default_sort,
    find_group_field,
    near_names,
    parse_fields,
    parse_user_fields,
)
from learnosity_nb.errors import InputError

EXAMPLE_FIELDS = [
    "group_count",
    "population",
    "lowest_score",
    "highest_score",
    "mean_seen_activities",
    "mean_attempted_percent",
    "mean_score",
    "median_score",
    "p25_score",
    "p75_score",
    "p90_score",
    "stddev_score",
    "lowest_percent",
    "highest_percent",
    "mean_percent",
    "median_percent",
    "p25_percent",
    "p75_percent",
    "p90_percent",
    "stddev_percent",
]


def test_the_default_fields_are_those_of_the_example_in_its_order() -> None:
    assert list(DEFAULT_FIELDS) == EXAMPLE_FIELDS
    assert [field.name for field in parse_fields(None)] == EXAMPLE_FIELDS


def test_the_user_fields_are_those_of_the_example_in_its_order() -> None:
    assert USER_FIELDS == ("score", "attempted_max_score", "unscored_max_score", "max_score", "seen_activities")


@pytest.mark.parametrize("percent", range(100))
@pytest.mark.parametrize(("measure", "places"), [("score", 2), ("percent", 11)])
def test_every_two_digit_percentile_is_a_field(percent: int, measure: str, places: int) -> None:
    field = find_group_field(f"p{percent:02d}_{measure}")
    assert field is not None
    assert (field.statistic, field.measure, field.percent, field.places) == ("quantile", measure, percent, places)
    assert not field.whole


@pytest.mark.parametrize(
    "name",
    [
        "p5_score",
        "p100_score",
        "p005_percent",
        "p_score",
        "p25_users",
        "p25_scores",
        "P25_score",
        " p25_score",
        "p25_score\n",
        "p25score",
        "p٢٥_score",
        "p-5_score",
        "",
        "mean",
        "Population",
    ],
)
def test_a_name_that_is_nearly_a_field_is_none(name: str) -> None:
    assert find_group_field(name) is None


@given(st.text(max_size=12))
def test_only_the_listed_names_and_percentiles_are_fields(name: str) -> None:
    percentiles = {f"p{digits:02d}_{measure}" for digits in range(100) for measure in ("score", "percent")}
    assert (find_group_field(name) is not None) == (name in GROUP_FIELDS or name in percentiles)


def test_the_median_is_the_fiftieth_percentile() -> None:
    median, fiftieth = GROUP_FIELDS["median_score"], find_group_field("p50_score")
    assert fiftieth is not None
    assert (median.statistic, median.percent, median.places) == (
        fiftieth.statistic,
        fiftieth.percent,
        fiftieth.places,
    )


@pytest.mark.parametrize(
    ("name", "places"),
    [
        ("mean_score", 2),
        ("median_score", 2),
        ("stddev_score", 2),
        ("mean_seen_activities", 2),
        ("mean_percent", 11),
        ("median_percent", 11),
        ("stddev_percent", 11),
        ("mean_attempted_percent", 11),
        ("lowest_score", None),
        ("highest_score", None),
        ("lowest_percent", None),
        ("highest_percent", None),
        ("population", None),
        ("group_count", None),
    ],
)
def test_each_field_has_the_decimals_the_service_keeps(name: str, places: int | None) -> None:
    assert GROUP_FIELDS[name].places == places


def test_only_population_and_group_count_are_whole() -> None:
    assert {name for name, field in GROUP_FIELDS.items() if field.whole} == {"population", "group_count"}


def test_fields_keep_the_order_asked_for() -> None:
    names = ["p05_score", "population", "mean_percent"]
    assert [field.name for field in parse_fields(names)] == names
    with pytest.raises(InputError, match="fields is empty"):
        parse_fields([])


def test_every_bad_field_is_told_at_once_with_near_names() -> None:
    with pytest.raises(InputError) as caught:
        parse_fields(["mean_scor", "population", "population", 7, "p5_score", "p100_percent"])  # type: ignore[list-item]
    faults = {fault.key: fault for fault in caught.value.faults}
    assert {key: fault.kind for key, fault in faults.items()} == {
        "fields[0]": "unknown_field",
        "fields[2]": "duplicate_field",
        "fields[3]": "bad_field",
        "fields[4]": "unknown_field",
        "fields[5]": "unknown_field",
    }
    assert "did you mean `mean_score`" in faults["fields[0]"].message
    assert "`p25_score`" in faults["fields[4]"].message
    assert faults["fields[3]"].value == "7"


@pytest.mark.parametrize("parse", [parse_fields, parse_user_fields])
@pytest.mark.parametrize("text", ["population", "score", ""])
def test_a_bare_text_is_one_fault_and_not_a_list_of_letters(parse: object, text: str) -> None:
    with pytest.raises(InputError, match="must be a list of field names, not '") as caught:
        parse(text)  # type: ignore[operator]
    assert caught.value.faults == ()


def test_user_fields_keep_the_order_asked_for() -> None:
    assert parse_user_fields(["max_score", "score"]) == ("max_score", "score")
    assert parse_user_fields(None) == ()
    assert parse_user_fields([]) == ()


def test_bad_user_fields_are_told_at_once() -> None:
    with pytest.raises(InputError) as caught:
        parse_user_fields(["scores", "score", "score", "user_id"])
    assert [fault.kind for fault in caught.value.faults] == ["unknown_field", "duplicate_field", "unknown_field"]
    assert "did you mean `score`" in caught.value.faults[0].message


def test_groups_are_sorted_by_population_when_it_is_there_and_by_the_first_field_else() -> None:
    assert default_sort(["mean_score", "population"]) == "population"
    assert default_sort(["mean_score", "median_score"]) == "mean_score"


def test_near_names_are_offered_once_each_and_none_for_a_stranger() -> None:
    assert near_names("scor", ["score", "score", "max_score"]).count("`score`") == 1
    assert near_names("xyzzy", DEFAULT_FIELDS) == ""
