"""What the jobs on sessions do. Their effects are stored in the transaction that completes the job.

Source: Jobs endpoints; the tasks that follow a Completed status are those of
"Update the status of the given sessions".
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ...domain.policy import COUNTED_STATUS, METADATA_JOB_TYPE, STATUSES_JOB_TYPE, SUBSCORES_JOB_TYPE
from ..answers import plain
from ..jobs.worker import Handler, JobContext, Outcome
from .records import subscores_json
from .rescoring import Rescored, find_rescored
from .store import SessionStore
from .updates import SessionUpdate

__all__ = ["session_handlers"]

NOT_AVAILABLE: Final = "not_available_locally"


def session_handlers(store: SessionStore) -> Mapping[str, Handler]:
    """Return the handler of each type of session job."""

    def subscores(job: JobContext) -> Outcome:
        rescored = find_rescored(store, job.payload["session_id"])
        updates = [SessionUpdate(each.session_id, subscores=_subscores_text(each)) for each in rescored]
        return _outcome(store, _subscore_results(rescored), updates)

    def statuses(job: JobContext) -> Outcome:
        wanted = {each["session_id"]: each["status"] for each in job.payload["statuses"]}
        completed = [session_id for session_id, status in wanted.items() if status == COUNTED_STATUS]
        rescored = {each.session_id: each for each in find_rescored(store, completed)}
        updates = [_status_update(session, status, rescored.get(session)) for session, status in wanted.items()]
        followup = _followup(list(rescored.values())) if rescored else []
        data = {"updated": len(wanted), "statuses": dict(Counter(wanted.values())), "followup": followup}
        return _outcome(store, data, updates)

    def metadata(job: JobContext) -> Outcome:
        entries = job.payload["session_metadata"]
        updates = [SessionUpdate(each["session_id"], metadata=each["metadata"]) for each in entries]
        return _outcome(store, {"updated": len(updates)}, updates)

    return {SUBSCORES_JOB_TYPE: subscores, STATUSES_JOB_TYPE: statuses, METADATA_JOB_TYPE: metadata}


def _outcome(store: SessionStore, data: dict[str, Any], updates: Sequence[SessionUpdate]) -> Outcome:
    def commit(connection: sqlite3.Connection) -> None:
        store.updates.put(updates, connection)

    return Outcome(data, commit)


def _status_update(session_id: str, status: str, rescored: Rescored | None) -> SessionUpdate:
    if rescored is None:
        return SessionUpdate(session_id, status=status)
    return SessionUpdate(session_id, status=status, subscores=_subscores_text(rescored), tally=rescored.tally)


def _followup(rescored: Sequence[Rescored]) -> list[dict[str, Any]]:
    """Return every task that follows a Completed status, and what came of it."""
    session_ids = [each.session_id for each in rescored]
    return [
        {"task": "rescoring", "status": "completed", **_score_results(rescored)},
        {"task": "subscores", "status": "completed", **_subscore_results(rescored)},
        {"task": "push_events", "status": NOT_AVAILABLE, "ignored_sessions": session_ids},
        {"task": "adaptive_reports", "status": NOT_AVAILABLE, "ignored_sessions": session_ids},
    ]


def _score_results(rescored: Sequence[Rescored]) -> dict[str, Any]:
    results = [
        {
            "session_id": each.session_id,
            "score": plain(each.tally.session_score),
            "max_score": plain(each.tally.max_score),
            "attempted_max_score": plain(each.tally.attempted_max_score),
            "unscored_max_score": plain(each.tally.unmarked_max_score),
        }
        for each in rescored
        if each.tally
    ]
    return {"sessions": results, "ignored_sessions": [each.session_id for each in rescored if each.tally is None]}


def _subscore_results(rescored: Sequence[Rescored]) -> dict[str, Any]:
    results = [
        {"session_id": each.session_id, "subscores": subscores_json(each.subscores)}
        for each in rescored
        if each.subscores
    ]
    return {"sessions": results, "ignored_sessions": [each.session_id for each in rescored if not each.subscores]}


def _subscores_text(rescored: Rescored) -> str | None:
    return json.dumps(subscores_json(rescored.subscores)) if rescored.subscores else None
