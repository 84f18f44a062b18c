"""Sessions as the sessions endpoints give them. What the data does not hold is null.

Source: the Data API's ``sessions/responses``, ``sessions/scores`` and
``sessions/statuses``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from ...compute.subscores import Response, Subscore, tally_responses
from ...domain.policy import COUNTED_STATUS
from ..answers import plain
from .updates import Attachments

__all__ = ["METADATA_KEYS", "full_record", "score_record", "status_record", "subscores_json"]

METADATA_KEYS: Final = ("items_api_version", "max_time", "user_agent", "activity_template_id")
"""What ``sessions/responses`` says of how a session was sat; a data directory holds none of it."""

Row = Mapping[str, Any]
Record = dict[str, Any]


def score_record(row: Row, attached: Attachments, responses: Sequence[Response] | None) -> Record:
    """Return a record of ``sessions/scores``; without ``responses`` where they are None."""
    record = {
        **_identity(row, "user_id", "activity_id", "session_id"),
        **_scores(row),
        "subscores": _subscores(attached),
    }
    if responses is not None:
        record["responses"] = [_response(response) for response in responses]
    return record


def status_record(row: Row) -> Record:
    """Return a record of ``sessions/statuses``."""
    return {**_identity(row, "user_id", "activity_id", "session_id"), **_progress(row)}


def full_record(row: Row, attached: Attachments, responses: Sequence[Response]) -> Record:
    """Return a record of ``sessions/responses``."""
    return {
        **_identity(row, "session_id", "user_id", "activity_id"),
        **_scores(row),
        **_progress(row),
        "subscores": _subscores(attached),
        "metadata": dict.fromkeys(METADATA_KEYS),
        "items": _items(responses),
        "responses": [_response(response) for response in responses],
    }


def subscores_json(subscores: Iterable[Subscore]) -> list[dict[str, Any]]:
    """Return the ``subscores`` of a session as JSON data."""
    return [
        {
            "id": subscore.group.id,
            "title": subscore.group.title,
            "items": list(subscore.group.items),
            "num_questions": subscore.tally.num_questions,
            "num_attempted": subscore.tally.num_attempted,
            "num_unmarked": subscore.tally.num_unmarked,
            "score": plain(subscore.tally.score),
            "max_score": plain(subscore.tally.max_score),
            "attempted_max_score": plain(subscore.tally.attempted_max_score),
            "unmarked_max_score": plain(subscore.tally.unmarked_max_score),
        }
        for subscore in subscores
    ]


def _identity(row: Row, *keys: str) -> Record:
    return {**{key: row.get(key) for key in keys}, "status": row.get("status") or COUNTED_STATUS}


def _scores(row: Row) -> Record:
    return {key: plain(row.get(key)) for key in ("score", "max_score")}


def _progress(row: Row) -> Record:
    started, completed = row.get("dt_started"), row.get("dt_completed")
    seconds = (completed - started).total_seconds() if started and completed else None
    return {
        "num_attempted": row.get("num_attempted"),
        "num_questions": row.get("num_questions"),
        "session_duration": int(seconds) if seconds is not None and seconds >= 0 else None,
        "dt_started": _moment(started),
        "dt_saved": None,
        "dt_completed": _moment(completed),
    }


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _subscores(attached: Attachments) -> msgspec.Raw | list[Any]:
    return msgspec.Raw(attached.subscores.encode()) if attached.subscores else []


def _response(response: Response) -> Record:
    return {
        "response_id": response["response_id"],
        "question_reference": response["question_reference"],
        "question_type": None,
        "item_reference": response["item_reference"],
        "score": plain(response["score"]),
        "max_score": plain(response["max_score"]),
        "attempted": response["attempted"],
        "automarkable": response["automarkable"],
        "manual_score": None,
        "max_manual_score": None,
        "dt_score_updated": None,
        "response": None,
    }


def _items(responses: Sequence[Response]) -> list[Record]:
    by_item: dict[str, list[Response]] = {}
    for response in responses:
        if response["item_reference"] is not None:
            by_item.setdefault(response["item_reference"], []).append(response)
    return [_item(reference, mine) for reference, mine in by_item.items()]


def _item(reference: str, responses: list[Response]) -> Record:
    tally = tally_responses(responses)
    return {
        "reference": reference,
        "source": {"reference": reference, "organisation_id": None, "item_pool_id": None},
        "time": None,
        "response_ids": [response["response_id"] for response in responses],
        "user_flagged": None,
        "scoring": {
            "type": None,
            "score": plain(tally.score),
            "max_score": plain(tally.max_score),
            "max_score_of_attempted": plain(tally.attempted_max_score),
            "max_score_of_unmarked": plain(tally.unmarked_max_score),
            "error": None,
        },
    }
