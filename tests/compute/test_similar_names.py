from __future__ import annotations

import pyarrow as pa
import pytest

from learnosity_nb.compute.similar_names import list_names, similar_names


@pytest.mark.parametrize("names", [["é", "e\u0301"], ["x", "x "], ["a b", "a\u00a0b"], ["x", "x\u200b"]], ids=ascii)
def test_names_that_print_alike_are_a_set(names: list[str]) -> None:
    assert similar_names(pa.array([*names, "another"]), any_case=False) == [names]


def test_names_that_differ_in_case_are_a_set_where_that_is_asked() -> None:
    names = pa.array(["7a", "7b", "7A"])
    assert similar_names(names, any_case=True) == [["7a", "7A"]]
    assert similar_names(names, any_case=False) == []


def test_there_are_no_sets_among_no_names() -> None:
    assert similar_names(pa.array([], pa.string()), any_case=True) == []


def test_two_names_are_shown_with_accents_apart_and_the_others_counted() -> None:
    assert list_names(["é", "e\u0301", "é "]) == "'é' and 'e\\u0301' and 1 more"
