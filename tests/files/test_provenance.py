from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import learnosity_nb as lnb
from learnosity_nb.domain.origin import ORIGIN_KEY, Origin
from learnosity_nb.errors import InputError
from learnosity_nb.files.exports import to_csv, write_frame
from learnosity_nb.files.provenance import exported, read_provenance, sha256_of, sidecar_of, written_table

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
CALL = {"method": "groups", "group_path": ["Oregon"]}


@pytest.fixture
def frame() -> pd.DataFrame:
    made = pd.DataFrame({"group_name": ["Salem", "Bend"], "population": [3, 4]})
    made.attrs[ORIGIN_KEY] = {"dataset_id": "d-1", "call": CALL}
    made.attrs["teacher"] = "CANARY"
    return made


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "parquet", "html"])
def test_every_format_has_its_provenance_beside_it(suffix: str, frame: pd.DataFrame, tmp_path: Path) -> None:
    path = write_frame(frame, tmp_path / f"a.{suffix}", code="dataset.groups(['Oregon'])")
    assert names(tmp_path) == [f"a.{suffix}", f"a.{suffix}.provenance.json"]
    said = read_provenance(path)
    assert said.file == path.name
    assert said.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert said.version == lnb.__version__
    assert said.code == "dataset.groups(['Oregon'])"
    (table,) = said.tables
    assert (table.rows, table.columns, table.origin) == (2, ("group_name", "population"), Origin("d-1", CALL))


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "parquet", "html"])
def test_without_provenance_an_older_one_goes_too(suffix: str, frame: pd.DataFrame, tmp_path: Path) -> None:
    path = write_frame(frame, tmp_path / f"a.{suffix}")
    write_frame(frame, path, provenance=False)
    assert names(tmp_path) == [path.name]


def test_the_time_is_the_clocks_and_in_utc(tmp_path: Path) -> None:
    with exported(tmp_path / "a.txt", list, provenance=True, clock=lambda: NOON) as temporary:
        temporary.write_text("x")
    assert json.loads((tmp_path / "a.txt.provenance.json").read_text())["written_at"] == "2026-01-31T12:00:00Z"
    assert read_provenance(tmp_path / "a.txt").written_at == NOON


def test_neither_rows_nor_other_attributes_reach_the_provenance(frame: pd.DataFrame, tmp_path: Path) -> None:
    frame.attrs[ORIGIN_KEY]["token"] = "CANARY"
    frame["group_name"] = "CANARY"
    said = sidecar_of(to_csv(frame, tmp_path / "a.csv")).read_text()
    assert "CANARY" not in said
    assert "Salem" not in said
    assert "d-1" in said


def test_a_failed_export_leaves_the_old_file_and_its_provenance(frame: pd.DataFrame, tmp_path: Path) -> None:
    path = to_csv(frame, tmp_path / "a.csv")
    before = {one: one.read_bytes() for one in tmp_path.iterdir()}
    with pytest.raises(InputError, match="surrogate"):
        to_csv(pd.DataFrame({"a": pd.Series(["\ud800"], dtype=object)}), path)
    assert {one: one.read_bytes() for one in tmp_path.iterdir()} == before


def test_a_named_index_counts_as_columns(frame: pd.DataFrame) -> None:
    assert written_table(frame.set_index("group_name")).columns == ("group_name", "population")
    assert written_table(frame.rename_axis(None)).columns == ("group_name", "population")
    two = frame.set_index(["group_name", "population"]).assign(x=1)
    assert written_table(two).columns == ("group_name", "population", "x")


def test_hostile_names_are_written_as_they_are(tmp_path: Path) -> None:
    columns = ['"},"x":"', "</script>", "a\nb", "\u2028", "__proto__", "=1"]
    path = to_csv(pd.DataFrame([range(6)], columns=columns), tmp_path / "a.csv")
    assert read_provenance(path).tables[0].columns == tuple(columns)


def test_no_provenance_is_said_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a\n")
    with pytest.raises(InputError, match=r"There is no a\.csv\.provenance\.json beside a\.csv.*provenance=False"):
        read_provenance(tmp_path / "a.csv")


def broken(said: dict[str, Any], **changes: Any) -> bytes:
    return json.dumps({**said, **changes}).encode()


def test_broken_provenance_is_named_with_the_place(frame: pd.DataFrame, tmp_path: Path) -> None:
    path = to_csv(frame, tmp_path / "a.csv")
    said = json.loads(sidecar_of(path).read_text())
    cases = {
        b"": "truncated",
        b'{"file": ': "truncated",
        b"\xff": "malformed",
        b"[" * 100_000: "",
        b"[]": "object",
        broken(said, sha256=1): r"\$\.sha256",
        broken(said, written_at="2026-01-31T12:00:00"): r"\$\.written_at",
        broken(said, tables=[{"rows": "two", "columns": []}]): r"\$\.tables\[0\]\.rows",
    }
    for content, place in cases.items():
        sidecar_of(path).write_bytes(content)
        with pytest.raises(InputError, match=rf"(?s)a\.csv\.provenance\.json is broken.*{place}"):
            read_provenance(path)


def test_provenance_that_cannot_be_read_is_an_input_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = to_csv(pd.DataFrame({"a": [1]}), tmp_path / "a.csv")

    def refuse(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(InputError, match="cannot be read: Permission denied"):
        read_provenance(path)


def test_a_file_that_cannot_be_read_has_no_sha256(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.csv cannot be read: No such file"):
        sha256_of(tmp_path / "gone.csv")
