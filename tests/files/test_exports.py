from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learnosity_nb.errors import InputError
from learnosity_nb.files.exports import csv_text, to_csv, write_frame

RISKY = ["=1+1", "+1", "-3.5", "@SUM(1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠1", "'=1", "''+1"]
HARMLESS = ["a=1", "7-8", "'", "'a", " ", "a\tb", "O'Hara", "3.5", "Ünïcode 🎉", "\u2028", 'q"q', "a,b", "a\r\nb"]


def written(frame: pd.DataFrame, tmp_path: Path, **options: Any) -> str:
    path = to_csv(frame, tmp_path / "out.csv", **options)
    return path.read_bytes().decode()


def read_back(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def without_quote(text: str) -> str:
    return text[1:] if re.match("''*[=+\\-@\t\r\n＝＋－＠]", text) else text


def test_numbers_stay_numbers_and_text_is_made_harmless(tmp_path: Path) -> None:
    frame = pd.DataFrame({"text": ["-3.5", "=1"], "number": [-3.5, 2.0], "whole": pd.array([-1, None], "Int64")})
    assert written(frame, tmp_path) == "text,number,whole\r\n'-3.5,-3.5,-1\r\n'=1,2.0,\r\n"


@pytest.mark.parametrize("dtype", ["str", "object", "category", pd.ArrowDtype(pa.string())])
def test_risky_texts_get_a_quote_in_every_text_type_and_come_back(dtype: Any, tmp_path: Path) -> None:
    texts = RISKY + HARMLESS
    back = read_back(to_csv(pd.DataFrame({"a": pd.Series(texts, dtype=dtype), "b": 1}), tmp_path / "a.csv"))["a"]
    assert all(cell == f"'{text}" for cell, text in zip(back, RISKY, strict=False))
    assert [without_quote(cell) for cell in back] == texts


def test_escaping_can_be_turned_off(tmp_path: Path) -> None:
    frame = pd.DataFrame({"=a": ["=1"], "b": pd.Series(["@x"], dtype=object)})
    assert written(frame, tmp_path, escape_formulas=False) == "=a,b\r\n=1,@x\r\n"


def test_headers_are_made_harmless_too(tmp_path: Path) -> None:
    frame = pd.DataFrame([[1, 2, 3]], columns=["=cmd", "plain", -1])
    assert written(frame, tmp_path).startswith("'=cmd,plain,'-1\r\n")


def test_lists_are_compact_json(tmp_path: Path) -> None:
    paths = [("Côte d'Ambre", 'a"b'), ["x"], np.array(["y", "z"]), ()]
    back = read_back(to_csv(pd.DataFrame({"group_path": pd.Series(paths, dtype=object), "n": 1}), tmp_path / "a.csv"))
    assert back["group_path"].tolist() == ['["Côte d\'Ambre","a\\"b"]', '["x"]', '["y","z"]', "[]"]


def test_missing_values_are_empty(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "a": [None, "x"],
            "b": [np.nan, 1.5],
            "c": pd.array([pd.NA, 1], "Int64"),
            "d": pd.to_datetime([None, "2026-01-31"]),
            "e": pd.Categorical([None, "y"]),
            "f": pd.Series([pd.NA, None], dtype=object),
        }
    )
    assert written(frame, tmp_path).splitlines()[1:] == [",,,,,", "x,1.5,1,2026-01-31,y,"]


def test_other_objects_are_written_as_they_print_and_made_harmless(tmp_path: Path) -> None:
    values = [Decimal("-3.5"), -2, PurePosixPath("=x"), PurePosixPath("y"), True]
    lines = written(pd.DataFrame({"a": pd.Series(values, dtype=object)}), tmp_path).splitlines()
    assert lines == ["a", "-3.5", "-2", "'=x", "y", "True"]


def test_categories_of_numbers_stay_numbers(tmp_path: Path) -> None:
    assert written(pd.DataFrame({"a": pd.Categorical([-1, None, 2])}), tmp_path) == 'a\r\n-1\r\n""\r\n2\r\n'


def test_only_a_named_index_is_written(tmp_path: Path) -> None:
    frame = pd.DataFrame({"n": [1]}, index=pd.DatetimeIndex(["2026-01-31"], name="date"))
    assert written(frame, tmp_path) == "date,n\r\n2026-01-31,1\r\n"
    assert written(frame.rename_axis(None), tmp_path) == "n\r\n1\r\n"
    assert written(frame.rename_axis("n"), tmp_path) == "n,n\r\n2026-01-31,1\r\n"


def test_columns_of_the_same_name_are_all_written(tmp_path: Path) -> None:
    assert written(pd.DataFrame([[1, "=2"]], columns=["a", "a"]), tmp_path) == "a,a\r\n1,'=2\r\n"


def test_an_empty_frame_is_its_header(tmp_path: Path) -> None:
    assert written(pd.DataFrame({"a": [], "b": []}), tmp_path) == "a,b\r\n"


def test_a_byte_order_mark_only_when_asked_for(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": ["é"]})
    assert written(frame, tmp_path).startswith("a")
    assert written(frame, tmp_path, bom=True).startswith("\ufeffa")


def test_the_frame_is_not_changed_and_the_path_returned(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": ["=1"]})
    assert to_csv(frame, str(tmp_path / "a.csv")) == tmp_path / "a.csv"
    assert frame["a"].tolist() == ["=1"]


@pytest.mark.parametrize("frame", [[1], pd.Series([1]), None])
@pytest.mark.parametrize("write", [to_csv, write_frame, lambda frame, path: csv_text(frame)])
def test_what_is_no_frame_is_refused(write: Any, frame: Any, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="writes a DataFrame, not"):
        write(frame, tmp_path / "a.csv")


def test_the_text_of_half_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(InputError, match="half a surrogate pair"):
        csv_text(pd.DataFrame({"a": pd.Series(["\ud800"], dtype=object)}))


def test_a_path_may_begin_at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    for suffix in ("csv", "xlsx", "parquet", "html"):
        assert write_frame(pd.DataFrame({"a": [1]}), f"~/a.{suffix}") == tmp_path / f"a.{suffix}"


def test_a_named_index_is_written_in_each_format(tmp_path: Path) -> None:
    frame = pd.DataFrame({"n": [1]}, index=pd.Index(["x"], name="date"))
    assert pd.read_parquet(write_frame(frame, tmp_path / "a.parquet")).columns.tolist() == ["date", "n"]
    assert "<th>date</th>" in write_frame(frame, tmp_path / "a.html").read_text()


def test_a_suffix_may_be_in_capitals(tmp_path: Path) -> None:
    assert write_frame(pd.DataFrame({"a": [1]}), tmp_path / "A.CSV").read_text() == "a\n1\n"


@pytest.mark.parametrize(
    "frame", [pd.DataFrame({"a": ["Anna", 1]}, dtype=object), pd.DataFrame([[1, 2]], columns=["a", "a"])]
)
def test_what_parquet_cannot_hold_is_refused_without_its_cells(frame: pd.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written as Parquet") as caught:
        write_frame(frame, tmp_path / "a.parquet")
    assert "Anna" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_html_of_half_a_surrogate_pair_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.html cannot be written: a text holds half a surrogate pair"):
        write_frame(pd.DataFrame({"a": pd.Series(["\ud800"], dtype=object)}), tmp_path / "a.html")


def test_html_shows_long_texts_whole_and_escaped(tmp_path: Path) -> None:
    page = write_frame(pd.DataFrame({"<b>": ["<i>" + "x" * 300]}), tmp_path / "a.html").read_text()
    assert "&lt;i&gt;" + "x" * 300 in page
    assert "<b>" not in page
    assert "<i>" not in page


def test_half_a_surrogate_pair_is_refused_and_the_old_file_stays(tmp_path: Path) -> None:
    path = to_csv(pd.DataFrame({"a": [1]}), tmp_path / "a.csv")
    with pytest.raises(InputError, match="surrogate"):
        to_csv(pd.DataFrame({"a": pd.Series(["\ud800"], dtype=object)}), path)
    assert path.read_text() == "a\n1\n"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.csv", "a.csv.provenance.json"]


texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6) | st.sampled_from(RISKY + HARMLESS)


@settings(deadline=None, max_examples=200)
@given(values=st.lists(texts, min_size=1, max_size=8), plain=st.booleans())
def test_every_text_comes_back(values: list[str], plain: bool, tmp_path_factory: Any) -> None:
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    frame = pd.DataFrame({"a": pd.Series(values, dtype=object if plain else "str"), "n": range(len(values))})
    back = read_back(to_csv(frame, path))
    assert [without_quote(cell) for cell in back["a"]] == values
    assert back["n"].astype(int).tolist() == list(range(len(values)))
    assert not any(re.match("[=+\\-@\t\r\n＝＋－＠]", cell) for cell in back["a"])
