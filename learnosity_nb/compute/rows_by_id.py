"""Finding the rows of a text key without going through the table each time."""

from __future__ import annotations

from bisect import bisect_left

import numpy as np
import pyarrow as pa

from .arrays import Ints, encode_sorted, order_of

__all__ = ["RowsById"]


class RowsById:
    """The rows of each text in a column.

    Parameters
    ----------
    column
        Text without nulls.

    Attributes
    ----------
    order
        All rows, sorted by text; equal texts in row order.
    """

    def __init__(self, column: pa.Array | pa.ChunkedArray) -> None:
        codes, self._texts = encode_sorted(column)
        self.order = order_of(codes, len(self._texts))
        self._stops = np.cumsum(np.bincount(codes, minlength=len(self._texts)))

    def find(self, text: str) -> Ints:
        """Return the rows that hold `text`, in row order; none where there is no such row."""
        code = bisect_left(self._texts, text, key=lambda scalar: scalar.as_py())
        if code == len(self._texts) or self._texts[code].as_py() != text:
            return self.order[:0]
        return self.order[self._stops[code - 1] if code else 0 : self._stops[code]]
