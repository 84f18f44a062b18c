"""NDJSON files: one JSON object a line.

Arrow reads a file whose values have the expected types. Any other file is read
line by line, which gives each fault its line and keeps mixed values apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.json as pajson

from ..errors import Fault, InputError
from .findings import Findings
from .sources import Source, Wanted, row_numbers
from .text_files import count_utf8_lines, read_utf8

__all__ = ["ndjson_source"]

BLOCK = 1 << 22  # bytes Arrow parses at once; also the longest line


def ndjson_source(path: Path, wanted: Wanted) -> Source:
    """Read the wanted keys of an NDJSON file; an absent key is null in that row. Blank lines are skipped.

    Raises
    ------
    InputError
        If it is empty, not UTF-8, or a line is not a JSON object: then with every such line.
    """
    lines = count_utf8_lines(path)
    found = _fast_source(path, lines, wanted) if lines else None
    return found or _exact_source(path.name, read_utf8(path), wanted)


def _fast_source(path: Path, lines: int, wanted: Wanted) -> Source | None:
    """Read with Arrow, or return None where a value or the shape of a line is not as expected."""
    try:
        with path.open("rb") as file:
            first = msgspec.json.decode(file.readline())
    except (OSError, msgspec.DecodeError, RecursionError):
        return None
    if not isinstance(first, dict):
        return None
    schema = pa.schema([(key, _arrow_type(kind, first.get(key))) for key, kind in wanted.items()])
    parse = pajson.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore")
    try:
        with pajson.open_json(path, pajson.ReadOptions(block_size=BLOCK), parse) as reader:
            table = pa.Table.from_batches([_encoded(batch, wanted) for batch in reader])
    except (OSError, pa.ArrowInvalid):
        return None
    if table.num_rows != lines:
        return None
    # A column without a value may be one that no line has: only the exact way can tell.
    if any(table.column(key).null_count == table.num_rows for key in wanted if key in first):
        return None
    columns = {key: table.column(key) for key in wanted if table.column(key).null_count < table.num_rows}
    return Source(path.name, path.name, (*first, *(set(columns) - set(first))), columns, table.num_rows, row_numbers)


def _encoded(batch: pa.RecordBatch, wanted: Wanted) -> pa.RecordBatch:
    """Keep each different text of the repeated columns once: less than all blocks together is in memory at a time."""
    for place, key in enumerate(batch.schema.names):
        column = batch.column(place)
        if wanted[key] == "repeated text" and pa.types.is_string(column.type):
            batch = batch.set_column(place, key, column.dictionary_encode())
        elif wanted[key] == "repeated texts" and pa.types.is_list(column.type):
            without = column.is_null() if column.null_count else None
            lists = pa.ListArray.from_arrays(column.offsets, column.values.dictionary_encode(), mask=without)
            batch = batch.set_column(place, key, lists)
    return batch


def _arrow_type(kind: str, value: object) -> pa.DataType:
    if isinstance(value, list) or (value is None and kind.endswith("texts")):
        return pa.list_(pa.string())
    if isinstance(value, bool) or kind == "boolean":
        return pa.bool_()
    if kind == "number" or isinstance(value, float):
        return pa.float64()
    if kind == "whole" or isinstance(value, int):
        return pa.int64()
    return pa.string()


def _exact_source(name: str, text: bytes, wanted: Wanted) -> Source:
    if text.lstrip().startswith(b"["):
        raise InputError(f"{name} is a JSON array. Write one JSON object on each line instead.")
    records, lines = _records(name, text)
    names = tuple(dict.fromkeys(key for record in records for key in record))
    columns: dict[str, list[Any]] = {key: [record.get(key) for record in records] for key in wanted if key in names}

    def lines_of(rows: Sequence[int]) -> list[int]:
        return [lines[row] for row in rows]

    return Source(name, name, names, columns, len(records), lines_of)


def _records(name: str, text: bytes) -> tuple[list[dict[str, Any]], list[int]]:
    records: list[dict[str, Any]] = []
    lines: list[int] = []
    findings = Findings(name, row_numbers)
    decode = msgspec.json.Decoder().decode
    start = 0
    for number, line in enumerate(text.split(b"\n"), start=1):
        if line.strip():
            try:
                record = decode(line)
            except (msgspec.DecodeError, RecursionError) as error:
                said = f"this line is not JSON: {error}"
                findings.add(Fault("not_json", said, file=name, line=number, byte=start))
            else:
                if isinstance(record, dict):
                    records.append(record)
                    lines.append(number)
                else:
                    said = "expected a JSON object"
                    findings.add(Fault("not_an_object", said, file=name, line=number, byte=start))
        start += len(line) + 1
    findings.raise_if_any(f"{name} cannot be read.")
    return records, lines
