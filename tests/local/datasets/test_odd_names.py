from __future__ import annotations

import json
import unicodedata
from itertools import pairwise

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learnosity_nb.compute.group_tree import GroupTree, grow_tree
from learnosity_nb.local.datasets import odd_names
from learnosity_nb.local.datasets.odd_names import warn_of_names

MARKS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def tree_of(*columns: list[str]) -> GroupTree:
    return grow_tree([pa.array(column, pa.string()) for column in columns])[0]


def warned(*names: str) -> dict[str, int]:
    return dict(warn_of_names(tree_of(list(names)), ["school"]).kinds)


@pytest.mark.parametrize(
    "names",
    [
        ["é", "e\u0301"],
        ["Å", "\u212b"],
        ["Oregon", "oregon"],
        ["ÉCOLE", "École"],
        ["x", "x "],
        ["x", " x"],
        ["x", "x\u00a0"],
        ["a b", "a\u00a0b"],
        ["a b", "a  b"],
        ["a b", "a\tb"],
        ["x", "x\u200b"],
        ["日本", "日本\u3000"],
        ["e\u0301 1", "É\u00a01 "],
    ],
    ids=ascii,
)
def test_names_that_look_the_same_are_warned_of(names) -> None:
    """N27 and N28."""
    assert warned(*names, "another") == {"similar_names": 1}


@pytest.mark.parametrize("names", [["x", "y"], ["7a", "7b"], ["x", "x."], ["ab", "a b"], ["e", "é"], ["日本", "日木"]])
def test_names_that_are_told_apart_are_not(names) -> None:
    assert warned(*names) == {}


def test_a_name_under_two_parents_is_one_name() -> None:
    tree = tree_of(["x", "y", "z"], ["7a", "7a", "7A"])
    found = warn_of_names(tree, ["school", "class"]).first
    assert [(fault.key, fault.kind) for fault in found] == [("class", "similar_names")]


def test_levels_are_looked_at_one_by_one() -> None:
    tree = tree_of(["x", "y"], ["X", "Y"])
    assert warn_of_names(tree, ["school", "class"]).first == []


def test_a_warning_shows_what_the_eye_does_not() -> None:
    tree = tree_of(["é", "e\u0301", "x", "x\u00a0", "x ", "X"])
    assert [str(fault) for fault in warn_of_names(tree, ["school"]).first] == [
        "school: the names 'X' and 'x' and 2 more look the same; each is a group of its own",
        "school: the names 'e\\u0301' and 'é' look the same; each is a group of its own",
    ]


@pytest.mark.parametrize("mark", MARKS, ids=ascii)
def test_marks_of_direction_are_warned_of(mark) -> None:
    """N29."""
    assert unicodedata.category(mark) == "Cf"
    [fault] = warn_of_names(tree_of([f"a{mark}b", "c"]), ["school"]).first
    assert fault.kind == "direction_marks"
    assert f"'a\\u{ord(mark):04x}b'" in fault.message


def test_right_to_left_writing_and_joined_emoji_are_not() -> None:
    assert warned("مدرسة", "בית ספר", "👨\u200d👩\u200d👧") == {}


def test_a_level_of_very_many_groups_is_warned_of(monkeypatch) -> None:
    """N30."""
    assert odd_names.MANY_GROUPS == 100_000
    monkeypatch.setattr(odd_names, "MANY_GROUPS", 30)
    tree = tree_of(["x", "y"] * 15, [f"group {number}" for number in range(30)])
    [fault] = warn_of_names(tree, ["school", "class"]).first
    assert (fault.kind, fault.key) == ("many_groups", "class")
    assert "30 groups" in fault.message
    assert warned(*(f"group {number}" for number in range(29))) == {}


alphabet = st.sampled_from([*"aAbé ", "e\u0301", "É", "\u00a0", "\u200b", "\u202e", "日"])


@settings(deadline=None)
@given(st.lists(st.lists(alphabet, min_size=1, max_size=4).map("".join), min_size=1, max_size=12))
def test_every_set_of_names_with_one_look_is_found(names) -> None:
    def look(name: str) -> str:
        seen = "".join(mark for mark in unicodedata.normalize("NFC", name) if unicodedata.category(mark) != "Cf")
        return " ".join(seen.casefold().split())

    looks = sorted(look(name) for name in set(names))
    expected = len({one for one, other in pairwise(looks) if one == other})
    assert warned(*names).get("similar_names", 0) == expected


def test_a_dataset_tells_of_its_names_over_all_its_files_and_keeps_them(desk, make_ndjson) -> None:
    made = desk.initialise(file_count=2)
    users = [
        {"user_id": "u1", "session_id": ["s1"], "group_path": ["x", "y"]},
        {"user_id": "u2", "session_id": "s2", "group_path": ["x ", "\u202ey"]},
    ]
    for url, user in zip(made["input_files"], users, strict=True):
        assert desk.http.put(url, content=make_ndjson([user])).status_code == 200
    desk.start(made["dataset_id"])
    desk.run()
    [record] = desk.service.queue.records("key")[0]
    assert record.data["warnings"] == {"bare_session_id": 1, "similar_names": 2, "direction_marks": 1}
    first = record.data["first_warnings"]
    assert [(each["kind"], each.get("file"), each.get("key")) for each in first] == [
        ("bare_session_id", "1.ndjson", None),
        ("similar_names", None, "a"),
        ("similar_names", None, "b"),
        ("direction_marks", None, "b"),
    ]
    assert json.loads(json.dumps(first)) == first
    names = [desk.file(made["dataset_id"], name)["group_name"] for name in ("x", "x ")]
    assert names == ["x", "x "]
