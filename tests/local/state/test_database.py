from __future__ import annotations

import errno
import os
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from learnosity_nb.errors import StateError
from learnosity_nb.local.state.database import Busy, Database, DiskFull
from learnosity_nb.local.state.schema import MIGRATIONS

ADD = "INSERT INTO meta (key, value) VALUES (?, ?)"


def keys(database: Database) -> list[str]:
    return [row["key"] for row in database.read("SELECT key FROM meta ORDER BY key")]


def test_a_transaction_is_stored_when_its_block_ends(database: Database) -> None:
    with database.transaction() as connection:
        connection.execute(ADD, ("a", b""))
        connection.execute(ADD, ("b", b""))
    assert keys(database) == ["a", "b"]


def test_a_block_that_raises_stores_nothing(database: Database) -> None:
    def write_in_vain() -> None:
        with database.transaction() as connection:
            connection.execute(ADD, ("a", b""))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_in_vain()
    assert keys(database) == []
    with database.transaction() as connection:
        connection.execute(ADD, ("b", b""))
    assert keys(database) == ["b"]


def test_within_joins_a_running_transaction(database: Database) -> None:
    with database.transaction() as connection:
        with database.within(connection) as inner:
            inner.execute(ADD, ("a", b""))
        assert connection.in_transaction
        connection.execute("DELETE FROM meta")
    with database.within(None) as own:
        own.execute(ADD, ("b", b""))
    assert keys(database) == ["b"]


def test_a_file_that_goes_with_its_process_is_not_synced(tmp_path: Path) -> None:
    with closing(Database(tmp_path / "state.sqlite3", durable=False)) as database:
        assert database.read("PRAGMA synchronous")[0][0] == 0
        assert database.secret_bytes("x") == database.secret_bytes("x")


def test_writes_are_synced_to_disk_and_the_file_is_private(database: Database) -> None:
    assert database.read("PRAGMA synchronous")[0][0] == 2
    assert database.read("PRAGMA journal_mode")[0][0] == "wal"
    assert database.read("PRAGMA foreign_keys")[0][0] == 1
    assert database.read("PRAGMA cache_size")[0][0] == -256  # small: there is one for each thread
    database.secret_bytes("x")
    if os.name == "posix":
        files = list(database.path.parent.glob("state.sqlite3*"))
        assert len(files) >= 3
        assert {path.stat().st_mode & 0o777 for path in files} == {0o600}


def test_there_is_no_write_ahead_log_on_a_network_file_system(tmp_path: Path) -> None:
    Database(tmp_path / "db").close()
    database = Database(tmp_path / "db", network=True)
    database.secret_bytes("x")
    assert database.read("PRAGMA journal_mode")[0][0] == "delete"
    assert not list(tmp_path.glob("*-wal"))
    database.close()


def test_threads_have_connections_of_their_own_and_those_of_ended_threads_are_closed(database: Database) -> None:
    for number in range(20):
        thread = threading.Thread(target=database.secret_bytes, args=(str(number),))
        thread.start()
        thread.join()
    assert len(keys(database)) == 20
    assert len(database._held) <= 2


def test_many_threads_write_at_once_and_nothing_is_lost(database: Database) -> None:
    def write(number: int) -> None:
        with database.transaction() as connection:
            connection.execute(ADD, (f"{number:03}", b""))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(100)))
    assert len(keys(database)) == 100


def test_a_secret_is_made_once_and_is_the_same_for_everybody(tmp_path: Path) -> None:
    databases = [Database(tmp_path / "db") for _ in range(2)]
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda number: databases[number % 2].secret_bytes("signing"), range(32)))
    assert len(set(made)) == 1
    assert len(made[0]) == 32
    assert databases[0].secret_bytes("other") != made[0]
    for database in databases:
        database.close()


def test_a_database_that_stays_locked_is_busy(tmp_path: Path) -> None:
    holder, other = Database(tmp_path / "db"), Database(tmp_path / "db", busy_seconds=0)
    with holder.transaction():
        assert other.read("SELECT * FROM meta") == []  # reading goes on
        with pytest.raises(Busy, match="Try again"), other.transaction():
            pass
    with other.transaction() as connection:
        connection.execute(ADD, ("a", b""))
    holder.close()
    other.close()


def test_a_full_disk_is_said_and_the_rows_before_it_are_intact(database: Database) -> None:
    with database.transaction() as connection:
        connection.execute(ADD, ("a", b""))
    pages = database.read("PRAGMA page_count")[0][0]
    database.read(f"PRAGMA max_page_count = {pages + 1}")
    with pytest.raises(DiskFull, match="full"), database.transaction() as connection:
        connection.execute(ADD, ("b", b"x" * 100_000))
    assert keys(database) == ["a"]


@pytest.mark.parametrize("sql", ["SELECT nonsense", "INSERT INTO parts VALUES ('no such dataset', 0, '', '', 0)"])
def test_no_error_of_sqlite_gets_out(database: Database, sql: str) -> None:
    with pytest.raises(StateError, match="refused"):
        database.read(sql)


def test_a_closed_database_says_so(tmp_path: Path) -> None:
    database = Database(tmp_path / "db")
    database.close()
    database.close()
    with pytest.raises(StateError, match="closed"):
        database.read("SELECT 1")


def test_closing_waits_for_a_transaction_of_another_thread(tmp_path: Path) -> None:
    database = Database(tmp_path / "db")
    inside, go_on = threading.Event(), threading.Event()

    def write() -> None:
        with database.transaction() as connection:
            inside.set()
            go_on.wait(30)
            connection.execute(ADD, ("a", b""))

    writer = threading.Thread(target=write)
    writer.start()
    inside.wait(30)
    closer = threading.Thread(target=database.close)
    closer.start()
    go_on.set()
    writer.join()
    closer.join()
    again = Database(tmp_path / "db")
    assert keys(again) == ["a"]
    again.close()


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite3"
    path.write_bytes(b"not a database at all " * 100)
    with pytest.raises(StateError, match=r"damaged.*move it away"):
        Database(path)
    assert path.read_bytes() == b"not a database at all " * 100


def test_a_damaged_page_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite3"
    database = Database(path)
    for number in range(200):
        database.secret_bytes(str(number))
    database.close()
    damaged = bytearray(path.read_bytes())
    for page in range(1, len(damaged) // 4096):
        damaged[page * 4096 : page * 4096 + 200] = b"\xff" * 200
    path.write_bytes(damaged)
    with pytest.raises(StateError, match="damaged"):
        Database(path)
    assert path.read_bytes() == damaged


def test_a_file_in_a_directory_that_is_not_there_is_a_state_error(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="nowhere"):
        Database(tmp_path / "nowhere" / "state.sqlite3")


def test_a_directory_in_the_place_of_the_file_is_a_state_error(tmp_path: Path) -> None:
    (tmp_path / "db").mkdir()
    with pytest.raises(StateError, match="db"):
        Database(tmp_path / "db")


def test_an_older_schema_is_brought_up_to_date_and_keeps_its_rows(tmp_path: Path) -> None:
    older = Database(tmp_path / "db")
    secret = older.secret_bytes("signing")
    older.close()
    newer = Database(tmp_path / "db", migrations=[*MIGRATIONS, "CREATE TABLE more (x); INSERT INTO more VALUES (1)"])
    assert newer.read("SELECT x FROM more")[0]["x"] == 1
    assert newer.secret_bytes("signing") == secret
    newer.close()


def test_a_newer_schema_is_refused_and_left_alone(tmp_path: Path) -> None:
    Database(tmp_path / "db", migrations=[*MIGRATIONS, "CREATE TABLE more (x)"]).close()
    before = (tmp_path / "db").read_bytes()
    with pytest.raises(StateError, match="newer version"):
        Database(tmp_path / "db")
    assert (tmp_path / "db").read_bytes() == before


def test_a_step_that_fails_leaves_the_version_before_it(tmp_path: Path) -> None:
    Database(tmp_path / "db").close()
    with pytest.raises(StateError):
        Database(tmp_path / "db", migrations=[*MIGRATIONS, "CREATE TABLE more (x); SELECT nonsense"])
    database = Database(tmp_path / "db")
    assert database.read("SELECT name FROM sqlite_master WHERE name = 'more'") == []
    database.close()


def test_a_step_waits_for_a_transaction_of_another_process_and_is_then_busy(tmp_path: Path) -> None:
    holder = Database(tmp_path / "db")
    with holder.transaction(), pytest.raises(Busy):
        Database(tmp_path / "db", migrations=[*MIGRATIONS, "CREATE TABLE more (x)"], busy_seconds=0)
    assert holder.read("PRAGMA user_version")[0][0] == len(MIGRATIONS)
    holder.close()


def test_a_kill_in_the_middle_of_a_step_leaves_the_version_before_it(tmp_path: Path) -> None:
    path = tmp_path / "db"
    killed = open_in_a_process(path, {"LNB_CRASH_AT": "in_migration"})
    assert killed.returncode != 0
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA user_version").fetchone()[0] == 0
        assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    connection.close()
    database = Database(path)
    assert database.read("PRAGMA integrity_check")[0][0] == "ok"
    assert keys(database) == []
    database.close()


def test_many_processes_open_a_new_database_at_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: open_in_a_process(tmp_path / "db", {}), range(4)))
    assert [(result.returncode, result.stderr) for result in results] == [(0, b"")] * 4
    assert len({result.stdout for result in results}) == 1


def test_another_process_in_the_middle_of_a_step_is_waited_for_and_then_busy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from filelock import FileLock

    monkeypatch.setattr("learnosity_nb.local.state.schema._LOCK_SECONDS", 0)
    with FileLock(tmp_path / "db.lock"), pytest.raises(Busy, match="up to date"):
        Database(tmp_path / "db")


def test_a_disk_that_fills_while_opening_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, **_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "touch", full)
    with pytest.raises(DiskFull):
        Database(tmp_path / "db")


def open_in_a_process(path: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[bytes]:
    script = (
        "import pathlib, sys; from learnosity_nb.local.state.database import Database;"
        "database = Database(pathlib.Path(sys.argv[1]));"
        "print(database.secret_bytes('signing').hex()); database.close()"
    )
    return subprocess.run(
        [sys.executable, "-c", script, str(path)], env={**os.environ, **environment}, capture_output=True, timeout=120
    )


class _Interrupted(sqlite3.Connection):
    """A connection at which Ctrl-C arrives just as the transaction has begun."""

    def execute(self, sql: str, *parameters: object) -> sqlite3.Cursor:
        cursor = super().execute(sql, *parameters)
        if sql == "BEGIN IMMEDIATE":
            raise KeyboardInterrupt
        return cursor


def test_an_interrupt_as_a_transaction_begins_leaves_the_connection_usable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(tmp_path / "state.sqlite3")
    connect = sqlite3.connect
    with monkeypatch.context() as patched:
        patched.setattr(sqlite3, "connect", lambda *a, **options: connect(*a, **options, factory=_Interrupted))
        interrupted = Database(tmp_path / "state.sqlite3")
        with pytest.raises(KeyboardInterrupt), interrupted.transaction():
            pytest.fail("the block must not run")
    assert database.secret_bytes("free again")
    assert interrupted.read("SELECT count(*) FROM jobs")[0][0] == 0
    interrupted.close()
    database.close()
