"""Finding texts among a million others, and telling whether all differ, by 64-bit fingerprints.

A fingerprint is worked out for whole columns at once, eight bytes of each text
at a time. To sort fingerprints takes a fraction of the time of a hash table of
texts, which no processor's cache holds. Equal fingerprints only suggest equal
texts: every match is checked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from .arrays import Bools, Ints, bits_for, starts_of_runs, whole

__all__ = ["SortedTexts", "Texts", "all_distinct", "find_texts", "same_texts", "sort_texts"]

Texts: TypeAlias = pa.Array | pa.ChunkedArray
"""A text column (string or large_string) without nulls."""

Words = npt.NDArray[np.uint64]

WORD = 8  # bytes
ROWS_AT_ONCE = 1 << 15  # what is worked on stays in the processor's cache
FACTOR = np.uint64(0x9E3779B97F4A7C15)
FOLD = np.uint64(29)


@dataclass(frozen=True, eq=False)
class SortedTexts:
    """Texts, and their rows in the order of the fingerprints.

    Attributes
    ----------
    texts
        As given, in one piece.
    marks
        Ascending: in the lowest `row_bits` a row, above them what there is room for of its text's fingerprint.
    row_bits
        How many bits hold a row.
    """

    texts: pa.Array
    marks: Words
    row_bits: int

    def rows(self, marks: Words) -> Ints:
        """Return the rows that are in some of the marks."""
        return (marks & _ones(self.row_bits)).astype(np.int64)


def sort_texts(texts: Texts) -> SortedTexts:
    """Sort the rows of texts by fingerprint: for `all_distinct` and `find_texts`, where both are asked."""
    bits = bits_for(len(texts))
    marks = _fingerprints(texts)
    marks &= ~_ones(bits)
    marks |= np.arange(len(marks), dtype=np.uint64)
    marks.sort()
    return SortedTexts(whole(texts), marks, bits)


def all_distinct(texts: Texts | SortedTexts) -> bool:
    """Whether no two texts are equal."""
    known = _sorted(texts)
    new = starts_of_runs(known.marks >> np.uint64(known.row_bits))
    if new.all():
        return True
    alone = new & np.append(new[1:], True)
    alike = known.texts.take(pa.array(known.rows(known.marks[~alone])))
    return bool(pc.count_distinct(alike).as_py() == len(alike))


def find_texts(wanted: Texts | SortedTexts, among: Texts | SortedTexts) -> Ints:
    """Return for each wanted text its row in `among`, whose texts are distinct; -1 where it is not there."""
    asked, known = _sorted(wanted), _sorted(among)
    found = np.full(len(asked.marks), -1, dtype=np.int64)
    if not len(known.marks):
        return found
    low = _ones(max(asked.row_bits, known.row_bits))
    place = np.searchsorted(known.marks, asked.marks & ~low)
    first = known.marks[np.minimum(place, len(known.marks) - 1)]
    alike = (first ^ asked.marks) <= low
    found[asked.rows(asked.marks[alike])] = known.rows(first[alike])
    rows = np.flatnonzero(found >= 0)
    wrong = rows[~same_texts(asked.texts, rows, known.texts, found[rows])]
    if len(wrong):  # several texts have the same fingerprint
        texts = asked.texts.take(pa.array(wrong))
        near = known.rows(known.marks[np.isin(known.marks & ~low, _fingerprints(texts) & ~low)])
        match = pc.index_in(texts, value_set=known.texts.take(pa.array(near)))
        found[wrong] = pc.fill_null(pa.array(near).take(match), -1).to_numpy()
    return found


def same_texts(ones: Texts, one_rows: Ints, others: Texts, other_rows: Ints) -> Bools:
    """Return whether the texts of one column at some rows are those of another at other rows, pair by pair."""
    ones, others = whole(ones), whole(others)
    same = np.empty(len(one_rows), dtype=np.bool_)
    for start in range(0, len(one_rows), ROWS_AT_ONCE):
        part = slice(start, start + ROWS_AT_ONCE)
        pair = _at(ones, one_rows[part]), _at(others, other_rows[part])
        same[part] = pc.equal(*pair).to_numpy(zero_copy_only=False)
    return same


def _at(texts: pa.Array, rows: Ints) -> pa.Array:
    """Return the texts at some rows; where these follow one another, without a copy."""
    if (np.diff(rows) == 1).all():
        return texts.slice(int(rows[0]), len(rows))
    return texts.take(pa.array(rows))


def _sorted(texts: Texts | SortedTexts) -> SortedTexts:
    return texts if isinstance(texts, SortedTexts) else sort_texts(texts)


def _ones(bits: int) -> np.uint64:
    return np.uint64((1 << bits) - 1)


def _fingerprints(texts: Texts) -> Words:
    """Return a number for each text; equal texts have equal numbers, others seldom do."""
    found = np.empty(len(texts), dtype=np.uint64)
    done = 0
    for chunk in texts.chunks if isinstance(texts, pa.ChunkedArray) else [texts]:
        for start in range(0, len(chunk), ROWS_AT_ONCE):
            part = chunk.slice(start, ROWS_AT_ONCE)
            found[done : done + len(part)] = _mixed(*_lay_out(part))
            done += len(part)
    return found


def _lay_out(texts: pa.Array) -> tuple[Ints, Ints, Words]:
    """Return where each text starts, how long it is, and the eight bytes from every byte on."""
    wide = pa.types.is_large_string(texts.type)
    _, offsets, data = texts.buffers()
    kind = np.dtype(np.int64 if wide else np.int32)
    places = np.frombuffer(offsets, kind, len(texts) + 1, texts.offset * kind.itemsize).astype(np.int64)
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
