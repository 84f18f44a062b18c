from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learnosity_nb.domain.fields import DEFAULT_FIELDS, USER_FIELDS
from learnosity_nb.local.datasets.parameters import DatasetParameters, bounds, read_parameters
from learnosity_nb.local.refusals import Refusal

LEAST = {"dataset_type": "sessions-summary-by-group", "file_count": 1, "groups": [{"key": "a"}]}


def read(**changes) -> DatasetParameters:
    return read_parameters({**LEAST, **changes})


def test_what_is_left_out_has_the_documented_defaults() -> None:
    found = read()
    assert (found.fields, found.user_fields) == (DEFAULT_FIELDS, ())
    assert (found.sort_field, found.sort_order) == ("population", "desc")
    assert (found.users_sort_field, found.users_sort_order) == (None, "desc")
    assert (found.level_keys, found.level_labels) == (("a",), ("a",))
    assert bounds(found) == (None, None)


def test_an_explicit_null_is_the_same_as_leaving_it_out() -> None:
    names = ["default_sort_field", "default_sort_order", "default_users_sort_field", "default_users_sort_order"]
    options = {"user_fields": ["max_score", "score"]}
    assert read(options={**options, **dict.fromkeys(names)}) == read(options=options)
    assert read(options=None, filters=None) == read()
    assert read(options=options).users_sort_field == "max_score"


def test_without_population_rows_are_sorted_by_the_first_field() -> None:
    assert read(options={"fields": ["mean_score", "p05_score"]}).sort_field == "mean_score"
    assert read(options={"fields": ["mean_score", "population"]}).sort_field == "population"


def test_fields_of_the_dataset_are_those_named_in_their_order() -> None:
    found = read(options={"fields": ["p99_percent", "group_count"]})
    assert [field.name for field in found.group_fields()] == ["p99_percent", "group_count"]


@settings(deadline=None)
@given(
    fields=st.lists(st.sampled_from(DEFAULT_FIELDS), unique=True, min_size=1),
    user_fields=st.lists(st.sampled_from(USER_FIELDS), unique=True),
    keys=st.lists(
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip), unique=True, min_size=1
    ),
    orders=st.lists(st.sampled_from(["asc", "desc"]), min_size=2, max_size=2),
    times=st.lists(st.floats(0, 2e9) | st.integers(0, 2_000_000_000), min_size=2, max_size=2).map(sorted),
)
def test_parameters_are_kept_as_json_and_read_back(fields, user_fields, keys, orders, times) -> None:
    options = {"fields": fields, "user_fields": user_fields, "default_sort_field": fields[-1]}
    found = read(
        options={**options, "default_sort_order": orders[0], "default_users_sort_order": orders[1]},
        groups=[{"key": key, "label": key * 2} for key in keys],
        filters={"mintime": times[0], "maxtime": times[1]},
        file_count="100",
    )
    assert found.file_count == 100
    assert DatasetParameters.from_json(json.loads(json.dumps(found.as_json()))) == found


@pytest.mark.parametrize(
    "moment",
    [
        datetime(1950, 1, 1, tzinfo=UTC),
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(2026, 3, 1, 12, 30, 1, 250_000, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
    ],
)
def test_bounds_are_the_moments_that_were_given(moment) -> None:
    kept = DatasetParameters.from_json(json.loads(json.dumps(read(filters={"mintime": moment.isoformat()}).as_json())))
    assert bounds(kept) == (moment, None)
    assert bounds(read(filters={"maxtime": moment.isoformat()})) == (None, moment)


def test_messages_name_near_fields_and_cut_long_values() -> None:
    with pytest.raises(Refusal) as raised:
        read(options={"fields": ["mean_scores", "x" * 500]})
    assert "there is no field 'mean_scores'; did you mean `mean_score`" in raised.value.message
    assert len(raised.value.message) < 400


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"options": {"fields": ["p50_score"] * 1001}},
            "options.fields: must hold at most 1,000 field names, not 1,001",
        ),
        (
            {"groups": [{"key": str(level)} for level in range(1001)]},
            "groups: must hold at most 1,000 levels, not 1,001",
        ),
    ],
)
def test_a_list_too_long_to_be_meant_is_refused_unread(changes, said) -> None:
    with pytest.raises(Refusal) as raised:
        read(**changes)
    assert said in raised.value.message
