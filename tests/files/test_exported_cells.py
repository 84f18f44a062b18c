from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
import pytest

from learnosity_nb.errors import InputError, MissingExtra
from learnosity_nb.files.excel import to_excel
from learnosity_nb.files.exported_cells import cell_differences, read_cells
from learnosity_nb.files.exports import write_frame

SHEET = [("name", "n"), ("Anna", "1"), ("Ben", "")]


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "parquet"])
def test_each_format_gives_the_same_texts(suffix: str, tmp_path: Path) -> None:
    frame = pd.DataFrame({"name": ["a,b", None], "n": [1.5, None], "path": [("a", "é"), ()]})
    found = read_cells(write_frame(frame, tmp_path / f"a.{suffix}"))
    assert list(found.values()) == [[("name", "n", "path"), ("a,b", "1.5", '["a","é"]'), ("", "", "[]")]]


def test_a_workbooks_sheets_have_their_names(tmp_path: Path) -> None:
    path = to_excel({"A": pd.DataFrame({"n": [1]}), "B": pd.DataFrame()}, tmp_path / "a.xlsx")
    assert list(read_cells(path)) == ["A", "B"]


def test_other_formats_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"only those of \.csv, \.xlsx, \.parquet files"):
        read_cells(tmp_path / "a.html")


@pytest.mark.parametrize(("suffix", "content"), [("csv", b"\xff"), ("xlsx", b"x"), ("parquet", b"x"), ("csv", None)])
def test_a_broken_file_is_an_input_error(suffix: str, content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / f"a.{suffix}"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=rf"cannot be read as a \.{suffix} file any more"):
        read_cells(path)


def test_without_openpyxl_the_line_to_type_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(MissingExtra, match=r"learnosity-nb\[excel\]"):
        read_cells(tmp_path / "a.xlsx")


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (SHEET, []),
        ([("n", "name"), ("1", "Anna"), ("", "Ben")], []),
        ([("name", "n"), ("Anna", "2.5"), ("Ben", "")], ["line 2, 'n': 2.5 instead of 1"]),
        ([("name", "n"), ("Eve", "1"), ("Ben", "")], ["line 2, 'name': another text instead of another text"]),
        ([("name", "n"), ("Anna",), ("", "3")], None),
        ([("name",), ("Anna",), ("Ben",)], ["there is no column 'n'"]),
        ([("name", "n", "x"), ("Anna", "1", ""), ("Ben", "", "")], ["the column 'x' should not be there"]),
        ([*SHEET[:2], ("Ben",)], []),
        (SHEET[:2], ["there are 1 rows instead of 2"]),
        ([], ["there is no column 'name'", "there is no column 'n'", "there are 0 rows instead of 2"]),
    ],
)
def test_differences_say_where_and_name_nobody(found: list[tuple[str, ...]], said: list[str] | None) -> None:
    if said is None:
        said = [
            "line 2, 'n': an empty cell instead of 1",
            "line 3, 'name': an empty cell instead of another text",
            "line 3, 'n': 3 instead of an empty cell",
        ]
    differences = list(cell_differences(found, SHEET))
    assert differences == said
    assert not [one for one in differences if "Anna" in one or "Eve" in one or "Ben" in one]
