from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from learnosity_nb.local.sessions.records import full_record, score_record, status_record
from learnosity_nb.local.sessions.updates import Attachments

START = datetime(2026, 3, 1, 8, 0, 0, 900_000, tzinfo=UTC)


def row(**more: Any) -> dict[str, Any]:
    return {"session_id": "s", "user_id": "u", "score": 1.0, "max_score": None, **more}


@pytest.mark.parametrize(
    ("started", "completed", "seconds"),
    [
        (START, START.replace(minute=1), 60),
        (START, START, 0),
        (START.replace(minute=1), START, None),
        (None, START, None),
        (START, None, None),
    ],
)
def test_a_session_lasts_from_its_start_to_its_end(started, completed, seconds) -> None:
    record = status_record(row(dt_started=started, dt_completed=completed))
    assert record["session_duration"] == seconds
    assert record["dt_started"] == (started and started.strftime("%Y-%m-%dT%H:%M:%SZ"))


def test_a_response_without_an_item_is_in_no_item() -> None:
    response: Any = dict.fromkeys(["score", "max_score", "question_reference", "attempted", "automarkable"])
    responses = [
        {**response, "response_id": f"r{n}", "item_reference": item} for n, item in enumerate(["i", None, "i"])
    ]
    record = full_record(row(), Attachments(), responses)
    assert [(item["reference"], item["response_ids"]) for item in record["items"]] == [("i", ["r0", "r2"])]
    assert [each["response_id"] for each in record["responses"]] == ["r0", "r1", "r2"]
    assert record["items"][0]["scoring"]["max_score_of_attempted"] is None


def test_a_session_without_a_status_is_completed() -> None:
    assert score_record(row(status=None), Attachments(), None)["status"] == "Completed"
    assert score_record(row(status="Discarded"), Attachments(), None)["status"] == "Discarded"
