"""Input files of an activity summary: lines without sessions, in bulk and line by line."""

from __future__ import annotations

import json
from typing import Any

import pytest

from learnosity_nb.local.datasets import intake
from learnosity_nb.local.datasets.intake import read_lines

GOOD = {"user_id": "u", "group_path": ["x", "y"]}


@pytest.fixture
def read(tmp_path):
    def run(*lines: dict[str, Any]) -> intake.Intake:
        path = tmp_path / "0.ndjson"
        path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        return read_lines(path, path.name, 2, with_sessions=False)

    return run


def test_lines_have_a_user_and_a_path(read, monkeypatch) -> None:
    lines = [GOOD, {"user_id": "v", "group_path": ["x", "z"]}]
    in_bulk = read(*lines)
    monkeypatch.setattr(intake, "_read_in_bulk", lambda *arguments: None)
    one_by_one = read(*lines)
    assert in_bulk.lines.equals(one_by_one.lines)
    assert in_bulk.lines.column_names == ["user_id", "level_1", "level_2"]
    assert in_bulk.lines["user_id"].to_pylist() == ["u", "v"]
    assert (in_bulk.faults.kinds, in_bulk.warnings.kinds) == ({}, {})


def test_an_empty_file_has_no_lines(read) -> None:
    assert read().lines.column_names == ["user_id", "level_1", "level_2"]


@pytest.mark.parametrize("sessions", [["s"], [], "s", None, 7, [""] * 99])
def test_sessions_are_an_unknown_key_whatever_they_are(read, sessions) -> None:
    found = read(GOOD, {**GOOD, "session_id": sessions})
    assert found.lines.num_rows == 2
    assert (found.faults.kinds, found.warnings.kinds) == ({}, {"unknown_key": 1})
    assert "'session_id' is not used" in found.warnings.first[0].message


def test_a_missing_key_is_named_with_those_that_a_line_has(read) -> None:
    [fault] = read({"user_id": "u"}).faults.first
    assert fault.message == "the key `group_path` is missing; a line has user_id and group_path"
