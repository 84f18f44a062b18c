from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from learnosity_nb.errors import StateError
from learnosity_nb.local.state.database import Database
from learnosity_nb.local.state.directory import StateDirectory, open_state
from learnosity_nb.local.state.janitor import clean_up
from learnosity_nb.local.state.owners import Owner

DATASET = "2c5ed1a5-8d2f-4a9b-9c43-0a7a3cf2a001"
GONE = "0" * 32


def put(state: StateDirectory, folder: str, name: str) -> Path:
    path = state.datasets / DATASET / folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    return path


def name_in_database(database: Database, *, part: str, output: str) -> None:
    with database.transaction() as connection:
        connection.execute("INSERT INTO datasets VALUES (?, 'key', 'type', '{}', 0, NULL, ?)", (DATASET, output))
        connection.execute("INSERT INTO parts VALUES (?, 0, ?, '{}', 0)", (DATASET, part))


def test_what_a_dataset_names_is_kept_and_the_rest_of_dead_owners_goes(
    state: StateDirectory, database: Database
) -> None:
    named = f"{GONE}-named"
    name_in_database(database, part=named, output=named)
    kept = [
        put(state, "infiles", f"{named}.ndjson"),
        put(state, "infiles", f"{named}.arrow"),
        put(state, "infiles", f"{named}.faults.json"),
        put(state, f"outfiles/{named}", "groups.arrow"),
    ]
    orphans = {
        put(state, "infiles", f"{GONE}-other.ndjson"),
        put(state, "infiles", f".tmp-{GONE}-upload.ndjson-1a2b3c4d"),
        put(state, "infiles", f".tmp-{named}.arrow-1a2b3c4d"),
        put(state, f"outfiles/{GONE}-other", "groups.arrow").parent,
        put(state, f"outfiles/.tmp-{named}", "groups.arrow").parent,
    }
    assert set(clean_up(state, database)) == orphans
    assert not any(path.exists() for path in orphans)
    assert all(path.exists() for path in kept)
    assert clean_up(state, database) == []


def test_what_a_live_owner_works_on_is_kept_until_it_dies(state: StateDirectory, database: Database) -> None:
    owner = Owner.open(state.owners)
    attempt = owner.new_attempt()
    at_work = {
        put(state, "infiles", f".tmp-{attempt}.ndjson-1a2b3c4d"),
        put(state, "infiles", f"{attempt}.ndjson"),
        put(state, f"outfiles/.tmp-{attempt}", "groups.arrow").parent,
    }
    assert clean_up(state, database) == []
    owner.close()
    assert set(clean_up(state, database)) == at_work


def test_what_was_named_by_an_owner_that_ends_during_the_clean_up_is_kept(
    state: StateDirectory, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It commits and ends between the look at the names and the look at its own file, however these are ordered."""
    owner = Owner.open(state.owners)
    attempt = owner.new_attempt()
    output = put(state, f"outfiles/{attempt}", "groups.arrow")
    read = database.read

    def read_then_end(*arguments: object) -> object:
        rows = read(*arguments)  # type: ignore[arg-type]
        if "current_attempt" in str(arguments[0]):
            name_in_database(database, part=attempt, output=attempt)
            owner.close()
        return rows

    monkeypatch.setattr(database, "read", read_then_end)
    assert output.parent not in clean_up(state, database)
    assert output.exists()


def test_lock_files_of_dead_owners_go(state: StateDirectory, database: Database) -> None:
    alive = Owner.open(state.owners)
    dead = state.owners / f"{GONE}.lock"
    dead.touch()
    assert clean_up(state, database) == [dead]
    assert len(list(state.owners.iterdir())) == 1
    alive.close()


def test_only_one_process_cleans_up_at_a_time(state: StateDirectory, database: Database) -> None:
    orphan = put(state, "infiles", f"{GONE}-other.ndjson")
    with FileLock(state.root / "janitor.lock"):
        assert clean_up(state, database) == []
    assert clean_up(state, database) == [orphan]


def test_a_file_that_cannot_be_removed_waits_for_the_next_time(
    state: StateDirectory, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def in_use(path: Path) -> None:
        raise PermissionError

    orphan = put(state, "infiles", f"{GONE}-other.ndjson")
    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", in_use)
        assert clean_up(state, database) == []
    assert clean_up(state, database) == [orphan]


def test_a_state_directory_that_went_away_is_said(state: StateDirectory, database: Database) -> None:
    state.datasets.rmdir()
    with pytest.raises(StateError, match="Could not use"):
        clean_up(state, database)


def test_a_kill_in_the_middle_leaves_work_for_the_next(state: StateDirectory, database: Database) -> None:
    orphans = {put(state, "infiles", f"{GONE}-{number}.ndjson") for number in range(4)}
    script = (
        "import pathlib, sys; from learnosity_nb.local.state import database, directory, janitor;"
        "state = directory.open_state(pathlib.Path(sys.argv[1]), data=None);"
        "janitor.clean_up(state, database.Database(state.database))"
    )
    killed = subprocess.run(
        [sys.executable, "-c", script, str(state.root)],
        env={**os.environ, "LNB_CRASH_AT": "in_janitor:3"},
        capture_output=True,
        timeout=120,
    )
    assert killed.returncode != 0
    assert killed.stderr == b""
    assert sum(path.exists() for path in orphans) == 2
    again = open_state(state.root, data=None)
    assert len(clean_up(again, database)) == 2
    assert not any(path.exists() for path in orphans)
