from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learnosity_nb.compute.arrays import ROWS_AT_ONCE, in_parts
from learnosity_nb.compute.fingerprints import mark_texts, text_bounds

TEXTS = st.lists(st.text(st.sampled_from("ab\x00é\U0001d11e"), max_size=20), max_size=20)


@settings(deadline=None)
@given(TEXTS, st.integers(0, 5))
def test_equal_texts_have_equal_fingerprints_wherever_they_lie(texts: list[str], cut: int) -> None:
    one = mark_texts(pa.array(texts, pa.string()))
    rest = pa.array(["not this", *texts[cut:]], pa.large_string()).slice(1)
    other = mark_texts(pa.chunked_array([pa.array(texts[:cut], pa.large_string()), rest], pa.large_string()))
    assert one.marks.tolist() == other.marks.tolist()
    assert other.texts.to_pylist() == texts


@pytest.mark.parametrize("width", [1, 7, 8, 9, 16, 36])
def test_a_text_that_differs_in_one_byte_has_another_fingerprint(width: int) -> None:
    texts = ["a" * width] + ["a" * place + "b" + "a" * (width - place - 1) for place in range(width)]
    assert len(set(mark_texts(pa.array(texts)).marks.tolist())) == width + 1


def test_fingerprints_fall_into_all_slots_alike() -> None:
    marks = mark_texts(pa.array([f"learner-{number}" for number in range(1 << 16)])).marks
    filled = np.bincount((marks >> np.uint64(52)).astype(np.int64), minlength=1 << 12)
    assert filled.min() > 0
    assert filled.max() < 64


def test_bounds_are_those_of_a_slice() -> None:
    assert text_bounds(pa.array(["ab", "c", "def"]).slice(1)).tolist() == [2, 3, 6]
    assert text_bounds(pa.array(["ab", "c", "def"], pa.large_string()).slice(2)).tolist() == [3, 6]


def test_parts_are_all_rows_once() -> None:
    parts = list(in_parts(2 * ROWS_AT_ONCE + 1))
    assert [part.start for part in parts] == [0, ROWS_AT_ONCE, 2 * ROWS_AT_ONCE]
    assert [part.stop for part in parts] == [ROWS_AT_ONCE, 2 * ROWS_AT_ONCE, 2 * ROWS_AT_ONCE + 1]
    assert list(in_parts(0)) == []
