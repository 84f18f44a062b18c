"""The job queue: jobs are added, claimed under a lease, and end once, whoever dies meanwhile.

A worker holds a job by its owner id and the number of its claim (`Claim.attempt`).
Each write it makes names both, so a worker that lost its job cannot change it.

Jobs are claimed in the order they were accepted, which no clock decides. Those that
change sessions are run one after the other, whoever works on them: the last one
accepted is the last one to write. Other jobs may run beside them.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

from ...domain.jobs import JobReference
from ...domain.policy import METADATA_JOB_TYPE, STATUSES_JOB_TYPE, SUBSCORES_JOB_TYPE
from ..state.database import Database
from ..state.owners import Owner
from .lost import requeue_lost
from .records import JobFault, JobRecord, read_records

__all__ = ["LEASE_SECONDS", "Claim", "JobQueue", "LeaseLost"]

LEASE_SECONDS = 30.0
"""A worker that has not been heard of for this long has lost its job."""

# All consumers change the same sessions, so their session jobs stand in one line.
_IN_LINE: Final = (json.dumps([METADATA_JOB_TYPE, STATUSES_JOB_TYPE, SUBSCORES_JOB_TYPE]),)
_NEXT: Final = """
WITH in_line (type) AS (SELECT value FROM json_each(?))
SELECT reference FROM jobs WHERE status = 'queued' AND (
    type NOT IN in_line OR NOT EXISTS (SELECT 1 FROM jobs WHERE status = 'running' AND type IN in_line)
)
ORDER BY place LIMIT 1
"""


class LeaseLost(Exception):
    """The job was given to another worker, or has ended: what this one does for it no longer counts."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A job in the hands of a worker.

    Attributes
    ----------
    reference
        The job's reference.
    job_type
        The ``type`` it was added with.
    consumer
        The consumer key it belongs to.
    organisation
        The organisation it belongs to, or None.
    payload
        What the handler works from.
    attempt
        How often the job was claimed, this claim included.
    owner
        The worker's owner id.
    """

    reference: JobReference
    job_type: str
    consumer: str
    organisation: int | None
    payload: dict[str, Any] = field(repr=False)
    attempt: int
    owner: str


class JobQueue:
    """The jobs of a state directory, shared by every process that opens it.

    Parameters
    ----------
    database
        The state database.
    owners
        The folder of owner files.
    clock
        Unix seconds.
    new_reference
        Makes the reference of a new job.
    lease
        Seconds after which a worker that sent no heartbeat has lost its job.
    """

    def __init__(
        self,
        database: Database,
        owners: Path,
        clock: Callable[[], float] = time.time,
        new_reference: Callable[[], UUID] = uuid4,
        *,
        lease: float = LEASE_SECONDS,
    ) -> None:
        self.database = database
        self.owners = owners
        self.lease = lease
        self._clock = clock
        self._new_reference = new_reference

    def add(
        self,
        job_type: str,
        *,
        consumer: str,
        organisation: int | None,
        payload: dict[str, Any],
        within: sqlite3.Connection | None = None,
    ) -> JobReference:
        """Queue a job; it is stored for good when this call, or the transaction `within`, ends.

        Parameters
        ----------
        job_type
            The ``type`` that callers see; it also names the handler.
        consumer
            The consumer key that may see the job.
        organisation
            The organisation it belongs to, or None.
        payload
            What the handler works from, as JSON allows it.
        within
            The connection of a running transaction, to store the job together with other rows.
        """
        reference = JobReference(self._new_reference())
        with self.database.within(within) as connection:
            connection.execute(
                "INSERT INTO jobs (reference, type, consumer, organisation, status, created, payload, place) "
                "VALUES (?, ?, ?, ?, 'queued', ?, ?, (SELECT coalesce(max(place), 0) + 1 FROM jobs))",
                (reference, job_type, consumer, organisation, self._clock(), _json(payload)),
            )
        return reference

    def status(self, reference: str, within: sqlite3.Connection | None = None) -> str | None:
        """Return a job's status, or None where no job has this reference."""
        sql = "SELECT status FROM jobs WHERE reference = ?"
        rows = within.execute(sql, (reference,)).fetchall() if within else self.database.read(sql, (reference,))
        return rows[0]["status"] if rows else None

    def has_open(self) -> bool:
        """Return whether any job is queued or running."""
        return bool(self.database.read("SELECT 1 FROM jobs WHERE status IN ('queued', 'running') LIMIT 1"))

    def claim(self, owner: Owner) -> Claim | None:
        """Take the first job whose turn it is, or return None.

        Jobs of workers that died or fell silent are queued again first, or halted: see `requeue_lost`.
        """
        requeue_lost(self.database, self.owners, self._clock())
        if not self.database.read(_NEXT, _IN_LINE):
            return None  # most looks end here, without the write lock
        with self.database.transaction() as connection:
            found = connection.execute(_NEXT, _IN_LINE).fetchone()  # another worker may have taken that one
            if found is None:
                return None
            [row] = connection.execute(
                "UPDATE jobs SET status = 'running', owner = ?, server = ?, lease_until = ?, attempt = attempt + 1 "
                "WHERE reference = ? RETURNING *",
                (owner.id, owner.server, self._clock() + self.lease, found["reference"]),
            ).fetchall()
        return _claim(row)

    def heartbeat(self, claim: Claim) -> None:
        """Renew the lease.

        Raises
        ------
        LeaseLost
            If the job is no longer this worker's.
        """
        self._update(claim, "lease_until = ?", (self._clock() + self.lease,))

    def progress(self, claim: Claim, data: dict[str, Any]) -> None:
        """Replace the data that callers see, and renew the lease.

        Raises
        ------
        LeaseLost
            If the job is no longer this worker's.
        """
        self._update(claim, "data = ?, lease_until = ?", (_json(data), self._clock() + self.lease))

    def complete(self, claim: Claim, data: dict[str, Any], within: sqlite3.Connection | None = None) -> None:
        """End a job well.

        Parameters
        ----------
        claim
            The worker's claim.
        data
            What callers see from now on.
        within
            The connection of a running transaction, to end the job together with other writes.

        Raises
        ------
        LeaseLost
            If the job is no longer this worker's; the transaction must then be given up.
        """
        self._end(claim, "completed", _json(data), None, within)

    def halt(self, claim: Claim, error: JobFault, within: sqlite3.Connection | None = None) -> None:
        """End a job with a reason; its data stays. Raises as `complete` does."""
        self._end(claim, "halted", None, _json(error), within)

    def release(self, owner: Owner) -> None:
        """Queue an owner's running jobs again, without counting a death: its worker was told to stop."""
        with self.database.transaction() as connection:
            connection.execute(
                "UPDATE jobs SET status = 'queued', owner = NULL, server = NULL, lease_until = NULL "
                "WHERE status = 'running' AND owner = ?",
                (owner.id,),
            )

    def records(
        self,
        consumer: str,
        *,
        references: Sequence[str] | None = None,
        statuses: Sequence[str] | None = None,
        mintime: datetime | None = None,
        maxtime: datetime | None = None,
        organisation: int | None = None,
        limit: int = 50,
        after: str | None = None,
    ) -> tuple[list[JobRecord], str | None]:
        """List a consumer's jobs; see `learnosity_nb.local.jobs.records.read_records`."""
        return read_records(
            self.database,
            consumer,
            references=references,
            statuses=statuses,
            mintime=mintime,
            maxtime=maxtime,
            organisation=organisation,
            limit=limit,
            after=after,
        )

    def _end(
        self, claim: Claim, status: str, data: str | None, error: str | None, within: sqlite3.Connection | None
    ) -> None:
        self._update(
            claim,
            "status = ?, completed = ?, data = coalesce(?, data), error = ?, "
            "owner = NULL, server = NULL, lease_until = NULL",
            (status, self._clock(), data, error),
            within,
        )

    def _update(
        self, claim: Claim, assignments: str, values: tuple[Any, ...], within: sqlite3.Connection | None = None
    ) -> None:
        with self.database.within(within) as connection:
            changed = connection.execute(
                f"UPDATE jobs SET {assignments} "  # noqa: S608  assignments are texts of this class
                "WHERE reference = ? AND status = 'running' AND owner = ? AND attempt = ?",
                (*values, claim.reference, claim.owner, claim.attempt),
            ).rowcount
            if not changed:
                raise LeaseLost(claim.reference)


def _claim(row: sqlite3.Row) -> Claim:
    return Claim(
        reference=JobReference(row["reference"]),
        job_type=row["type"],
        consumer=row["consumer"],
        organisation=row["organisation"],
        payload=json.loads(row["payload"]),
        attempt=row["attempt"],
        owner=row["owner"],
    )


def _json(value: object) -> str:
    return json.dumps(value, allow_nan=False)
