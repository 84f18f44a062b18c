from __future__ import annotations

import os

import pandas as pd
import pyarrow as pa
import pytest

from learnosity_nb.errors import ColumnError, InputError
from learnosity_nb.local.tables import DirectoryTables, FrameTables

HEADER = "session_id,user_id,score,max_score\n"
LEARNERS = "course_id,username\nc,ada\n"


def test_frames_are_checked_when_they_are_given() -> None:
    frame = pd.DataFrame({"session_id": ["s"], "user_id": ["u"], "score": [1], "max_score": [2]})
    assert FrameTables({"sessions": frame}).sessions().to_pylist() == frame.astype({"score": float}).to_dict("records")
    with pytest.raises(ColumnError, match="max_score"):
        FrameTables({"sessions": frame.drop(columns="max_score")})


def test_a_later_change_to_a_frame_does_not_count() -> None:
    frame = pd.DataFrame(
        {
            "session_id": ["s", "t"],
            "user_id": ["u", "v"],
            "score": [1.0, 2.0],
            "max_score": pd.array([3, 4], dtype="Int64"),
            "num_attempted": [5, 6],
            "dt_completed": pd.to_datetime(["2026-01-31T08:00:00Z", "2026-01-31T09:00:00Z"]),
        }
    )
    for given in (frame, pa.Table.from_pandas(frame)):
        tables = FrameTables({"sessions": given})
        before = tables.sessions().to_pylist()
        kept = frame.copy()
        for name in frame.columns:
            frame.loc[0, name] = frame.loc[1, name]
        assert tables.sessions().to_pylist() == before
        frame.loc[:, :] = kept


def test_frames_without_sessions_say_so_when_they_are_needed() -> None:
    learners = pd.DataFrame({"course_id": ["c"], "username": ["ada"]})
    tables = FrameTables({"learners": learners})
    assert tables.learners().num_rows == 1
    assert tables.engagement() is None
    assert tables.version("learners") == tables.version("learners")
    with pytest.raises(InputError, match="sessions=DataFrame"):
        tables.sessions()


def test_a_file_is_read_once_for_each_version_of_it(tmp_path) -> None:
    path = tmp_path / "sessions.csv"
    path.write_text(HEADER + "s,u,1,2\n", encoding="utf-8")
    tables = DirectoryTables(tmp_path)
    first = tables.sessions()
    assert tables.sessions() is first
    version = tables.version("sessions")
    path.write_text(HEADER + "s,u,1,2\nt,u,1,2\n", encoding="utf-8")
    os.utime(path, ns=(0, 0))
    assert tables.version("sessions") != version
    assert tables.sessions().num_rows == 2


def test_a_file_that_became_wrong_is_said_and_not_the_old_one_given(tmp_path) -> None:
    path = tmp_path / "sessions.csv"
    path.write_text(HEADER + "s,u,1,2\n", encoding="utf-8")
    tables = DirectoryTables(tmp_path)
    tables.sessions()
    path.write_text(HEADER + "s,u,many,2\n", encoding="utf-8")
    for _ in range(2):
        with pytest.raises(ColumnError, match="many"):
            tables.sessions()


def test_a_directory_without_sessions_says_which_file_to_add(tmp_path) -> None:
    (tmp_path / "learners.csv").write_text(LEARNERS, encoding="utf-8")
    tables = DirectoryTables(tmp_path)
    assert tables.learners().num_rows == 1
    assert tables.engagement() is None
    with pytest.raises(InputError, match=r"Add sessions\.csv"):
        tables.sessions()
