"""Datasets and their input files as the database knows them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import shorten
from ..refusals import Refusal
from ..state.database import Database
from .parameters import DatasetParameters

__all__ = ["Dataset", "DatasetStore", "Part"]


@dataclass(frozen=True, slots=True)
class Dataset:
    """One dataset.

    Attributes
    ----------
    dataset_id
        Its UUID.
    consumer
        Key of the consumer it belongs to.
    parameters
        What it was initialised with.
    job_reference
        The job that compiles it; None before the first start.
    current_attempt
        Name of the compiled output that is read; None before there is one.
    """

    dataset_id: str
    consumer: str
    parameters: DatasetParameters
    job_reference: str | None
    current_attempt: str | None


@dataclass(frozen=True, slots=True)
class Part:
    """One accepted input file.

    Attributes
    ----------
    number
        Its number, from 0.
    attempt
        Stem of its files in the dataset's ``infiles`` folder.
    summary
        ``lines``, ``bytes``, ``blank`` and the logs ``faults`` and ``warnings``.
    """

    number: int
    attempt: str
    summary: dict[str, Any]


class DatasetStore:
    """The tables ``datasets`` and ``parts``, and where their files lie.

    Parameters
    ----------
    database
        The state database.
    folder
        The folder of all datasets.
    clock
        Unix seconds.
    """

    def __init__(self, database: Database, folder: Path, clock: Callable[[], float]) -> None:
        self.database = database
        self._folder = folder
        self._clock = clock

    def infiles(self, dataset_id: str) -> Path:
        """Return the folder of a dataset's input files."""
        return self._folder / dataset_id / "infiles"

    def outfiles(self, dataset_id: str) -> Path:
        """Return the folder of a dataset's compiled outputs."""
        return self._folder / dataset_id / "outfiles"

    def add(self, dataset_id: str, consumer: str, parameters: DatasetParameters) -> None:
        """Store a new dataset.

        Repeating an initialise with the same id and parameters is the same call
        sent again, and changes nothing.

        Raises
        ------
        Refusal
            20011 if the id is taken by another dataset.
        """
        with self.database.transaction() as connection:
            kept = connection.execute("SELECT * FROM datasets WHERE dataset_id = ?", (dataset_id,)).fetchone()
            if kept is not None:
                if kept["consumer"] == consumer and _dataset(kept).parameters == parameters:
                    return
                raise Refusal(20011, f"dataset_id {dataset_id} is taken; leave it out to get a new one")
            connection.execute(
                "INSERT INTO datasets (dataset_id, consumer, dataset_type, parameters, created) VALUES (?, ?, ?, ?, ?)",
                (dataset_id, consumer, parameters.dataset_type, json.dumps(parameters.as_json()), self._clock()),
            )

    def find(self, dataset_id: str, within: sqlite3.Connection | None = None) -> Dataset | None:
        """Return a dataset, or None where there is none."""
        sql = "SELECT * FROM datasets WHERE dataset_id = ?"
        rows = within.execute(sql, (dataset_id,)).fetchall() if within else self.database.read(sql, (dataset_id,))
        return _dataset(rows[0]) if rows else None

    def get(self, dataset_id: str, consumer: str, dataset_type: str) -> Dataset:
        """Return a consumer's dataset.

        Raises
        ------
        Refusal
            20012, alike for a dataset of another consumer or type and for one that does not exist.
        """
        found = self.find(dataset_id)
        if found is None or found.consumer != consumer or found.parameters.dataset_type != dataset_type:
            raise Refusal(20012, f"no {dataset_type} dataset has the id {shorten(dataset_id)}")
        return found

    def parts(self, dataset_id: str) -> list[Part]:
        """Return the accepted input files of a dataset, by number."""
        rows = self.database.read("SELECT * FROM parts WHERE dataset_id = ? ORDER BY number", (dataset_id,))
        return [Part(row["number"], row["attempt"], json.loads(row["summary"])) for row in rows]

    def put_part(self, dataset_id: str, part: Part, within: sqlite3.Connection) -> str | None:
        """Store an input file in place of an earlier one, whose attempt is returned."""
        key = (dataset_id, part.number)
        earlier = within.execute("SELECT attempt FROM parts WHERE dataset_id = ? AND number = ?", key).fetchone()
        within.execute(
            "INSERT INTO parts (dataset_id, number, attempt, summary, uploaded) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (dataset_id, number) DO UPDATE SET attempt = excluded.attempt, "
            "summary = excluded.summary, uploaded = excluded.uploaded",
            (*key, part.attempt, json.dumps(part.summary), self._clock()),
        )
        return earlier["attempt"] if earlier else None

    def set_job(self, dataset_id: str, reference: str, within: sqlite3.Connection) -> None:
        """Note the job that compiles a dataset."""
        within.execute("UPDATE datasets SET job_reference = ? WHERE dataset_id = ?", (reference, dataset_id))

    def set_attempt(self, dataset_id: str, attempt: str, within: sqlite3.Connection) -> None:
        """Make a compiled output the one that is read."""
        within.execute("UPDATE datasets SET current_attempt = ? WHERE dataset_id = ?", (attempt, dataset_id))


def _dataset(row: sqlite3.Row) -> Dataset:
    return Dataset(
        dataset_id=row["dataset_id"],
        consumer=row["consumer"],
        parameters=DatasetParameters.from_json(json.loads(row["parameters"])),
        job_reference=row["job_reference"],
        current_attempt=row["current_attempt"],
    )
