from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learnosity_nb.errors import InputError
from learnosity_nb.files import ndjson_files
from learnosity_nb.files.columns import LEARNERS, SESSIONS
from learnosity_nb.files.tables import read_table

ROW = {"session_id": "s", "user_id": "u", "score": 1, "max_score": 2.5}
File = Callable[[str, str | bytes], Path]


def lines(*records: Any) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


def refused(path: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        read_table(path, SESSIONS)
    return caught.value


@pytest.mark.parametrize(
    "content",
    [
        lines(ROW),
        lines(ROW).strip(),
        "\ufeff" + lines(ROW),
        lines(ROW).replace("\n", "\r\n"),
        "\n" + lines(ROW) + "\n\n",
        lines(ROW) + "\n\n",
        lines(ROW | {"unknown": {"a": [1]}}),
        lines(ROW | {"score": "1", "max_score": "2.5"}),
    ],
    ids=["plain", "no-final-newline", "bom", "crlf", "blank-lines", "blank-end", "unknown-key", "numbers-as-text"],
)
def test_the_same_row_however_it_is_written(content: str, file: File) -> None:
    assert read_table(file("a.ndjson", content), SESSIONS).to_pylist() == [ROW]


def test_ids_without_quotes_become_text_also_beside_quoted_ones(file: File) -> None:
    content = lines(ROW | {"session_id": 7}, ROW | {"session_id": 8})
    assert read_table(file("a.ndjson", content), SESSIONS)["session_id"].to_pylist() == ["7", "8"]
    content = lines(ROW | {"session_id": 7}, ROW | {"session_id": "08"})
    assert read_table(file("b.ndjson", content), SESSIONS)["session_id"].to_pylist() == ["7", "08"]


def test_an_id_with_a_point_is_a_fault(file: File) -> None:
    error = refused(file("a.ndjson", lines(ROW, ROW | {"session_id": 8.0})))
    assert [(fault.kind, fault.line) for fault in error.faults] == [("bad_text", 2)]


def test_a_text_that_looks_like_a_time_stays_text(file: File) -> None:
    content = lines(ROW | {"user_id": "2026-01-31 08:00:00"})
    assert read_table(file("a.ndjson", content), SESSIONS)["user_id"].to_pylist() == ["2026-01-31 08:00:00"]


@pytest.mark.parametrize("moment", [1769860800, 1769860800.5, "2026-01-31T12:00:00Z"])
def test_times_are_seconds_or_text(moment: object, file: File) -> None:
    table = read_table(file("a.ndjson", lines(ROW | {"dt_started": moment})), SESSIONS)
    assert table["dt_started"][0].as_py().replace(microsecond=0).isoformat() == "2026-01-31T12:00:00+00:00"


def test_booleans_are_read_as_such(file: File) -> None:
    content = lines({"course_id": "c", "username": "u", "enrolled": False}, {"course_id": "c", "username": "v"})
    assert read_table(file("a.ndjson", content), LEARNERS)["enrolled"].to_pylist() == [False, None]
    content = lines({"course_id": "c", "username": True})
    with pytest.raises(InputError, match="line 1, username: expected text"):
        read_table(file("b.ndjson", content), LEARNERS)


def test_a_key_that_only_later_lines_have_is_read(file: File) -> None:
    content = lines(ROW, ROW | {"session_id": "t", "num_attempted": 3, "status": "Discarded"})
    table = read_table(file("a.ndjson", content), SESSIONS)
    assert table["num_attempted"].to_pylist() == [None, 3]


def test_a_required_key_that_is_always_null_is_a_column(file: File) -> None:
    assert read_table(file("a.ndjson", lines(ROW | {"score": None})), SESSIONS)["score"].to_pylist() == [None]


def test_a_missing_key_is_named_with_near_ones(file: File) -> None:
    error = refused(file("a.ndjson", lines({"session_id": "s", "pupil": "u", "score": 1, "max_score": 2})))
    assert "a.ndjson: no column `user_id`; did you mean `pupil`?" in str(error)


def test_every_line_that_is_not_an_object_is_named_with_its_byte(file: File) -> None:
    error = refused(file("a.ndjson", lines(ROW) + "\n[1]\n{nope\n"))
    first = len(lines(ROW)) + 1
    assert [(fault.kind, fault.line, fault.byte) for fault in error.faults] == [
        ("not_an_object", 3, first),
        ("not_json", 4, first + 4),
    ]


def test_a_value_of_the_wrong_kind_is_named_with_its_line(file: File) -> None:
    error = refused(file("a.ndjson", lines(ROW) + "\n" + lines(ROW | {"session_id": "t", "score": {"a": 1}})))
    assert [(fault.line, fault.key, fault.value) for fault in error.faults] == [(3, "score", "{'a': 1}")]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[\n" + lines(ROW) + "]", "is a JSON array"),
        (json.dumps(ROW, indent=1), "this line is not JSON"),
        ("3\n", "expected a JSON object"),
        ("", "is empty"),
        (b'{"session_id": "\xff"}\n', "line 1: not UTF-8"),
        ('{"session_id": "\\ud800"}\n', "not JSON"),
        ('{"a":' * 100_000, "not JSON"),
        (lines(ROW) + '{"a":' * 100_000 + "\n", "line 2: this line is not JSON"),
    ],
)
def test_other_shapes_are_refused(content: str | bytes, said: str, file: File) -> None:
    assert said in str(refused(file("a.ndjson", content)))


records = st.lists(
    st.fixed_dictionaries(
        {"user_id": st.text(min_size=1).filter(str.strip) | st.integers(0, 99), "score": st.none() | st.integers(0, 9)},
        optional={"activity_id": st.none() | st.text(), "num_attempted": st.none() | st.integers(0, 9)},
    ),
    min_size=1,
    max_size=5,
)


@settings(deadline=None, max_examples=150)
@given(rows=records)
def test_reading_with_arrow_agrees_with_reading_line_by_line(rows: list[dict[str, Any]], tmp_path_factory: Any) -> None:
    content = lines(*({"session_id": f"s{n}", "max_score": 1} | row for n, row in enumerate(rows)))
    path = tmp_path_factory.mktemp("nd") / "a.ndjson"
    path.write_text(content)
    table = read_table(path, SESSIONS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ndjson_files, "_fast_source", lambda *_: None)
        exact = read_table(path, SESSIONS)
    assert table.to_pylist() == [{name: row.get(name) for name in table.column_names} for row in exact.to_pylist()]
