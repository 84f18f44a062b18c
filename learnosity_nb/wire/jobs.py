"""The ``/jobs`` endpoint: finding jobs.

Jobs endpoints, "Returns information about any job that has previously been started".
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final, NotRequired, TypedDict

from ..domain.jobs import JOB_STATUSES, parse_statuses
from ..domain.times import parse_time, unix_time
from ..errors import Fault, InputError, shorten
from .client import DataApi

__all__ = ["JobRecord", "Moment", "find_jobs"]

MOST_AT_ONCE: Final = 50
REFERENCES_AT_ONCE: Final = MOST_AT_ONCE  # 1,000 are allowed, but no text says that the answer goes on after 50 jobs
PROPERTIES: Final = ("reference", "type", "status", "dt_created", "dt_completed")
"""What is listed of a job when nothing is asked for. By older texts ``include`` adds to it, by newer it replaces it."""

log = logging.getLogger(__name__)

Moment = datetime | int | float | str


class JobRecord(TypedDict):
    """A job as the service lists it. Times are UTC, such as ``2015-04-24 01:30:02``."""

    reference: str
    status: str
    type: NotRequired[str | None]
    dt_created: NotRequired[str | None]
    dt_completed: NotRequired[str | None]
    data: NotRequired[Any]
    error: NotRequired[Any]


def find_jobs(
    api: DataApi,
    *,
    references: Iterable[str] | None = None,
    statuses: Sequence[str] | str | None = None,
    mintime: Moment | None = None,
    maxtime: Moment | None = None,
    organisation: int | None = None,
    include: Sequence[str] = (),
    limit: int | None = None,
) -> Iterator[JobRecord]:
    """Return an iterator over the jobs that fit, each once, which asks page by page.

    Parameters
    ----------
    api
        The connection.
    references
        Only these jobs; any number, asked for 50 at a time. An empty list gives no job.
    statuses
        Only jobs in these states; all four when omitted, where the API itself would list completed jobs only.
    mintime, maxtime
        Only jobs created within these bounds: datetime, Unix seconds or RFC 3339 text.
    organisation
        Only jobs of this Item bank.
    include
        Properties to add, such as ``data``.
    limit
        Jobs at most, 1 to 50; all when omitted.

    Raises
    ------
    InputError
        Naming every parameter that is wrong. Nothing is sent then.
    ProtocolError, ApiError, TransportError
        While iterating, as `DataApi.pages` raises them.
    """
    request: dict[str, Any] = {"status": list(JOB_STATUSES), "limit": MOST_AT_ONCE}
    faults: list[Fault] = []
    for key, value, check in (
        ("status", statuses, _statuses),
        ("mintime", mintime, _seconds),
        ("maxtime", maxtime, _seconds),
        ("limit", limit, _limit),
        ("organisation_id", organisation, _whole_number),
        ("include", include or None, _texts),
        ("references", references, _texts),
    ):
        if value is not None:
            try:
                request[key] = check(value)
            except ValueError as error:
                faults.append(Fault("bad_parameter", str(error), key=key, value=shorten(value)))
    if faults:
        raise InputError("The jobs cannot be listed.", faults)
    if include:
        request["include"] = [*PROPERTIES, *request["include"]]
    return _records(api, request, limit)


def _records(api: DataApi, request: dict[str, Any], limit: int | None) -> Iterator[JobRecord]:
    seen: set[str] = set()
    repeated = 0
    for part in _split(request):
        for page in _pages(api, part):
            for record in page:
                if record["reference"] in seen:
                    repeated += 1
                    continue
                seen.add(record["reference"])
                yield record
                if len(seen) == limit:
                    return
    if repeated:
        log.info("%d jobs came on more than one page and were listed once", repeated)


def _pages(api: DataApi, request: dict[str, Any]) -> Iterator[list[JobRecord]]:
    """Yield pages of jobs, also where a service does not say how its list goes on: then by time, back from the oldest.

    Jobs come again where pages meet.
    """
    seen: set[str] = set()
    while True:
        page: list[JobRecord] = []
        before = len(seen)
        for answer in api.pages("jobs", request):
            page = answer.read(list[JobRecord])
            seen.update(record["reference"] for record in page)
            yield page
        oldest = min((record.get("dt_created") or "" for record in page), default="")
        if len(page) < request["limit"] or len(seen) == before or not oldest or "references" in request:
            return
        request = {**request, "maxtime": unix_time(parse_time(oldest))}


def _split(request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    references = request.get("references")
    if references is None:
        yield request
        return
    for first in range(0, len(references), REFERENCES_AT_ONCE):
        yield {**request, "references": references[first : first + REFERENCES_AT_ONCE]}


def _statuses(value: Any) -> list[str]:
    return list(parse_statuses(value))


def _seconds(value: Any) -> int:
    return unix_time(parse_time(value))


def _limit(value: Any) -> int:
    if _whole_number(value) not in range(1, MOST_AT_ONCE + 1):
        raise ValueError(f"expected a number from 1 to {MOST_AT_ONCE}")
    return int(value)


def _whole_number(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("expected a whole number")
    return value


def _texts(value: Any) -> list[str]:
    texts = [value] if isinstance(value, str) else list(value) if isinstance(value, Iterable) else [value]
    if not all(isinstance(text, str) for text in texts):
        raise ValueError("expected a list of texts")
    return list(dict.fromkeys(str(text) for text in texts))
