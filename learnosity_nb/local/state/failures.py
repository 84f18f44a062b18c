"""What can go wrong with the state directory, said in this package's own errors."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...errors import StateError

__all__ = ["REFUSED", "Busy", "DiskFull", "damaged", "database_errors", "state_errors"]

REFUSED = (errno.EACCES, errno.EPERM, errno.EROFS)
"""The error numbers of a file or directory that may not be written."""

_CROWDED = (errno.EMFILE, errno.ENFILE)
_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
_PRIMARY_CODE = 0xFF  # SQLite keeps the kind of an error in the lowest byte of its extended code

_FREE_SPACE = "Free some space or name another directory with state=; what was stored before is intact."
_ELSEWHERE = "Name a directory you may write to with state=."
_FEWER_FILES = "Close some, or raise the limit (ulimit -n), and try again; what was stored before is intact."
_RESTORE = (
    "It was left as it is. Put back a copy of it, or move it away together with its -wal and -shm files: a new one is "
    "made, and datasets are then built again. Your data files are not affected."
)


class Busy(StateError):
    """Another process kept the database locked for too long; the same call may succeed a little later."""


class DiskFull(StateError):
    """The disk, or the user's share of it, is full; what was stored before is intact."""


@contextmanager
def state_errors(path: Path) -> Iterator[None]:
    """Turn an `OSError` about a file or directory of the state into a `StateError` with advice.

    Parameters
    ----------
    path
        What is being read or written, for the message.

    Raises
    ------
    DiskFull
        If there is no space left.
    StateError
        For every other `OSError`.
    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        if error.errno in _FULL:
            raise DiskFull(f"Could not write {path}: {reason}. {_FREE_SPACE}") from error
        raise StateError(f"Could not use {path}: {reason}. {_advice(error.errno)}") from error


@contextmanager
def database_errors(path: Path) -> Iterator[None]:
    """Turn a `sqlite3.Error` into a `StateError` with advice.

    Parameters
    ----------
    path
        The database file, for the message.

    Raises
    ------
    Busy
        If another process kept the database locked.
    DiskFull
        If there is no space left.
    StateError
        For every other `sqlite3.Error`.
    """
    try:
        yield
    except sqlite3.Error as error:
        raise _database_error(path, error) from error


def _advice(number: int | None) -> str:
    if number in _CROWDED:
        return _FEWER_FILES
    return _ELSEWHERE if number in REFUSED else f"Check that the directory exists. {_ELSEWHERE}"


def damaged(path: Path, reason: str) -> StateError:
    """Return the error for a database file that is damaged, with how to go on."""
    return StateError(f"The database {path} is damaged ({reason}). {_RESTORE}")


def _database_error(path: Path, error: sqlite3.Error) -> StateError:
    code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return Busy(f"The database {path} is in use by another process. Try again in a few seconds.")
    if code == sqlite3.SQLITE_FULL:
        return DiskFull(f"Could not write the database {path}: the disk is full. {_FREE_SPACE}")
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return damaged(path, str(error))
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_IOERR):
        return StateError(f"Could not use the database {path}: {error}. {_ELSEWHERE}")
    return StateError(f"The database {path} refused a statement: {error}.")
