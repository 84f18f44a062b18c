"""What callers see of jobs: one record each, listed newest first, page by page."""

from __future__ import annotations

import base64
import json
import math
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypedDict

from ...domain.jobs import JobReference
from ...errors import InputError, shorten
from ..state.database import Database

__all__ = ["MAX_REFERENCES", "JobFault", "JobRecord", "read_records"]

MAX_REFERENCES = 1000
"""How many references one listing may ask for."""


class JobFault(TypedDict):
    """Why a job was halted, as JSON."""

    code: int | str
    message: str
    details: list[Any]


@dataclass(frozen=True, slots=True)
class JobRecord:
    """One job as its consumer sees it.

    Attributes
    ----------
    reference
        The job's reference.
    job_type
        The ``type`` of the Jobs endpoints, such as ``reportdataset``.
    status
        One of `learnosity_nb.domain.jobs.JOB_STATUSES`.
    dt_created
        UTC.
    dt_completed
        UTC; None until the job is completed or halted.
    organisation
        The organisation (Item bank) it belongs to; None where its consumer lists none.
    data
        What the job reported, such as its progress or its counts.
    error
        Why it was halted; None for every other status.
    """

    reference: JobReference
    job_type: str
    status: str
    dt_created: datetime
    dt_completed: datetime | None
    organisation: int | None
    data: dict[str, Any]
    error: JobFault | None


def read_records(
    database: Database,
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
    """List a consumer's jobs, newest first, ties by reference.

    Parameters
    ----------
    database
        The state database.
    consumer
        The consumer key; jobs of others are never listed.
    references, statuses, organisation
        Only these jobs; None for any.
    mintime, maxtime
        Bounds of the creation time, both inclusive, compared in whole seconds as the endpoint shows them.
    limit
        At most this many records.
    after
        The token of the page before. New jobs do not shift the pages that follow it.

    Returns
    -------
    list of JobRecord, str or None
        The records, and the token of the next page, None on the last.

    Raises
    ------
    InputError
        If there are too many references, or the token is not one of these.
    """
    if references is not None and len(references) > MAX_REFERENCES:
        raise InputError(f"references may hold {MAX_REFERENCES:,} job references, not {len(references):,}.")
    conditions: list[tuple[str, tuple[Any, ...]]] = [("consumer = ?", (consumer,))]
    if references is not None:
        conditions.append(("reference IN (SELECT value FROM json_each(?))", (json.dumps(list(references)),)))
    if statuses is not None:
        conditions.append(("status IN (SELECT value FROM json_each(?))", (json.dumps(list(statuses)),)))
    if organisation is not None:
        conditions.append(("organisation = ?", (organisation,)))
    if mintime is not None:
        conditions.append(("created >= ?", (math.floor(mintime.timestamp()),)))
    if maxtime is not None:
        conditions.append(("created < ?", (math.floor(maxtime.timestamp()) + 1,)))
    if after is not None:
        created, reference = _read_token(after)
        conditions.append(("(created < ? OR (created = ? AND reference > ?))", (created, created, reference)))
    rows = database.read(
        f"SELECT * FROM jobs WHERE {' AND '.join(sql for sql, _ in conditions)} "  # noqa: S608  only fixed text
        "ORDER BY created DESC, reference LIMIT ?",
        [value for _, values in conditions for value in values] + [limit + 1],
    )
    records = [_record(row) for row in rows[:limit]]
    return records, _token(rows[limit - 1]) if len(rows) > limit else None


def _record(row: sqlite3.Row) -> JobRecord:
    return JobRecord(
        reference=JobReference(row["reference"]),
        job_type=row["type"],
        status=row["status"],
        dt_created=datetime.fromtimestamp(row["created"], UTC),
        dt_completed=None if row["completed"] is None else datetime.fromtimestamp(row["completed"], UTC),
        organisation=row["organisation"],
        data=json.loads(row["data"]),
        error=None if row["error"] is None else json.loads(row["error"]),
    )


def _token(row: sqlite3.Row) -> str:
    place = json.dumps([row["created"], row["reference"]])
    return base64.urlsafe_b64encode(place.encode()).decode()


def _read_token(token: str) -> tuple[float, str]:
    try:
        created, reference = json.loads(base64.urlsafe_b64decode(token.encode()))
        return float(created), str(reference)
    except (ValueError, TypeError, OverflowError, RecursionError):
        raise InputError(f"next must be the value that the page before gave, not {shorten(token)}.") from None
