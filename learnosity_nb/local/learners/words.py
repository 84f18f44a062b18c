"""Words of names: what a search finds learners by."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...compute.arrays import Bools, Ints

__all__ = ["NameWords"]

BETWEEN_WORDS = r"[^\pL\pM\pN'’]+"
APOSTROPHES = "'’"


class NameWords:
    """The words of every name, found whole and in any case.

    Parameters
    ----------
    names
        Text; null for a learner without a name.
    """

    def __init__(self, names: pa.Array) -> None:
        self._size = len(names)
        self._words, self._rows = _words(names)

    def rows_with(self, query: str) -> Bools:
        """Return the rows whose name has a word of the query; a mask."""
        asked, _ = _words(pa.array([query], pa.string()))
        found = np.zeros(self._size, dtype=np.bool_)
        found[self._rows[pc.is_in(self._words, value_set=asked).to_numpy(zero_copy_only=False)]] = True
        return found


def _words(texts: pa.Array) -> tuple[pa.Array, Ints]:
    """Return all words, folded, and the row of each."""
    lists = pc.split_pattern_regex(texts, BETWEEN_WORDS)
    words = pc.utf8_trim(pc.list_flatten(lists), APOSTROPHES)
    filled = pc.not_equal(words, "")
    return _folded(words.filter(filled)), pc.list_parent_indices(lists).filter(filled).to_numpy()


def _folded(words: pa.Array) -> pa.Array:
    """Return words such that those which differ in case alone are equal; ς is σ, and ß is ss."""
    encoded = words.dictionary_encode()
    folded = pa.array([word.casefold() for word in encoded.dictionary.to_pylist()], pa.string())
    return pc.utf8_normalize(folded, form="NFC").take(encoded.indices)
