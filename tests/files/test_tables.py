from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learnosity_nb.errors import ColumnError, InputError
from learnosity_nb.files.columns import ENGAGEMENT, LEARNERS, SESSIONS
from learnosity_nb.files.tables import check_table, read_table

FRAME = pd.DataFrame(
    {
        "extra": [1, 2],
        "dt_started": ["2026-01-31T08:00:00Z", None],
        "num_attempted": [3.0, None],
        "max_score": [10, 10],
        "score": [7.5, None],
        "user_id": ["u1", "u2"],
        "session_id": ["s1", "s2"],
    }
)
SCHEMA = pa.schema(
    {
        "session_id": pa.string(),
        "user_id": pa.string(),
        "score": pa.float64(),
        "max_score": pa.float64(),
        "num_attempted": pa.int64(),
        "dt_started": pa.timestamp("us", "UTC"),
    }
)


def sessions(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame({"session_id": ["s1", "s2"], "user_id": ["u", "u"], "score": [1, 2], "max_score": 3} | columns)


def faults_of(frame: Any, table: Any = SESSIONS) -> list[tuple[str, str | None, int | None]]:
    with pytest.raises(ColumnError) as caught:
        check_table(frame, table)
    return [(fault.kind, fault.key, fault.line) for fault in caught.value.faults]


def test_a_frame_gets_the_known_columns_in_order_with_fixed_types() -> None:
    checked = check_table(FRAME, SESSIONS)
    assert checked.schema.equals(SCHEMA)
    assert checked["score"].to_pylist() == [7.5, None]
    assert checked["num_attempted"].to_pylist() == [3, None]


def test_files_and_frames_of_the_same_data_give_the_same_table(tmp_path: Path) -> None:
    FRAME.to_csv(tmp_path / "a.csv", index=False)
    FRAME.to_parquet(tmp_path / "a.parquet")
    FRAME.to_json(tmp_path / "a.ndjson", orient="records", lines=True)
    expected = check_table(FRAME, SESSIONS)
    for suffix in ("csv", "parquet", "ndjson"):
        assert read_table(tmp_path / f"a.{suffix}", SESSIONS).equals(expected)
    assert check_table(pa.Table.from_pandas(FRAME), SESSIONS).equals(expected)


def test_anything_with_an_arrow_stream_is_a_table() -> None:
    class Stream:
        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            return pa.Table.from_pandas(FRAME).__arrow_c_stream__(requested_schema)

    assert check_table(Stream(), SESSIONS).equals(check_table(FRAME, SESSIONS))


def test_categorical_and_nullable_columns_are_read() -> None:
    frame = sessions(
        user_id=pd.Categorical(["u1", "u2"]),
        session_id=pd.Categorical([7, 8]),
        score=pd.array([1, None], dtype="Int64"),
        dt_started=pd.to_datetime(["2026-01-31", None]),
        dt_completed=pd.period_range("2026-01", periods=2).astype(str),
    )
    checked = check_table(frame, SESSIONS)
    assert checked["session_id"].to_pylist() == ["7", "8"]
    assert checked["score"].to_pylist() == [1.0, None]
    assert str(checked["dt_started"][0]) == "2026-01-31 00:00:00+00:00"


def test_whole_numbers_become_ids_and_numbers_with_a_point_are_refused() -> None:
    assert check_table(sessions(session_id=[1, 2]), SESSIONS)["session_id"].to_pylist() == ["1", "2"]
    with pytest.raises(ColumnError, match=r"read the column as text \(dtype=str\)"):
        check_table(sessions(session_id=[1.0, 2.0]), SESSIONS)


def test_every_fault_is_found_at_once() -> None:
    frame = sessions(user_id=["u", None], score=["x", math.inf], dt_started=["2026-01-01", "soon"]).drop(
        columns="max_score"
    )
    frame["out_of"] = 3
    with pytest.raises(ColumnError) as caught:
        check_table(frame, SESSIONS)
    text = str(caught.value)
    assert "no column `max_score`; did you mean `out_of`?" in text
    assert caught.value.kinds == {"missing_column": 1, "missing_value": 1, "bad_number": 2, "bad_time": 1}
    assert text.startswith("The sessions table cannot be used.")


def test_columns_that_the_table_knows_are_not_suggested_for_one_another() -> None:
    frame = sessions().drop(columns="session_id")
    with pytest.raises(ColumnError, match=r"no column `session_id`$"):
        check_table(frame, SESSIONS)


def test_an_infinite_number_is_a_fault() -> None:
    assert faults_of(sessions(score=[1.0, math.inf])) == [("bad_number", "score", 2)]


def test_a_session_that_comes_twice_is_a_fault() -> None:
    assert faults_of(sessions(session_id=["s", "s"])) == [("duplicate_session_id", "session_id", 2)]


def test_a_learner_that_comes_twice_in_one_course_is_a_fault() -> None:
    frame = pd.DataFrame({"course_id": ["a", "b", "a"], "username": ["x", "x", "x"]})
    assert faults_of(frame, LEARNERS) == [("duplicate_username", "username", 3)]
    assert check_table(frame[:2], LEARNERS).num_rows == 2


def test_rows_without_an_id_are_not_called_duplicates_too() -> None:
    assert {kind for kind, *_ in faults_of(sessions(session_id=[None, None]))} == {"missing_value"}


def test_a_column_that_comes_twice_is_a_fault() -> None:
    frame = pd.concat([sessions(), sessions()[["score"]]], axis=1)
    assert faults_of(frame) == [("column_twice", "score", None)]


def test_an_index_that_should_be_a_column_is_said() -> None:
    assert faults_of(sessions().set_index("session_id")) == [("column_in_index", "session_id", None)]


def test_dates_and_counts_of_engagement_must_be_there() -> None:
    row = {"course_id": "c", "username": "u", "entity_type": "video", "event": "viewed", "entity_id": "v"}
    frame = pd.DataFrame([row | {"date": "2026-01-31", "count": 2}, row | {"date": None, "count": None}])
    assert faults_of(frame, ENGAGEMENT) == [("missing_value", "date", 2), ("missing_value", "count", 2)]
    assert check_table(frame[:1], ENGAGEMENT).schema.field("date").type == pa.date32()


@pytest.mark.parametrize(
    "frame", [[1], {"a": [1]}, None, "sessions.csv", FRAME["score"], pa.array([1]), pa.chunked_array([["s"]])]
)
def test_what_is_no_table_is_refused(frame: object) -> None:
    with pytest.raises(InputError, match=r"must be a DataFrame .* columns such as session_id, user_id, score\."):
        check_table(frame, SESSIONS)


def test_an_empty_frame_is_an_empty_table() -> None:
    checked = check_table(sessions()[:0], SESSIONS)
    assert checked.num_rows == 0
    assert checked.schema.names == ["session_id", "user_id", "score", "max_score"]


def test_the_name_given_is_used_in_messages() -> None:
    with pytest.raises(ColumnError, match=r"^The marks table cannot be used\."):
        check_table(pd.DataFrame(), SESSIONS, "marks")


@pytest.mark.parametrize("name", ["a.xlsx", "a"])
def test_a_file_of_another_kind_is_refused(name: str, file: Callable[..., Path]) -> None:
    with pytest.raises(InputError, match=r"must end in \.parquet, \.csv, \.ndjson"):
        read_table(file(name, "x"), SESSIONS)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"There is no file .*gone\.csv"):
        read_table(tmp_path / "gone.csv", SESSIONS)


def test_a_damaged_parquet_file_is_refused(file: Callable[..., Path]) -> None:
    with pytest.raises(InputError, match=r"a\.parquet is not a Parquet file"):
        read_table(file("a.parquet", "PAR1 nonsense"), SESSIONS)


def test_a_parquet_file_with_a_column_twice_is_a_fault(tmp_path: Path) -> None:
    columns = [pa.array(["a"]), pa.array(["u"]), pa.array([1.0]), pa.array([1.0]), pa.array([2.0])]
    names = ["session_id", "user_id", "score", "score", "max_score"]
    pq.write_table(pa.Table.from_arrays(columns, names), tmp_path / "a.parquet")
    with pytest.raises(ColumnError, match=r"a\.parquet, score: the table has two columns of this name"):
        read_table(tmp_path / "a.parquet", SESSIONS)


cells = st.one_of(
    st.none(), st.text(st.characters(codec="utf-8"), max_size=3), st.integers(-5, 5), st.floats(), st.booleans()
)


def plain_text(value: object) -> str | None:
    if value is None or value == "" or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError
    return str(value)


def plain_number(value: object) -> float | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool) or (isinstance(value, str) and not value.strip().isascii()):
        raise ValueError
    number = float(value)  # type: ignore[arg-type]
    if abs(number) > 1e100:
        raise ValueError
    return None if math.isnan(number) else number


def plain_column(values: list[Any], read: Callable[[object], object]) -> tuple[list[object], set[int]]:
    results, bad = [], set()
    for row, value in enumerate(values, start=1):
        try:
            results.append(read(value))
        except ValueError:
            bad.add(row)
    return results, bad


@settings(deadline=None, max_examples=200)
@given(rows=st.lists(st.tuples(cells, cells), max_size=6), plain=st.booleans())
def test_mixed_frames_are_read_as_plain_python_would(rows: list[tuple[Any, Any]], plain: bool) -> None:
    scores, activities = [row[0] for row in rows], [row[1] for row in rows]
    dtype = object if plain else None  # None lets pandas infer, which may change values: compare with what it made
    frame = pd.DataFrame(
        {
            "session_id": [f"s{number}" for number in range(len(rows))],
            "user_id": "u",
            "score": pd.Series(scores, dtype=dtype),
            "max_score": 1.0,
            "activity_id": pd.Series(activities, dtype=dtype),
        }
    )
    results, bad_scores = plain_column(_objects(frame["score"]), plain_number)
    texts, bad_texts = plain_column(_objects(frame["activity_id"]), plain_text)
    if bad_scores or bad_texts:
        found = faults_of(frame)
        assert {line for kind, _, line in found if kind == "bad_number"} == bad_scores
        assert {line for kind, _, line in found if kind == "bad_text"} == bad_texts
    else:
        checked = check_table(frame, SESSIONS)
        assert checked["score"].to_pylist() == results
        assert checked["activity_id"].to_pylist() == texts


def _objects(series: pd.Series) -> list[Any]:
    return [value.item() if isinstance(value, np.generic) else value for value in series]


def test_a_status_that_is_none_of_the_four_is_a_fault_with_its_row(tmp_path: Path) -> None:
    known = ["Completed", "Incomplete", "Discarded", "Pending Scoring", None]
    frame = pd.DataFrame({"session_id": list("abcdefg"), "user_id": "u", "score": 1, "max_score": 3})
    frame["status"] = [*known, "completed", "done"]
    with pytest.raises(ColumnError) as caught:
        check_table(frame, SESSIONS)
    said = "status: expected Completed, Incomplete, Discarded or Pending Scoring (found 'completed')"
    assert [str(fault) for fault in caught.value.faults] == [f"row 6, {said}", f"row 7, {said[:-12]}'done')"]
    assert caught.value.kinds == {"unknown_status": 2}
    assert check_table(frame[:5], SESSIONS)["status"].to_pylist() == known
    frame.to_csv(tmp_path / "sessions.csv", index=False)
    with pytest.raises(ColumnError, match=r"sessions\.csv, line 7, status: expected Completed"):
        read_table(tmp_path / "sessions.csv", SESSIONS)


def test_a_status_is_checked_where_the_column_is_read_value_by_value() -> None:
    assert faults_of(sessions(status=["Completed", 3])) == [("unknown_status", "status", 2)]


def test_a_path_may_begin_at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    FRAME.to_csv(tmp_path / "a.csv", index=False)
    assert read_table(Path("~/a.csv"), SESSIONS).num_rows == len(FRAME)


def test_a_file_read_as_the_error_for_its_path_says_is_read_as_the_file(tmp_path: Path) -> None:
    path = tmp_path / "sessions.csv"
    path.write_text(
        "session_id,user_id,score,max_score,activity_id,dt_completed\n"
        "1,007,7.5,1e1,,2026-01-31T08:00:00Z\n2,7, -1 ,10,a,\n3,7,,010,a,1767312000\n"
    )
    with pytest.raises(
        InputError, match=r"pandas\.read_csv\(path, dtype=str\) or its like, so that the id 007 stays 007"
    ):
        check_table(path, SESSIONS)
    assert check_table(pd.read_csv(path, dtype=str), SESSIONS).equals(read_table(path, SESSIONS))


@pytest.mark.parametrize("kind", [float, str, object])
def test_a_maximum_too_small_to_divide_by_is_a_fault(kind: type) -> None:
    maxima = [0.0, 1e-40, -1e-40, 9e-41, -5e-324, 10.0]
    frame = pd.DataFrame({"session_id": list("abcdef"), "user_id": "u", "score": 1e-300, "max_score": maxima})
    assert faults_of(frame.astype({"max_score": kind})) == [
        ("bad_number", "max_score", 4),
        ("bad_number", "max_score", 5),
    ]


@pytest.mark.parametrize("kind", [np.int64, str, object])
def test_a_count_too_great_to_be_added_up_is_a_fault(kind: type) -> None:
    names = {"course_id": "c", "username": "u", "entity_type": "problem", "event": "attempted", "entity_id": "p"}
    frame = pd.DataFrame({**names, "date": "2026-11-20", "count": [-1, 0, 2**31 - 1, 2**31, 2**62]})
    faults = faults_of(frame.astype({"count": kind}), ENGAGEMENT)
    assert faults == [("bad_whole", "count", 4), ("bad_whole", "count", 5)]
    kept = check_table(frame.head(3), ENGAGEMENT)
    assert kept["count"].to_pylist() == [-1, 0, 2**31 - 1]


@pytest.mark.parametrize("column", ["activity_id", "status"])
def test_a_list_where_a_text_should_be_is_a_fault_also_in_parquet(column: str, tmp_path: Path) -> None:
    table = pa.table({"session_id": ["s1"], "user_id": ["u1"], "score": [1.0], "max_score": [2.0], column: [["a"]]})
    pq.write_table(table, tmp_path / "sessions.parquet")
    with pytest.raises(ColumnError) as caught:
        read_table(tmp_path / "sessions.parquet", SESSIONS)
    assert [(fault.kind, fault.key, fault.line) for fault in caught.value.faults] == [("bad_text", column, 1)]


@pytest.mark.parametrize("column", ["activity_id", "status"])
def test_what_repeats_is_kept_once_and_nulls_stay(column: str, tmp_path: Path) -> None:
    known = {"session_id": ["s1", "s2", "s3"], "user_id": ["u1"] * 3, "score": [1.0] * 3, "max_score": [2.0] * 3}
    table = pa.table(known | {column: ["Completed", None, "Completed"]})
    pq.write_table(table, tmp_path / "sessions.parquet", row_group_size=1)
    for found in (read_table(tmp_path / "sessions.parquet", SESSIONS), check_table(table, SESSIONS)):
        assert found[column].type == pa.dictionary(pa.int32(), pa.string())
        assert found[column].to_pylist() == ["Completed", None, "Completed"]
