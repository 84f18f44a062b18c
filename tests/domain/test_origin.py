from __future__ import annotations

from typing import Any

import pytest

from learnosity_nb.domain.origin import CALLS, Origin, parse_origin

COMPARED = {"method": "compare_groups", "paths": [["a"], ["b", "c"]], "field": "score", "confidence": 0.9, "seed": 7}
GROUPS = {"method": "groups", "group_path": ["Oregon"], "sort_field": None, "min_population": 5}


def test_a_known_call_is_taken_over_in_the_types_of_json() -> None:
    found = parse_origin({"dataset_id": "d", "call": {**GROUPS, "group_path": ("Oregon",)}})
    assert found == Origin("d", GROUPS)
    assert parse_origin({"dataset_id": "d", "call": COMPARED}) == Origin("d", COMPARED)


@pytest.mark.parametrize(
    "call",
    [
        None,
        "walk",
        {},
        {"method": "close"},
        {"method": "__init__"},
        {"method": "walk", "username": "anna"},
        {"method": "walk", "min_population": {"secret": "s"}},
        {"method": "groups", "group_path": ["a", 1]},
        {"method": "groups", "min_population": 0.5},
        {"method": "groups", "group_path": [["a"]]},
        {**COMPARED, "paths": ["a", "b"]},
        {**COMPARED, "confidence": [0.9]},
    ],
)
def test_a_call_that_is_not_listed_is_left_out_whole(call: Any) -> None:
    assert parse_origin({"dataset_id": "d", "call": call, "secret": "s"}) == Origin("d", None)


@pytest.mark.parametrize("found", [None, "d", [], {}, {"dataset_id": 1}, {"call": GROUPS}])
def test_what_names_no_dataset_is_no_origin(found: Any) -> None:
    assert parse_origin(found) is None


def test_no_listed_argument_names_a_user() -> None:
    arguments = {argument for known in CALLS.values() for argument in known}
    assert not {name for name in arguments if "user" in name or "name" in name or "mail" in name}
