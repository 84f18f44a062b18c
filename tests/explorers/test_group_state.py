"""A group explorer's state as a plain dict, and what a change of it brings along."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnosity_nb.errors import InputError
from learnosity_nb.explorers.group_state import GroupState, follow

texts = st.text(max_size=8)
states = st.builds(
    GroupState,
    group_path=st.lists(texts, max_size=3).map(tuple),
    sort_field=st.none() | texts,
    sort_order=st.sampled_from(["asc", "desc"]),
    filter=texts,
    fields=st.lists(texts, max_size=4, unique=True).map(tuple),
    selection=st.lists(texts, max_size=4, unique=True).map(tuple),
    chart=texts,
    page=st.integers(1, 10**6),
)


@given(states)
def test_a_state_goes_through_json_and_back(state: GroupState) -> None:
    assert GroupState.from_dict(json.loads(json.dumps(state.to_dict()))) == state


def test_keys_left_out_are_those_of_the_start() -> None:
    start = GroupState(fields=("population",), chart="ecdf")
    assert GroupState.from_dict({"version": 1, "page": 2}, start) == replace(start, page=2)
    assert GroupState.from_dict({"version": 1}) == GroupState()


def test_every_fault_of_a_state_is_named_at_once() -> None:
    bad = {
        "version": 2,
        "pag": 1,
        "page": 0,
        "group_path": "Oregon",
        "sort_order": "up",
        "sort_field": 3,
        "fields": ["a", "a"],
        "selection": [1],
        "filter": None,
    }
    with pytest.raises(InputError) as caught:
        GroupState.from_dict(bad)
    assert caught.value.count == len(bad)
    assert "did you mean `page`?" in str(caught.value)
    assert "reads version 1" in str(caught.value)


@pytest.mark.parametrize("given_state", [None, "token", [("version", 1)], 7])
def test_what_is_no_dict_is_no_state(given_state: object) -> None:
    with pytest.raises(InputError, match="state_dict"):
        GroupState.from_dict(given_state)


@pytest.mark.parametrize("page", [True, 1.0, "1"])
def test_a_page_is_a_whole_number(page: object) -> None:
    with pytest.raises(InputError, match="whole number from 1"):
        GroupState.from_dict({"version": 1, "page": page})


def test_another_group_starts_unfiltered_unmarked_and_on_page_one() -> None:
    here = GroupState(("a",), filter="x", selection=("m",), page=3, sort_field="population")
    assert follow(here, replace(here, group_path=("b",))) == GroupState(("b",), sort_field="population")


def test_what_is_set_with_another_group_stays() -> None:
    here = GroupState(("a",), filter="x", page=3)
    there = replace(here, group_path=("b",), filter="y", page=2)
    assert follow(here, there) == there


@pytest.mark.parametrize("change", [{"filter": "x"}, {"sort_field": "population"}, {"sort_order": "asc"}])
def test_another_order_or_filter_starts_on_page_one(change: dict[str, str]) -> None:
    here = GroupState(page=3)
    assert follow(here, replace(here, **change)).page == 1


@pytest.mark.parametrize("change", [{"chart": "ecdf"}, {"fields": ("a",)}, {"selection": ("a",)}])
def test_other_changes_stay_on_their_page(change: dict[str, object]) -> None:
    here = GroupState(page=3)
    assert follow(here, replace(here, **change)).page == 3
