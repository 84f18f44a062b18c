"""The endpoint that lists jobs: ``/jobs`` get.

Source: Jobs endpoints, "Returns information about any job that has previously
been started".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from ...domain.jobs import JOB_STATUSES
from ...domain.times import parse_time, sql_time
from ...errors import InputError, shorten
from ..answers import Answer, Caller
from ..refusals import Refusal
from .records import MAX_REFERENCES, JobRecord

if TYPE_CHECKING:
    from ..service import Service

__all__ = ["MAX_LIMIT", "list_jobs", "read_limit"]

MAX_LIMIT: Final = 50
DIGITS: Final = re.compile(r"[0-9]{1,9}")


def list_jobs(service: Service, caller: Caller, request: Mapping[str, Any]) -> Answer:
    """Return the caller's jobs, newest first, at most 50 at a time."""
    mintime, maxtime = _time(request, "mintime"), _time(request, "maxtime")
    if mintime and maxtime and mintime > maxtime:
        raise Refusal(20004, "mintime is after maxtime")
    statuses = _texts(request, "status", among=JOB_STATUSES)
    references = _texts(request, "references")
    if references is not None and len(references) > MAX_REFERENCES:
        raise Refusal(20002, f"references may hold {MAX_REFERENCES:,} job references, not {len(references):,}")
    included = _texts(request, "include") or []
    try:
        records, following = service.queue.records(
            caller.consumer,
            references=references,
            statuses=["completed"] if statuses is None else statuses,
            mintime=mintime,
            maxtime=maxtime,
            organisation=_organisation(caller, request),
            limit=read_limit(request, MAX_LIMIT),
            after=_next(request),
        )
    except InputError as error:
        raise Refusal(20004, error.summary) from None
    return Answer([_record(record, included) for record in records], following)


def read_limit(request: Mapping[str, Any], most: int) -> int:
    """Return the request's ``limit``: a larger one than `most` is taken as `most`, as the service does."""
    found = request.get("limit")
    if found is None:
        return most
    if isinstance(found, str) and DIGITS.fullmatch(found):
        found = int(found)
    if isinstance(found, bool) or not isinstance(found, int) or found < 1:
        raise Refusal(20004, f"limit must be a whole number from 1 to {most}, not {shorten(found)}")
    return min(found, most)


def _record(record: JobRecord, included: list[str]) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "reference": str(record.reference),
        "type": record.job_type,
        "status": record.status,
        "dt_created": sql_time(record.dt_created),
        "dt_completed": None if record.dt_completed is None else sql_time(record.dt_completed),
    }
    if "data" in included:
        shown["data"] = record.data
    if "error" in included or record.status == "halted":
        shown["error"] = record.error
    return shown


def _time(request: Mapping[str, Any], name: str) -> datetime | None:
    found = request.get(name)
    try:
        return None if found is None else parse_time(found)
    except ValueError as error:
        raise Refusal(20004, f"{name}: {error}, not {shorten(found)}") from None


def _texts(request: Mapping[str, Any], name: str, among: tuple[str, ...] | None = None) -> list[str] | None:
    found = request.get(name)
    if found is None:
        return None
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise Refusal(20003, f"{name} must be a list of texts, not {shorten(found)}")
    strange = [one for one in found if among is not None and one not in among]
    if strange:
        raise Refusal(20004, f"{name} may hold {', '.join(among or ())}, not {shorten(strange[0])}")
    return found


def _organisation(caller: Caller, request: Mapping[str, Any]) -> int | None:
    found = request.get("organisation_id")
    if found is None:
        return None
    if isinstance(found, bool) or not isinstance(found, int):
        raise Refusal(20003, f"organisation_id must be a whole number, not {shorten(found)}")
    if found not in caller.organisations:
        raise Refusal(40003, f"this consumer has no access to the Item bank {found}")
    return found


def _next(request: Mapping[str, Any]) -> str | None:
    found = request.get("next")
    if found is not None and not isinstance(found, str):
        raise Refusal(20003, f"next must be the text that the page before gave, not {shorten(found)}")
    return found
