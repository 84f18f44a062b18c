"""`summarize_groups` takes any frame that speaks Arrow: Polars, DuckDB, pyarrow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from learnosity_nb import ColumnError, InputError, connect_local, summarize_groups, summarize_users

LEVELS = ["school", "class"]
Turn = Callable[[pd.DataFrame], Any]


def arrow(frame: pd.DataFrame) -> pa.Table:
    return pa.Table.from_pandas(frame, preserve_index=False)


def polars(frame: pd.DataFrame) -> Any:
    return pytest.importorskip("polars").from_arrow(arrow(frame))


def duckdb(frame: pd.DataFrame) -> Any:
    return pytest.importorskip("duckdb").connect().from_arrow(arrow(frame))


class OnlyAStream:
    """A frame of which nothing is known but that it streams Arrow data."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self._table = arrow(frame)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._table.__arrow_c_stream__(requested_schema)


def views(frame: pd.DataFrame) -> pa.Table:
    table = arrow(frame)
    return table.set_column(0, table.column_names[0], table.column(0).cast(pa.string_view()))


TURNS: list[Turn] = [arrow, polars, duckdb, OnlyAStream, views, lambda frame: arrow(frame).to_reader()]


@pytest.fixture
def sessions() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "session_id": ["s1", "s2", "s3", "s4", "s5"],
            "user_id": ["Åsa", "Åsa", "bob", "cy", "cy"],
            "score": [3.5, 4, 10, None, 2],
            "max_score": [10, 10, 10, 10, 0],
            "status": ["Completed", None, "Completed", "Completed", "Discarded"],
            "dt_completed": pd.to_datetime(["2026-01-01", "2026-01-02", "2026-01-03", None, None], utc=True),
        }
    )


@pytest.fixture
def roster() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "user_id": ["Åsa", "Åsa", "bob", "cy", "di"],
            "session_id": [["s1"], ["s2"], ["s3"], ["s4", "s5"], []],
            "school": ["東", "B", "東", "B", "B"],
            "class": ["1", "1", "2", "1", "1"],
        }
    )


@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize("bounds", [{}, {"mintime": "2026-01-02T00:00:00Z"}])
def test_an_arrow_frame_is_summarised_as_a_pandas_frame(
    turn: Turn, bounds: dict[str, Any], sessions: pd.DataFrame, roster: pd.DataFrame
) -> None:
    for summarise in (summarize_groups, summarize_users):
        expected = summarise(sessions, roster, LEVELS, **bounds)
        pd.testing.assert_frame_equal(summarise(turn(sessions), turn(roster), LEVELS, **bounds), expected)


@pytest.mark.parametrize("turn", TURNS)
def test_an_empty_arrow_frame_is_summarised(turn: Turn, sessions: pd.DataFrame, roster: pd.DataFrame) -> None:
    typed = roster.explode("session_id")[["user_id", "session_id", *LEVELS]].astype("str")[:0]
    found = summarize_groups(turn(sessions), turn(typed), LEVELS)
    pd.testing.assert_frame_equal(found, summarize_groups(sessions, typed, LEVELS))


@pytest.mark.parametrize("turn", TURNS)
def test_the_faults_of_an_arrow_frame_are_those_of_a_pandas_frame(
    turn: Turn, sessions: pd.DataFrame, roster: pd.DataFrame
) -> None:
    wrong = sessions.drop(columns="score").assign(user_id=["Åsa", None, " ", "cy", "cy"])
    errors = []
    for given in ((wrong, roster), (turn(wrong), turn(roster))):
        with pytest.raises(ColumnError) as caught:
            summarize_groups(*given, LEVELS)
        errors.append(caught.value.faults)
    assert errors[0] == errors[1]


def test_what_streams_no_table_is_refused(sessions: pd.DataFrame, roster: pd.DataFrame) -> None:
    with pytest.raises(InputError, match="must be a DataFrame or an Arrow table, not ChunkedArray"):
        summarize_groups(arrow(sessions)["score"], roster, LEVELS)


def categorical(frame: pd.DataFrame, column: str, *, fixed: bool) -> Any:
    pl = pytest.importorskip("polars")
    texts = frame[column].dropna().unique().tolist()
    return polars(frame).with_columns(pl.col(column).cast(pl.Enum(texts) if fixed else pl.Categorical))


@pytest.mark.parametrize("fixed", [False, True])
@pytest.mark.parametrize("column", ["session_id", "user_id", "status", "activity_id"])
def test_sessions_may_have_categories_of_polars(
    column: str, fixed: bool, sessions: pd.DataFrame, roster: pd.DataFrame
) -> None:
    sessions["activity_id"] = ["a", "b", "a", None, "a"]
    given = categorical(sessions, column, fixed=fixed)
    pd.testing.assert_frame_equal(summarize_groups(given, roster, LEVELS), summarize_groups(sessions, roster, LEVELS))
    with (
        connect_local(sessions=given, progress=False) as of_categories,
        connect_local(sessions=sessions, progress=False) as of_texts,
    ):
        found, expected = (service.build_dataset(roster, LEVELS).walk() for service in (of_categories, of_texts))
    pd.testing.assert_frame_equal(found, expected)


@pytest.mark.parametrize("fixed", [False, True])
@pytest.mark.parametrize("column", ["session_id", "user_id", *LEVELS])
def test_rosters_may_have_categories_of_polars(
    column: str, fixed: bool, sessions: pd.DataFrame, roster: pd.DataFrame
) -> None:
    single = roster.explode("session_id")
    given = categorical(single, column, fixed=fixed)
    pd.testing.assert_frame_equal(summarize_groups(sessions, given, LEVELS), summarize_groups(sessions, single, LEVELS))
    with connect_local(sessions=sessions, progress=False) as service:
        found, expected = (service.build_dataset(each, LEVELS).walk() for each in (given, single))
    pd.testing.assert_frame_equal(found, expected)


def test_a_path_of_polars_categories_is_read(sessions: pd.DataFrame, roster: pd.DataFrame) -> None:
    pl = pytest.importorskip("polars")
    single = roster.explode("session_id")
    path = pl.concat_list(pl.col(LEVELS).cast(pl.Categorical)).alias("group_path")
    given = polars(single).with_columns(path).drop(LEVELS)
    pd.testing.assert_frame_equal(summarize_groups(sessions, given, LEVELS), summarize_groups(sessions, single, LEVELS))
