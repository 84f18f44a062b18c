"""Columns on disk: Arrow files, written whole or not at all, and read through a memory map."""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow as pa

from ..state.directory import TEMPORARY_PREFIX, state_errors, sync_directory

__all__ = ["map_table", "write_table"]


def write_table(path: Path, table: pa.Table) -> None:
    """Write a table so that it is there whole or not at all.

    Raises
    ------
    StateError
        If it cannot be written; `DiskFull` if there is no space.
    """
    temporary = path.with_name(f"{TEMPORARY_PREFIX}{path.name}")
    with state_errors(path):
        try:
            with temporary.open("wb") as file:
                with pa.ipc.new_file(file, table.schema) as writer:
                    writer.write_table(table)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        sync_directory(path.parent)


def map_table(path: Path) -> pa.Table:
    """Return a table whose columns stay in the file until they are read."""
    with state_errors(path):
        return pa.ipc.open_file(pa.memory_map(str(path))).read_all()
