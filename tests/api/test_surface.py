"""Who may call, and what is said to everything that is no proper call."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest

REQUEST = {"limit": 1}


def moment(**ago: float) -> str:
    return (datetime.now(UTC) - timedelta(**ago)).strftime("%Y%m%d-%H%M")


def signed(api, *, signed_action: str | None, action: str | None, legacy: bool, **security: str) -> dict[str, str]:
    """Sign by the recipe itself, in either scheme."""
    packet = {"consumer_key": api.consumer, "domain": "localhost", "timestamp": moment(), **security}
    request = json.dumps(REQUEST)
    parts = [packet[name] for name in ("consumer_key", "domain", "timestamp", "expires", "user_id") if name in packet]
    ending = [request, *([signed_action] if signed_action else [])]
    if legacy:
        signature = hashlib.sha256("_".join([*parts, api.secret, *ending]).encode()).hexdigest()
    else:
        text = "_".join([*parts, *ending]).encode()
        signature = "$02$" + hmac.digest(api.secret.encode(), text, hashlib.sha256).hex()
    form = {"security": json.dumps({**packet, "signature": signature}), "request": request}
    return form if action is None else {**form, "action": action}


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("signed_action", ["get", None])
@pytest.mark.parametrize("action", ["get", None])
def test_a_get_may_be_left_unnamed_in_the_form_and_in_the_signature(api, action, signed_action, legacy) -> None:
    assert api.post("jobs", signed(api, action=action, signed_action=signed_action, legacy=legacy)).status == 200


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("action", ["set", "update", "delete"])
def test_another_action_must_be_signed(api, action, legacy) -> None:
    for signed_action in ("get", None):
        form = signed(api, action=action, signed_action=signed_action, legacy=legacy)
        assert api.post("reports/datasets", form).refused == (403, 41003)


@pytest.mark.parametrize("legacy", [False, True])
def test_expires_and_user_id_are_part_of_what_is_signed(api, legacy) -> None:
    more = {"expires": moment(hours=-1), "user_id": "ü"}
    assert api.post("jobs", signed(api, action="get", signed_action="get", legacy=legacy, **more)).status == 200
    form = signed(api, action="get", signed_action="get", legacy=legacy)
    form["security"] = json.dumps({**json.loads(form["security"]), "user_id": "u"})
    assert api.post("jobs", form).refused == (403, 41003)


@pytest.mark.parametrize(
    "alter",
    [
        lambda form: {**form, "request": form["request"].replace("1", "2")},
        lambda form: {**form, "request": form["request"] + " "},
        lambda form: {**form, "action": "set"},
        lambda form: {**form, "security": form["security"].replace("localhost", "localhosT")},
        lambda form: {**form, "security": form["security"][:-3] + ("0" if form["security"][-3] != "0" else "1") + '"}'},
    ],
    ids=["request", "space", "action", "domain", "signature"],
)
def test_an_altered_form_is_refused(api, alter) -> None:
    form = api.form(REQUEST, "get")
    assert api.post("jobs", form).status == 200
    assert api.post("jobs", alter(form)).status == 403


def test_an_unknown_consumer_and_a_wrong_secret_look_alike(api) -> None:
    wrong = api.post("jobs", api.form(REQUEST, "get", secret="wrong"))
    unknown = api.post("jobs", api.form(REQUEST, "get", consumer_key="nobody"))
    assert (wrong.refused, unknown.refused) == ((403, 41003), (403, 41002))
    assert wrong.meta["message"] == unknown.meta["message"]
    assert wrong.meta.keys() == unknown.meta.keys()
    assert api.secret not in json.dumps([wrong.body, unknown.body])


@pytest.mark.parametrize("signature", ["", "$02$", "0" * 63, "$02$" + "0" * 65, "x", 5, None, "é" * 64])
def test_a_signature_of_another_length_is_refused(api, signature) -> None:
    form = api.form(REQUEST, "get")
    form["security"] = json.dumps({**json.loads(form["security"]), "signature": signature})
    assert api.post("jobs", form).refused in {(403, 41001), (403, 41003)}


@pytest.mark.parametrize("timestamp", ["19700101-0000", "99991231-2359", "now", "20260230-0000", "2026-01-01", ""])
def test_a_timestamp_out_of_the_window_is_refused(api, timestamp) -> None:
    assert api.post("jobs", api.form(REQUEST, "get", timestamp=timestamp)).refused == (403, 41004)


@pytest.mark.parametrize(("ago", "status"), [({"hours": 167}, 200), ({"hours": 169}, 403), ({"minutes": -90}, 403)])
def test_the_window_reaches_a_week_back(api, ago, status) -> None:
    assert api.post("jobs", api.form(REQUEST, "get", timestamp=moment(**ago))).status == status


@pytest.mark.parametrize(
    ("expires", "refused"), [("tomorrow", (400, 41006)), (moment(minutes=5), (400, 41007)), ("", (400, 41006))]
)
def test_expires_must_be_a_time_to_come(api, expires, refused) -> None:
    assert api.post("jobs", api.form(REQUEST, "get", expires=expires)).refused == refused


@pytest.mark.parametrize(
    "security",
    ["", "x", "[]", "5", "{}", '{"consumer_key": "k"}', "[" * 100_000, '{"consumer_key": "\\ud800"}', "{" + " " * 9],
)
def test_security_must_be_an_object_with_what_signing_needs(api, security) -> None:
    assert api.post("jobs", {"security": security, "request": "{}", "action": "get"}).refused == (400, 41000)


@pytest.mark.parametrize(
    "text", ["x", "[]", "5", '"x"', "[" * 100_000, '{"limit": NaN}', '{"a": "\\ud800"}', '{"a": 1e400}', '{"a": 1,}']
)
def test_the_request_must_be_a_json_object(api, text) -> None:
    security = json.loads(api.form({}, "get")["security"])
    parts = [security[name] for name in ("consumer_key", "domain", "timestamp")]
    message = "_".join([*parts, text, "get"]).encode()
    security["signature"] = "$02$" + hmac.digest(api.secret.encode(), message, hashlib.sha256).hex()
    form = {"security": json.dumps(security), "request": text, "action": "get"}
    assert api.post("jobs", form).refused == (400, 20009)


def test_an_absent_request_is_an_empty_one(api) -> None:
    for form in (api.form({}, "get"), api.form(None, "get")):
        assert api.post("jobs", form).status == 200


@pytest.mark.parametrize("name", ["security", "request", "action", "other"])
def test_a_field_that_comes_twice_is_refused(api, name) -> None:
    form = {**api.form(REQUEST, "get"), "other": "x"}
    answer = api.post("jobs", {**form, name: [form[name], form[name]]})
    assert answer.refused == (400, 20009)
    assert name in answer.meta["message"]


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data; boundary=x", ""])
def test_another_content_type_gets_a_clear_answer(api, kind) -> None:
    response = api.http.post(f"{api.url}/v1/jobs", content=json.dumps({}), headers={"Content-Type": kind})
    assert (response.status_code, response.json()["meta"]["code"]) == (400, 41000)
    assert "application/x-www-form-urlencoded" in response.json()["meta"]["message"]


def test_bytes_that_are_no_text_are_no_form(api) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    for content in (b"\xff\xfe", b"security=%ff", b""):
        response = api.http.post(f"{api.url}/v1/jobs", content=content, headers=headers)
        assert (response.status_code, response.json()["meta"]["code"]) == (400, 41000)


def test_a_body_of_4_mb_is_read_and_one_byte_more_is_refused(api) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    for size, status in ((4_000_000, 400), (4_000_001, 413)):
        content = b"security=" + b"x" * (size - 9)
        response = api.http.post(f"{api.url}/v1/jobs", content=content, headers=headers)
        assert (response.status_code, response.json()["meta"]["status"]) == (status, False)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"])
@pytest.mark.parametrize("endpoint", ["jobs", "reports/datasets", "jobs/reports/datasets"])
def test_other_methods_are_refused(api, method, endpoint) -> None:
    response = api.http.request(method, f"{api.url}/v1/{endpoint}")
    assert response.status_code == 405
    if method != "HEAD":
        assert response.json()["meta"]["code"] == 40001


@pytest.mark.parametrize(
    ("endpoint", "action"),
    [("jobs", "set"), ("jobs", "list"), ("reports/datasets", "update"), ("jobs/reports/datasets", "get")],
)
def test_an_action_that_the_endpoint_lacks_is_refused(api, endpoint, action) -> None:
    assert api.call(endpoint, {}, action).refused == (405, 40001)


@pytest.mark.parametrize("endpoint", ["job", "jobs/", "itembank/items", "reports/datasets/x"])
def test_an_unknown_endpoint_is_not_found(api, endpoint) -> None:
    answer = api.call(endpoint, {})
    assert answer.status == 200 if endpoint == "jobs/" else answer.refused == (404, 20012)


@pytest.mark.parametrize(
    "version", ["v1", "v1.79.5", "v2023.1.LTS", "v2026.2.lts", "V2025.3.preview1", "latest", "latest-LTS", "developer"]
)
def test_versions_of_every_form_are_understood(api, version) -> None:
    answer = api.post("jobs", api.form(REQUEST, "get"), version)
    assert answer.meta["versions"]["requested"] == version


@pytest.mark.parametrize(
    "path", ["", "/", "/jobs", "/reports/datasets2", "/v/jobs", "/2026/jobs", "/v1", "/v1/", "/x/y"]
)
def test_a_path_without_a_version_is_not_found_in_plain_text(api, path) -> None:
    response = api.http.post(f"{api.url}{path}", data=api.form(REQUEST, "get"))
    expected = (403, "application/xml") if path.startswith("/reports/") else (404, "text/plain")
    assert (response.status_code, response.headers["Content-Type"].partition(";")[0]) == expected


@pytest.mark.parametrize("path", ["/status", "/status/", "/health", "/health/"])
def test_the_status_needs_no_signature(api, path) -> None:
    got = api.http.get(f"{api.url}{path}")
    assert (got.status_code, got.json()["overall_status"]) == (200, "OK")
    head = api.http.head(f"{api.url}{path}")
    assert (head.status_code, head.content) == (200, b"")


def test_urls_in_an_answer_lead_back_to_the_host_that_was_asked(api) -> None:
    form = api.form({"dataset_type": api.type, "file_count": 1, "groups": [{"key": "a"}]}, "set")
    answer = api.post("reports/datasets", form, headers={"Host": "data.example:8443"})
    assert answer.data["input_files"][0].startswith("http://data.example:8443/reports/")
