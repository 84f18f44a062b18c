"""Integer codes for columns, and orders of integer keys: the ground the kernel stands on.

An order of integers is found 16 bits at a time, and where the keys are few by
marking which of them occur: neither compares keys.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

__all__ = [
    "DECIMAL_SCALES",
    "EXACT",
    "Bools",
    "Codes",
    "Floats",
    "Ints",
    "add_parts",
    "as_dictionary",
    "as_whole",
    "bits_for",
    "can_mark",
    "code_type",
    "encode",
    "encode_sorted",
    "exact_parts",
    "in_parts",
    "order_of",
    "rank_distinct",
    "starts_of_runs",
    "whole",
]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.integer[Any]]

ROWS_AT_ONCE = 1 << 15
RADIX_BITS = 16
TINIEST = 2.0**-900  # below, units of sums have no float
EXACT = 2.0**46  # a float holds every whole number up to here, and hundredths of it
DECIMAL_SCALES = (1.0, 100.0, 10_000.0)  # marks have two decimals at most, seldom four
FLAGS_PER_KEY = 8  # how many keys may be possible for each that is there, to mark them all

if sys.platform == "linux":
    # glibc gives the memory of a large array back to the kernel, which clears every page again for the next one.
    # Once a block of just under 32 MB was freed, it keeps what is freed for what comes, up to twice that.
    np.empty((32 << 20) - (8 << 10), dtype=np.uint8)


def in_parts(rows: int) -> Iterator[slice]:
    """Yield all rows, so many at a time as the processor's cache holds."""
    for start in range(0, rows, ROWS_AT_ONCE):
        yield slice(start, min(start + ROWS_AT_ONCE, rows))


def bits_for(count: int) -> int:
    """Return how many bits hold the codes 0 … `count` - 1."""
    return max(count - 1, 0).bit_length()


def as_dictionary(column: pa.Array | pa.ChunkedArray) -> pa.DictionaryArray:
    """Return a text column as a dictionary, in one piece."""
    found = whole(column)
    return found if pa.types.is_dictionary(found.type) else pc.dictionary_encode(found)


def encode(column: pa.Array | pa.ChunkedArray) -> tuple[Ints, pa.Array]:
    """Return a code for each row of a text column, -1 for null, and the distinct texts.

    These are in the order they appear; those of a dictionary, which must differ, in the order they have there.
    """
    encoded = as_dictionary(column)
    codes = encoded.indices
    return (pc.fill_null(codes, -1) if codes.null_count else codes).to_numpy().astype(np.int64), encoded.dictionary


def encode_sorted(column: pa.Array | pa.ChunkedArray) -> tuple[Ints, pa.Array]:
    """Return a code for each row of a text column, and the distinct texts by code point.

    Codes compare as the texts do (UTF-8 keeps the order of code points).
    """
    codes, texts = encode(column)
    order = pc.sort_indices(texts)
    rank = np.empty(len(texts), dtype=np.int64)
    rank[order.to_numpy()] = np.arange(len(texts))
    return rank.take(codes), texts.take(order)


def as_whole(values: Floats, rows: int) -> tuple[Floats, float | None]:
    """Return decimals as whole numbers of a smaller unit, and how many of it make 1.

    0.02 is not what a float holds: the difference of two such marks is off by as much as they are large. Of whole
    numbers differences and sums are exact. Where a value has more than four decimals, or a sum of so many rows might be
    too large for that, they stay as they are: None. NaN stays NaN.
    """
    most = rows * _largest(values)
    for scale in DECIMAL_SCALES:
        if most * scale < EXACT and all(_is_decimal(values[part], scale) for part in in_parts(len(values))):
            return (values if scale == 1 else np.rint(values * scale)), scale
    return values, None


def _is_decimal(values: Floats, scale: float) -> bool:
    """Return whether each value is the float nearest to a multiple of 1 / `scale`, or NaN."""
    nearest = np.rint(values * scale) / scale
    return bool(((nearest == values) | np.isnan(values)).all())


def exact_parts(values: Floats) -> Iterator[Floats]:
    """Split values into parts, each of which can be summed without rounding, in any order.

    The values of a part are multiples of one power of two, so large that all partial sums fit a float. Sum each
    part before the next is asked for, which takes its memory; then add the sums, the smallest first. Marks take one
    part, percents two. NaN gives NaN in the first.
    """
    rest = values
    while (largest := _largest(rest)) > TINIEST:
        power = int(np.frexp(largest)[1]) + bits_for(len(values)) - 53
        if all((_coarse(rest[part], power) == rest[part]).all() for part in in_parts(len(rest))):
            yield rest
            return
        coarse = _coarse(rest, power)
        yield coarse
        rest = np.subtract(rest, coarse, out=coarse)
    if largest or rest is values:
        yield rest


def _largest(values: Floats) -> float:
    """Return the largest value by its size; 0 where there is none but NaN."""
    return float(max(np.fmax.reduce(values, initial=0.0), -np.fmin.reduce(values, initial=0.0)))


def _coarse(values: Floats, power: int) -> Floats:
    """Return the nearest multiples of a power of two."""
    found: Floats = values * np.ldexp(1.0, -power)
    np.rint(found, out=found)
    found *= np.ldexp(1.0, power)
    return found


def add_parts(sums: Sequence[Floats]) -> Floats:
    """Add the sums of `exact_parts`, the smallest first."""
    return reduce(np.add, reversed(sums))


def code_type(count: int) -> type[np.unsignedinteger[Any]]:
    """Return the shortest type for the codes 0 … `count` - 1: there is less memory to go through."""
    return np.uint16 if count <= 1 << 16 else np.uint32 if count <= 1 << 32 else np.uint64


def order_of(keys: Codes, bound: int) -> Ints:
    """Return the order that sorts `keys` (each 0 … `bound` - 1), equal keys in row order.

    From the lowest 16 bits up: numpy sorts so short a key by radix, in time that does not depend on the keys.
    """
    order = np.argsort(keys.astype(np.uint16, copy=False), kind="stable")
    for shift in range(RADIX_BITS, bits_for(bound), RADIX_BITS):
        order = order.take(np.argsort((keys.take(order) >> shift).astype(np.uint16), kind="stable"))
    return order


def can_mark(rows: int, bound: float) -> bool:
    """Return whether keys (each 0 … `bound` - 1) of so many rows are ranked by marking which of them occur."""
    return bound <= FLAGS_PER_KEY * rows + 1


def rank_distinct(keys: Ints, bound: int) -> tuple[Ints, Ints]:
    """Return each row's rank among the distinct keys (each 0 … `bound` - 1), and the distinct keys in order."""
    if can_mark(len(keys), bound):
        seen = np.zeros(bound, dtype=np.bool_)
        seen[keys] = True
        return (np.cumsum(seen) - 1).take(keys), np.flatnonzero(seen)
    order = order_of(keys, bound)
    ordered = keys[order]
    new = starts_of_runs(ordered)
    rank = np.empty(len(keys), dtype=np.int64)
    rank[order] = np.cumsum(new) - 1
    return rank, ordered[new]


def whole(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return a column in one piece; one that is so already is not copied, as Arrow would."""
    if not isinstance(column, pa.ChunkedArray):
        return column
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def starts_of_runs(values: npt.NDArray[Any]) -> Bools:
    """Return which values differ from the one before; the first does."""
    new = np.ones(len(values), dtype=np.bool_)
    np.not_equal(values[1:], values[:-1], out=new[1:])
    return new
