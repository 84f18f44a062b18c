from __future__ import annotations

import pandas as pd
import pytest

from learnosity_nb.frames.learner_search import matched_field

PEOPLE = pd.DataFrame(
    {
        "username": ["armadillo", "dan-friedman", "zoe", "o'neil"],
        "name": ["Zoe Smith", "Daniel Armadillo-Friedman", None, "Élodie O'Neil"],
        "email": ["a@x.test", "Armadillo@x.test", "zoe@x.test", None],
    },
    index=[7, 8, 9, 10],
)


def matches(text: str, *, begins: bool = False) -> list[str | None]:
    found = matched_field(PEOPLE, text, begins=begins)
    assert found.index.equals(PEOPLE.index)
    return found.astype(object).where(found.notna(), None).tolist()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Armadillo", ["username", "name", None, None]),
        ("zoe", ["name", None, "username", None]),
        ("ZOE@x.test", ["name", None, "email", None]),  # a word of the search is a word of the first one's name
        ("armadillo@x.test", [None, "email", None, None]),
        ("daniel nobody", [None, "name", None, None]),
        ("dan", [None, None, None, None]),
        ("élodie", [None, None, None, "name"]),
    ],
)
def test_a_search_matches_whole_words_of_a_name_or_a_whole_username_or_address(text, expected):
    assert matches(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("arma", ["username", "email", None, None]),
        ("fried", [None, "name", None, None]),
        ("daniel arm", [None, "name", None, None]),
        ("zoe", ["name", None, "username", None]),
        (" Sm ", ["name", None, None, None]),
        ("madillo", [None, None, None, None]),
    ],
)
def test_as_one_types_the_beginning_is_enough(text, expected):
    assert matches(text, begins=True) == expected


def test_a_frame_without_learners_has_no_match():
    found = matched_field(PEOPLE.iloc[:0], "x")
    assert (len(found), str(found.dtype)) == (0, "str")
