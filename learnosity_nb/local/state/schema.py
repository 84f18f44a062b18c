"""The tables of the state database, as the steps that lead from an empty file to them.

``PRAGMA user_version`` counts the steps taken. A step that was released is never
changed: a new one is added to the end.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from filelock import FileLock, Timeout

from ...errors import StateError
from .crash_points import crash_point
from .failures import Busy, damaged, state_errors

__all__ = ["MIGRATIONS", "bring_up_to_date"]

_LOCK_SECONDS = 60.0
_PRIVATE = 0o600

_FIRST: Final = """
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE jobs (
    reference    TEXT PRIMARY KEY,
    type         TEXT NOT NULL,
    consumer     TEXT NOT NULL,
    organisation INTEGER,
    status       TEXT NOT NULL CHECK (status IN ('queued', 'running', 'halted', 'completed')),
    created      REAL NOT NULL,               -- Unix seconds, as every time here
    completed    REAL,                        -- when it was completed or halted
    payload      TEXT NOT NULL,               -- JSON: what the handler works from
    data         TEXT NOT NULL DEFAULT '{}',  -- JSON: what the caller is shown
    error        TEXT,                        -- JSON: why it was halted
    attempt      INTEGER NOT NULL DEFAULT 0,  -- counts claims, and fences off a claim that was lost
    deaths       INTEGER NOT NULL DEFAULT 0,  -- counts claims lost while the server lived
    owner        TEXT,
    server       TEXT,
    lease_until  REAL,
    CHECK ((status = 'running') = (owner IS NOT NULL)),
    CHECK ((status IN ('halted', 'completed')) = (completed IS NOT NULL))
) WITHOUT ROWID;

CREATE INDEX open_jobs ON jobs (status, created, reference) WHERE status IN ('queued', 'running');
CREATE INDEX listed_jobs ON jobs (consumer, created DESC, reference);

CREATE TABLE datasets (
    dataset_id      TEXT PRIMARY KEY,
    consumer        TEXT NOT NULL,
    dataset_type    TEXT NOT NULL,
    parameters      TEXT NOT NULL,  -- JSON
    created         REAL NOT NULL,
    job_reference   TEXT REFERENCES jobs (reference),
    current_attempt TEXT            -- the compiled output that is read; null until a job completes
) WITHOUT ROWID;

CREATE TABLE parts (
    dataset_id TEXT NOT NULL REFERENCES datasets (dataset_id) ON DELETE CASCADE,
    number     INTEGER NOT NULL,
    attempt    TEXT NOT NULL,       -- file stem of the accepted upload
    summary    TEXT NOT NULL,       -- JSON
    uploaded   REAL NOT NULL,
    PRIMARY KEY (dataset_id, number)
) WITHOUT ROWID;
"""

_SECOND: Final = """
CREATE TABLE session_updates (
    session_id          TEXT PRIMARY KEY,
    status              TEXT,              -- null here and below: as in the sessions file
    metadata            TEXT,              -- JSON
    rescored            INTEGER NOT NULL,  -- whether the figures that follow were worked out again
    score               REAL,
    max_score           REAL,
    attempted_max_score REAL,
    unscored_max_score  REAL,
    num_attempted       INTEGER,
    num_questions       INTEGER,
    subscores           TEXT,              -- JSON
    updated             REAL NOT NULL,
    change              INTEGER NOT NULL   -- counts the transactions that wrote here
) WITHOUT ROWID;

CREATE INDEX changed_sessions ON session_updates (change);
"""

_THIRD: Final = """
ALTER TABLE jobs ADD COLUMN place INTEGER NOT NULL DEFAULT 0;  -- numbers the jobs in the order they were accepted

UPDATE jobs SET place = numbered.place
FROM (SELECT reference, row_number() OVER (ORDER BY created, reference) AS place FROM jobs) AS numbered
WHERE numbered.reference = jobs.reference;

DROP INDEX open_jobs;
CREATE INDEX jobs_in_order ON jobs (status, place);
CREATE INDEX placed_jobs ON jobs (place);
"""

MIGRATIONS: Final[tuple[str, ...]] = (_FIRST, _SECOND, _THIRD)
"""SQL scripts without transactions of their own; the n-th leads to version n."""


def bring_up_to_date(
    connection: sqlite3.Connection, path: Path, *, journal: str, migrations: Sequence[str] = MIGRATIONS
) -> None:
    """Check a database file, and take the steps it lacks while no other process does.

    Parameters
    ----------
    connection
        An open connection in autocommit mode.
    path
        The database file; the lock is a file beside it.
    journal
        The journal mode to leave it in: ``"wal"`` or ``"delete"``.
    migrations
        The steps.

    Raises
    ------
    StateError
        If the file is damaged, or was written by a newer version of this package. It is left as it is.
    Busy
        If another process holds the lock for too long.
    """
    found = _ask(connection, "PRAGMA quick_check(1)")
    if found != "ok":
        raise damaged(path, str(found))
    if _ask(connection, "PRAGMA user_version") > len(migrations):
        raise StateError(
            f"The database {path} was written by a newer version of learnosity-nb. Upgrade this one "
            "(pip install --upgrade learnosity-nb), or name another directory with state=."
        )
    if (
        _ask(connection, "PRAGMA user_version") == len(migrations)
        and _ask(connection, "PRAGMA journal_mode") == journal
    ):
        return
    with _alone(path):
        _ask(connection, f"PRAGMA journal_mode = {journal}")
        for step in range(_ask(connection, "PRAGMA user_version"), len(migrations)):
            _take_step(connection, migrations[step], step + 1)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    lock = FileLock(path.with_name(f"{path.name}.lock"), mode=_PRIVATE)
    with state_errors(path):
        try:
            lock.acquire(timeout=_LOCK_SECONDS)
        except Timeout:
            raise Busy(f"Another process is bringing {path} up to date. Try again in a minute.") from None
    try:
        yield
    finally:
        lock.release()


def _take_step(connection: sqlite3.Connection, script: str, version: int) -> None:
    try:
        connection.executescript(f"BEGIN IMMEDIATE; {script}; PRAGMA user_version = {version};")
        crash_point("in_migration")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _ask(connection: sqlite3.Connection, question: str) -> Any:
    return connection.execute(question).fetchone()[0]
