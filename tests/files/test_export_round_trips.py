"""Frames of the kinds of columns this package gives, written and read back: nothing is lost, nothing runs."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learnosity_nb.files.excel import to_excel
from learnosity_nb.files.exports import csv_text, to_csv

RISKY = [
    "=1+1",
    "+1",
    "-3.5",
    "@SUM(1)",
    "\t=1",
    "\n=1",
    "＝1",
    "'=1",
    "a,b",
    'q"q',
    "a\nb",
    "\u2028",
    ";",
    "\ufeff",
    "#N/A",
]
FORMULA = re.compile("[=+\\-@\t\r\n＝＋－＠]")

characters = st.characters(codec="utf-8", exclude_characters="\0")
texts = st.text(characters, max_size=6) | st.sampled_from(RISKY)
# What a workbook cannot hold is in test_excel.
held = texts.filter(lambda text: not re.search("[\x00-\x08\x0b-\x0d\x0e-\x1f\ufffe\uffff]|_x[0-9a-fA-F]{4}_", text))
wholes = st.none() | st.integers(-(2**53), 2**53)
numbers = st.none() | st.floats(allow_nan=False)
times = st.none() | st.datetimes(
    pd.Timestamp("1900-03-01").to_pydatetime(), pd.Timestamp("2200-01-01").to_pydatetime()
).map(lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000))


def frames(words: st.SearchStrategy[str]) -> st.SearchStrategy[pd.DataFrame]:
    rows = st.tuples(st.none() | words, wholes, numbers, st.booleans(), times, st.lists(words, max_size=3).map(tuple))
    return st.lists(rows, min_size=1, max_size=8).map(_frame)


def _frame(rows: Sequence[tuple[Any, ...]]) -> pd.DataFrame:
    text, whole, number, truth, time, path = zip(*rows, strict=True)
    return pd.DataFrame(
        {
            "text": pd.Series(text, dtype="str"),
            "whole": pd.array(whole, "Int64"),
            "number": pd.Series(number, dtype="float64"),
            "truth": truth,
            "time": pd.Series(pd.to_datetime(list(time), utc=True)).astype("datetime64[us, UTC]"),
            "path": pd.Series(path, dtype=object),
        }
    )


def without_quote(text: str) -> str:
    return text[1:] if re.match("''*[=+\\-@\t\r\n＝＋－＠]", text) else text


def records(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


@settings(deadline=None, max_examples=150)
@given(frame=frames(texts), bom=st.booleans())
def test_csv_comes_back_exactly(frame: pd.DataFrame, bom: bool) -> None:
    text = csv_text(frame, bom=bom)
    assert text.startswith("\ufeff") == bom
    found = records(text.removeprefix("\ufeff") if bom else text)
    assert len(found) == len(frame)
    for row, (_, values) in zip(found, frame.iterrows(), strict=True):
        assert without_quote(row["text"]) == ("" if pd.isna(values["text"]) else values["text"])
        assert row["whole"] == ("" if pd.isna(values["whole"]) else str(values["whole"]))
        assert row["number"] == "" if math.isnan(values["number"]) else float(row["number"]) == values["number"]
        assert row["truth"] == str(values["truth"])
        assert row["time"] == "" if values["time"] is pd.NaT else pd.Timestamp(row["time"]) == values["time"]
        assert tuple(json.loads(row["path"])) == values["path"]
        assert not FORMULA.match(row["text"])


@settings(deadline=None, max_examples=40)
@given(frame=frames(texts), bom=st.booleans(), escape=st.booleans())
def test_the_text_is_the_file(frame: pd.DataFrame, bom: bool, escape: bool, tmp_path_factory: Any) -> None:
    path = to_csv(frame, tmp_path_factory.mktemp("csv") / "a.csv", bom=bom, escape_formulas=escape, provenance=False)
    assert csv_text(frame, bom=bom, escape_formulas=escape).encode() == path.read_bytes()


@settings(deadline=None, max_examples=40)
@given(frame=frames(held))
def test_a_workbook_comes_back_exactly(frame: pd.DataFrame, tmp_path_factory: Any) -> None:
    path = to_excel(frame, tmp_path_factory.mktemp("excel") / "a.xlsx", provenance=False)
    rows = list(openpyxl.load_workbook(path).active.iter_rows(min_row=2))
    assert len(rows) <= len(frame)  # openpyxl leaves out empty rows at the end
    for cells, (_, values) in zip(rows, frame.iterrows(), strict=False):
        text, whole, number, truth, time, path_cell = (cell.value for cell in cells)
        assert (text or "") == ("" if pd.isna(values["text"]) else values["text"])
        assert whole == (None if pd.isna(values["whole"]) else values["whole"])
        assert number == _held_number(values["number"])
        assert truth is bool(values["truth"])
        assert time == (None if values["time"] is pd.NaT else values["time"].tz_localize(None))
        assert tuple(json.loads(path_cell)) == values["path"]
        assert all(cell.data_type != "f" for cell in cells)


def _held_number(value: float) -> float | str | None:
    if math.isnan(value):
        return None
    return value if math.isfinite(value) else str(value)


@settings(deadline=None, max_examples=40)
@given(frame=frames(held.filter(str.strip)))
def test_pandas_reads_numbers_as_numbers(frame: pd.DataFrame, tmp_path_factory: Any) -> None:
    numbers_alone = frame[["whole", "number", "truth"]].replace([math.inf, -math.inf], 0.0)
    back = pd.read_excel(to_excel(numbers_alone, tmp_path_factory.mktemp("excel") / "a.xlsx", provenance=False))
    assert all(isinstance(n, int | float | np.number) for n in back["number"])
    assert [n for n in back["number"] if not pd.isna(n)] == [n for n in numbers_alone["number"] if not pd.isna(n)]
    assert [n for n in back["whole"] if not pd.isna(n)] == [n for n in numbers_alone["whole"] if not pd.isna(n)]
    assert back["truth"].tolist() == frame["truth"].tolist()


@pytest.mark.parametrize("number", [-3.5, -0.0, 1e-300, 0.1 + 0.2, 2.0**-1074, 1.7976931348623157e308, 1e16])
def test_a_number_keeps_its_every_bit_and_has_no_quote(number: float, tmp_path: Path) -> None:
    frame = pd.DataFrame({"n": [number]})
    assert csv_text(frame).splitlines()[1] == repr(number)
    found = openpyxl.load_workbook(to_excel(frame, tmp_path / "a.xlsx")).active["A2"]
    assert float(found.value).hex() == number.hex()
    assert not found.quotePrefix
