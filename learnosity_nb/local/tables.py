"""The analyst's tables: from frames in memory, or from a data directory, read again when a file changed."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from ..errors import InputError
from ..files.columns import SESSIONS
from ..files.data_directory import DataDirectory
from ..files.tables import check_table

__all__ = ["DirectoryTables", "FrameTables", "Tables"]


class Tables(Protocol):
    """Where the service finds the analyst's tables."""

    def sessions(self) -> pa.Table:
        """Return the checked table of sessions."""


class FrameTables:
    """Tables given as frames.

    Parameters
    ----------
    frames
        Table name to frame, such as ``sessions``; checked here.
    """

    def __init__(self, frames: Mapping[str, Any]) -> None:
        self._sessions = check_table(frames["sessions"], SESSIONS, name="sessions")

    def sessions(self) -> pa.Table:
        """Return the checked table of sessions."""
        return self._sessions


class DirectoryTables:
    """Tables in the files of a data directory.

    Parameters
    ----------
    path
        The directory.
    """

    def __init__(self, path: Path) -> None:
        self._directory = DataDirectory(path)
        self._lock = threading.Lock()
        self._fingerprint: object = None
        self._sessions: pa.Table | None = None

    def sessions(self) -> pa.Table:
        """Return the checked table of sessions; read once for each version of its file."""
        with self._lock:
            fingerprint = self._directory.fingerprint("sessions")
            if self._sessions is None or fingerprint != self._fingerprint:
                self._sessions = self._directory.read("sessions")
                self._fingerprint = fingerprint
            if self._sessions is None:
                raise InputError(
                    f"There is no sessions file in {self._directory.path}. Add sessions.csv or sessions.parquet."
                )
            return self._sessions
