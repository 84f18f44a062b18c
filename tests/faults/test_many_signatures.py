"""Random requests signed exactly as the vendor's own kit signs them, and accepted by the service alike."""

from __future__ import annotations

import json
import random
import string
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest

from learnosity_nb.credentials import Consumer, Secret
from learnosity_nb.files.access import ConsumerAccess
from learnosity_nb.local.http.signatures import verify
from learnosity_nb.wire.signing import form, request_text, timestamp

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # requests warns about versions of its own dependencies
    from learnosity_sdk.request import Init

REQUESTS = 10_000
TEXTS = ["", "é", "日本", "\u2028", "🧑‍🏫", "\x00", "\\", '"', "</script>", "_", "$02$", "ﬀ", "&=+%", "\u202e"]
KEYS = string.ascii_letters + string.digits + "_-. üß"


@pytest.fixture(autouse=True)
def without_telemetry() -> Iterator[None]:
    Init.disable_telemetry()
    yield
    Init.enable_telemetry()


def value(dice: random.Random, depth: int = 0) -> Any:
    kind = dice.randrange(8 if depth < 3 else 6)
    if kind == 0:
        return dice.choice([True, False, None])
    if kind == 1:
        return dice.choice([0, -1, 2**63, dice.randrange(10**9)])
    if kind == 2:
        return dice.choice([0.1, -1e-9, 1e300, dice.random()])
    if kind < 6:
        return "".join(dice.choices(TEXTS + list(KEYS), k=dice.randrange(12)))
    if kind == 6:
        return [value(dice, depth + 1) for _ in range(dice.randrange(5))]
    return {text(dice): value(dice, depth + 1) for _ in range(dice.randrange(5))}


def text(dice: random.Random) -> str:
    return "".join(dice.choices(KEYS, k=dice.randint(1, 12)))


def test_ten_thousand_random_requests_are_signed_as_the_vendors_kit_signs_them(figures) -> None:
    dice = random.Random(20260301)
    moment = datetime(2026, 3, 1, 12, tzinfo=UTC)
    for _ in range(REQUESTS):
        consumer = Consumer(
            "k" + text(dice), text(dice) + "x" * dice.randint(1, 40), dice.choice(["localhost", text(dice)])
        )
        request = {text(dice): value(dice) for _ in range(dice.randrange(5))}
        action = dice.choice(["get", "set", "update", "delete"])
        now = moment + timedelta(minutes=dice.randrange(10**6))
        packet = {"consumer_key": consumer.key, "domain": consumer.domain, "timestamp": timestamp(now)}
        theirs = Init("data", packet, consumer.secret.reveal(), request, action).generate()
        sent = form(consumer, request_text(request), action, now)
        ours = {key: found for key, [found] in parse_qs(sent.decode(), keep_blank_values=True).items()}
        assert ours == {**theirs, "action": action}
        known = {consumer.key: ConsumerAccess(consumer.key, Secret(consumer.secret.reveal()))}
        assert verify(known, theirs["security"], theirs["request"], action, now).key == consumer.key
        assert json.loads(theirs["request"]) == request
    figures["random requests signed as the vendor's kit signs them"] += REQUESTS
