from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import pytest

from learnosity_nb.local.datasets import exact_lines
from learnosity_nb.local.datasets.exact_lines import SCHEMA, numbered_lines, read_exactly
from learnosity_nb.local.datasets.line_faults import LineReader

LINES = 6_000


def right(number: int) -> bytes:
    line = {"user_id": f"user {number}", "session_id": [f"session {number}"], "group_path": ["x", f"y{number % 9}"]}
    return json.dumps(line).encode() + b"\n"


@pytest.fixture
def path(tmp_path) -> Path:
    made = tmp_path / "file"
    made.write_bytes(b"".join(map(right, range(LINES))))
    return made


@pytest.fixture
def reader() -> LineReader:
    return LineReader("0.ndjson", 2)


def peak(path: Path) -> int:
    """Return the most bytes that Python objects took while a file was read."""
    tracemalloc.start()
    try:
        read_exactly(path, LineReader("0.ndjson", 2))
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_right_lines_are_columns_whether_they_fill_a_batch_or_not(path, reader, monkeypatch) -> None:
    whole = read_exactly(path, reader)
    assert whole.schema == SCHEMA
    assert whole.num_rows == LINES
    monkeypatch.setattr(exact_lines, "BATCH_LINES", 2100)
    parts = read_exactly(path, reader)
    assert [len(chunk) for chunk in parts["user_id"].chunks][:2] == [2100, 2100]
    assert parts.equals(whole)
    monkeypatch.setattr(exact_lines, "BATCH_LINES", LINES)
    assert read_exactly(path, reader).equals(whole)


def test_rows_are_kept_as_columns_once_there_is_a_batch_of_them(path, monkeypatch) -> None:
    whole = peak(path)
    monkeypatch.setattr(exact_lines, "BATCH_LINES", 150)
    assert peak(path) < whole / 10


def test_nothing_is_kept_once_a_line_has_a_fault(path, reader) -> None:
    whole = peak(path)
    path.write_bytes(b"{}\n" + path.read_bytes())
    assert peak(path) < whole / 10
    assert read_exactly(path, reader).equals(SCHEMA.empty_table())
    assert dict(reader.faults.kinds) == {"missing_key": 3}


@pytest.mark.parametrize("wrong_line", [0, 499, 500, 501, 999, 1000])
def test_what_was_kept_before_a_fault_is_given_up(tmp_path, reader, monkeypatch, wrong_line) -> None:
    monkeypatch.setattr(exact_lines, "BATCH_LINES", 500)
    path = tmp_path / "file"
    path.write_bytes(b"".join(b"?\n" if number == wrong_line else right(number) for number in range(1001)))
    assert read_exactly(path, reader).num_rows == 0
    assert [fault.line for fault in reader.faults.first] == [wrong_line + 1]


def test_a_file_of_blank_lines_has_no_rows_and_no_fault(tmp_path, reader) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"\n \t\n\r\n")
    assert read_exactly(path, reader).equals(SCHEMA.empty_table())
    assert not reader.faults.kinds


def test_lines_are_numbered_from_1_with_their_places_in_the_file(tmp_path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"\xef\xbb\xbfone\r\n\ntwo")
    assert list(numbered_lines(path)) == [(1, 0, b"one\r\n"), (2, 8, b"\n"), (3, 9, b"two")]
