"""Finding texts among a million others, and telling whether all differ, by 64-bit fingerprints.

A fingerprint is worked out for whole columns at once, eight bytes of each text
at a time. To sort fingerprints takes a fraction of the time of a hash table of
texts, which no processor's cache holds. Equal fingerprints only suggest equal
texts: every match is checked.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from .arrays import Bools, Ints, bits_for

__all__ = ["Texts", "all_distinct", "find_texts", "same_texts"]

Texts: TypeAlias = pa.Array | pa.ChunkedArray
"""A text column (string or large_string) without nulls."""

Words = npt.NDArray[np.uint64]

WORD = 8  # bytes
ROWS_AT_ONCE = 1 << 15  # what is worked on stays in the processor's cache
FACTOR = np.uint64(0x9E3779B97F4A7C15)
FOLD = np.uint64(29)


def all_distinct(texts: Texts) -> bool:
    """Whether no two texts are equal."""
    marks = _fingerprints(texts)
    marks.sort()
    if not (marks[1:] == marks[:-1]).any():
        return True
    return bool(pc.count_distinct(texts).as_py() == len(texts))


def find_texts(wanted: Texts, among: Texts) -> Ints:
    """Return for each wanted text its row in `among`, whose texts are distinct; -1 where it is not there."""
    wanted, among = _whole(wanted), _whole(among)
    found = np.full(len(wanted), -1, dtype=np.int64)
    if not len(among):
        return found
    bits = np.uint64(bits_for(max(len(wanted), len(among))))
    low = (np.uint64(1) << bits) - np.uint64(1)
    known, asked = _sorted_rows(among, bits), _sorted_rows(wanted, bits)
    first = known[np.minimum(np.searchsorted(known, asked & ~low), len(known) - 1)]
    alike = (first ^ asked) <= low
    found[(asked[alike] & low).astype(np.int64)] = first[alike] & low
    rows = np.flatnonzero(found >= 0)
    wrong = rows[~same_texts(wanted, rows, among, found[rows])]
    if len(wrong):  # several texts have the same fingerprint
        texts = wanted.take(pa.array(wrong))
        near = (known[np.isin(known >> bits, _fingerprints(texts) >> bits)] & low).astype(np.int64)
        place = pc.index_in(texts, value_set=among.take(pa.array(near)))
        found[wrong] = pc.fill_null(pa.array(near).take(place), -1).to_numpy()
    return found


def same_texts(ones: Texts, one_rows: Ints, others: Texts, other_rows: Ints) -> Bools:
    """Return whether the texts of one column at some rows are those of another at other rows, pair by pair."""
    ones, others = _whole(ones), _whole(others)
    same = np.empty(len(one_rows), dtype=np.bool_)
    for start in range(0, len(one_rows), ROWS_AT_ONCE):
        part = slice(start, start + ROWS_AT_ONCE)
        pair = ones.take(pa.array(one_rows[part])), others.take(pa.array(other_rows[part]))
        same[part] = pc.equal(*pair).to_numpy(zero_copy_only=False)
    return same


def _sorted_rows(texts: pa.Array, bits: np.uint64) -> Words:
    """Return the rows, that many bits each, under what there is room for of their texts' fingerprints; sorted."""
    marks = _fingerprints(texts)
    marks >>= bits
    marks <<= bits
    marks |= np.arange(len(marks), dtype=np.uint64)
    marks.sort()
    return marks


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


def _whole(texts: Texts) -> pa.Array:
    return texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
