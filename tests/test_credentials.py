from __future__ import annotations

import copy
import dataclasses
import json
import logging
import pickle
import pprint
import traceback
from typing import Any

import pytest

from learnosity_nb.credentials import Consumer, LearnerToken, Secret, setting
from learnosity_nb.errors import CredentialsError

HUSH = "74c5fd430cf1242a527f6223aebd42d30464be22"


@pytest.fixture(params=["secret", "consumer", "token"])
def holder(request: pytest.FixtureRequest) -> Any:
    made = {"secret": Secret(HUSH), "consumer": Consumer("key", HUSH), "token": LearnerToken(HUSH)}
    return made[request.param]


@dataclasses.dataclass
class Settings:
    """As a user might keep it."""

    who: Any


def test_the_secret_is_there_for_the_code_that_signs() -> None:
    consumer = Consumer("key", HUSH, "example.org")
    assert consumer.secret.reveal() == HUSH
    assert (consumer.key, consumer.domain) == ("key", "example.org")
    assert Consumer("key", Secret(HUSH)).secret.reveal() == HUSH
    assert LearnerToken(HUSH).secret.reveal() == HUSH


@pytest.mark.parametrize(
    "show",
    [
        repr,
        str,
        ascii,
        format,
        "{}".format,
        "{!r:>50}".format,
        lambda holder: f"{holder}",
        lambda holder: "%s %r" % (holder, holder),  # noqa: UP031
        lambda holder: repr([holder, {"who": holder}]),
        lambda holder: repr(Settings(holder)),
        pprint.pformat,
        lambda holder: json.dumps(holder, default=repr),
    ],
)
def test_no_way_to_write_it_out_shows_the_secret(holder: Any, show: Any) -> None:
    assert HUSH not in show(holder)


def test_it_has_no_dict_to_look_into(holder: Any) -> None:
    with pytest.raises(TypeError):
        vars(holder)
    with pytest.raises(TypeError):
        dataclasses.asdict(holder)
    assert not hasattr(holder, "__dict__")


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_it_cannot_be_pickled(holder: Any, protocol: int) -> None:
    with pytest.raises((CredentialsError, TypeError)) as caught:
        pickle.dumps(holder, protocol)
    assert HUSH not in str(caught.value)


def test_it_cannot_be_copied_deeply(holder: Any) -> None:
    with pytest.raises(CredentialsError, match="not pickled or copied"):
        copy.deepcopy(holder)
    with pytest.raises(CredentialsError, match="not pickled or copied"):
        dataclasses.asdict(Settings(holder))


def test_a_shallow_copy_shows_nothing_either() -> None:
    with pytest.raises(CredentialsError):
        copy.copy(Secret(HUSH))
    assert HUSH not in repr(copy.copy(Consumer("key", HUSH)))


def test_a_log_line_does_not_show_it(holder: Any, caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("a.library").warning("called with %s and %r", holder, holder)
    assert "called with" in caplog.text
    assert HUSH not in caplog.text


def fail_with(holder: Any) -> None:
    raise RuntimeError("a bug elsewhere")


def traceback_with_locals(error: BaseException) -> str:
    """Write a traceback as error reporters do."""
    return "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())


def test_a_traceback_with_local_variables_does_not_show_it(holder: Any) -> None:
    with pytest.raises(RuntimeError) as caught:
        fail_with(holder)
    shown = traceback_with_locals(caught.value)
    assert "holder = " in shown
    assert HUSH not in shown


def make_consumer_of_a_blank_key() -> None:
    Consumer("  ", HUSH)


def test_a_bad_key_does_not_show_the_secret_beside_it_in_a_traceback() -> None:
    with pytest.raises(CredentialsError, match="consumer key") as caught:
        make_consumer_of_a_blank_key()
    shown = traceback_with_locals(caught.value)
    assert "secret = <hidden>" in shown
    assert HUSH not in shown


@pytest.mark.parametrize("key", [None, "   "])
def test_a_bad_environment_does_not_show_its_secret_in_a_traceback(
    key: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEARNOSITY_CONSUMER_SECRET", HUSH)
    monkeypatch.delenv("LEARNOSITY_CONSUMER_KEY", raising=False)
    if key is not None:
        monkeypatch.setenv("LEARNOSITY_CONSUMER_KEY", key)
    with pytest.raises(CredentialsError) as caught:
        Consumer.from_environment()
    assert HUSH not in traceback_with_locals(caught.value)


def test_equal_secrets_are_equal_and_hash_alike() -> None:
    assert Secret(HUSH) == Secret(HUSH)
    assert hash(Secret(HUSH)) == hash(Secret(HUSH))
    assert Secret(HUSH) != Secret("other")
    assert Secret(HUSH) != HUSH


@pytest.mark.parametrize("bad", ["", "  ", "\n", None, 7])
def test_a_consumer_needs_a_key_and_a_secret(bad: Any) -> None:
    with pytest.raises(CredentialsError, match="consumer key must be a text that is not empty"):
        Consumer(bad, HUSH)
    with pytest.raises(CredentialsError, match="consumer secret must be a text that is not empty"):
        Consumer("key", bad)
    with pytest.raises(CredentialsError, match="learner API token must be a text that is not empty"):
        LearnerToken(bad)


def test_a_consumer_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEARNOSITY_CONSUMER_KEY", "key")
    monkeypatch.setenv("LEARNOSITY_CONSUMER_SECRET", HUSH)
    consumer = Consumer.from_environment()
    assert (consumer.key, consumer.secret.reveal(), consumer.domain) == ("key", HUSH, "localhost")


def test_a_given_environment_is_used_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEARNOSITY_CONSUMER_KEY", "key")
    monkeypatch.setenv("LEARNOSITY_CONSUMER_SECRET", HUSH)
    with pytest.raises(CredentialsError):
        Consumer.from_environment({})


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({}, "LEARNOSITY_CONSUMER_KEY and LEARNOSITY_CONSUMER_SECRET not set in the environment. Set them, "),
        (
            {"LEARNOSITY_CONSUMER_KEY": "key"},
            "No Learnosity consumer: LEARNOSITY_CONSUMER_SECRET not set in the environment. Set it, ",
        ),
        (
            {"LEARNOSITY_CONSUMER_KEY": "", "LEARNOSITY_CONSUMER_SECRET": HUSH},
            "No Learnosity consumer: LEARNOSITY_CONSUMER_KEY not set in the environment. Set it, ",
        ),
    ],
)
def test_what_is_missing_in_the_environment_is_named_with_what_to_do(environment: dict[str, str], said: str) -> None:
    with pytest.raises(CredentialsError) as caught:
        Consumer.from_environment(environment)
    message = str(caught.value)
    assert said in message
    assert "connect_local(...)" in message
    assert HUSH not in message


def test_a_setting_has_a_default_for_absent_and_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    assert setting("LEARNOSITY_REGION", "va", {}) == "va"
    assert setting("LEARNOSITY_REGION", "va", {"LEARNOSITY_REGION": ""}) == "va"
    monkeypatch.setenv("LEARNOSITY_REGION", "ie")
    assert setting("LEARNOSITY_REGION", "va") == "ie"
