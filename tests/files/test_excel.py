from __future__ import annotations

import sys
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from learnosity_nb.errors import InputError, MissingExtra
from learnosity_nb.files.excel import to_excel
from learnosity_nb.files.provenance import read_provenance

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "javascript:alert(1)",
    "{{7*7}} ${7*7}",
    "&lt;b&gt;",
    '=HYPERLINK("http://x","y")',
    "=",
    "+1+cmd|' /C calc'!A0",
    "-3.5",
    "@SUM(1)",
    "\t=1",
    "＝1",
    "'=1",
    "#N/A",
    "#REF!",
    "../../etc/passwd",
    "C:\\x",
    "con",
    "x" * 300,
    "a\nb",
    "\u2028",
    "\u202eevil",
    "👩‍👩‍👧",
    "'; DROP TABLE jobs;--",
    "%s%n",
    "__proto__",
    "$\\alpha$",
    "TRUE",
    "007",
    "2026-01-31",
    "]]>",
    " padded ",
]


@pytest.fixture
def walk() -> pd.DataFrame:
    """Groups of three levels, with the columns of `Dataset.walk`."""
    paths = [(), ("Oregon",), ("Utah",), ("Oregon", "Salem"), ("Oregon", "=1"), ("Oregon", "Salem", "7b")]
    keys = {
        key: pd.Series([path[depth] if depth < len(path) else None for path in paths], dtype="str")
        for depth, key in enumerate(["district", "school", "class"])
    }
    return pd.DataFrame(
        {
            "group_id": [f"{number:032x}" for number in range(6)],
            "level": [len(path) for path in paths],
            "group_name": [path[-1] if path else "" for path in paths],
            "group_path": paths,
            **keys,
            "population": pd.array([9, 6, 3, 4, None, 1], "Int64"),
            "mean_score": [1 / 3, 0.1 + 0.2, None, -3.5, 1e-300, 12345678.125],
            "mean_percent": [100 / 3, 5.0, None, -0.0, 1e300, 2.0**-1074],
        }
    )


def sheet(frame: Any, tmp_path: Path) -> Any:
    return openpyxl.load_workbook(to_excel(frame, tmp_path / "a.xlsx")).worksheets[0]


def column(frame: Any, tmp_path: Path) -> list[Any]:
    return [row[0] for row in sheet(frame, tmp_path).iter_rows(min_row=2, values_only=True)]


def test_a_frame_of_groups_gets_a_sheet_for_each_level(walk: pd.DataFrame, tmp_path: Path) -> None:
    book = pd.read_excel(to_excel(walk, tmp_path / "a.xlsx"), sheet_name=None, dtype={"group_id": str})
    assert list(book) == ["all", "district", "school", "class"]
    for level, found in enumerate(book.values()):
        expected = walk[walk["level"] == level]
        assert list(found.columns) == list(walk.columns)
        assert found["group_id"].tolist() == expected["group_id"].tolist()
        for figure in walk.columns[7:]:
            assert [n == n and n for n in found[figure]] == [not pd.isna(n) and n for n in expected[figure]], figure


def test_a_dict_gives_a_sheet_each_and_one_set_of_sheets_for_a_frame_of_levels(
    walk: pd.DataFrame, tmp_path: Path
) -> None:
    frames = {"Walk": walk, "a/b": pd.DataFrame({"n": [1]}), "A_B": pd.DataFrame({"n": [2]})}
    path = to_excel(frames, tmp_path / "a.xlsx")
    names = ["Walk all", "Walk district", "Walk school", "Walk class", "a_b", "A_B (2)"]
    assert openpyxl.load_workbook(path).sheetnames == names
    tables = read_provenance(path).tables
    assert [(table.rows, table.sheets) for table in tables] == [
        (len(walk), tuple(names[:4])),
        (1, ("a_b",)),
        (1, ("A_B (2)",)),
    ]


def test_the_header_is_bold_frozen_and_filtered(walk: pd.DataFrame, tmp_path: Path) -> None:
    found = sheet(walk[walk["level"] == 1].reset_index(drop=True), tmp_path)
    assert found.title == "Sheet1"
    assert found.freeze_panes == "A2"
    assert found.auto_filter.ref == f"A1:J{found.max_row}"
    assert all(cell.font.b for cell in found[1])
    assert not any(cell.font.b for cell in found[2])


def test_numbers_are_shown_by_their_field(walk: pd.DataFrame, tmp_path: Path) -> None:
    found = sheet(walk, tmp_path)
    shown = {head.value: (cell.data_type, cell.number_format) for head, cell in zip(found[1], found[2], strict=True)}
    assert shown["population"] == ("n", "#,##0")
    assert shown["level"] == ("n", "0")
    assert shown["mean_score"] == ("n", "0.00")
    assert shown["mean_percent"] == ("n", "0.0")
    assert shown["group_id"] == ("s", "General")


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_a_text_in_cell_header_and_sheet_name(text: str, tmp_path: Path) -> None:
    found = sheet({text: pd.DataFrame({text: [text, "other"]})}, tmp_path)
    for cell in (found["A1"], found["A2"]):
        assert (cell.value, cell.data_type) == (text, "s")
        assert bool(cell.quotePrefix) == (text.lstrip("'")[:1] in tuple("=+-@\t＝"))
    assert not found["A3"].quotePrefix
    assert 1 <= len(found.title) <= 31
    with zipfile.ZipFile(tmp_path / "a.xlsx") as parts:
        assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml")
    assert pd.read_excel(tmp_path / "a.xlsx", dtype=str, keep_default_na=False).columns.tolist() == [text]


def test_what_a_workbook_cannot_hold_is_shown_as_a_picture(tmp_path: Path) -> None:
    texts = ["a\x00b", "\x1b[31m", "\x0b\x0c", "\ufffe\uffff", "a\r\nb\rc", "_x000D_", "_x41_", "\x7f\x85"]
    shown = ["a␀b", "␛[31m", "␋␌", "��", "a\nb\nc", "_x005F_x000D_", "_x41_", "\x7f\x85"]
    assert column(pd.DataFrame({"a": texts}), tmp_path) == shown


def test_missing_values_are_empty_and_lists_are_json(tmp_path: Path) -> None:
    values = [None, float("nan"), pd.NaT, pd.NA, "", ("a", "b"), ["é"], {"=": 1}, True, 2, 2.5]
    expected = [None] * 5 + ['["a","b"]', '["é"]', '{"=":1}', True, 2, 2.5]
    assert column(pd.DataFrame({"a": pd.Series(values, dtype=object)}), tmp_path) == expected


def test_times_lose_their_zone_and_days_are_shown_as_days(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "moment": pd.to_datetime(["2026-01-31T23:30:00-05:00", None], utc=True),
            "day": pd.to_datetime(["2026-01-31", None]),
        }
    )
    found = sheet(frame, tmp_path)
    assert [str(cell.value) for cell in found[2]] == ["2026-02-01 04:30:00", "2026-01-31 00:00:00"]
    assert [cell.number_format for cell in found[2]] == ["yyyy-mm-dd hh:mm:ss", "yyyy-mm-dd"]
    assert [cell.value for cell in found[3]] == [None, None]


def test_a_named_index_is_written(tmp_path: Path) -> None:
    index = pd.DatetimeIndex(["2026-01-31"], name="date")
    found = sheet(pd.DataFrame({"n": [1]}, index=index), tmp_path)
    assert [cell.value for cell in found[1]] == ["date", "n"]


@pytest.mark.parametrize("frame", [pd.DataFrame(), pd.DataFrame({"": []}), pd.DataFrame({"a": [], "b": []})])
def test_an_empty_frame_is_an_empty_sheet(frame: pd.DataFrame, tmp_path: Path) -> None:
    assert sheet(frame, tmp_path).max_row == 1


def test_columns_of_the_same_name_are_all_written(tmp_path: Path) -> None:
    found = sheet(pd.DataFrame([[1, "x"]], columns=["a", "a"]), tmp_path)
    assert [[cell.value for cell in row] for row in found] == [["a", "a"], [1, "x"]]


def test_more_rows_than_a_sheet_holds_are_refused_at_once(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": pd.Series(1, index=range(1_048_576), dtype="int8")})
    with pytest.raises(InputError, match=r"write it as \.csv") as caught:
        to_excel({"Many": frame, "Wide": pd.DataFrame([[1] * 16_385])}, tmp_path / "a.xlsx")
    assert [fault.kind for fault in caught.value.faults] == ["too_many_rows", "too_many_columns"]
    assert "Many: a sheet holds 1,048,576 rows with its header, not 1,048,577" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_every_text_that_no_cell_holds_is_named_and_not_shown(tmp_path: Path) -> None:
    long, half, fits = "Anna" * 10_000, "Anna\ud800", "🎉" * 16_383
    frame = pd.DataFrame({"n": [1, 2, 3], "a": pd.Series([long, half, fits], dtype=object)})
    with pytest.raises(InputError) as caught:
        to_excel(frame, tmp_path / "a.xlsx")
    assert [(fault.line, fault.key) for fault in caught.value.faults] == [(2, "'a'"), (3, "'a'")]
    assert "a cell holds 32,767 characters, not 40,000" in str(caught.value)
    assert "half a surrogate pair" in str(caught.value)
    assert "Anna" not in str(caught.value)


@pytest.mark.parametrize("frames", [[1], {"a": 1}, None, {}])
def test_what_is_no_frame_is_refused(frames: Any, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"to_excel writes a DataFrame|at least one sheet"):
        to_excel(frames, tmp_path / "a.xlsx")


def test_another_suffix_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.xls must end in \.xlsx"):
        to_excel(pd.DataFrame({"a": [1]}), tmp_path / "a.xls")


def test_without_openpyxl_the_line_to_type_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(MissingExtra, match=r"pip install 'learnosity-nb\[excel\]'"):
        to_excel(pd.DataFrame({"a": [1]}), tmp_path / "a.xlsx")


def test_more_rows_than_are_taken_at_once_are_all_written(tmp_path: Path) -> None:
    frame = pd.DataFrame({"n": range(12_345), "name": [f"=user {n}" for n in range(12_345)]})
    pd.testing.assert_frame_equal(pd.read_excel(to_excel(frame, tmp_path / "a.xlsx")), frame)
