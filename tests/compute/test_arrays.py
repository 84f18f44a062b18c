from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learnosity_nb.compute.arrays import (
    add_parts,
    as_whole,
    bits_for,
    encode,
    encode_sorted,
    exact_parts,
    order_of,
    rank_distinct,
)

NULL = float("nan")
TEXTS = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=3), max_size=20)


@pytest.mark.parametrize(
    ("count", "bits"), [(0, 0), (1, 0), (2, 1), (3, 2), (4, 2), (5, 3), (2**20, 20), (2**20 + 1, 21)]
)
def test_bits_hold_the_codes_below_the_count(count: int, bits: int) -> None:
    assert bits_for(count) == bits


@given(TEXTS)
def test_codes_lead_back_to_the_texts(texts: list[str]) -> None:
    codes, distinct = encode(pa.array(texts, pa.string()))
    assert [distinct.to_pylist()[code] for code in codes] == texts
    assert distinct.to_pylist() == list(dict.fromkeys(texts))
    assert codes.dtype == np.int64


@given(TEXTS)
def test_sorted_codes_compare_as_the_texts_do(texts: list[str]) -> None:
    codes, distinct = encode_sorted(pa.array(texts, pa.string()))
    assert distinct.to_pylist() == sorted(set(texts))
    assert [distinct.to_pylist()[code] for code in codes] == texts


def test_texts_beyond_the_basic_plane_sort_by_code_point() -> None:
    """UTF-16 would put U+1D11E before U+FF5E."""
    _, distinct = encode_sorted(pa.array(["\uff5e", "\U0001d11e", "a"]))
    assert distinct.to_pylist() == ["a", "\uff5e", "\U0001d11e"]


def test_chunks_and_dictionaries_are_encoded_alike() -> None:
    texts = ["b", "a", "b", "c"]
    plain = encode(pa.array(texts))
    chunked = encode(pa.chunked_array([texts[:1], texts[1:]]))
    coded = encode(pa.chunked_array([pa.array(texts).dictionary_encode()]))
    for codes, distinct in (chunked, coded):
        assert codes.tolist() == plain[0].tolist()
        assert distinct.to_pylist() == plain[1].to_pylist()


@settings(deadline=None)
@given(st.lists(st.integers(0, 20), max_size=40), st.sampled_from([21, 2**40, 2**62]))
def test_an_order_sorts_and_keeps_equal_keys_in_row_order(keys: list[int], bound: int) -> None:
    scaled = np.array([key * (bound // 21) for key in keys], dtype=np.int64)
    assert order_of(scaled, bound).tolist() == sorted(range(len(keys)), key=keys.__getitem__)


@settings(deadline=None)
@given(st.lists(st.integers(0, 20), max_size=40), st.sampled_from([21, 2**62]))
def test_ranks_are_places_among_the_distinct_keys(keys: list[int], bound: int) -> None:
    ranks, distinct = rank_distinct(np.array(keys, dtype=np.int64), bound)
    assert distinct.tolist() == sorted(set(keys))
    assert [distinct[rank] for rank in ranks] == keys


@settings(deadline=None)
@given(st.lists(st.floats(-1e200, 1e200), max_size=30))
def test_the_parts_make_the_value_and_sum_exactly_in_any_order(values: list[float]) -> None:
    parts = [part.copy() for part in exact_parts(np.array(values, dtype=np.float64))]
    assert add_parts([np.zeros(len(values)), *parts]).tolist() == values
    for part in parts[:-1]:
        total = 0.0
        for one in part.tolist():
            total += one
        assert total == math.fsum(part.tolist())


@pytest.mark.parametrize(("values", "parts"), [([], 1), ([0.0], 1), ([1.5, 3.0], 1), ([100 / 3, 100.0], 2)])
def test_marks_take_one_part_and_percents_two(values: list[float], parts: int) -> None:
    """Among 100,000 rows there is less room for the digits of each."""
    assert len(list(exact_parts(np.resize(values, 100_000 if values else 0)))) == parts


def test_a_null_is_null_in_the_first_part_and_leaves_the_others_alone() -> None:
    parts = [part.copy() for part in exact_parts(np.array([np.nan, 1.5]))]
    assert np.isnan(parts[0][0])
    assert sum(part[1] for part in parts) == 1.5


@pytest.mark.parametrize(
    ("values", "whole", "scale"),
    [
        ([3.0, -2.0, NULL], [3, -2, NULL], 1),
        ([0.29, -0.07, NULL, 5.0], [29, -7, NULL, 500], 100),
        ([94.5625, 0.3], [945625, 3000], 10_000),
        ([0.1 + 0.2, 0.5], [0.1 + 0.2, 0.5], None),
        ([1 / 3], [1 / 3], None),
        ([2.0**60, 1.0], [2.0**60, 1.0], None),
        ([1e300], [1e300], None),
        ([0.5, 1e12], [0.5, 1e12], None),
        ([NULL], [NULL], 1),
        ([], [], 1),
    ],
)
def test_decimals_are_whole_numbers_of_the_largest_unit_that_makes_them_so(
    values: list[float], whole: list[float], scale: float | None
) -> None:
    given_values = np.array(values, dtype=np.float64)
    found, unit = as_whole(given_values, len(values))
    np.testing.assert_array_equal(found, whole)
    assert unit == scale
    np.testing.assert_array_equal(given_values, values)


def test_so_many_rows_that_their_sum_is_no_longer_exact_stay_as_they_are() -> None:
    marks = np.array([0.5, 1e6])
    assert as_whole(marks, 10**5)[1] == 100
    assert as_whole(marks, 10**9)[1] is None
