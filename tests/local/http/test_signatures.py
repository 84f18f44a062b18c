from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learnosity_nb.credentials import Secret
from learnosity_nb.files.access import ConsumerAccess
from learnosity_nb.local.http.signatures import verify
from learnosity_nb.local.refusals import Refusal

NOW = datetime(2026, 3, 1, 12, 0, 30, tzinfo=UTC)
CONSUMERS = {"key": ConsumerAccess("key", Secret("a secret"))}
ORDER = ("consumer_key", "domain", "timestamp", "expires", "user_id")


def security(request: str, action: str, *, secret: str = "a secret", legacy: bool = False, **changes: str) -> str:
    packet = {"consumer_key": "key", "domain": "localhost", "timestamp": "20260301-1200", **changes}
    parts = [packet[name] for name in ORDER if name in packet]
    if legacy:
        digest = hashlib.sha256("_".join([*parts, secret, request, action]).encode()).hexdigest()
        return json.dumps({**packet, "signature": digest})
    digest = hmac.digest(secret.encode(), "_".join([*parts, request, action]).encode(), hashlib.sha256).hex()
    return json.dumps({**packet, "signature": f"$02${digest}"})


def refused(security_text: str, request: str = "{}", action: str = "get", now: datetime = NOW) -> int:
    with pytest.raises(Refusal) as raised:
        verify(CONSUMERS, security_text, request, action, now)
    assert "a secret" not in raised.value.message
    return raised.value.code


@pytest.mark.parametrize(
    ("ago", "code"),
    [
        (timedelta(hours=168), None),
        (timedelta(hours=168, minutes=1), 41004),
        (timedelta(0), None),
        (timedelta(hours=-1), None),
        (timedelta(hours=-1, minutes=-1), 41004),
        (timedelta(days=20_000), 41004),
    ],
)
def test_the_window_is_a_week_back_and_an_hour_ahead(ago, code) -> None:
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    text = security("{}", "get", timestamp=(now - ago).strftime("%Y%m%d-%H%M"))
    if code is None:
        assert verify(CONSUMERS, text, "{}", "get", now).key == "key"
    else:
        assert refused(text, now=now) == code


@pytest.mark.parametrize(
    ("expires", "code"), [("20260301-1201", None), ("20260301-1200", 41007), ("soon", 41006), ("20260230-0000", 41006)]
)
def test_expires_ends_the_window_earlier(expires, code) -> None:
    text = security("{}", "get", expires=expires)
    if code is None:
        assert verify(CONSUMERS, text, "{}", "get", NOW).key == "key"
    else:
        assert refused(text) == code


def test_times_are_looked_at_only_when_the_signature_is_right() -> None:
    assert refused(security("{}", "get", timestamp="19700101-0000", secret="wrong")) == 41003


def test_an_unknown_consumer_is_refused_as_a_wrong_secret_is_also_with_the_stand_in_secret() -> None:
    assert refused(security("{}", "get", consumer_key="nobody")) == 41002
    stand_in = "no consumer has this key"
    assert refused(security("{}", "get", consumer_key="nobody", secret=stand_in)) == 41002


def test_the_legacy_digest_with_the_prefix_of_the_other_scheme_is_refused() -> None:
    packet = json.loads(security("{}", "get", legacy=True))
    assert verify(CONSUMERS, json.dumps(packet), "{}", "get", NOW).key == "key"
    assert refused(json.dumps({**packet, "signature": "$02$" + packet["signature"]})) == 41003


@settings(deadline=None, max_examples=300)
@given(
    request=st.text(), action=st.sampled_from(["get", "set", "update"]), legacy=st.booleans(), at=st.integers(0, 10_000)
)
def test_a_change_of_one_character_is_noticed(request, action, legacy, at) -> None:
    request = request.encode("utf-8", "replace").decode()  # a form holds no lone surrogate
    text = security(request, action, legacy=legacy)
    assert verify(CONSUMERS, text, request, action, NOW).key == "key"
    changed = f"{request[: at % (len(request) + 1)]}\u0001{request[at % (len(request) + 1) :]}"
    assert refused(text, changed, action) == 41003


EXTRAS = {
    "organisation_id": 1,
    "secret": "another",
    "consumer_secret": "another",
    "action": "set",
    "request": "{}",
    "Consumer_Key": "other",
    "user": "u",
    "": None,
    "__proto__": {"consumer_key": "other"},
}


@pytest.mark.parametrize("key", EXTRAS)
def test_a_key_that_no_signature_covers_changes_nothing(key) -> None:
    """A11."""
    packet = json.loads(security("{}", "get"))
    text = json.dumps({**packet, key: EXTRAS[key]})
    assert verify(CONSUMERS, text, "{}", "get", NOW) is CONSUMERS["key"]
    assert refused(text, action="set") == 41003
    assert refused(text, now=NOW + timedelta(days=8)) == 41004


@pytest.mark.parametrize(("key", "value"), [("user_id", "u"), ("user_id", ""), ("expires", "20270101-0000")])
def test_a_signed_key_that_is_added_later_breaks_the_signature(key, value) -> None:
    """A11: nobody lengthens the life of another's signature."""
    packet = json.loads(security("{}", "get"))
    assert refused(json.dumps({**packet, key: value})) == 41003
    signed = json.loads(security("{}", "get", expires="20260301-1201"))
    assert refused(json.dumps({**signed, "expires": "20270101-0000"})) == 41003
    del signed["expires"]
    assert refused(json.dumps(signed)) == 41003
