from __future__ import annotations

import os
from pathlib import Path

import pytest

from learnosity_nb.domain.group_paths import parse_levels
from learnosity_nb.errors import InputError
from learnosity_nb.files.data_directory import DataDirectory

SESSIONS = "session_id,user_id,score,max_score\ns,u,1,2\n"


@pytest.fixture
def directory(tmp_path: Path) -> DataDirectory:
    (tmp_path / "sessions.csv").write_text(SESSIONS)
    (tmp_path / "roster.ndjson").write_text('{"user_id":"u","session_id":"s","class":"7a"}\n')
    (tmp_path / "notes.txt").write_text("unrelated")
    return DataDirectory(tmp_path)


def test_a_table_is_found_and_read(directory: DataDirectory) -> None:
    assert directory.path_of("sessions") == directory.path / "sessions.csv"
    table = directory.read("sessions")
    assert table is not None
    assert table["user_id"].to_pylist() == ["u"]


def test_the_roster_is_read_with_its_levels(directory: DataDirectory) -> None:
    roster = directory.read_roster(parse_levels(["class"]))
    assert roster is not None
    assert roster.to_pylist() == [{"user_id": "u", "session_id": ["s"], "class": "7a"}]
    with pytest.raises(InputError, match=r"read_roster\(levels\)"):
        directory.read("roster")


def test_a_table_without_a_file_is_none(directory: DataDirectory, tmp_path: Path) -> None:
    (tmp_path / "roster.ndjson").unlink()
    assert directory.path_of("items") is None
    assert directory.read("items") is None
    assert directory.fingerprint("items") is None
    assert directory.read_roster(parse_levels(["class"])) is None


def test_two_files_of_one_table_are_an_error_naming_both(directory: DataDirectory) -> None:
    (directory.path / "sessions.parquet").write_bytes(b"")
    with pytest.raises(InputError, match=r"sessions more than once: sessions\.parquet and sessions\.csv"):
        directory.read("sessions")


def test_a_fingerprint_changes_with_the_file(directory: DataDirectory) -> None:
    before = directory.fingerprint("sessions")
    assert before is not None
    assert before[:2] == ("sessions.csv", len(SESSIONS))
    assert directory.fingerprint("sessions") == before
    os.utime(directory.path / "sessions.csv", ns=(before[2], before[2] + 1_000_000_000))
    assert directory.fingerprint("sessions") != before


def test_an_unknown_table_is_refused(directory: DataDirectory) -> None:
    with pytest.raises(InputError, match=r"There is no table 'marks'\. The tables are sessions, learners"):
        directory.path_of("marks")


def test_a_directory_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no data directory"):
        DataDirectory(tmp_path / "gone")


def test_a_directory_in_the_home_is_found(directory: DataDirectory, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(variable, str(directory.path.parent))
    assert DataDirectory(f"~/{directory.path.name}").path == directory.path


def test_a_directory_without_tables_says_what_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"sessions, learners, .*each ending in \.parquet, \.csv, \.ndjson"):
        DataDirectory(str(tmp_path))


def test_the_directory_names_itself(directory: DataDirectory) -> None:
    assert repr(directory) == f"DataDirectory({str(directory.path)!r})"
