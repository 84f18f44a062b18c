from __future__ import annotations

import json
import sys

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from learnosity_nb.files.conversions import has_blank
from learnosity_nb.local.datasets import intake
from learnosity_nb.local.datasets.intake import BLOCK_BYTES, level_columns, read_lines
from learnosity_nb.local.datasets.line_faults import MAX_LINE_BYTES

DEPTH = 2
GOOD = {"user_id": "u", "session_id": ["s"], "group_path": ["x", "y"]}

names = st.text(min_size=1, max_size=8)
odd_names = names | st.sampled_from(["", " ", "\u3000", "\x1c", "\u200b", "\x00", "é", "e\u0301", "\u2028"])
values = st.none() | st.booleans() | st.integers() | st.floats() | odd_names | st.just([]) | st.just({})


@st.composite
def lines(draw) -> bytes:
    """One line: mostly right, sometimes wrong in one of the ways that files are."""
    line = {
        "user_id": draw(names),
        "session_id": draw(st.lists(names, max_size=3)),
        "group_path": draw(st.lists(names, min_size=DEPTH, max_size=DEPTH)),
    }
    for key in line:
        if draw(st.integers(0, 11)) == 0:
            line[key] = draw(values | st.lists(values, max_size=4))
    if draw(st.integers(0, 11)) == 0:
        line[draw(st.sampled_from(["more", "user_id ", "", *GOOD]))] = draw(values)
    if draw(st.integers(0, 15)) == 0:
        del line[draw(st.sampled_from(sorted(GOOD)))]
    text = json.dumps(
        line, ensure_ascii=draw(st.booleans()), separators=draw(st.sampled_from([(",", ":"), (" , ", ": ")]))
    )
    found = text.encode("utf-8", "surrogatepass")
    for _ in range(draw(st.sampled_from([0, 0, 0, 0, 0, 1]))):
        at = draw(st.integers(0, len(found)))
        found = (
            found[:at]
            + draw(st.sampled_from([b"", b"{", b"}", b'"', b"\n", b"\r", b"\x00", b"\xff", b"\\", b" ", b","]))
            + (found[at + draw(st.integers(0, 2)) :])
        )
    return found


files = st.builds(
    lambda start, parts, end: start + b"".join(line + mark for line, mark in parts) + end,
    st.sampled_from([b"", b"", b"\xef\xbb\xbf", b"\n"]),
    st.lists(
        st.tuples(lines(), st.sampled_from([b"\n", b"\n", b"\n", b"\r\n", b"\n\n", b"\n \t\n", b" \n", b""])),
        max_size=6,
    ),
    st.sampled_from([b"", b"", b"\n", b"[", b"\x1a"]),
)


def read_exactly(path, monkeypatch) -> intake.Intake:
    with monkeypatch.context() as patch:
        patch.setattr(intake, "_read_in_bulk", lambda *_: None)
        return read_lines(path, "0.ndjson", DEPTH)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=files)
def test_the_bulk_reader_takes_only_what_the_exact_one_takes_and_reads_the_same(content, tmp_path, monkeypatch) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    read, exact = read_lines(path, "0.ndjson", DEPTH), read_exactly(path, monkeypatch)
    assert read.lines.to_pylist() == exact.lines.to_pylist()
    assert read.faults == exact.faults
    assert read.warnings == exact.warnings
    assert read.blank == exact.blank
    assert exact.lines.num_rows + exact.blank <= len(content.split(b"\n"))


SPLIT = json.dumps(GOOD).encode()


@pytest.mark.parametrize(
    "content",
    [
        SPLIT[:10].replace(b":", b":\n") + SPLIT[10:] + SPLIT + b"\n",
        SPLIT + SPLIT + b"\n" + SPLIT.replace(b", ", b",\n", 1),
        b"{\n" + SPLIT[1:] + SPLIT,
        SPLIT + b"\r" + SPLIT,
        SPLIT.replace(b'"u"', b'"' + b"u" * MAX_LINE_BYTES + b'"'),
        SPLIT + b" " * MAX_LINE_BYTES,
    ],
    ids=["first split", "last split", "brace alone", "old line ends", "long name", "long blank"],
)
def test_files_that_the_bulk_parser_alone_would_take_have_their_faults(content, tmp_path, monkeypatch) -> None:
    """As many objects as lines, but not one on each; or longer lines than allowed."""
    path = tmp_path / "file"
    path.write_bytes(content)
    read = read_lines(path, "0.ndjson", DEPTH)
    assert read.faults == read_exactly(path, monkeypatch).faults
    assert read.faults.kinds


def test_both_readers_agree_on_what_is_blank() -> None:
    """For every character of Unicode."""
    every = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code <= 0xDFFF]
    blank = [mark for mark in every if not mark.strip()]
    assert len(blank) > 20
    assert all(has_blank(pa.array([mark])) for mark in blank)
    assert not has_blank(pa.array([mark for mark in every if mark.strip()]))


@pytest.mark.parametrize(
    "size", [MAX_LINE_BYTES - 1, MAX_LINE_BYTES, MAX_LINE_BYTES + 1, MAX_LINE_BYTES + 2, 3 * MAX_LINE_BYTES]
)
@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
def test_a_line_has_at_most_a_million_bytes_without_its_end(tmp_path, size, end, start) -> None:
    line = json.dumps({**GOOD, "more": ""}).encode()
    line = line[:-2] + b"x" * (size - len(line)) + b'"}'
    assert len(line) == size
    path = tmp_path / "file"
    path.write_bytes(start + line + end)
    read = read_lines(path, "0.ndjson", DEPTH)
    assert dict(read.faults.kinds) == ({} if size <= MAX_LINE_BYTES else {"long_line": 1})


def test_offsets_go_on_behind_a_line_that_is_longer_than_any_buffer(tmp_path) -> None:
    """N24."""
    path = tmp_path / "file"
    long = b'{"user_id": "' + b"x" * (BLOCK_BYTES * 2) + b'"}\n'
    path.write_bytes(long + b"?\n" + SPLIT + b"\n")
    read = read_lines(path, "0.ndjson", DEPTH)
    assert [(fault.kind, fault.line, fault.byte) for fault in read.faults.first] == [
        ("long_line", 1, 0),
        ("not_json", 2, len(long)),
    ]
    assert read.lines.num_rows == 0


def test_a_thousand_wrong_lines_among_many_are_all_counted_at_their_places(tmp_path) -> None:
    path = tmp_path / "file"
    content = [SPLIT if number % 20 else b"{}" for number in range(1, 20_001)]
    path.write_bytes(b"\n".join(content))
    read = read_lines(path, "0.ndjson", DEPTH)
    assert dict(read.faults.kinds) == {"missing_key": 3000}
    assert [fault.line for fault in read.faults.first] == [line for line in range(20, 160, 20) for _ in range(3)][:20]
    assert read.lines.num_rows == 0


def test_the_columns_are_the_user_the_sessions_and_one_for_each_level(tmp_path) -> None:
    path = tmp_path / "file"
    path.write_text(f"{json.dumps(GOOD)}\n\n{json.dumps({**GOOD, 'group_path': ['x', 'z']})}\n", encoding="utf-8")
    read = read_lines(path, "0.ndjson", DEPTH)
    assert read.lines.column_names == ["user_id", "session_id", *level_columns(DEPTH)]
    assert read.lines.to_pydict() == {
        "user_id": ["u", "u"],
        "session_id": [["s"], ["s"]],
        "level_1": ["x", "x"],
        "level_2": ["y", "z"],
    }
    assert read.blank == 1
