"""A directory of data files: which file holds which table."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from ..domain.group_paths import Level
from ..errors import InputError
from .columns import TABLES
from .rosters import read_roster
from .sources import SUFFIXES
from .tables import read_table

__all__ = ["DataDirectory", "Fingerprint"]

Fingerprint = tuple[str, int, int]
"""A file's name, its size in bytes, and when it was changed (ns since 1970)."""


class DataDirectory:
    """The analyst's data files. They are read, never changed.

    Parameters
    ----------
    path
        The directory, also as ``~/…``. It holds tables as ``sessions.parquet``, ``sessions.csv`` or
        ``sessions.ndjson``, and so on.

    Raises
    ------
    InputError
        If it does not exist, or holds no table.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path).expanduser()
        if self.path.is_file():
            raise InputError(f"{self.path} is a file. Pass its directory: a table is found there by its name.")
        if not self.path.is_dir():
            raise InputError(f"There is no data directory {self.path}.")
        if not any(self._files_of(table) for table in TABLES):
            raise InputError(
                f"{self.path} holds no data file. Looked for {', '.join(TABLES)}, each ending in {', '.join(SUFFIXES)}."
            )

    def __repr__(self) -> str:
        return f"DataDirectory({str(self.path)!r})"

    def path_of(self, table: str) -> Path | None:
        """Return the file of a table, or None when there is none.

        Raises
        ------
        InputError
            If there is no such table, or the directory has two files of it.
        """
        if table not in TABLES:
            raise InputError(f"There is no table {table!r}. The tables are {', '.join(TABLES)}.")
        files = self._files_of(table)
        if len(files) > 1:
            names = " and ".join(file.name for file in files)
            raise InputError(f"{self.path} holds the table {table} more than once: {names}. Keep one of them.")
        return files[0] if files else None

    def read(self, table: str) -> pa.Table | None:
        """Return a table, checked; None when the directory does not have it.

        Raises
        ------
        InputError
            As `path_of` and `files.tables.read_table`. The roster needs levels: it is read by `read_roster`.
        """
        if table == "roster":
            raise InputError("A roster is read with its levels: use read_roster(levels).")
        path = self.path_of(table)
        return None if path is None else read_table(path, TABLES[table])

    def read_roster(self, levels: Sequence[Level]) -> pa.Table | None:
        """Return the roster, as `files.rosters.read_roster` gives it; None when the directory has none."""
        path = self.path_of("roster")
        return None if path is None else read_roster(path, levels)

    def fingerprint(self, table: str) -> Fingerprint | None:
        """Return what changes when the table's file does, to key a cache; None when there is no file."""
        path = self.path_of(table)
        if path is None:
            return None
        found = path.stat()
        return path.name, found.st_size, found.st_mtime_ns

    def _files_of(self, table: str) -> list[Path]:
        return [path for suffix in SUFFIXES if (path := self.path / f"{table}{suffix}").is_file()]
