"""Clean-up at the start of a service: what dead processes left behind.

A file of an upload or of a compiled dataset is removed when no dataset names it
and the owner that wrote it is gone: the names of attempts begin with the owner's
id (`Owner.new_attempt`).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from .crash_points import crash_point
from .database import Database
from .directory import TEMPORARY_PREFIX, StateDirectory
from .failures import state_errors
from .owners import is_alive, owner_of, remove_dead

__all__ = ["clean_up"]


def clean_up(state: StateDirectory, database: Database) -> list[Path]:
    """Remove unfinished and unnamed files of uploads and compiled datasets, and the lock files of dead owners.

    Parameters
    ----------
    state
        The state directory.
    database
        Its database.

    Returns
    -------
    list of Path
        What was removed; nothing where another process is cleaning up.

    Raises
    ------
    StateError
        If the directory cannot be read.
    """
    lock = FileLock(state.root / "janitor.lock", mode=0o600)
    with state_errors(state.root):
        try:
            lock.acquire(blocking=False)
        except Timeout:
            return []
        try:
            return [*_remove_orphans(state, database), *remove_dead(state.owners)]
        finally:
            lock.release()


def _remove_orphans(state: StateDirectory, database: Database) -> list[Path]:
    # Who is dead is asked before the names are read: the dead name nothing more.
    entries = [entry for entry in _entries(state.datasets) if not is_alive(state.owners, owner_of(_attempt(entry)))]
    named = {row[0] for row in database.read("SELECT attempt FROM parts")}
    named |= {row[0] for row in database.read("SELECT current_attempt FROM datasets")}
    removed = []
    for entry in entries:
        if entry.name.startswith(TEMPORARY_PREFIX) or _attempt(entry) not in named:
            crash_point("in_janitor")
            if _remove(entry):
                removed.append(entry)
    return removed


def _attempt(entry: Path) -> str:
    return entry.name.removeprefix(TEMPORARY_PREFIX).partition(".")[0]


def _entries(datasets: Path) -> Iterator[Path]:
    for dataset in datasets.iterdir():
        for folder in ("infiles", "outfiles"):
            if (dataset / folder).is_dir():
                yield from (dataset / folder).iterdir()


def _remove(entry: Path) -> bool:
    try:
        if entry.is_dir():
            shutil.rmtree(entry)
        else:
            entry.unlink()
    except OSError:  # Windows keeps what another process has open: a later clean-up removes it
        return False
    return True
