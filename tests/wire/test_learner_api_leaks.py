"""No token and no learner's name in any error, verbose traceback, repr or log of the learner API's client."""

from __future__ import annotations

import json
import logging
import socket

import pytest

from learnosity_nb.credentials import LearnerToken
from learnosity_nb.errors import LearnosityError
from learnosity_nb.wire.learner_api import LearnerApi
from learnosity_nb.wire.retry import RetryPolicy

COURSE = "course-v1:a+b+c"
PERSON = {
    "last_updated": None,
    "username": "u1",
    "name": "CANARY-name",
    "email": "CANARY@mail.test",
    "account_url": None,
    "enrollment_mode": "honor",
    "enrollment_date": None,
    "cohort": None,
    "segments": [],
    "engagements": {
        "discussion_contributions": 0,
        "problems_attempted": 0,
        "problems_completed": 0,
        "videos_viewed": 0,
    },
}


def listed(**changes: object) -> bytes:
    return json.dumps({"count": 1, "next": None, "results": [PERSON], **changes}).encode()


STEPS = {
    "refused": lambda fault: fault.refuse(),
    "late": lambda fault: fault.silence(),
    "html": lambda fault: fault.html(),
    "not documented": lambda fault: fault.body(listed(results=[{**PERSON, "segments": "CANARY"}])),
    "no such day": lambda fault: fault.body(listed(results=[{**PERSON, "enrollment_date": "2015-02-30"}])),
    "truncated": lambda fault: fault.body(listed()[:-5]),
    "elsewhere": lambda fault: fault.body(listed(next="https://evil.test/?text_search=CANARY-name")),
    "redirect": lambda fault: fault.redirect("https://evil.test/?text_search=CANARY-name"),
    "no message": lambda fault: fault.body(listed(), 404),
    "server error": lambda fault: fault.body(listed(), 500),
    "same page": lambda fault: fault.body(listed(next="?page=2")),
}


@pytest.mark.parametrize("step", STEPS)
def test_e58_no_error_of_a_roster_shows_a_token_or_a_name(scripted, time, fault, caplog, shown, step):
    caplog.set_level(logging.DEBUG)
    _, transport = scripted(STEPS[step](fault))
    api = LearnerApi(
        "https://learn.test",
        LearnerToken("CANARY-token"),
        transport,
        policy=RetryPolicy(attempts=1),
        timing=time.timing,
    )
    with pytest.raises(LearnosityError) as caught:
        for _ in api.learners(COURSE):
            pass
    assert "CANARY" not in shown(caught.value), shown(caught.value)
    assert "CANARY" not in caplog.text


@pytest.mark.parametrize("call", ["learner", "days", "metadata", "learners"])
def test_e58_ctrl_c_shows_no_token(scripted, fault, shown, call):
    _, transport = scripted(fault.interrupt())
    api = LearnerApi("https://learn.test", LearnerToken("CANARY-token"), transport)
    calls = {
        "learner": lambda: api.learner(COURSE, "u"),
        "days": lambda: api.days(COURSE, "u"),
        "metadata": lambda: api.metadata(COURSE),
        "learners": lambda: list(api.learners(COURSE)),
    }
    with pytest.raises(KeyboardInterrupt) as caught:
        calls[call]()
    assert "CANARY" not in shown(caught.value), shown(caught.value)


def test_e58_the_logs_of_real_calls_show_no_token_no_name_and_no_search(raw_server, http, caplog):
    caplog.set_level(logging.DEBUG)

    def handle(connection: socket.socket) -> None:
        while http[0](connection)[0]:
            connection.sendall(http[1](listed()))

    server = raw_server(handle)
    with LearnerApi(f"http://127.0.0.1:{server.port}", LearnerToken("CANARY-token")) as api:
        parts = list(api.learners(COURSE, {"text_search": "CANARY-name"}))
    assert parts[0].learners[0]["name"] == "CANARY-name"
    assert "receive_response_headers" in caplog.text
    assert "CANARY" not in caplog.text
    assert "CANARY" not in repr(parts) + repr(vars(api))
