from __future__ import annotations

import json
import math
import warnings
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import parse_qs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learnosity_nb.credentials import Consumer
from learnosity_nb.errors import InputError
from learnosity_nb.wire.signing import form, request_text, sign, timestamp

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # requests warns about versions of its own dependencies
    from learnosity_sdk.request import Init

MOMENT = datetime(2026, 3, 1, 9, 5, 59, tzinfo=UTC)

texts = st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
requests_made = st.dictionaries(texts, values, max_size=5).filter(lambda request: "meta" not in request)
words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(lambda text: text.strip())


@pytest.fixture(autouse=True, scope="module")
def without_telemetry():
    Init.disable_telemetry()
    yield
    Init.enable_telemetry()


@settings(deadline=None, max_examples=1000)
@given(key=words, secret=words, domain=texts, request=requests_made, action=st.sampled_from(["get", "set", "update"]))
def test_a_form_is_byte_for_byte_what_the_official_sdk_sends(key, secret, domain, request, action):
    security = {"consumer_key": key, "domain": domain, "timestamp": timestamp(MOMENT)}
    theirs = Init("data", security, secret, request, action).generate()
    ours = form(Consumer(key, secret, domain), request_text(request), action, MOMENT)
    assert {name: values[0] for name, values in parse_qs(ours.decode(), strict_parsing=True).items()} == theirs


def test_the_signature_is_pinned_to_a_known_value():
    security = json.loads(sign(Consumer("key", "secret"), '{"a":1}', "get", "20260301-0905"))
    assert security == {
        "consumer_key": "key",
        "domain": "localhost",
        "timestamp": "20260301-0905",
        "signature": "$02$2ed78f571354d7c4af2bb2a3b35e2e5202ab33799ff0a584f17a383d9643205e",
    }


@pytest.mark.parametrize(
    "change", [{"text": '{"a":2}'}, {"action": "set"}, {"stamp": "20260301-0906"}, {"consumer": Consumer("key", "no")}]
)
def test_the_signature_covers_text_action_time_and_secret(change):
    made = {"consumer": Consumer("key", "secret"), "text": '{"a":1}', "action": "get", "stamp": "20260301-0905"}
    assert sign(**made) != sign(**made | change)


def test_the_timestamp_is_in_utc_and_has_minutes():
    elsewhere = MOMENT.astimezone(timezone(timedelta(hours=-7)))
    assert timestamp(elsewhere) == timestamp(MOMENT) == "20260301-0905"


def test_the_request_is_compact_and_keeps_characters_outside_ascii():
    assert request_text({"name": ["Zoë", "\u2028", "🎓"], "n": 1.5}) == '{"name":["Zoë","\u2028","🎓"],"n":1.5}'


class Odd:
    pass


@pytest.mark.parametrize(
    ("request_made", "key", "kind"),
    [
        ({"a": [1.0, math.nan]}, "request.a[1]", "not_a_number"),
        ({"a": {"b": -math.inf}}, "request.a.b", "not_a_number"),
        ({"name": "half \ud83d"}, "request.name", "lone_surrogate"),
        ({"half \ud83d": 1}, "request, a name", "lone_surrogate"),
        ({"a": Odd()}, "request.a", "not_json"),
        ({"a": {1, 2}}, "request.a", "not_json"),
        ({b"a": 1}, "request, a name", "not_json"),
    ],
)
def test_what_json_or_utf8_cannot_hold_is_refused_by_its_key(request_made, key, kind):
    with pytest.raises(InputError) as caught:
        request_text(request_made)
    assert [(fault.key, fault.kind) for fault in caught.value.faults] == [(key, kind)]


def test_every_fault_of_a_request_is_named():
    with pytest.raises(InputError) as caught:
        request_text({"a": math.nan, "b": (math.inf, "\udc00"), "c": None, "d": True, "e": "fine"})
    assert [fault.key for fault in caught.value.faults] == ["request.a", "request.b[0]", "request.b[1]"]


def test_a_request_that_holds_itself_is_refused():
    request = {"a": 1}
    request["self"] = request
    with pytest.raises(InputError, match="nested too deep"):
        request_text(request)


def test_the_form_does_not_show_itself():
    made = form(Consumer("key", "secret"), "{}", "get", MOMENT)
    assert isinstance(made, bytes)
    assert "signature" not in repr(made)
