"""Input files: taken in by a pre-signed PUT, read at once, and kept as columns beside their bytes.

A PUT answers 200 whatever its lines hold, as an object store would; the faults
are kept and said when the dataset is started.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from ..jobs.queue import JobQueue
from ..refusals import Refusal
from ..state.crash_points import crash_point
from ..state.directory import durable_write
from ..state.failures import state_errors
from ..state.owners import Owner
from .intake import read_lines
from .parameters import DatasetParameters
from .store import DatasetStore, Part
from .table_files import write_table

__all__ = ["MAX_FILE_BYTES", "accept_upload", "file_name"]

MAX_FILE_BYTES: Final = 1 << 30


def file_name(number: int) -> str:
    """Return the name of an input file, as in its URL."""
    return f"{number}.ndjson"


def accept_upload(
    store: DatasetStore, queue: JobQueue, owner: Owner, dataset_id: str, number: int, chunks: Iterable[bytes]
) -> Part:
    """Store an input file in place of an earlier one of that number.

    Parameters
    ----------
    store, queue, owner
        The service's parts.
    dataset_id
        An existing dataset.
    number
        Which of its input files, from 0.
    chunks
        The file's bytes.

    Raises
    ------
    Refusal
        20011 once the dataset was started, until its job is halted; 20002 for a
        file over 1 GiB.
    """
    _refuse_started(store, queue, dataset_id)
    folder = store.infiles(dataset_id)
    with state_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    dataset = store.find(dataset_id)
    assert dataset is not None
    attempt = owner.new_attempt()
    try:
        summary = _take_in(folder, attempt, chunks, file_name(number), dataset.parameters)
        part = Part(number, attempt, summary)
        with store.database.transaction() as connection:
            _refuse_started(store, queue, dataset_id)
            earlier = store.put_part(dataset_id, part, connection)
    except BaseException:
        _remove(folder, attempt)
        raise
    crash_point("after_part")
    if earlier is not None:
        _remove(folder, earlier)
    return part


def _take_in(
    folder: Path, attempt: str, chunks: Iterable[bytes], name: str, parameters: DatasetParameters
) -> dict[str, Any]:
    """Keep a file's bytes and its columns; return the part's summary."""
    raw = folder / f"{attempt}.ndjson"
    size = durable_write(raw, _capped(chunks))
    intake = read_lines(raw, name, len(parameters.level_keys), with_sessions=not parameters.activities)
    write_table(folder / f"{attempt}.arrow", intake.lines)
    return {
        "lines": intake.lines.num_rows,
        "bytes": size,
        "blank": intake.blank,
        "faults": intake.faults.as_dict(),
        "warnings": intake.warnings.as_dict(),
    }


def _remove(folder: Path, attempt: str) -> None:
    with suppress(OSError):  # else the clean-up at a later start does it
        for path in folder.glob(f"{attempt}.*"):
            path.unlink(missing_ok=True)


def _refuse_started(store: DatasetStore, queue: JobQueue, dataset_id: str) -> None:
    dataset = store.find(dataset_id)
    if dataset is None or dataset.job_reference is None:
        return
    status = queue.status(dataset.job_reference)
    if status is not None and status != "halted":
        raise Refusal(20011, f"the dataset was started: its files are fixed (job {dataset.job_reference} is {status})")


def _capped(chunks: Iterable[bytes]) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > MAX_FILE_BYTES:
            raise Refusal(
                20002, f"an input file has at most {MAX_FILE_BYTES:,} bytes; split the roster over more files"
            )
        yield chunk
