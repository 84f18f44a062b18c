"""The jobs on sessions: subscores, statuses, metadata; one request each.

Jobs endpoints, ``/jobs/sessions/scores/subscores``, ``/jobs/sessions/statuses``
and ``/jobs/sessions/metadata``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypedDict

from ..domain.jobs import JobReference
from ..errors import InputError
from .client import DataApi

__all__ = [
    "SESSIONS_AT_ONCE",
    "MetadataUpdate",
    "StatusUpdate",
    "SubscoreJob",
    "recalculate_subscores",
    "set_metadata",
    "update_statuses",
]

SESSIONS_AT_ONCE: Final = 100
"""Sessions that one request may name."""


class StatusUpdate(TypedDict):
    """The status that a session is to have; the user is the one recorded for the session."""

    session_id: str
    user_id: str
    status: str


class MetadataUpdate(TypedDict):
    """The metadata that a session is to have, in place of what it has."""

    session_id: str
    user_id: str
    metadata: dict[str, Any]


@dataclass(frozen=True, slots=True)
class SubscoreJob:
    """A job that works out subscores.

    Attributes
    ----------
    reference
        The job.
    ignored
        Sessions that it passes over: they are not known, or have no subscore information.
    """

    reference: JobReference
    ignored: tuple[str, ...]


class _Queued(TypedDict):
    job_reference: str


class _SubscoresQueued(_Queued, total=False):
    ignored_sessions: list[str]


def recalculate_subscores(api: DataApi, session_ids: Sequence[str]) -> SubscoreJob:
    """Queue the subscores of 1 to 100 sessions. Asking again does no harm, so a lost answer is asked for again.

    Raises
    ------
    InputError
        If there is no session, or more than 100. Nothing is sent then.
    ApiError, TransportError
        As `DataApi.call` raises them.
    """
    _check_size(session_ids)
    answer = api.call("jobs/sessions/scores/subscores", "get", {"session_id": list(session_ids)})
    queued = answer.read(_SubscoresQueued)
    return SubscoreJob(JobReference(queued["job_reference"]), tuple(queued.get("ignored_sessions", ())))


def update_statuses(api: DataApi, updates: Sequence[StatusUpdate]) -> JobReference:
    """Queue new statuses for 1 to 100 sessions.

    Raises
    ------
    InputError
        If there is no update, or more than 100. Nothing is sent then.
    ApiError, TransportError
        As `DataApi.call` raises them; `UncertainOutcome` where the answer was lost.
    """
    _check_size(updates)
    answer = api.call("jobs/sessions/statuses", "update", {"statuses": list(updates)})
    return JobReference(answer.read(_Queued)["job_reference"])


def set_metadata(api: DataApi, updates: Sequence[MetadataUpdate]) -> JobReference:
    """Queue new metadata for 1 to 100 sessions; what a session had is overwritten.

    Raises
    ------
    InputError
        If there is no update, or more than 100, or metadata that is not JSON. Nothing is sent then.
    ApiError, TransportError
        As `DataApi.call` raises them; `UncertainOutcome` where the answer was lost.
    """
    _check_size(updates)
    answer = api.call("jobs/sessions/metadata", "set", {"session_metadata": list(updates)})
    return JobReference(answer.read(_Queued)["job_reference"])


def _check_size(updates: Sequence[object]) -> None:
    if not 1 <= len(updates) <= SESSIONS_AT_ONCE:
        raise InputError(f"One request names 1 to {SESSIONS_AT_ONCE} sessions, not {len(updates):,}.")
