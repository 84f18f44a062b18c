from __future__ import annotations

import httpx
import pytest

from learnosity_nb.domain.jobs import JobReference
from learnosity_nb.errors import InputError, ProtocolError, UncertainOutcome
from learnosity_nb.wire.session_jobs import SubscoreJob, recalculate_subscores, set_metadata, update_statuses

JOB = "8a3d0ca2-eaa4-4c18-b9b9-1b12164e8b4e"
STATUS = {"session_id": "s1", "user_id": "u1", "status": "Completed"}
METADATA = {"session_id": "s1", "user_id": "u1", "metadata": {"session_tags": [{"type": "a", "name": "b"}]}}


def test_subscores_are_asked_for_as_the_text_says(scripted, fault):
    api, transport = scripted(fault.ok({"job_reference": JOB, "ignored_sessions": ["s2"]}))
    assert recalculate_subscores(api, ["s1", "s2"]) == SubscoreJob(JobReference(JOB), ("s2",))
    assert transport.asked() == [{"session_id": ["s1", "s2"]}]
    assert transport.forms()[0]["action"] == "get"
    assert str(transport.requests[0].url) == "https://data.test/v2026.2.LTS/jobs/sessions/scores/subscores"


def test_an_answer_without_ignored_sessions_ignores_none(scripted, fault):
    api, _ = scripted(fault.ok({"job_reference": JOB}))
    assert recalculate_subscores(api, ["s1"]).ignored == ()


def test_statuses_are_updated_as_the_text_says(scripted, fault):
    api, transport = scripted(fault.ok({"job_reference": JOB}))
    assert update_statuses(api, [STATUS]) == JobReference(JOB)
    assert transport.asked() == [{"statuses": [STATUS]}]
    assert transport.forms()[0]["action"] == "update"
    assert transport.requests[0].url.path.endswith("/jobs/sessions/statuses")


def test_metadata_is_set_as_the_text_says(scripted, fault):
    api, transport = scripted(fault.ok({"job_reference": JOB}))
    assert set_metadata(api, [METADATA]) == JobReference(JOB)
    assert transport.asked() == [{"session_metadata": [METADATA]}]
    assert transport.forms()[0]["action"] == "set"
    assert transport.requests[0].url.path.endswith("/jobs/sessions/metadata")


@pytest.mark.parametrize(
    ("call", "entry"), [(recalculate_subscores, "s"), (update_statuses, STATUS), (set_metadata, METADATA)]
)
def test_j14_a_request_of_101_sessions_or_of_none_is_not_sent(scripted, fault, call, entry):
    api, transport = scripted(fault.ok({"job_reference": JOB}))
    for count in (0, 101):
        with pytest.raises(InputError, match="1 to 100 sessions"):
            call(api, [entry] * count)
    assert transport.requests == []
    for count in (1, 100):
        call(api, [entry] * count)
    assert len(transport.requests) == 2


@pytest.mark.parametrize(("call", "entry"), [(update_statuses, STATUS), (set_metadata, METADATA)])
def test_a_change_whose_answer_was_lost_is_not_sent_again(scripted, fault, call, entry):
    api, transport = scripted(fault.silence())
    with pytest.raises(UncertainOutcome):
        call(api, [entry])
    assert len(transport.requests) == 1


def test_subscores_whose_answer_was_lost_are_asked_for_again(scripted, fault):
    api, transport = scripted(fault.error(httpx.ReadTimeout), fault.ok({"job_reference": JOB}))
    assert recalculate_subscores(api, ["s1"]).reference == JOB
    assert len(transport.requests) == 2


@pytest.mark.parametrize("data", [{}, {"job_reference": 3}, [], {"job_reference": JOB, "ignored_sessions": "s1"}])
def test_an_answer_without_a_job_is_not_the_apis(scripted, fault, data):
    api, _ = scripted(fault.ok(data))
    with pytest.raises(ProtocolError):
        recalculate_subscores(api, ["s1"])
