"""The state database: SQLite, one connection for each thread, every write durable when its call returns."""

from __future__ import annotations

import secrets
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...errors import StateError
from .failures import Busy, DiskFull, database_errors, state_errors
from .schema import MIGRATIONS, bring_up_to_date

__all__ = ["Busy", "Database", "DiskFull"]

_BUSY_SECONDS = 5.0
_CACHE_KIBIBYTES = 256  # for each thread's connection; SQLite's own 2 MB adds up over threads and processes
_SECRET_BYTES = 32
_PRIVATE = 0o600
_META_VALUE = "SELECT value FROM meta WHERE key = ?"


@dataclass(frozen=True, slots=True)
class _Held:
    """A thread's connection, and the lock that keeps `close` from closing it in the middle of a statement."""

    connection: sqlite3.Connection
    lock: threading.RLock = field(default_factory=threading.RLock)


class Database:
    """The database file of a state directory, opened and brought to this version's schema.

    Parameters
    ----------
    path
        The file; made where it does not exist, readable by its user alone.
    network
        The file is on a network file system, where SQLite's write-ahead log does not work.
    durable
        Every commit is on the disk before it returns; False where the file goes with the process that makes it.
    migrations
        SQL scripts; the n-th leads to schema version n.
    busy_seconds
        How long a call waits for another process's write before it raises `Busy`.

    Raises
    ------
    StateError
        If the file cannot be used, is damaged, or was written by a newer version of this package.
    """

    def __init__(
        self,
        path: Path,
        *,
        network: bool = False,
        durable: bool = True,
        migrations: Sequence[str] = MIGRATIONS,
        busy_seconds: float = _BUSY_SECONDS,
    ) -> None:
        self.path = path
        self._busy_seconds = busy_seconds
        self._synchronous = "FULL" if durable else "OFF"
        self._held: dict[threading.Thread, _Held] = {}
        self._registry = threading.Lock()
        self._closed = False
        with state_errors(path):
            path.touch(mode=_PRIVATE)  # SQLite gives its -wal and -shm files the same mode
        try:
            with self._connection() as connection:
                bring_up_to_date(connection, path, journal="delete" if network else "wal", migrations=migrations)
        except BaseException:
            self.close()
            raise

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Hold the write lock for a block: all of its statements are stored when it ends, or none.

        Yields
        ------
        sqlite3.Connection
            This thread's connection. Rows are `sqlite3.Row`. Do not commit or roll back.

        Raises
        ------
        Busy
            If another process held the lock for too long.
        StateError
            For any other fault of the database.
        """
        with self._connection() as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")  # inside: Ctrl-C may come just as it returns
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    @contextmanager
    def within(self, connection: sqlite3.Connection | None) -> Iterator[sqlite3.Connection]:
        """Use a transaction that already runs, or one of its own where `connection` is None."""
        if connection is not None:
            yield connection
        else:
            with self.transaction() as own:
                yield own

    def read(self, sql: str, parameters: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """Return the rows of one SELECT."""
        with self._connection() as connection:
            return connection.execute(sql, parameters).fetchall()

    def secret_bytes(self, name: str) -> bytes:
        """Return 32 random bytes made the first time `name` is asked for, the same for every process."""
        rows = self.read(_META_VALUE, (name,))
        if not rows:
            with self.transaction() as connection:
                connection.execute(
                    "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO NOTHING",
                    (name, secrets.token_bytes(_SECRET_BYTES)),
                )
            rows = self.read(_META_VALUE, (name,))
        return bytes(rows[0]["value"])

    def close(self) -> None:
        """Close the connections of every thread, each when its statement or transaction has ended."""
        with self._registry:
            self._closed = True
            held = list(self._held.values())
            self._held.clear()
        for each in held:
            with each.lock:
                each.connection.close()

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        held = self._of_this_thread()
        with held.lock, database_errors(self.path):
            yield held.connection

    def _of_this_thread(self) -> _Held:
        thread = threading.current_thread()
        with self._registry:
            if self._closed:
                raise StateError(f"The database {self.path} was closed. Connect again.")
            if thread not in self._held:
                for ended in [other for other in self._held if not other.is_alive()]:
                    self._held.pop(ended).connection.close()
                self._held[thread] = _Held(self._open())
            return self._held[thread]

    def _open(self) -> sqlite3.Connection:
        with database_errors(self.path):
            connection = sqlite3.connect(
                self.path, timeout=self._busy_seconds, isolation_level=None, check_same_thread=False
            )
            try:
                connection.row_factory = sqlite3.Row
                connection.execute(f"PRAGMA synchronous = {self._synchronous}")
                connection.execute("PRAGMA foreign_keys = ON")
                connection.execute(f"PRAGMA cache_size = -{_CACHE_KIBIBYTES}")
            except BaseException:
                connection.close()
                raise
        return connection
