from __future__ import annotations

import pytest

from learnosity_nb.local.learners import answering
from learnosity_nb.local.state.failures import Busy


def test_a_failure_is_answered_and_logged_without_the_learners_name(desk, monkeypatch, caplog) -> None:
    def fail(_call: object) -> None:
        raise KeyError("boom")

    monkeypatch.setitem(answering.ENDPOINTS, "detail", fail)
    answer = desk.get("/learners/ann-of-the-path/", course_id=desk.course)
    assert (answer.status_code, answer.json()["error_code"]) == (500, "server_error")
    assert "KeyError" in caplog.text
    assert "ann-of-the-path" not in caplog.text


def test_a_busy_database_asks_to_try_again(desk, monkeypatch) -> None:
    def busy(_statement: str) -> None:
        raise Busy("busy")

    monkeypatch.setattr(desk.service.database, "read", busy)
    answer = desk.http.get("/health")
    assert (answer.status_code, answer.json()["error_code"]) == (503, "service_busy")
    assert answer.headers["Retry-After"] == "1"


@pytest.mark.parametrize("path", ["/health", "/status", "/api/v0/health/"])
def test_state_that_cannot_be_used_is_not_healthy(desk, path) -> None:
    desk.service.database.close()
    answer = desk.http.get(path)
    assert (answer.status_code, answer.json()["error_code"]) == (500, "server_error")
