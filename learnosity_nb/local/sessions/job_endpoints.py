"""The endpoints that queue jobs on sessions: subscores, statuses and metadata.

Source: Jobs endpoints.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...domain.policy import METADATA_JOB_TYPE, STATUSES_JOB_TYPE, SUBSCORES_JOB_TYPE
from ..answers import Answer, Caller
from .endpoints import listing_of, usable_tables
from .job_requests import read_metadata, read_session_ids, read_statuses
from .rescoring import find_rescored

if TYPE_CHECKING:
    from ..service import Service

__all__ = ["recalculate_subscores", "set_metadata", "update_statuses"]


def recalculate_subscores(service: Service, caller: Caller, request: Mapping[str, Any]) -> Answer:
    """``jobs/sessions/scores/subscores`` get: queue the subscores of sessions, and name those that have none."""
    session_ids = read_session_ids(request)
    with usable_tables():
        rescored = find_rescored(service.sessions, session_ids)
    scored = [each.session_id for each in rescored if each.subscores]
    answer = _queue(service, caller, SUBSCORES_JOB_TYPE, {"session_id": scored})
    ignored = [session_id for session_id in session_ids if session_id not in set(scored)]
    return Answer({**answer, "ignored_sessions": ignored})


def update_statuses(service: Service, caller: Caller, request: Mapping[str, Any]) -> Answer:
    """``jobs/sessions/statuses`` update: queue new statuses, and what follows for sessions that become Completed."""
    statuses = read_statuses(listing_of(service), request)
    return Answer(_queue(service, caller, STATUSES_JOB_TYPE, {"statuses": statuses}))


def set_metadata(service: Service, caller: Caller, request: Mapping[str, Any]) -> Answer:
    """``jobs/sessions/metadata`` set: queue new metadata in place of what sessions have."""
    metadata = read_metadata(listing_of(service), request)
    return Answer(_queue(service, caller, METADATA_JOB_TYPE, {"session_metadata": metadata}))


def _queue(service: Service, caller: Caller, job_type: str, payload: dict[str, Any]) -> dict[str, Any]:
    reference = service.queue.add(job_type, consumer=caller.consumer, organisation=caller.organisation, payload=payload)
    service.wake()
    return {"job_reference": str(reference)}
