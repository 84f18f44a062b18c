from __future__ import annotations

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnosity_nb.domain.group_paths import Level, group_id, group_name, parse_group_path, parse_levels
from learnosity_nb.errors import InputError


@pytest.mark.parametrize(
    ("path", "identifier"),
    [
        ([], "d751713988987e9331980363e24189ce"),
        (["nsw"], "8147ed71067cce9877dd043d5e98c1af"),
        (["vic"], "8cea191c63343357ee28dcea89d80db2"),
        (["Simpson", "Springfield High"], "c82cd9e95eddcb4f050257791cd73d97"),
        (["Simpson", "Springfield High", "7_krabappel"], "d4130a365bfd812fcecdda69a1c81c2f"),
        (["Simpson", "Springfield High", "7_hoover"], "84dea322f8946625a1b4e00fbfa10fb5"),
    ],
)
def test_a_group_id_is_the_one_the_service_gives(path: list[str], identifier: str) -> None:
    assert group_id(path) == identifier
    assert group_id(tuple(path)) == identifier


@pytest.mark.parametrize(
    ("path", "written"),
    [
        (["São Paulo"], rb'["S\u00e3o Paulo"]'),
        (["𝄞"], rb'["\ud834\udd1e"]'),
        (['a"b', "c\\d", "e/f"], rb'["a\"b","c\\d","e/f"]'),
        (["a,b"], b'["a,b"]'),
    ],
)
def test_the_hashed_text_is_compact_json_in_ascii(path: list[str], written: bytes) -> None:
    assert group_id(path) == hashlib.md5(written, usedforsecurity=False).hexdigest()


@given(st.lists(st.text(), max_size=4), st.lists(st.text(), max_size=4))
def test_paths_that_differ_have_ids_that_differ(one: list[str], other: list[str]) -> None:
    assert (group_id(one) == group_id(other)) == (one == other)


def test_half_a_surrogate_pair_has_an_id_too() -> None:
    assert len(group_id(["\ud800"])) == 32


def test_a_group_is_called_by_the_last_part_of_its_path() -> None:
    assert group_name(()) == ""
    assert group_name(("Oregon", "Salem")) == "Salem"


@pytest.mark.parametrize("path", [[], ["Oregon"], ("Oregon", "Salem"), ["Oregon", ""]])
def test_a_sequence_of_texts_is_a_group_path(path: Any) -> None:
    assert parse_group_path(path) == tuple(path)


@pytest.mark.parametrize("path", ["Oregon", None, 7, {"Oregon"}, {"a": 1}, ["Oregon", 7], ["Oregon", None], b"Oregon"])
def test_anything_else_is_no_group_path(path: Any) -> None:
    with pytest.raises(InputError, match="Not a group path"):
        parse_group_path(path)


def test_levels_are_labelled_by_their_keys_when_no_label_is_given() -> None:
    assert parse_levels(["district", "home_room"]) == (Level("district", "District"), Level("home_room", "Home room"))


def test_levels_take_labels_from_a_mapping() -> None:
    assert parse_levels({"lea": "Authority", "school": "School"}) == (
        Level("lea", "Authority"),
        Level("school", "School"),
    )


def test_every_bad_level_is_told_at_once() -> None:
    with pytest.raises(InputError) as caught:
        parse_levels(["school", "group_id", "school", "  ", 7, "mean_score", "p05_percent", "score"])  # type: ignore[list-item]
    assert [(fault.key, fault.kind) for fault in caught.value.faults] == [
        ("levels[1]", "reserved_level"),
        ("levels[2]", "duplicate_level"),
        ("levels[3]", "bad_level"),
        ("levels[4]", "bad_level"),
        ("levels[5]", "reserved_level"),
        ("levels[6]", "reserved_level"),
        ("levels[7]", "reserved_level"),
    ]


@pytest.mark.parametrize("levels", [[], {}, ()])
def test_a_hierarchy_has_at_least_one_level(levels: Any) -> None:
    with pytest.raises(InputError, match="name at least one level"):
        parse_levels(levels)


def test_a_label_must_be_text() -> None:
    with pytest.raises(InputError, match="key and label must be text"):
        parse_levels({"school": None})  # type: ignore[dict-item]


def test_a_bare_text_is_not_a_list_of_levels() -> None:
    with pytest.raises(InputError, match=r"a list of column names .* not 'school'"):
        parse_levels("school")
