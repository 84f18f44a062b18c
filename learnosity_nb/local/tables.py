"""The analyst's tables: from frames in memory, or from a data directory, read again when a file changed."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from ..errors import InputError
from ..files.columns import TABLES
from ..files.data_directory import DataDirectory
from ..files.tables import check_table

__all__ = ["DirectoryTables", "FrameTables", "Tables"]


class Tables(Protocol):
    """Where the service finds the analyst's tables."""

    def sessions(self) -> pa.Table:
        """Return the checked table of sessions."""

    def learners(self) -> pa.Table | None:
        """Return the checked table of learners; None where there is none."""

    def engagement(self) -> pa.Table | None:
        """Return the checked table of engagement; None where there is none."""

    def responses(self) -> pa.Table | None:
        """Return the checked table of responses; None where there is none."""

    def items(self) -> pa.Table | None:
        """Return the checked table of items; None where there is none."""

    def version(self, table: str) -> object:
        """Return what differs when the table does, to key what is made from it."""


class FrameTables:
    """Tables given as frames.

    Parameters
    ----------
    frames
        Table name to frame, such as ``sessions``; checked and copied here, so that no later change to one counts.
    """

    def __init__(self, frames: Mapping[str, Any]) -> None:
        checked = {name: check_table(frame, TABLES[name], name=name) for name, frame in frames.items()}
        self._tables = {name: _with_own_numbers(table) for name, table in checked.items()}

    def sessions(self) -> pa.Table:
        """Return the checked table of sessions."""
        if "sessions" not in self._tables:
            raise InputError("There are no sessions here. Pass sessions=DataFrame.")
        return self._tables["sessions"]

    def learners(self) -> pa.Table | None:
        """Return the checked table of learners; None where there is none."""
        return self._tables.get("learners")

    def engagement(self) -> pa.Table | None:
        """Return the checked table of engagement; None where there is none."""
        return self._tables.get("engagement")

    def responses(self) -> pa.Table | None:
        """Return the checked table of responses; None where there is none."""
        return self._tables.get("responses")

    def items(self) -> pa.Table | None:
        """Return the checked table of items; None where there is none."""
        return self._tables.get("items")

    def version(self, table: str) -> object:
        """Return the same for ever: frames do not change."""
        return table


def _with_own_numbers(table: pa.Table) -> pa.Table:
    """Copy the columns that may still lie in the frame's memory: not plain texts, which pandas never changes."""
    columns = {
        name: column if pa.types.is_string(column.type) else column.combine_chunks()  # one new chunk, also for one
        for name, column in zip(table.schema.names, table.columns, strict=True)
    }
    return pa.table(columns)


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
        self._version: object = None
        self._sessions: pa.Table | None = None

    def sessions(self) -> pa.Table:
        """Return the checked table of sessions; read once for each version of its file."""
        with self._lock:
            version = self.version("sessions")
            if self._sessions is None or version != self._version:
                self._sessions = self._directory.read("sessions")
                self._version = version
            if self._sessions is None:
                raise InputError(
                    f"There is no sessions file in {self._directory.path}. Add sessions.csv or sessions.parquet."
                )
            return self._sessions

    def learners(self) -> pa.Table | None:
        """Return the checked table of learners, read anew; None where there is no file of it."""
        return self._directory.read("learners")

    def engagement(self) -> pa.Table | None:
        """Return the checked table of engagement, read anew; None where there is no file of it."""
        return self._directory.read("engagement")

    def responses(self) -> pa.Table | None:
        """Return the checked table of responses, read anew; None where there is no file of it."""
        return self._directory.read("responses")

    def items(self) -> pa.Table | None:
        """Return the checked table of items, read anew; None where there is no file of it."""
        return self._directory.read("items")

    def version(self, table: str) -> object:
        """Return the fingerprint of the table's file."""
        return self._directory.fingerprint(table)
