"""A 64-bit fingerprint of each text of a column, worked out for whole columns at once.

Eight bytes of each text are taken at a time. Equal fingerprints only suggest
equal texts: who relies on a match checks it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .arrays import Ints, in_parts

__all__ = ["FACTOR", "MarkedTexts", "Texts", "Words", "mark_texts", "text_bounds", "text_parts"]

Texts: TypeAlias = pa.Array | pa.ChunkedArray
"""A text column (string or large_string) without nulls."""

Words = npt.NDArray[np.uint64]

WORD: Final = 8  # bytes
FACTOR: Final = np.uint64(0x9E3779B97F4A7C15)
FOLD: Final = np.uint64(29)


@dataclass(frozen=True, eq=False)
class MarkedTexts:
    """Texts and their fingerprints.

    Attributes
    ----------
    texts
        As given.
    marks
        The fingerprint of each.
    """

    texts: Texts
    marks: Words


def mark_texts(texts: Texts) -> MarkedTexts:
    """Work out the fingerprints of texts, for `text_index` to use more than once."""
    return MarkedTexts(texts, _fingerprints(texts))


def text_parts(texts: Texts) -> Iterator[tuple[slice, pa.Array]]:
    """Yield all rows and their texts, so many at a time as the processor's cache holds, each part in one piece."""
    start = 0
    for chunk in texts.chunks if isinstance(texts, pa.ChunkedArray) else [texts]:
        for part in in_parts(len(chunk)):
            yield slice(start + part.start, start + part.stop), chunk[part]
        start += len(chunk)


def text_bounds(texts: pa.Array) -> Ints:
    """Return the byte at which each text starts in the data of its array, and at last where the last one ends."""
    kind = np.dtype(np.int64 if pa.types.is_large_string(texts.type) else np.int32)
    return np.frombuffer(texts.buffers()[1], kind, len(texts) + 1, texts.offset * kind.itemsize)


def _fingerprints(texts: Texts) -> Words:
    """Return a number for each text; equal texts have equal numbers, others seldom do."""
    found = np.empty(len(texts), dtype=np.uint64)
    for rows, part in text_parts(texts):
        found[rows] = _mixed(*_lay_out(part))
    return found


def _lay_out(texts: pa.Array) -> tuple[Ints, Ints, Words]:
    """Return where each text starts, how long it is, and the eight bytes from every byte on."""
    places = text_bounds(texts).astype(np.int64)
    data = texts.buffers()[2]
    held = np.frombuffer(data, np.uint8) if data is not None else np.empty(0, np.uint8)
    first, end = int(places[0]), int(places[-1])
    if len(held) < end + WORD:  # seldom: Arrow pads its buffers
        held = np.concatenate([held[first:end], np.zeros(WORD, np.uint8)])
        places -= first
    words = np.ndarray(len(held) - WORD + 1, np.dtype("<u8"), held, strides=(1,))
    return places[:-1], np.diff(places), words


def _mixed(starts: Ints, lengths: Ints, words: Words) -> Words:
    """Return fingerprints of texts of which there is at least one."""
    marks = lengths.astype(np.uint64) * FACTOR
    shortest, longest = int(lengths.min()), int(lengths.max())
    if shortest == longest >= WORD:  # as identifiers often are: the words of all texts lie a text's length apart
        first = int(starts[0])
        for end in (*range(WORD, longest + 1, WORD), longest):
            _mix(marks, words[first + end - WORD :: longest][: len(marks)])
        return marks
    for end in range(WORD, longest + 1, WORD):
        if end <= shortest:
            _mix(marks, words[starts + (end - WORD)])
        else:
            rows = np.flatnonzero(lengths >= end)
            marks[rows] = _mix(marks[rows], words[starts[rows] + (end - WORD)])
    if shortest >= WORD:  # the last word may overlap the one before it
        return _mix(marks, words[starts + (lengths - WORD)])
    bits = (np.minimum(lengths, WORD - 1) * 8).astype(np.uint64)
    short = words[starts] & ((np.uint64(1) << bits) - np.uint64(1))
    return _mix(marks, np.where(lengths < WORD, short, words[starts + np.maximum(lengths - WORD, 0)]))


def _mix(marks: Words, words: Words) -> Words:
    """Work words into fingerprints, in place."""
    marks ^= words
    marks *= FACTOR
    marks ^= marks >> FOLD
    return marks
