"""Sessions taken from a service, kept as the Parquet files of a data directory."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ..errors import InputError
from .replacing import replacing
from .sources import SUFFIXES

__all__ = ["check_kept", "keep_sessions", "kept_files"]

KEPT: Final = ("sessions", "responses")


def kept_files(directory: Path) -> list[Path]:
    """Return the files of sessions and responses that are there, whatever their suffix."""
    names = [directory / f"{table}{suffix}" for table in KEPT for suffix in SUFFIXES]
    return [path for path in names if path.exists()]


def check_kept(directory: Path) -> None:
    """Check that nothing stands beside the Parquet files of sessions and responses.

    Raises
    ------
    InputError
        Naming the CSV or NDJSON file that is there too.
    """
    others = [path.name for path in kept_files(directory) if path.suffix != ".parquet"]
    if others:
        raise InputError(
            f"{directory} holds {' and '.join(others)}, and a table is kept in one file. Choose another directory."
        )


def keep_sessions(directory: Path, sessions: pa.Table, responses: pa.Table) -> tuple[int, int]:
    """Add sessions and their responses to a data directory; those that it has already are replaced.

    Both files are written whole before either takes its place.

    Parameters
    ----------
    directory
        The data directory.
    sessions, responses
        What to keep, with ``session_id`` (text); no session twice.

    Returns
    -------
    tuple of int
        Sessions and responses that the directory then holds.

    Raises
    ------
    InputError
        If a file cannot be read or written.
    """
    ids = sessions["session_id"].combine_chunks()
    paths = [directory / f"{table}.parquet" for table in KEPT]
    merged = [_merged(path, table, ids) for path, table in zip(paths, (sessions, responses), strict=True)]
    with replacing(paths[0]) as first, replacing(paths[1]) as second:
        for temporary, table in zip((first, second), merged, strict=True):
            pq.write_table(table, temporary)
    return merged[0].num_rows, merged[1].num_rows


def _merged(path: Path, new: pa.Table, ids: pa.Array) -> pa.Table:
    if not path.exists():
        return new
    try:
        known = pq.read_table(path)
        replaced = pc.is_in(known["session_id"], value_set=ids.cast(known["session_id"].type))
    except (pa.ArrowException, OSError, KeyError):
        raise InputError(
            f"{path} is not a file of sessions that were mirrored. Move it away and begin again."
        ) from None
    return pa.concat_tables([known.filter(pc.invert(replaced)), new], promote_options="permissive")
