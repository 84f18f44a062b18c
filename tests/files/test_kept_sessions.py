from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from learnosity_nb.errors import InputError
from learnosity_nb.files.kept_sessions import check_kept, keep_sessions, kept_files


def table(*ids: str, score: float = 1.0) -> pa.Table:
    return pa.table({"session_id": pa.array(ids, pa.string()), "score": pa.array([score] * len(ids), pa.float64())})


def kept(directory: Path, name: str) -> list[tuple[str, float]]:
    rows = pq.read_table(directory / f"{name}.parquet").to_pylist()
    return [(row["session_id"], row["score"]) for row in rows]


def test_known_sessions_are_replaced_with_all_their_responses(tmp_path: Path) -> None:
    assert keep_sessions(tmp_path, table("a", "b"), table("a", "a", "b")) == (2, 3)
    assert keep_sessions(tmp_path, table("b", "c", score=2), table("c", score=2)) == (3, 3)
    assert kept(tmp_path, "sessions") == [("a", 1), ("b", 2), ("c", 2)]
    assert kept(tmp_path, "responses") == [("a", 1), ("a", 1), ("c", 2)]


def test_text_of_another_arrow_type_is_the_same_text(tmp_path: Path) -> None:
    large = table("a").set_column(0, "session_id", pa.array(["a"], pa.large_string()))
    keep_sessions(tmp_path, large, large)
    assert keep_sessions(tmp_path, table("a", "b"), table("a")) == (2, 1)


def test_a_column_that_is_new_is_null_in_older_rows(tmp_path: Path) -> None:
    keep_sessions(tmp_path, table("a"), table())
    keep_sessions(tmp_path, table("b").append_column("more", pa.array([3])), table())
    assert pq.read_table(tmp_path / "sessions.parquet")["more"].to_pylist() == [None, 3]


def test_a_file_that_cannot_be_read_leaves_both_as_they_are(tmp_path: Path) -> None:
    keep_sessions(tmp_path, table("a"), table("a"))
    (tmp_path / "responses.parquet").write_bytes(b"spoiled")
    before = (tmp_path / "sessions.parquet").read_bytes()
    with pytest.raises(InputError, match=r"responses\.parquet is not a file of sessions"):
        keep_sessions(tmp_path, table("b"), table("b"))
    assert (tmp_path / "sessions.parquet").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["responses.parquet", "sessions.parquet"]


def test_a_file_of_another_kind_beside_them_is_refused(tmp_path: Path) -> None:
    check_kept(tmp_path)
    keep_sessions(tmp_path, table("a"), table("a"))
    check_kept(tmp_path)
    (tmp_path / "sessions.ndjson").touch()
    assert [path.name for path in kept_files(tmp_path)] == ["sessions.parquet", "sessions.ndjson", "responses.parquet"]
    with pytest.raises(InputError, match=r"holds sessions\.ndjson"):
        check_kept(tmp_path)
