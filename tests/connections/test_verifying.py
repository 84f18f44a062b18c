"""Exports verified: by their bytes, and by asking the dataset again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import learnosity_nb as lnb
from learnosity_nb.connections.connection import Connection
from learnosity_nb.connections.dataset import Dataset
from learnosity_nb.errors import InputError
from learnosity_nb.files.exports import write_frame
from learnosity_nb.files.provenance import sidecar_of

LEVELS = ["district", "school", "class"]
FIELDS = ["population", "mean_score", "p25_percent"]
FORMATS = ["csv", "xlsx", "parquet"]
DISTRICT = ["district 1"]

Crowd = tuple[pd.DataFrame, pd.DataFrame]


@pytest.fixture(scope="module")
def dataset(shared_crowd: Crowd, standing: Connection) -> Dataset:
    return standing.build_dataset(shared_crowd[1], LEVELS, FIELDS, ["score"], sort_field="mean_score")


def rewrite(path: Path, **changes: Any) -> None:
    sidecar = sidecar_of(path)
    sidecar.write_text(json.dumps({**json.loads(sidecar.read_text()), **changes}))


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("call", ["groups", "group", "walk", "users", "distribution", "compare_groups"])
def test_what_was_just_written_is_as_written_and_what_the_dataset_gives(
    suffix: str, call: str, dataset: Dataset, tmp_path: Path
) -> None:
    leaf = next(path for path in dataset.walk()["group_path"] if len(path) == 3)
    frame = {
        "groups": lambda: dataset.groups(DISTRICT, sort_field="population", sort_order="asc", min_population=5),
        "group": lambda: dataset.group(DISTRICT),
        "walk": dataset.walk,
        "users": lambda: dataset.users(leaf),
        "distribution": lambda: dataset.distribution(DISTRICT, "percent"),
        "compare_groups": lambda: dataset.compare_groups([DISTRICT, ["district 2"]], confidence=0.9, seed=3),
    }[call]()
    path = write_frame(frame, tmp_path / f"a.{suffix}")
    found = lnb.verify(path, dataset=dataset)
    assert found
    assert (found.unchanged, found.matches, found.differences) == (True, True, ())
    assert found.provenance.tables[0].origin is not None
    assert found.provenance.tables[0].origin.dataset_id == dataset.dataset_id
    assert f"rows of {call}(" in repr(found) or f"1 row of {call}(" in repr(found)
    assert "as written" in repr(found)
    assert "\n" not in repr(found)


def test_a_workbook_of_several_frames_is_compared_sheet_by_sheet(dataset: Dataset, tmp_path: Path) -> None:
    path = lnb.to_excel({"All": dataset.walk(), "One": dataset.groups(DISTRICT)}, tmp_path / "a.xlsx")
    assert lnb.verify(path, dataset=dataset)


def test_options_of_the_csv_are_kept(dataset: Dataset, tmp_path: Path) -> None:
    frame = dataset.groups().rename(columns={"group_id": "=id"})
    found = lnb.verify(lnb.to_csv(frame, tmp_path / "a.csv", bom=True, escape_formulas=False), dataset=dataset)
    assert found.unchanged
    assert found.differences == ("there is no column 'group_id'", "the column '=id' should not be there")
    assert not found


def test_other_data_differ_by_line_and_column(crowd: Crowd, dataset: Dataset, tmp_path: Path) -> None:
    path = lnb.to_csv(dataset.walk(), tmp_path / "a.csv")
    sessions = crowd[0].assign(score=crowd[0]["score"] + 1)
    with lnb.connect_local(sessions=sessions) as later:
        found = lnb.verify(path, dataset=later.build_dataset(crowd[1], LEVELS, FIELDS))
    assert not found
    assert found.unchanged
    assert found.matches is False
    assert len(found.differences) == 20
    assert found.differences[0].startswith("line 2, 'mean_score': ")
    assert "NOT what the dataset gives" in repr(found)
    assert "(and 19 more)" in repr(found)


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_changed_cell_is_found(suffix: str, dataset: Dataset, tmp_path: Path) -> None:
    frame = dataset.groups()
    path = write_frame(frame, tmp_path / f"a.{suffix}")
    written = sidecar_of(path).read_bytes()
    write_frame(frame.assign(population=[999, *frame["population"][1:]]), path)
    sidecar_of(path).write_bytes(written)
    alone, both = lnb.verify(path), lnb.verify(path, dataset=dataset)
    assert not alone
    assert alone.differences == (
        "it has the same columns and number of rows, but cells were edited or it was saved anew",
    )
    assert "CHANGED since it was written" in repr(alone)
    assert both.matches is False
    assert both.differences[1].endswith(f"line 2, 'population': 999 instead of {frame['population'][0]}")


def test_rows_and_columns_that_lack_are_said_without_a_dataset(dataset: Dataset, tmp_path: Path) -> None:
    frame = dataset.groups()
    path = lnb.to_csv(frame, tmp_path / "a.csv")
    written = sidecar_of(path).read_bytes()
    lnb.to_csv(frame[1:].drop(columns="population").assign(x=1, y=2), path)
    sidecar_of(path).write_bytes(written)
    assert lnb.verify(path).differences == (
        f"there are {len(frame) - 1} rows instead of {len(frame)}",
        "there is no column 'population'",
        f"there are {len(frame.columns) + 1} columns instead of {len(frame.columns)}",
    )
    path.write_bytes(b"")
    assert "there are 0 rows" in lnb.verify(path).differences[0]


def test_a_lost_sheet_is_said(dataset: Dataset, tmp_path: Path) -> None:
    path = lnb.to_excel({"A": dataset.groups(), "B": dataset.group()}, tmp_path / "a.xlsx")
    written = sidecar_of(path).read_bytes()
    lnb.to_excel({"A": dataset.groups()}, path)
    sidecar_of(path).write_bytes(written)
    assert lnb.verify(path).differences == ("there is no sheet 'B'",)
    assert "sheet 'B': there is no column 'group_id'" in lnb.verify(path, dataset=dataset).differences


def test_a_walk_with_a_level_more_is_said(crowd: Crowd, dataset: Dataset, standing: Connection, tmp_path: Path) -> None:
    path = lnb.to_excel(dataset.walk(), tmp_path / "a.xlsx")
    other = standing.build_dataset(crowd[1], LEVELS[:2], FIELDS)
    assert lnb.verify(path, dataset=other).differences == ("there are 4 sheets instead of 3",)


@pytest.mark.parametrize("suffix", [*FORMATS, "html"])
def test_a_file_overwritten_by_another_program_is_changed(suffix: str, tmp_path: Path) -> None:
    path = write_frame(pd.DataFrame({"a": [1]}), tmp_path / f"a.{suffix}")
    assert lnb.verify(path)
    path.write_bytes(b"\xff")
    found = lnb.verify(path)
    assert not found
    assert len(found.differences) == 1


def test_without_a_file_or_its_provenance_it_says_which(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no file"):
        lnb.verify(tmp_path / "a.csv")
    (tmp_path / "a.csv").write_text("a\n")
    with pytest.raises(InputError, match=r"There is no a\.csv\.provenance\.json"):
        lnb.verify(tmp_path / "a.csv")


def test_a_frame_of_ones_own_cannot_be_calculated_again(dataset: Dataset, tmp_path: Path) -> None:
    path = lnb.to_csv(pd.DataFrame({"a": [1, 2]}), tmp_path / "a.csv")
    assert repr(lnb.verify(path)).endswith("2 rows)")
    with pytest.raises(InputError, match=r"a\.csv cannot be calculated again: no call of a dataset"):
        lnb.verify(path, dataset=dataset)


@pytest.mark.parametrize("call", [None, {"method": "close"}, {"method": "walk", "progress": True}])
def test_only_listed_calls_are_made(call: Any, dataset: Dataset, tmp_path: Path) -> None:
    path = lnb.to_csv(dataset.group(), tmp_path / "a.csv")
    table = {"rows": 1, "columns": ["a"], "origin": {"dataset_id": "d", "call": call}}
    rewrite(path, tables=[table])
    with pytest.raises(InputError, match="cannot be calculated again"):
        lnb.verify(path, dataset=dataset)
    assert "d" in repr(lnb.verify(path))


def test_html_is_verified_by_its_bytes_alone(dataset: Dataset, tmp_path: Path) -> None:
    path = write_frame(dataset.group(), tmp_path / "a.html")
    assert lnb.verify(path)
    with pytest.raises(InputError, match=r"The cells of a\.html cannot be read back"):
        lnb.verify(path, dataset=dataset)


def test_users_are_not_named_by_what_differs(dataset: Dataset, tmp_path: Path) -> None:
    leaf = next(path for path in dataset.walk()["group_path"] if len(path) == 3)
    frame = dataset.users(leaf)
    path = lnb.to_csv(frame.assign(user_id="CANARY"), tmp_path / "a.csv")
    found = lnb.verify(path, dataset=dataset)
    assert not found
    assert "CANARY" not in repr(found) + str(found.differences)
    assert "CANARY" not in sidecar_of(path).read_text()
