from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learnosity_nb.domain.group_paths import parse_levels
from learnosity_nb.errors import ColumnError, InputError
from learnosity_nb.files import ndjson_files
from learnosity_nb.files.rosters import check_roster, read_roster

LEVELS = parse_levels(["school", "class"])
NAMES = pa.dictionary(pa.int32(), pa.string())
SCHEMA = pa.schema({"user_id": pa.string(), "session_id": pa.list_(pa.string()), "school": NAMES, "class": NAMES})
EXPECTED = [
    {"user_id": "u1", "session_id": ["s1"], "school": "Hill", "class": "7a"},
    {"user_id": "u2", "session_id": [], "school": "Hill", "class": "7b"},
]
ROWS = {"user_id": ["u1", "u2"], "school": ["Hill", "Hill"], "class": ["7a", "7b"]}


def roster(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame(ROWS | {"session_id": ["s1", None]} | columns)


def paths(path: Any, **columns: Any) -> pd.DataFrame:
    return pd.DataFrame({"user_id": ["u1"], "session_id": ["s1"], "group_path": [path]} | columns)


def faults_of(frame: Any) -> list[tuple[str, str | None, int | None]]:
    with pytest.raises(ColumnError) as caught:
        check_roster(frame, LEVELS)
    return [(fault.kind, fault.key, fault.line) for fault in caught.value.faults]


@pytest.mark.parametrize(
    "sessions",
    [
        ["s1", None],
        ["s1", ""],
        [["s1"], []],
        [["s1"], None],
        [("s1",), ()],
        ["s1", []],
        [np.array(["s1"]), None],
        ["s1", float("nan")],
        pd.Categorical(["s1", None]),
        ['["s1"]', "[]"],
        [["s1"], "[]"],
    ],
    ids=str,
)
def test_sessions_come_one_by_one_or_as_lists(sessions: Any) -> None:
    checked = check_roster(roster(session_id=sessions), LEVELS)
    assert checked.schema.equals(SCHEMA)
    assert checked.to_pylist() == EXPECTED


@pytest.mark.parametrize("hidden", ["", "bytes of a null"])
def test_a_user_without_a_session_may_stand_between_others(hidden: str) -> None:
    data = f"s1{hidden}s2"
    bounds = np.array([0, 2, 2 + len(hidden), len(data)], np.int32)
    buffers = [pa.py_buffer(bytes([0b101])), pa.py_buffer(bounds), pa.py_buffer(data.encode())]
    frame = pa.table(
        {
            "user_id": ["u1", "u2", "u3"],
            "session_id": pa.StringArray.from_buffers(3, *buffers[1:], buffers[0]),
            "school": ["Hill"] * 3,
            "class": ["7a"] * 3,
        }
    )
    for table, expected in (
        (frame, [["s1"], [], ["s2"]]),
        (frame.slice(1), [[], ["s2"]]),
        (frame.slice(0, 2), [["s1"], []]),
    ):
        assert check_roster(table, LEVELS)["session_id"].to_pylist() == expected


def test_whole_numbers_become_text() -> None:
    frame = roster(user_id=[1, 2], session_id=[[10, 11], []], **{"class": [7, 8]})
    assert check_roster(frame, LEVELS).to_pylist() == [
        {"user_id": "1", "session_id": ["10", "11"], "school": "Hill", "class": "7"},
        {"user_id": "2", "session_id": [], "school": "Hill", "class": "8"},
    ]
    assert check_roster(roster(session_id=[10, 11]), LEVELS)["session_id"].to_pylist() == [["10"], ["11"]]


@pytest.mark.parametrize("path", [["Hill", "7a"], ("Hill", "7a"), np.array(["Hill", "7a"]), '["Hill","7a"]'], ids=str)
def test_a_group_path_stands_for_the_level_columns(path: Any) -> None:
    assert check_roster(paths(path), LEVELS).to_pylist() == EXPECTED[:1]


def test_level_columns_win_over_a_group_path() -> None:
    frame = roster(group_path=[["else"], ["where"]])
    assert check_roster(frame, LEVELS).to_pylist() == EXPECTED


def test_files_and_frames_of_the_same_roster_give_the_same_table(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "user_id": ["u1", "u2"],
            "session_id": [["s1"], []],
            "group_path": [["Hill", "7a"], ["Hill", "7b"]],
        }
    )
    frame.to_parquet(tmp_path / "a.parquet")
    frame.to_json(tmp_path / "a.ndjson", orient="records", lines=True)
    frame.assign(session_id=frame.session_id.map(json.dumps), group_path=frame.group_path.map(json.dumps)).to_csv(
        tmp_path / "a.csv", index=False
    )
    roster().to_csv(tmp_path / "b.csv", index=False)
    roster().to_json(tmp_path / "b.ndjson", orient="records", lines=True)
    for name in ("a.parquet", "a.ndjson", "a.csv", "b.csv", "b.ndjson"):
        assert read_roster(tmp_path / name, LEVELS).to_pylist() == EXPECTED, name
    assert check_roster(pa.Table.from_pandas(frame), LEVELS).to_pylist() == EXPECTED


@pytest.mark.parametrize("part", [None, "", " ", "\u2003"])
def test_a_blank_level_is_a_fault(part: str | None) -> None:
    assert [line for _, _, line in faults_of(roster(school=["Hill", part]))] == [2]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (["Hill"], "expected 2 group names, one for each level, found 1"),
        (["Hill", "7", "a"], "found 3"),
        (["Hill", 7], "each group name must be text"),
        ([6, 7], "each group name must be text"),
        (["Hill", None], "each group name must be text"),
        (["Hill", ""], "a group name is blank"),
        (["Hill", " \t"], "a group name is blank"),
        (["Hill", "\ud800"], "surrogate"),
        (None, "expected a list of group names"),
        ("Hill", "expected a list of group names"),
        ('["Hill"', "expected a JSON list"),
        ('["Hill", 7]', "each group name must be text"),
    ],
)
def test_a_path_with_a_fault_says_what_was_expected(path: Any, said: str) -> None:
    with pytest.raises(ColumnError, match=said) as caught:
        check_roster(paths(path), LEVELS)
    assert [(fault.kind, fault.line) for fault in caught.value.faults] == [("bad_group_path", 1)]


@pytest.mark.parametrize("sessions", [["s", ""], ["s", None], [" "], [1.5], '["s",', [["s"]], 2.5, " "])
def test_a_session_list_with_a_fault_is_named(sessions: Any) -> None:
    frame = pd.DataFrame({"user_id": ["u"], "session_id": [sessions], "school": "Hill", "class": "7a"})
    assert faults_of(frame) == [("bad_session_id", "session_id", 1)]


@pytest.mark.parametrize("user", [None, "", "  ", 1.5])
def test_a_blank_user_is_a_fault(user: Any) -> None:
    assert [fault[1:] for fault in faults_of(roster(user_id=["u1", user]))] == [("user_id", 2)]


def test_a_session_column_of_numbers_with_a_point_is_a_fault_in_each_row() -> None:
    assert len(faults_of(roster(session_id=[1.0, 2.0]))) == 2


@pytest.mark.parametrize("key", ["user_id", "session_id", "school", "group_path"])
def test_a_column_of_periods_is_refused_and_says_what_to_do(key: str) -> None:
    periods = pd.period_range("2026-01", periods=2, freq="M")
    frame = roster(**{key: periods})
    frame = frame.drop(columns=["school", "class"]) if key == "group_path" else frame
    with pytest.raises(ColumnError, match=rf"{key}: .*pandas\.period: convert it with \.astype\(str\)$"):
        check_roster(frame, LEVELS)
    if key != "group_path":
        assert len(check_roster(roster(**{key: periods.astype(str)}), LEVELS)) == 2


def test_missing_columns_are_all_named_with_near_ones() -> None:
    frame = roster().rename(columns={"user_id": "pupil", "school": "schol"}).drop(columns="class")
    with pytest.raises(ColumnError) as caught:
        check_roster(frame, LEVELS)
    text = str(caught.value)
    assert "no column `user_id`; did you mean `pupil`?" in text
    assert "no column `school`; did you mean `schol`?" in text
    assert "no column `class`" in text
    assert text.startswith("The roster cannot be used.")


def test_every_fault_is_found_at_once() -> None:
    frame = roster(user_id=["u1", None], session_id=[" ", "s"], school=["Hill", " "])
    assert len(faults_of(frame)) == 3


def test_a_column_that_comes_twice_is_not_also_called_missing() -> None:
    frame = pd.concat([roster(), roster()[["user_id"]]], axis=1)
    assert faults_of(frame) == [("column_twice", "user_id", None)]


def test_csv_faults_name_the_line_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    path.write_text('user_id,session_id,school,class\nu1,"s\n1",Hill,7a\nu2,s2,,7a\n')
    with pytest.raises(ColumnError, match=r"roster\.csv, line 4, school: a value is required here"):
        read_roster(path, LEVELS)


def test_what_is_no_table_is_refused() -> None:
    with pytest.raises(InputError, match="The roster must be a DataFrame"):
        check_roster([{"user_id": "u"}], LEVELS)


def test_an_empty_roster_is_an_empty_table() -> None:
    for frame in (roster()[:0], paths(["a", "b"])[:0], roster(session_id=[["s"], []])[:0]):
        checked = check_roster(frame, LEVELS)
        assert checked.schema.equals(SCHEMA)
        assert checked.num_rows == 0


names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=4).filter(str.strip)
ids = st.text("abc", min_size=1, max_size=3)
rows = st.lists(st.tuples(ids, st.lists(ids, max_size=3), st.tuples(names, names)), min_size=1, max_size=6)


@settings(deadline=None, max_examples=100)
@given(rows=rows)
def test_every_shape_of_one_roster_gives_the_same_table(rows: list[Any], tmp_path_factory: Any) -> None:
    expected = [
        {"user_id": user, "session_id": sessions, "school": path[0], "class": path[1]} for user, sessions, path in rows
    ]
    columns = {name: [row[name] for row in expected] for name in SCHEMA.names}
    by_path = pd.DataFrame({"user_id": columns["user_id"], "session_id": columns["session_id"]})
    by_path["group_path"] = pd.Series([row[2] for row in rows], dtype=object)
    as_json = by_path.assign(
        session_id=by_path.session_id.map(json.dumps), group_path=by_path.group_path.map(json.dumps)
    )
    path = tmp_path_factory.mktemp("roster") / "roster.csv"
    as_json.to_csv(path, index=False)
    for checked in (
        check_roster(pd.DataFrame(columns), LEVELS),
        check_roster(pa.table(columns, SCHEMA), LEVELS),
        check_roster(by_path, LEVELS),
        read_roster(path, LEVELS),
    ):
        assert checked.to_pylist() == expected


@pytest.mark.parametrize("sessions", [{}, {"session_id": [3.5, None]}])
def test_a_roster_of_users_alone_needs_no_sessions_and_reads_none(sessions: dict[str, Any], tmp_path: Path) -> None:
    frame = pd.DataFrame({"user_id": ["u", "v"], "school": ["A", "B"], "class": ["1", "2"], **sessions})
    frame.to_csv(tmp_path / "roster.csv", index=False)
    table = check_roster(frame, LEVELS, with_sessions=False)
    assert table["session_id"].to_pylist() == [[], []]
    assert table.equals(read_roster(tmp_path / "roster.csv", LEVELS, with_sessions=False))
    with pytest.raises(ColumnError, match="session_id"):
        check_roster(frame, LEVELS)


def encoded(indices: list[int], names: list[str | None]) -> pa.ListArray:
    """A list of one name in each row, the names in a dictionary as it is given."""
    values = pa.DictionaryArray.from_arrays(pa.array(indices, pa.int32()), pa.array(names, pa.string()))
    return pa.ListArray.from_arrays(pa.array(range(len(indices) + 1), pa.int32()), values)


def lists(**columns: Any) -> pa.Table:
    return pa.table({"user_id": ["u1", "u2"], "session_id": ["s1", "s2"]} | columns)


@pytest.mark.parametrize("names", [["a", "a"], ["a", "a", "unused"], ["a", "a", ""]])
def test_equal_names_of_a_dictionary_are_one_group(names: list[str | None]) -> None:
    [level] = parse_levels(["class"])
    checked = check_roster(lists(group_path=encoded([0, 1], names)), [level])
    assert checked["class"].to_pylist() == ["a", "a"]
    assert len(checked["class"].chunk(0).dictionary.unique()) == len(checked["class"].chunk(0).dictionary)


@pytest.mark.parametrize("names", [["a", None], ["a", ""]])
def test_a_name_missing_in_a_dictionary_is_a_fault(names: list[str | None]) -> None:
    with pytest.raises(ColumnError) as caught:
        check_roster(lists(group_path=encoded([0, 1], names)), parse_levels(["class"]))
    assert [(fault.kind, fault.line) for fault in caught.value.faults] == [("bad_group_path", 2)]


def test_sessions_in_lists_of_a_dictionary_are_read() -> None:
    frame = lists(session_id=encoded([1, 0], ["s2", "s1"]), **{"class": ["7a", "7a"]})
    assert check_roster(frame, parse_levels(["class"]))["session_id"].to_pylist() == [["s1"], ["s2"]]


@pytest.mark.parametrize("path", [[5, 6], pa.array(["x", "y"]).dictionary_encode()], ids=["numbers", "texts"])
def test_a_path_is_a_list_also_where_there_is_one_level(path: Any) -> None:
    with pytest.raises(ColumnError) as caught:
        check_roster(lists(group_path=path), parse_levels(["class"]))
    assert [(fault.kind, fault.line) for fault in caught.value.faults] == [("bad_group_path", 1), ("bad_group_path", 2)]


def test_lines_are_read_a_block_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ndjson_files, "BLOCK", 400)
    rows = [
        {
            "user_id": f"u{row}",
            "session_id": [f"s{row}", f"t{row}"] if row % 3 else None,
            "group_path": [f"School {row // 9}", f"class {row % 4}"],
        }
        for row in range(60)
    ]
    file = tmp_path / "roster.ndjson"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    checked = read_roster(file, LEVELS)
    assert checked["session_id"].num_chunks > 5
    assert checked["session_id"].to_pylist() == [row["session_id"] or [] for row in rows]
    assert list(zip(checked["school"].to_pylist(), checked["class"].to_pylist(), strict=True)) == [
        tuple(row["group_path"]) for row in rows
    ]
