"""Finding texts among a million others, and telling whether all differ.

The index is a hash table made for whole columns at once: each fingerprint has
one of twice as many slots; those whose slot another took go to a next, smaller
table, where they are spread anew. It is several times as fast as a hash table of
texts. Equal fingerprints only suggest equal texts: every match is checked.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .arrays import Bools, Codes, Ints, bits_for, code_type, in_parts, whole
from .fingerprints import FACTOR, MarkedTexts, Texts, Words, mark_texts, text_bounds, text_parts

__all__ = ["TextIndex", "all_distinct", "find_texts", "index_texts", "same_texts"]


@dataclass(frozen=True, eq=False)
class TextIndex:
    """Texts that can be looked up.

    Attributes
    ----------
    known
        The texts and their fingerprints.
    tables
        Each has the row of a text in the slot of its fingerprint, and row 0 in a slot that none took.
    twins
        Rows that are in no table, since one that is has the same fingerprint.
    """

    known: MarkedTexts
    tables: tuple[Codes, ...]
    twins: Codes


def index_texts(texts: Texts) -> TextIndex:
    """Build the index of texts."""
    known = mark_texts(texts)
    kind = code_type(len(known.marks))
    rows, marks = np.arange(len(known.marks), dtype=kind), known.marks
    tables: list[Codes] = []
    twins = [rows[:0]]
    while len(rows):
        level, table = len(tables), np.zeros(2 << bits_for(len(rows)), dtype=kind)
        for part in in_parts(len(rows)):
            table[_slots(marks[part], table, level)] = rows[part]
        lost = _lost(rows, marks, table, level)
        alike = known.marks.take(table.take(_slots(marks[lost], table, level))) == marks[lost]
        twins.append(rows[lost[alike]])
        rows, marks = rows[lost[~alike]], marks[lost[~alike]]
        tables.append(table)
    return TextIndex(known, tuple(tables), np.concatenate(twins))


def all_distinct(texts: Texts | TextIndex) -> bool:
    """Whether no two texts are equal."""
    index = _indexed(texts)
    if not len(index.twins):
        return True
    alike = _with_marks(index.known, index.known.marks[index.twins])
    return bool(pc.count_distinct(index.known.texts.take(alike)).as_py() == len(alike))


def find_texts(wanted: Texts, among: Texts | TextIndex) -> Ints:
    """Return for each wanted text its row in `among`, whose texts are distinct; -1 where it is not there."""
    index = _indexed(among)
    found = np.full(len(wanted), -1, dtype=np.int64)
    if not index.tables:
        return found
    known = _Comparable(index.known.texts)
    wrong = [found[:0]]
    for part, texts in text_parts(wanted):
        rows = _candidates(mark_texts(texts).marks, index)
        same = known.same(np.maximum(rows, 0), texts)
        wrong.append(part.start + np.flatnonzero(~same & (rows >= 0)))
        found[part] = rows
    _mend(found, np.concatenate(wrong), wanted, index)
    return found


def same_texts(texts: Texts, among: Texts, rows: Ints) -> Bools:
    """Return whether each text is the one at its row in `among`."""
    known = _Comparable(among)
    same = np.empty(len(rows), dtype=np.bool_)
    for part, some in text_parts(texts):
        same[part] = known.same(rows[part], some)
    return same


class _Comparable:
    """A column of texts; also as values of one width, which Arrow takes sooner, where all texts are as long."""

    def __init__(self, texts: Texts) -> None:
        self._texts = whole(texts)
        self._width = _width(self._texts)
        self._values = _of_width(self._texts, self._width) if self._width else self._texts

    def same(self, rows: Ints, texts: pa.Array) -> Bools:
        """Return whether the texts at some rows are those given."""
        places = pa.array(rows)
        if self._width and self._width == _width(texts):
            same = pc.equal(self._values.take(places), _of_width(texts, self._width))
        else:
            same = pc.equal(self._texts.take(places), texts)
        found: Bools = same.to_numpy(zero_copy_only=False)
        return found


def _slots(marks: Words, table: Codes, level: int) -> Ints:
    """Return the slots of fingerprints in a table; on each level they are spread anew."""
    spread = marks * np.uint64(pow(int(FACTOR), level, 1 << 64))
    spread >>= np.uint64(65 - len(table).bit_length())
    return spread.view(np.int64)


def _lost(rows: Codes, marks: Words, table: Codes, level: int) -> Ints:
    """Return the places of the rows whose slot another row took."""
    kept = np.empty(len(rows), dtype=np.bool_)
    for part in in_parts(len(rows)):
        kept[part] = table.take(_slots(marks[part], table, level)) == rows[part]
    return np.flatnonzero(~kept)


def _candidates(marks: Words, index: TextIndex) -> Ints:
    """Return for each fingerprint the row in the tables that has it; -1 where none has."""
    found = np.empty(len(marks), dtype=np.int64)
    left = np.arange(len(marks))
    for level, table in enumerate(index.tables):
        rows = table.take(_slots(marks, table, level))
        found[left] = rows
        missed = np.flatnonzero(index.known.marks.take(rows) != marks)
        left, marks = left.take(missed), marks.take(missed)
    found[left] = -1
    return found


def _mend(found: Ints, wrong: Ints, wanted: Texts, index: TextIndex) -> None:
    """Look up anew, among all texts with their fingerprints, texts for which another text was found."""
    if len(wrong):
        asked = mark_texts(whole(wanted).take(pa.array(wrong)))
        near = _with_marks(index.known, asked.marks)
        match = pc.index_in(asked.texts, value_set=whole(index.known.texts).take(near))
        found[wrong] = pc.fill_null(near.take(match), -1).to_numpy()


def _with_marks(known: MarkedTexts, marks: Words) -> pa.Array:
    """Return the rows of all texts that have one of some fingerprints."""
    return pa.array(np.flatnonzero(np.isin(known.marks, marks)))


def _indexed(texts: Texts | TextIndex) -> TextIndex:
    return texts if isinstance(texts, TextIndex) else index_texts(texts)


def _width(texts: pa.Array) -> int:
    """Return how many bytes each text has; 0 where they differ."""
    lengths = np.diff(text_bounds(texts))
    return int(lengths[0]) if len(lengths) and (lengths == lengths[0]).all() else 0


def _of_width(texts: pa.Array, width: int) -> pa.Array:
    """Return texts of one width as binary values, in the same memory."""
    start = int(text_bounds(texts)[0])
    return pa.Array.from_buffers(pa.binary(width), len(texts), [None, texts.buffers()[2].slice(start)])
