"""Whole columns at once: from what a file or frame holds to the fixed Arrow type of a kind.

The fast ways here either give what `values.read_value` gives for each value, or
decline; a column they decline is read value by value, which also finds the faults.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from ..domain.times import MILLISECONDS
from ..errors import Fault
from .columns import Column, Kind
from .findings import Findings
from .values import NUMBER_LIMIT, read_value

__all__ = [
    "ARROW_TYPES",
    "RawColumn",
    "are_names",
    "convert_column",
    "fast_column",
    "has_blank",
    "is_text",
    "refuse_foreign",
    "rows_where",
]

RawColumn: TypeAlias = pa.ChunkedArray | Sequence[Any]
"""A column as found: Arrow data, or Python values where Arrow has no single type for them."""

UTC_TIME = pa.timestamp("us", "UTC")

ARROW_TYPES: Final[Mapping[Kind, pa.DataType]] = {
    "text": pa.string(),
    "number": pa.float64(),
    "whole": pa.int64(),
    "time": UTC_TIME,
    "boolean": pa.bool_(),
    "date": pa.date32(),
}
"""The one Arrow type of each kind, whatever the source."""

CLOCK = r"^[1-9]\d{3}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?)?"
NAIVE_TIME = CLOCK + "$"
ZONED_TIME = CLOCK + r"(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$"
DAY = r"^[1-9]\d{3}-\d\d-\d\d$"
UNIX = r"^\d{1,12}$"
NO_VALUE = "a value is required here"
BLANK = "this text is blank"
SECONDS_END = 253402300800  # 10000-01-01
SECONDS_START = -62135596800  # 0001-01-01


def convert_column(raw: RawColumn, column: Column, findings: Findings) -> pa.ChunkedArray:
    """Return a column in the Arrow type of its kind, as a dictionary if it repeats; a value with a fault becomes null.

    Parameters
    ----------
    raw
        The column as found.
    column
        What it should hold.
    findings
        Takes a fault for each value that cannot be read or, as a number, is too near 0 or too great (kind
        ``bad_<kind>``) and, where the column must be filled, for each that is missing (``missing_value``) or only
        spaces (``blank_text``). Also for each that is not one of the column's few values (``unknown_<name>``). One
        for the whole column as `refuse_foreign`.
    """
    if refuse_foreign(raw, column.name, column.kind, findings):
        return pa.chunked_array([pa.nulls(len(raw), ARROW_TYPES[column.kind])])
    if column.repeats and (encoded := _encoded(raw, column)) is not None:
        return encoded
    converted = fast_column(raw, column.kind) if isinstance(raw, pa.ChunkedArray) else None
    if converted is None:
        converted = _exact_column(raw, column, findings)
    elif column.filled:
        _check_filled(converted, column.name, findings)
    if column.among:
        _check_among(converted, column, findings)
    if column.least:
        _check_least(converted, column, findings)
    if column.most is not None:
        _check_most(converted, column.most, column, findings)
    return pc.dictionary_encode(converted) if column.repeats else converted


def fast_column(raw: pa.ChunkedArray, kind: Kind) -> pa.ChunkedArray | None:
    """Convert an Arrow column without looking at single values, or return None where that is not safe."""
    plain = raw.cast(raw.type.value_type) if pa.types.is_dictionary(raw.type) else raw
    if pa.types.is_null(plain.type):
        return plain.cast(ARROW_TYPES[kind])
    try:
        return FAST[kind](_without_empty(plain) if is_text(plain.type) else plain)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None


def refuse_foreign(raw: RawColumn, key: str, kind: Kind, findings: Findings) -> bool:
    """Add one fault, and return True, for a column whose type would be read as something its user does not see.

    In place of a value of an extension type Arrow gives what it is stored as, such as the number of a period; in
    place of a time, a text with six decimals.
    """
    if not isinstance(raw, pa.ChunkedArray):
        return False
    plain = raw.type.value_type if pa.types.is_dictionary(raw.type) else raw.type
    extension = isinstance(plain, pa.BaseExtensionType)
    foreign = not is_text(plain.storage_type) if extension else kind == "text" and pa.types.is_temporal(plain)
    if foreign:
        name = plain.extension_name if extension else str(plain)
        said = f"the column holds values of type {name}: convert it with .astype(str)"
        findings.add(Fault(f"bad_{kind}", said, file=findings.file, key=key))
    return bool(foreign)


def rows_where(mask: pa.ChunkedArray) -> list[int]:
    """Return the rows (0-based) where a boolean column is true."""
    whole = mask.combine_chunks()  # without a chunk, as of a file's header alone, older Arrow crashes here
    return list(pc.indices_nonzero(whole).to_pylist())


def has_blank(texts: pa.Array | pa.ChunkedArray) -> bool:
    """Whether a text is empty or only spaces."""
    return bool(pc.any(pc.or_(pc.equal(texts, ""), pc.utf8_is_space(texts))).as_py())


def are_names(texts: pa.Array) -> bool:
    """Whether the texts of a dictionary can stand for themselves: distinct, none null or blank."""
    return not texts.null_count and len(texts.unique()) == len(texts) and not has_blank(texts)


def is_text(kind: pa.DataType) -> bool:
    """Whether an Arrow type is one of Arrow's three text types."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _encoded(raw: RawColumn, column: Column) -> pa.ChunkedArray | None:
    """Return texts as a dictionary, looking at each different text once; None where a row needs a closer look."""
    if not isinstance(raw, pa.ChunkedArray) or (raw.null_count and column.filled):
        return None
    chunks = [_dictionary(chunk) for chunk in raw.chunks]
    if not chunks or None in chunks:
        return None
    encoded = pa.chunked_array(chunks).unify_dictionaries()
    texts = encoded.chunk(0).dictionary
    usable = are_names(texts) and (not column.among or pc.all(_is_among(texts, column)).as_py())
    return encoded if usable else None


def _dictionary(chunk: pa.Array) -> pa.DictionaryArray | None:
    if is_text(chunk.type):
        chunk = pc.dictionary_encode(chunk)
    elif not pa.types.is_dictionary(chunk.type) or not is_text(chunk.type.value_type):
        return None
    return pa.DictionaryArray.from_arrays(chunk.indices.cast(pa.int32()), chunk.dictionary.cast(pa.string()))


def _check_filled(column: pa.ChunkedArray, key: str, findings: Findings) -> None:
    for row in rows_where(pc.is_null(column)):
        findings.add_row("missing_value", key, row, NO_VALUE)
    if pa.types.is_string(column.type):
        for row in rows_where(pc.utf8_is_space(column)):  # an empty text is a null already
            findings.add_row("blank_text", key, row, BLANK, column[row].as_py())


def _check_among(texts: pa.ChunkedArray, column: Column, findings: Findings) -> None:
    for row in rows_where(pc.invert(_is_among(texts, column))):
        said = f"expected {', '.join(column.among[:-1])} or {column.among[-1]}"
        findings.add_row(f"unknown_{column.name}", column.name, row, said, texts[row].as_py())


def _is_among(texts: pa.Array | pa.ChunkedArray, column: Column) -> pa.Array | pa.ChunkedArray:
    return pc.is_in(texts, value_set=pa.array([*column.among, None], pa.string()))


def _check_least(numbers: pa.ChunkedArray, column: Column, findings: Findings) -> None:
    small = pc.less(pc.abs(numbers), column.least)
    if pc.any(small).as_py():
        for row in rows_where(pc.and_(small, pc.not_equal(numbers, 0))):
            said = f"expected 0 or a number of at least {column.least:g}"
            findings.add_row(f"bad_{column.kind}", column.name, row, said, numbers[row].as_py())


def _check_most(numbers: pa.ChunkedArray, most: int, column: Column, findings: Findings) -> None:
    for row in rows_where(pc.greater(numbers, most)):
        findings.add_row(f"bad_{column.kind}", column.name, row, f"expected at most {most:,}", numbers[row].as_py())


def _exact_column(raw: RawColumn, column: Column, findings: Findings) -> pa.ChunkedArray:
    converted: list[object] = []
    for row, value in enumerate(_python_values(raw)):
        read = None
        try:
            read = read_value(value, column.kind)
        except ValueError as error:
            shown = None if column.private else value
            findings.add_row(f"bad_{column.kind}", column.name, row, str(error), shown)
        else:
            if column.filled and read is None:
                findings.add_row("missing_value", column.name, row, NO_VALUE)
            elif column.filled and isinstance(read, str) and not read.strip():
                findings.add_row("blank_text", column.name, row, BLANK, read)
        converted.append(read)
    return pa.chunked_array([pa.array(converted, ARROW_TYPES[column.kind])])


def _python_values(raw: RawColumn) -> Sequence[Any]:
    if not isinstance(raw, pa.ChunkedArray):
        return raw
    if pa.types.is_timestamp(raw.type):  # as text: Arrow's years go beyond those of datetime
        return list(raw.cast(pa.string()).to_pylist())
    return list(raw.to_pylist())


def _without_empty(text: pa.ChunkedArray) -> pa.ChunkedArray:
    plain = text.cast(pa.string())
    empty = pc.equal(plain, "")
    return pc.if_else(empty, pa.scalar(None, pa.string()), plain) if pc.any(empty).as_py() else plain


def _text(raw: pa.ChunkedArray) -> pa.ChunkedArray | None:
    return raw.cast(pa.string()) if is_text(raw.type) or pa.types.is_integer(raw.type) else None


def _number(raw: pa.ChunkedArray) -> pa.ChunkedArray | None:
    if pa.types.is_boolean(raw.type) or pa.types.is_temporal(raw.type):
        return None
    numbers = raw.cast(pa.float64(), safe=False) if pa.types.is_integer(raw.type) else raw.cast(pa.float64())
    if _within_limit(numbers):
        return numbers
    if is_text(raw.type):
        return None
    known = pc.if_else(pc.is_nan(numbers), pa.scalar(None, pa.float64()), numbers)
    return known if _within_limit(known) else None


def _whole(raw: pa.ChunkedArray) -> pa.ChunkedArray | None:
    if is_text(raw.type):  # Arrow would read 0x10 as 16
        return raw.cast(pa.int64()) if _all_match(raw, r"^-?\d+$") else None
    if pa.types.is_integer(raw.type):
        return raw.cast(pa.int64())
    numbers = _number(raw)
    return None if numbers is None else numbers.cast(pa.int64())


def _time(raw: pa.ChunkedArray) -> pa.ChunkedArray | None:
    if is_text(raw.type):
        return _time_of_text(raw)
    if pa.types.is_timestamp(raw.type) or pa.types.is_date(raw.type):
        options = pc.CastOptions(UTC_TIME, allow_time_truncate=True)
        naive = raw.cast(pa.timestamp("ms")) if pa.types.is_date(raw.type) else raw
        return _within_years(naive.cast(options=options))
    seconds = _whole(raw) if pa.types.is_integer(raw.type) or pa.types.is_floating(raw.type) else None
    return None if seconds is None else _time_of_seconds(seconds)


def _time_of_text(text: pa.ChunkedArray) -> pa.ChunkedArray | None:
    if _all_match(text, ZONED_TIME):
        return _within_years(text.cast(UTC_TIME))
    if _all_match(text, NAIVE_TIME):
        return text.cast(pa.timestamp("us")).cast(UTC_TIME)
    return _time_of_seconds(text.cast(pa.int64())) if _all_match(text, UNIX) else None


def _time_of_seconds(seconds: pa.ChunkedArray) -> pa.ChunkedArray | None:
    if not _between(seconds, 0, MILLISECONDS):
        return None
    return seconds.cast(pa.timestamp("s")).cast(UTC_TIME)


def _date(raw: pa.ChunkedArray) -> pa.ChunkedArray | None:
    if is_text(raw.type):
        return raw.cast(pa.date32()) if _all_match(raw, DAY) else None
    if not (pa.types.is_timestamp(raw.type) or pa.types.is_date(raw.type)) or _time(raw) is None:
        return None
    zoned = pa.types.is_timestamp(raw.type) and raw.type.tz not in (None, "UTC")
    times = _time(pc.local_timestamp(raw) if zoned else raw)
    return None if times is None else times.cast(pa.timestamp("us")).cast(pa.date32())


def _boolean(raw: pa.ChunkedArray) -> pa.ChunkedArray | None:
    if pa.types.is_boolean(raw.type):
        return raw
    if is_text(raw.type):
        return raw.cast(pa.bool_())
    if pa.types.is_integer(raw.type) and _between(raw, 0, 2):
        return raw.cast(pa.bool_())
    return None


def _all_match(text: pa.ChunkedArray, pattern: str) -> bool:
    return pc.all(pc.match_substring_regex(text, pattern)).as_py() is not False


def _within_limit(numbers: pa.ChunkedArray) -> bool:
    """Whether all are numbers of a size that is read: neither too large nor infinite nor NaN."""
    return pc.all(pc.less_equal(pc.abs(numbers), NUMBER_LIMIT)).as_py() is not False


def _between(numbers: pa.ChunkedArray, start: int, end: int) -> bool:
    bounds = pc.min_max(numbers).as_py()
    return bounds["min"] is None or (bounds["min"] >= start and bounds["max"] < end)


def _within_years(times: pa.ChunkedArray) -> pa.ChunkedArray | None:
    return times if _between(times.cast(pa.int64()), SECONDS_START * 10**6, SECONDS_END * 10**6) else None


FAST: Final[Mapping[Kind, Callable[[pa.ChunkedArray], pa.ChunkedArray | None]]] = {
    "text": _text,
    "number": _number,
    "whole": _whole,
    "time": _time,
    "boolean": _boolean,
    "date": _date,
}
