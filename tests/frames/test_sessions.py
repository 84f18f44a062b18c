from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from learnosity_nb.errors import ProtocolError
from learnosity_nb.files import columns as data_files
from learnosity_nb.frames.columns import Column
from learnosity_nb.frames.session_columns import (
    METADATA_COLUMN,
    RESPONSE_COLUMNS,
    SCORE_COLUMNS,
    SESSION_COLUMNS,
    STATUS_COLUMNS,
)
from learnosity_nb.frames.sessions import responses_frame, scores_frame, sessions_frame, statuses_frame

RECORD: dict[str, Any] = {
    "session_id": "s1",
    "user_id": "u1",
    "activity_id": None,
    "status": "Completed",
    "score": 7,
    "max_score": 10.5,
    "num_attempted": 2,
    "num_questions": 3,
    "session_duration": 61,
    "dt_started": "2026-01-31T08:00:00Z",
    "dt_saved": "2026-01-31 08:01:01",
    "dt_completed": None,
    "subscores": [{"id": "algebra", "score": 3}],
    "metadata": {"term": "autumn"},
    "responses": [
        {"response_id": "r1", "score": 1, "max_score": 2, "attempted": True, "automarkable": True},
        {"response_id": "r2", "score": None, "max_score": 4, "attempted": True, "automarkable": False},
        {"response_id": "r3", "score": 0, "max_score": 4.5, "attempted": False, "question_reference": "q3"},
    ],
}

FRAMES: list[tuple[Callable[..., pd.DataFrame], tuple[Column, ...]]] = [
    (scores_frame, SCORE_COLUMNS),
    (statuses_frame, STATUS_COLUMNS),
    (sessions_frame, SESSION_COLUMNS),
    (responses_frame, RESPONSE_COLUMNS),
]


@pytest.mark.parametrize(("frame", "columns"), FRAMES)
@pytest.mark.parametrize(
    "records", [[], [{"session_id": "s", "user_id": "u", "responses": [{"response_id": "r"}]}], [RECORD]]
)
def test_columns_and_dtypes_do_not_depend_on_the_rows(
    frame: Callable[..., pd.DataFrame], columns: tuple[Column, ...], records: list[dict[str, Any]]
) -> None:
    made = frame(records)
    assert {name: str(dtype) for name, dtype in made.dtypes.items()} == {
        column.name: column.dtype for column in columns
    }


def test_a_session_is_one_row_with_its_values() -> None:
    row = sessions_frame([RECORD]).iloc[0]
    assert row["score"] == 7.0
    assert pd.isna(row["activity_id"])
    assert row["dt_started"] == pd.Timestamp("2026-01-31T08:00:00Z")
    assert row["dt_saved"] == pd.Timestamp("2026-01-31T08:01:01Z")
    assert pd.isna(row["dt_completed"])
    assert row["subscores"] == [{"id": "algebra", "score": 3}]
    assert (row["num_attempted"], row["session_duration"]) == (2, 61.0)


def test_what_was_attempted_and_what_waits_is_added_up_of_the_responses() -> None:
    row = sessions_frame([RECORD]).iloc[0]
    assert (row["attempted_max_score"], row["unscored_max_score"]) == (6.0, 4.0)


@pytest.mark.parametrize("responses", [None, [], [{"response_id": "r", "score": 1, "max_score": 2}]])
def test_what_was_attempted_is_null_where_no_response_says_so(responses: object) -> None:
    row = sessions_frame([{**RECORD, "responses": responses}]).iloc[0]
    assert pd.isna(row["attempted_max_score"])
    assert pd.isna(row["unscored_max_score"])


def test_a_session_in_which_nothing_was_attempted_needs_no_responses() -> None:
    row = sessions_frame([{**RECORD, "num_attempted": 0, "responses": []}]).iloc[0]
    assert (row["attempted_max_score"], row["unscored_max_score"]) == (0.0, 0.0)


def test_responses_are_rows_of_their_session() -> None:
    other = {**RECORD, "session_id": "s2", "responses": None}
    frame = responses_frame([RECORD, other])
    assert frame["session_id"].tolist() == ["s1"] * 3
    assert frame["response_id"].tolist() == ["r1", "r2", "r3"]
    assert frame["attempted"].tolist() == [True, True, False]
    assert frame["automarkable"].isna().tolist() == [False, False, True]
    assert frame["score"].isna().tolist() == [False, True, False]


def test_frames_have_the_columns_of_the_data_files() -> None:
    assert set(data_files.SESSIONS.names) <= {column.name for column in SESSION_COLUMNS}
    assert data_files.RESPONSES.names == tuple(column.name for column in RESPONSE_COLUMNS)


@pytest.mark.parametrize("frame", [scores_frame, statuses_frame, sessions_frame])
def test_metadata_is_a_column_where_it_was_asked_for(frame: Callable[..., pd.DataFrame]) -> None:
    made = frame([RECORD, {**RECORD, "metadata": []}, {**RECORD, "metadata": None}], metadata=True)
    assert made[METADATA_COLUMN.name].tolist() == [{"term": "autumn"}, {}, {}]
    assert "metadata" not in frame([RECORD]).columns


def test_a_time_that_is_none_is_not_the_apis() -> None:
    with pytest.raises(ProtocolError, match="dt_started"):
        sessions_frame([{**RECORD, "dt_started": "yesterday"}])
