"""The signed request for the vendor's web report, against the vendor's own SDK."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import learnosity_nb as lnb
from learnosity_nb.connections.connection import Connection
from learnosity_nb.connections.dataset import Dataset
from learnosity_nb.connections.report_requests import ReportRequest, sign_report

DATASET = "fb254347-23c3-40b4-b4e4-f79bda201109"
CONSUMER = lnb.Consumer("yis0TYCu7U9V4o7M", "74c5fd430cf1242a527f6223aebd42d30464be22")
MOMENT = datetime(2026, 3, 4, 5, 6, 59, tzinfo=UTC)
names = st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8), max_size=3)


@pytest.fixture(scope="module", autouse=True)
def _only_the_request_itself() -> Iterator[None]:
    """The SDK adds its own version and platform to each request, unless told not to."""
    sdk = importlib.import_module("learnosity_sdk.request")
    sdk.Init.disable_telemetry()
    yield
    sdk.Init.enable_telemetry()


def by_the_sdk(request: ReportRequest, **security: str) -> str:
    from learnosity_sdk.request import Init

    packet = {"consumer_key": CONSUMER.key, **security}
    return str(Init("reports", packet, CONSUMER.secret.reveal(), request=dict(request["request"])).generate())


def sign(path: list[str], moment: datetime = MOMENT, domain: str = "demo.example.org") -> ReportRequest:
    return sign_report(
        CONSUMER,
        "sessions-summary-by-group",
        DATASET,
        path,
        domain=domain,
        report_id="report-01",
        moment=moment,
    )


@given(path=names)
@settings(deadline=None)
def test_it_is_the_sdks_byte_for_byte(path: list[str]) -> None:
    made = sign(path)
    assert made.json() == by_the_sdk(made, domain="demo.example.org", timestamp="20260304-0506")


def test_it_holds_the_report_of_the_reference() -> None:
    report = {
        "id": "report-01",
        "type": "sessions-summary-by-group",
        "dataset_id": DATASET,
        "group_path": ["Oregon"],
    }
    assert sign(["Oregon"])["request"] == {"reports": [report]}


def test_a_moment_of_another_zone_is_signed_in_utc() -> None:
    assert sign([], MOMENT.astimezone(timezone(timedelta(hours=9)))) == sign([])


def test_no_signature_and_no_secret_is_shown() -> None:
    made = sign(["Oregon"])
    signature = made["security"]["signature"]
    for shown in (repr(made), str(made), f"{made}"):
        assert signature not in shown
        assert signature[4:] not in shown
        assert CONSUMER.secret.reveal() not in shown
        assert DATASET in shown
    assert CONSUMER.secret.reveal() not in made.json()
    assert json.loads(made.json()) == made


def test_a_dataset_signs_for_its_connections_consumer(hosted: Connection) -> None:
    dataset = hosted.open_dataset(DATASET)
    made = dataset.report_request(["Oregon"], consumer=CONSUMER, domain="a.example.org", report_id="here")
    stamp = made["security"]["timestamp"]
    assert made.json() == by_the_sdk(made, domain="a.example.org", timestamp=stamp)
    assert made["request"]["reports"][0]["id"] == "here"
    signed = datetime.strptime(stamp, "%Y%m%d-%H%M").replace(tzinfo=UTC)
    assert abs(datetime.now(UTC) - signed) < timedelta(minutes=2)


def test_the_connection_of_an_account_needs_no_other_consumer() -> None:
    with lnb.connect(CONSUMER, progress=False) as connection:
        made = connection.open_dataset(DATASET, levels=["district"]).report_request()
    assert made["security"]["consumer_key"] == CONSUMER.key
    assert made["security"]["domain"] == "localhost"
    assert made["request"]["reports"][0]["group_path"] == []


def test_a_dataset_of_this_process_is_not_known_to_the_vendor(local: Connection) -> None:
    dataset = local.open_dataset(DATASET)
    assert isinstance(dataset, Dataset)
    with pytest.raises(lnb.NotOffered, match="Learnosity account"):
        dataset.report_request()


def test_what_cannot_be_signed_is_refused() -> None:
    with pytest.raises(lnb.InputError, match="domain must be a text"):
        sign([], domain=" ")
    with pytest.raises(lnb.InputError, match="JSON"):
        sign(["\ud800"])
