"""Where the learner API comes from: parameters, the environment, one's own frames; and what goes wrong on the way."""

from __future__ import annotations

import json
import logging
import traceback
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import pytest

import learnosity_nb as lnb
from learnosity_nb.connections.connection import Connection
from learnosity_nb.connections.ledger import Ledger
from learnosity_nb.connections.opening import DEFAULT_VERSION, IN_PROCESS
from learnosity_nb.credentials import LearnerToken
from learnosity_nb.wire.client import DataApi
from learnosity_nb.wire.learner_api import LearnerApi
from learnosity_nb.wire.retry import RetryPolicy
from learnosity_nb.wire.transfer import Transfers

COURSE = "course-v1:a+b+c"
NAMES = ["LEARNER_API_URL", "LEARNER_API_TOKEN", "LEARNOSITY_CONSUMER_KEY", "LEARNOSITY_CONSUMER_SECRET"]
ONCE = RetryPolicy(attempts=1)


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return monkeypatch


def scripted(tmp_path: Path, *replies: Any) -> Connection:
    """Return a connection whose learner server gives these replies: a body, or a status and a body."""
    left = list(replies)

    def answer(request: httpx.Request) -> httpx.Response:
        reply = left.pop(0) if len(left) > 1 else left[0]
        status, body = reply if isinstance(reply, tuple) else (200, reply)
        return httpx.Response(status, stream=httpx.ByteStream(json.dumps(body).encode()))

    transport = httpx.MockTransport(answer)
    api = DataApi(IN_PROCESS, DEFAULT_VERSION, lnb.Consumer("k", "s"), transport)
    learner_api = LearnerApi(IN_PROCESS, LearnerToken("CANARY-token"), transport, policy=ONCE)
    ledger = Ledger(tmp_path / "ledger")
    return Connection(api, Transfers(transport), ledger, name="scripted", learner_api=learner_api)


def person(username: str, *segments: str) -> dict[str, Any]:
    rest = dict.fromkeys(("last_updated", "account_url", "enrollment_mode", "enrollment_date", "cohort"))
    counts = ("discussion_contributions", "problems_attempted", "problems_completed", "videos_viewed")
    week = {**dict.fromkeys(counts, 0), "problem_attempts_per_completed": None}
    who = {"username": username, "name": f"CANARY {username}", "email": f"CANARY-{username}@x.test"}
    return {**rest, **who, "segments": segments, "engagements": week}


def page(count: int, following: str | None, *usernames: str) -> dict[str, Any]:
    return {"count": count, "next": following, "previous": None, "results": [person(one) for one in usernames]}


METADATA = {"cohorts": {}, "segments": {}, "enrollment_modes": {}, "engagement_ranges": {}}


def test_without_a_learner_server_a_call_says_what_to_set() -> None:
    with lnb.connect(lnb.Consumer("k", "s")) as lrn, pytest.raises(lnb.CredentialsError) as caught:
        lrn.learners(COURSE)
    for name in ("LEARNER_API_URL", "LEARNER_API_TOKEN", "connect_local"):
        assert name in str(caught.value)


def test_the_environment_names_the_server_and_the_token(bare: pytest.MonkeyPatch) -> None:
    bare.setenv("LEARNER_API_URL", "https://learn.test/api/v0/")
    bare.setenv("LEARNER_API_TOKEN", "CANARY")
    with lnb.connect(lnb.Consumer("k", "s")) as lrn:
        assert lrn.learner_api is not None
        assert lrn.learner_api.base_url == "https://learn.test/api/v0"
        assert "CANARY" not in repr(vars(lrn)) + repr(vars(lrn.learner_api))


def test_parameters_win_over_the_environment(bare: pytest.MonkeyPatch) -> None:
    bare.setenv("LEARNER_API_URL", "https://other.test/")
    with lnb.connect(lnb.Consumer("k", "s"), learner_url="https://learn.test", learner_token=LearnerToken("t")) as lrn:
        assert lrn.learner_api is not None
        assert lrn.learner_api.base_url == "https://learn.test/api/v0"


def test_a_server_without_a_token_is_refused() -> None:
    with pytest.raises(lnb.CredentialsError, match="LEARNER_API_TOKEN"):
        lnb.connect(lnb.Consumer("k", "s"), learner_url="https://learn.test")


def test_a_learner_server_alone_needs_no_consumer() -> None:
    with lnb.connect(learner_url="https://learn.test", learner_token="t") as lrn:
        assert "learn.test" in repr(lrn)
        with pytest.raises(lnb.CredentialsError, match="LEARNOSITY_CONSUMER_KEY"):
            lrn.jobs()


def test_neither_a_consumer_nor_a_learner_server_is_an_error() -> None:
    with pytest.raises(lnb.CredentialsError, match="LEARNOSITY_CONSUMER_KEY"):
        lnb.connect()


@pytest.mark.parametrize(
    "sources",
    [
        {},
        {"data": "d", "sessions": pd.DataFrame()},
        {"data": "d", "learners": pd.DataFrame()},
        {"engagement": pd.DataFrame()},
    ],
)
def test_local_data_is_a_directory_or_frames_that_go_together(sources: dict[str, Any]) -> None:
    with pytest.raises(lnb.InputError, match=r"learners=DataFrame"):
        lnb.connect_local(**sources)


def test_learners_need_no_sessions_and_no_engagement() -> None:
    people = pd.DataFrame({"course_id": [COURSE], "username": ["ada"]})
    with lnb.connect_local(learners=people) as lrn:
        frame = lrn.learners(COURSE)
        assert frame["segments"].tolist() == [("inactive",)]
        assert lrn.why(COURSE, "ada")["reason"].tolist() == ["nobody in the course was ever active"]
        assert lrn.course_metadata(COURSE).start is None


def test_faults_of_both_tables_are_named() -> None:
    with pytest.raises(lnb.InputError, match="username"):
        lnb.connect_local(learners=pd.DataFrame({"course_id": [COURSE]}), engagement=pd.DataFrame())


def test_a_service_that_gives_all_days_is_cut_to_the_days_asked_for(tmp_path: Path) -> None:
    counts = ("discussion_contributions", "problems_attempted", "problems_completed", "videos_viewed")
    days = [{"date": f"2015-10-{day}", **dict.fromkeys(counts, day)} for day in (10, 11, 13)]
    lrn = scripted(tmp_path, *[{"days": days}] * 4)
    assert lrn.engagement_timeline(COURSE, "u", "2015-10-11", "2015-10-13")["videos_viewed"].tolist() == [11, 0]
    assert lrn.engagement_timeline(COURSE, "u", start_date="2015-10-12")["videos_viewed"].tolist() == [0, 13]
    assert lrn.engagement_timeline(COURSE, "u", end_date="2015-10-11")["videos_viewed"].tolist() == [10]
    assert lrn.engagement_timeline(COURSE, "u", "2016-10-11")["videos_viewed"].tolist() == []


def test_why_passes_on_every_refusal_but_that_of_a_learner_who_was_never_active(tmp_path: Path) -> None:
    quiet = person("u", "inactive")
    never = (404, {"error_code": "no_learner_engagement_timeline", "developer_message": "none"})
    lrn = scripted(tmp_path, METADATA, quiet, never, METADATA, quiet, (403, {"error_code": "permission_denied"}))
    assert lrn.why(COURSE, "u")["segment"].tolist() == ["inactive"]
    with pytest.raises(lnb.ApiError) as caught:
        lrn.why(COURSE, "u")
    assert caught.value.status == 403
    assert "CANARY" not in told(caught.value)


def test_more_learners_than_counted_are_all_kept(tmp_path: Path) -> None:
    lrn = scripted(tmp_path, page(1, "?page=2", "a"), page(1, None, "b"))
    with pytest.warns(UserWarning, match="counts 1 learners and its pages gave 2"):
        assert lrn.learners(COURSE)["username"].tolist() == ["a", "b"]


def told(error: BaseException) -> str:
    frames = error.__traceback__
    while frames is not None and "learnosity_nb" not in frames.tb_frame.f_code.co_filename:
        frames = frames.tb_next
    shown = traceback.TracebackException(type(error), error, frames, capture_locals=True)
    return "".join(shown.format()) + repr(error)


@pytest.mark.parametrize(
    "last", [(500, {}), page(3, "https://evil.test/", "c"), page(3, "?page=2", "c"), {"count": "CANARY"}]
)
def test_e58_no_name_shows_in_an_error_in_the_middle_of_a_roster(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, last: Any
) -> None:
    caplog.set_level(logging.DEBUG)
    lrn = scripted(tmp_path, page(3, "?page=2", "a", "b"), last)
    with pytest.raises(lnb.LearnosityError) as caught:
        lrn.learners(COURSE)
    assert "CANARY" not in told(caught.value), told(caught.value)
    assert "CANARY" not in caplog.text


@pytest.mark.parametrize("call", ["course_averages", "why"])
def test_e58_no_name_shows_where_a_later_call_fails(tmp_path: Path, call: str) -> None:
    first = page(2, None, "a", "b") if call == "course_averages" else METADATA
    lrn = scripted(tmp_path, first, (404, {"error_code": "no_learner_for_course", "developer_message": "no"}))
    with pytest.raises(lnb.ApiError) as caught:
        getattr(lrn, call)(COURSE, "u")
    assert "CANARY" not in told(caught.value), told(caught.value)
