"""Jobs whose worker is gone: queued again, or halted when they took too many workers with them.

A loss counts against the job if its worker died while its server lived, or fell
silent (its lease ran out): the job may be the cause. When the server died too,
the machine, a restart or the user may be the cause, and the job is not blamed.
"""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from ...domain.policy import MAX_ATTEMPTS
from ..state.database import Database
from ..state.owners import is_alive
from .records import JobFault

__all__ = ["requeue_lost"]

_POISON: JobFault = {
    "code": "poison",
    "message": f"The worker that ran this job died or fell silent {MAX_ATTEMPTS} times, so it is not tried again. "
    "The job may need more memory than there is: try a smaller one, and look into the service's log.",
    "details": [],
}


def requeue_lost(database: Database, owners: Path, now: float) -> None:
    """Take every running job away from a worker that died or whose lease ran out.

    Parameters
    ----------
    database
        The state database.
    owners
        The folder of owner files.
    now
        Unix seconds.
    """
    running = database.read("SELECT reference, attempt, owner, server, lease_until FROM jobs WHERE status = 'running'")
    judged = [(row, _blame(row, owners, now)) for row in running]
    if any(counted is not None for _, counted in judged):
        with database.transaction() as connection:
            for row, counted in judged:
                if counted is not None:
                    _requeue(connection, row, counted=counted, now=now)


def _blame(row: sqlite3.Row, owners: Path, now: float) -> bool | None:
    """Return whether a loss counts against the job, or None if its worker still has it."""
    if is_alive(owners, row["owner"]):
        return True if row["lease_until"] <= now else None
    # The worker is asked first: a server found alive after that did outlive it.
    return is_alive(owners, row["server"])


def _requeue(connection: sqlite3.Connection, row: sqlite3.Row, *, counted: bool, now: float) -> None:
    # A heartbeat or a new claim since the row was read has changed its lease or its attempt: then nothing is lost.
    connection.execute(
        "UPDATE jobs SET owner = NULL, server = NULL, lease_until = NULL, deaths = deaths + :counted, "
        "status = iif(deaths + :counted < :most, 'queued', 'halted'), "
        "completed = iif(deaths + :counted < :most, NULL, :now), "
        "error = iif(deaths + :counted < :most, NULL, :error) "
        "WHERE reference = :reference AND attempt = :attempt AND lease_until = :lease_until AND status = 'running'",
        {
            "counted": int(counted),
            "most": MAX_ATTEMPTS,
            "now": now,
            "error": json.dumps(_POISON),
            "reference": row["reference"],
            "attempt": row["attempt"],
            "lease_until": row["lease_until"],
        },
    )
