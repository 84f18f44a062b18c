"""Pages' file names: safe, different, and stable."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learnosity_nb.domain.group_paths import group_id
from learnosity_nb.files.page_names import RESERVED, page_names, possible_names

Names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12) | st.sampled_from(
    ["CON", "con", "A", "a", "a-b", "b", "..", "/etc/passwd", "nul.html", "index", "Ä", "x" * 300, "日本"]
)


@given(st.lists(st.lists(Names, max_size=3).map(tuple), unique=True, max_size=20))
@settings(deadline=None)
def test_names_are_safe_on_every_system_and_differ_in_more_than_case(paths: list[tuple[str, ...]]) -> None:
    names = page_names(paths)
    assert len({name.casefold() for name in names}) == len(paths)
    assert all(name in possible_names(path) for path, name in zip(paths, names, strict=True))
    for name in names:
        assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_-]*\.html", name)
        assert name.casefold() not in RESERVED
        assert len(name) <= 120


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ((), "all.html"),
        (("Oregon", "Cedar Court"), "Oregon-Cedar-Court.html"),
        (("Côte d'Ambre",), "Cote-d-Ambre.html"),
        (("../../etc/passwd",), "etc-passwd.html"),
        (("a" * 300,), f"{'a' * 80}.html"),
        (("LPT1",), f"LPT1-{group_id(('LPT1',))[:8]}.html"),
        (("学校",), f"{group_id(('学校',))[:8]}.html"),
    ],
)
def test_a_name_is_what_is_left_of_the_path(path: tuple[str, ...], name: str) -> None:
    assert page_names([path]) == [name]


def test_names_that_would_meet_get_the_groups_ids() -> None:
    paths = [("a-b", "c"), ("a", "b-c"), ("A", "B C"), ("d",)]
    names = page_names(paths)
    assert names[3] == "d.html"
    assert names[:3] == [
        f"{name}-{group_id(path)[:8]}.html" for name, path in zip(("a-b-c", "a-b-c", "A-B-C"), paths, strict=False)
    ]


def test_a_group_may_be_called_as_another_is_with_its_id() -> None:
    first, second = ("x",), ("X",)
    third = (f"x-{group_id(first)[:8]}",)
    names = page_names([third, first, second])
    assert names[0] == f"{third[0]}.html"
    assert names[1] == f"x-{group_id(first)}.html"
