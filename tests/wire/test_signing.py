from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import warnings
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import parse_qs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learnosity_nb.credentials import Consumer
from learnosity_nb.errors import InputError, shorten
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


@settings(deadline=None, max_examples=300)
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


def test_the_timestamp_does_not_depend_on_the_computers_time_zone():
    """A service refuses a signature whose time is some hours off."""
    script = (
        "from datetime import UTC, datetime; from learnosity_nb.wire.signing import timestamp;"
        "print(timestamp(datetime(2026, 3, 1, 9, 5, 59, tzinfo=UTC)))"
    )
    elsewhere = {**os.environ, "TZ": "PST8"}
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=elsewhere, check=True)
    assert ran.stdout.strip() == "20260301-0905"


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
        ({"name": "the first \ud800"}, "request.name", "lone_surrogate"),
        ({"name": "the last \udfff"}, "request.name", "lone_surrogate"),
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


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (math.nan, "nan"),
        (-math.inf, "-inf"),
        ("half \ud83d", "'half \\ud83d'"),
        ("half \ud83d" * 1000, shorten("half \ud83d" * 1000)),
        (b"octets", "b'octets'"),
        (b"octets" * 1000, shorten(b"octets" * 1000)),
    ],
    ids=["nan", "infinity", "surrogate", "long text", "bytes", "long bytes"],
)
def test_a_fault_shows_the_value_it_found_cut_short(value, shown):
    with pytest.raises(InputError) as caught:
        request_text({"a": value})
    [fault] = caught.value.faults
    assert fault.value == shown
    assert fault.message


def test_the_type_that_json_does_not_know_is_named():
    with pytest.raises(InputError) as caught:
        request_text({"a": Odd()})
    assert "Odd" in caught.value.faults[0].message


@pytest.mark.parametrize("wrap", [lambda inner: [inner], lambda inner: {"a": inner}], ids=["lists", "objects"])
def test_a_fault_fifty_levels_down_is_still_named_and_one_deeper_is_too_deep(wrap):
    def nested(levels: int) -> dict[str, object]:
        value: object = math.nan
        for _ in range(levels - 1):
            value = wrap(value)
        return {"a": value}

    for levels, kind in ((50, "not_a_number"), (51, "too_deep")):
        with pytest.raises(InputError) as caught:
            request_text(nested(levels))
        assert [fault.kind for fault in caught.value.faults] == [kind]


@pytest.mark.parametrize(
    ("request_made", "word"),
    [({"a": {(1, 2): 3}}, "tuple"), ({"a": 10**5000}, "digits")],
    ids=["a tuple as a name", "a number too long"],
)
def test_what_json_refuses_for_another_reason_is_refused_with_that_reason(request_made, word):
    with pytest.raises(InputError) as caught:
        request_text(request_made)
    [fault] = caught.value.faults
    assert fault.kind == "not_json"
    assert word in fault.message


def test_a_request_that_holds_itself_is_refused():
    named, listed = {"a": 1}, {"a": []}
    named["self"] = named
    listed["a"].append(listed["a"])
    for request, key in ((named, "request.self.self"), (listed, "request.a[0][0]")):
        with pytest.raises(InputError, match="nested too deep") as caught:
            request_text(request)
        [fault] = caught.value.faults
        assert fault.kind == "too_deep"
        assert key in fault.key
        assert len(fault.key) <= 80


def test_the_form_does_not_show_itself():
    made = form(Consumer("key", "secret"), "{}", "get", MOMENT)
    assert isinstance(made, bytes)
    assert "signature" not in repr(made)
