from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learnosity_nb.files.sheets import SheetNames, sheets_of_levels

FORBIDDEN = set("[]:*?/\\")


@pytest.mark.parametrize(
    ("wanted", "given_name"),
    [
        ("Oregon", "Oregon"),
        ("", "Sheet1"),
        ("a/b\\c:d*e?f[g]", "a_b_c_d_e_f_g_"),
        ("'quoted'", "quoted"),
        ("''", "Sheet1"),
        ("History", "History_"),
        ("x" * 40, "x" * 31),
        ("a\x00b\nc\ud800", "a_b_c_"),
        ("🎉" * 20, "🎉" * 15),
        ("y" * 30 + "'z", "y" * 30),
        ("../../etc/passwd", ".._.._etc_passwd"),
        ("=1+1", "=1+1"),
    ],
)
def test_a_name_becomes_one_that_a_workbook_holds(wanted: str, given_name: str) -> None:
    assert SheetNames().take(wanted) == given_name


def test_names_that_differ_in_case_alone_are_told_apart() -> None:
    names = SheetNames()
    assert [names.take(name) for name in ("School", "school", "SCHOOL")] == ["School", "school (2)", "SCHOOL (3)"]


@settings(deadline=None)
@given(st.lists(st.text(max_size=40) | st.sampled_from(["x" * 31, "X" * 32, "'" * 32, "history"]), max_size=15))
def test_every_name_is_allowed_and_given_once(wanted: list[str]) -> None:
    names = SheetNames()
    found = [names.take(name) for name in wanted]
    assert len({name.casefold() for name in found}) == len(found)
    for name in found:
        assert 1 <= len(name.encode("utf-16-le")) // 2 <= 31
        assert not FORBIDDEN & set(name)
        assert name[0] != "'" != name[-1]
        assert name.casefold() != "history"


def groups(levels: list[int]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "level": levels,
            "group_path": [()] * len(levels),
            "school": pd.Series(["a"] * len(levels), dtype="str"),
            "population": 1,
        }
    )


def test_each_level_is_a_sheet_named_by_its_column() -> None:
    parts = sheets_of_levels(groups([0, 2, 1, 1]))
    assert [(name, rows.index.tolist()) for name, rows in parts] == [("all", [0]), ("school", [2, 3]), ("level 2", [1])]


@pytest.mark.parametrize("dtype", ["int8", "Int64", "int64[pyarrow]"])
def test_levels_of_every_whole_type_are_told_apart(dtype: str) -> None:
    assert [name for name, _ in sheets_of_levels(groups([1, 0, -1]).astype({"level": dtype}))] == [
        "level -1",
        "all",
        "school",
    ]


def test_rows_without_a_level_have_their_sheet() -> None:
    frame = groups([1, 0, 0]).assign(level=pd.array([1, None, 0], "Int64"))
    assert {name: len(rows) for name, rows in sheets_of_levels(frame)} == {"all": 1, "school": 1, "no level": 1}


@pytest.mark.parametrize(
    "frame",
    [
        groups([1, 1]),
        groups([0, 1]).drop(columns="group_path"),
        groups([0, 1]).drop(columns="level"),
        groups([0, 1]).astype({"level": "str"}),
        pd.concat([groups([0, 1])] * 2, axis=1),
        groups([]),
    ],
)
def test_other_frames_are_one_sheet(frame: pd.DataFrame) -> None:
    ((name, rows),) = sheets_of_levels(frame)
    assert name == ""
    assert rows is frame
