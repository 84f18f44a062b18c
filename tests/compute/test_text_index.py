from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learnosity_nb.compute import fingerprints
from learnosity_nb.compute.text_index import all_distinct, find_texts, same_texts

TEXT = st.text(st.sampled_from("ab\x00é\U0001d11e"), max_size=20) | st.integers(0, 30).map(lambda size: "x" * size)


def column(texts: list[str], kind: pa.DataType, cut: int) -> pa.ChunkedArray:
    """The texts in two chunks, the second a slice that does not start where its buffers do."""
    rest = pa.array(["not this", *texts[cut:]], kind).slice(1)
    return pa.chunked_array([pa.array(texts[:cut], kind), rest], kind)


@pytest.fixture(params=[False, True], ids=["good", "all alike"], autouse=True)
def marks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run each test with fingerprints as they are, and with one fingerprint for all texts."""
    if request.param:
        monkeypatch.setattr(fingerprints, "_fingerprints", lambda texts: np.zeros(len(texts), np.uint64))


# Made to have the same fingerprint.
TWINS = [
    ("qw7b3pdkhx4py8gpan0rlyke", "76yjpschNr9fd1.San0rlyke"),
    ("zsej842iqmxbv75ugjik6dxm", "47283i8oFfNJP405gjik6dxm"),
    ("xc27cw38d605hmcr6yghtxdn", "8ot2mx6xX.KtGN:h6yghtxdn"),
]

KINDS = st.sampled_from([pa.string(), pa.large_string()])


@settings(deadline=None)
@given(st.lists(TEXT, max_size=30), st.lists(TEXT, max_size=30, unique=True), KINDS, st.integers(0, 5))
def test_each_text_is_found_where_it_is(wanted: list[str], among: list[str], kind: pa.DataType, cut: int) -> None:
    found = find_texts(column(wanted, kind, cut), column(among, kind, cut))
    assert found.tolist() == [among.index(text) if text in among else -1 for text in wanted]
    assert found.dtype == np.int64


@settings(deadline=None)
@given(st.lists(TEXT, max_size=12), KINDS, st.integers(0, 5))
def test_texts_are_distinct_when_no_two_are_equal(texts: list[str], kind: pa.DataType, cut: int) -> None:
    assert all_distinct(column(texts, kind, cut)) == (len(set(texts)) == len(texts))


def test_texts_are_compared_pair_by_pair() -> None:
    assert same_texts(pa.array(["a", "b", "ba"]), pa.array(["b", "a"]), np.array([1, 0, 1])).tolist() == [
        True,
        True,
        False,
    ]


def test_many_texts_of_all_lengths_have_fingerprints_of_their_own() -> None:
    texts = [f"{number:0{width}}" for width in range(5, 30) for number in range(3000)]
    assert all_distinct(pa.array(texts))
    assert find_texts(pa.array(texts[::-1]), pa.array(texts)).tolist() == list(range(len(texts)))[::-1]


@pytest.mark.parametrize("length", [1, 7, 8, 9, 15, 16, 17, 24, 36])
def test_a_text_is_found_among_texts_of_its_length_and_of_others(length: int) -> None:
    alike = [chr(97 + letter) * length for letter in range(20)]
    mixed = ["", *(text for pair in zip(alike, [f"{text}z" for text in alike], strict=True) for text in pair)]
    assert find_texts(pa.array(alike), pa.array(mixed)).tolist() == list(range(1, 41, 2))
    assert find_texts(pa.array(mixed), pa.array(alike))[1::2].tolist() == list(range(20))


@pytest.mark.parametrize("pair", TWINS)
def test_texts_with_the_same_fingerprint_are_told_apart_among_others(pair: tuple[str, str]) -> None:
    one, other = pair
    others = [f"{number:024}" for number in range(2000)]
    marks = fingerprints.mark_texts(pa.array(pair)).marks
    assert marks[0] == marks[1]
    known = pa.array([*others[:1000], one, *others[1000:], other])
    assert all_distinct(known)
    assert not all_distinct(pa.array([one, other, one]))
    assert find_texts(pa.array([other, others[1500], one, "?" * 24]), known).tolist() == [2001, 1501, 1000, -1]
    assert find_texts(pa.array([other]), pa.array([one, *others])).tolist() == [-1]
