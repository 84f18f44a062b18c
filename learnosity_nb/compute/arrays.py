"""Integer codes for columns, and orders of integer keys: the ground the kernel stands on.

Sorting int64 keys in place is many times faster than finding an order with
``argsort``, so a row number travels in the low bits of its key wherever it fits.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["Bools", "Floats", "Ints", "bits_for", "encode", "encode_sorted", "exact_parts", "order_of", "rank_distinct"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

KEY_BITS = 63


def bits_for(count: int) -> int:
    """Return how many bits hold the codes 0 … `count` - 1."""
    return max(count - 1, 0).bit_length()


def encode(column: pa.Array | pa.ChunkedArray) -> tuple[Ints, pa.Array]:
    """Return a code for each row of a text column, and the distinct texts in the order they appear.

    The column must have no null.
    """
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    encoded = column if pa.types.is_dictionary(column.type) else pc.dictionary_encode(column)
    return encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64), encoded.dictionary


def encode_sorted(column: pa.Array | pa.ChunkedArray) -> tuple[Ints, pa.Array]:
    """Return a code for each row of a text column, and the distinct texts by code point.

    Codes compare as the texts do (UTF-8 keeps the order of code points).
    """
    codes, texts = encode(column)
    order = pc.sort_indices(texts)
    rank = np.empty(len(texts), dtype=np.int64)
    rank[order.to_numpy()] = np.arange(len(texts))
    return rank[codes], texts.take(order)


def exact_parts(values: Floats) -> tuple[Floats, Floats]:
    """Split values into two parts, so that a sum of some of them does not depend on their order.

    The first is a multiple of a power of two, of which every partial sum is
    exact; the second a remainder too small for its rounding to matter. Sum each
    part, then add the two sums. NaN gives NaN in both; no value is infinite.
    """
    largest = np.fmax.reduce(np.abs(values), initial=0.0)
    unit = np.ldexp(1.0, max(int(np.frexp(largest)[1]) + bits_for(len(values)) - 53, -1000))
    coarse = np.rint(values / unit) * unit
    return coarse, values - coarse


def order_of(keys: Ints, bound: int) -> Ints:
    """Return the order that sorts `keys` (each 0 … `bound` - 1), equal keys in row order."""
    shift = bits_for(len(keys))
    if bits_for(bound) + shift > KEY_BITS:
        return np.argsort(keys, kind="stable")
    packed = (keys << shift) | np.arange(len(keys), dtype=np.int64)
    packed.sort()
    return packed & ((1 << shift) - 1)


def rank_distinct(keys: Ints, bound: int) -> tuple[Ints, Ints]:
    """Return each row's rank among the distinct keys, and the distinct keys in order."""
    codes, distinct = pd.factorize(keys)
    order = order_of(distinct, bound)
    rank = np.empty(len(distinct), dtype=np.int64)
    rank[order] = np.arange(len(distinct))
    return rank[codes], distinct[order]
