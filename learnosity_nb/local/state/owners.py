"""Owners: who works on a job or an upload, and whether that process still lives.

A process holds a lock of the operating system on its owner file for as long as
it lives. When it dies, however it dies, the lock is free at once: nobody has to
wait for a time-out to know.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from filelock import FileLock, Timeout

from .failures import state_errors

__all__ = ["Owner", "is_alive", "owner_of", "remove_dead"]

_ID_LENGTH = 32
_PRIVATE = 0o600
_PATIENCE = 10.0


class Owner:
    """A process, or one worker of it, that holds its owner file's lock; made by `open`.

    Attributes
    ----------
    id : str
        32 hexadecimal digits.
    server : str
        The owner id of the server that this worker belongs to; its own `id` where it is its own server.
    """

    __slots__ = ("_lock", "id", "server")

    def __init__(self, owner_id: str, server: str, lock: FileLock) -> None:
        self.id = owner_id
        self.server = server
        self._lock = lock

    @classmethod
    def open(cls, directory: Path, server: str | None = None) -> Owner:
        """Make an owner file and lock it.

        Parameters
        ----------
        directory
            The folder of owner files.
        server
            The owner id of the server that started this worker; None where the process is its own server.

        Raises
        ------
        StateError
            If the file cannot be made or locked.
        """
        owner_id = uuid4().hex
        path = _lock_file(directory, owner_id)
        lock = _lock(path)
        with state_errors(path):  # a clean-up may hold the new file for a moment: wait for it
            lock.acquire(timeout=_PATIENCE)
        return cls(owner_id, server or owner_id, lock)

    def new_attempt(self) -> str:
        """Return a new name for files that this owner is about to write.

        It begins with the owner's id, so that a clean-up by another process sees who is at work on them.
        """
        return f"{self.id}-{uuid4().hex[:12]}"

    def close(self) -> None:
        """Give up the lock and remove the file; may be called again."""
        if self._lock.is_locked:
            _remove(self._lock)


def is_alive(directory: Path, owner_id: str) -> bool:
    """Return whether an owner's lock is held, by this process or another."""
    lock = _take(_lock_file(directory, owner_id))
    if lock is None:
        return _lock_file(directory, owner_id).exists()
    lock.release()
    return False


def owner_of(attempt: str) -> str:
    """Return the id of the owner that named an attempt."""
    return attempt[:_ID_LENGTH]


def remove_dead(directory: Path) -> list[Path]:
    """Remove the files of owners that died, and return them."""
    removed = []
    for path in sorted(directory.glob("*.lock")):
        lock = _take(path)
        if lock is not None:
            _remove(lock)
            removed.append(path)
    return removed


def _lock_file(directory: Path, owner_id: str) -> Path:
    return directory / f"{owner_id}.lock"


def _lock(path: Path) -> FileLock:
    return FileLock(path, mode=_PRIVATE, thread_local=False)


def _take(path: Path) -> FileLock | None:
    """Lock an owner file, or return None where it is held or is gone."""
    if not path.exists():
        return None
    lock = _lock(path)
    with state_errors(path):
        try:
            lock.acquire(blocking=False)
        except Timeout:
            return None
    return lock


def _remove(lock: FileLock) -> None:
    with suppress(OSError):  # Windows removes no open file; there, filelock removes it on release
        Path(lock.lock_file).unlink()
    lock.release()
