"""The example requests of the Jobs endpoints' specification, sent by the vendor's own client, unmodified."""

from __future__ import annotations

import json
import time
import warnings
from typing import Any

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # requests warns about versions of its own dependencies
    import requests
    from learnosity_sdk.request import DataApi

SECURITY, SECRET = {"consumer_key": "vendor", "domain": "localhost"}, "a secret"
SCORED = "ea534769-d42f-404b-84eb-819023dabd05"
SUBSCORE_SESSIONS = [
    "8fac2b77-ebcb-42f6-a9cf-796467e8369a",
    SCORED,
    "a9d6e989-c2cf-47c5-803a-c47fe49529e4",
    "f0a8b3aa-7c18-4f66-b6f6-66d99ef440d4",
]
JESSE, WALTER = "7939ead7-3242-4907-850d-3e5e48130277", "5a74a4e9-6b6b-42a2-885e-127b795ba70c"
TAGGED = "9ce7daeb-e117-4d14-9452-c94a0afe203b"
TAGS = {"session_tags": [{"type": "assignment_type", "name": "homework"}]}
DATASET = {"dataset_type": "activity-summary-by-group", "dataset_id": "e63de7cf-8a11-4b87-9a98-aba1af4e5340"}
USERS = {
    JESSE: "jessepinkman",
    WALTER: "walterwhite",
    TAGGED: "e2c1ae85-bc62-4b70-ada2-fd8cb3949644",
    **dict.fromkeys(SUBSCORE_SESSIONS, "u"),
}


class Vendor:
    """The vendor's client for one service."""

    def __init__(self, url: str) -> None:
        self.url = url

    def __call__(self, endpoint: str, body: dict[str, Any], action: str) -> dict[str, Any]:
        answer = DataApi().request(f"{self.url}/v2023.1.LTS/{endpoint}", SECURITY, SECRET, body, action)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def results(self, endpoint: str, body: dict[str, Any]) -> list[Any]:
        return list(DataApi().results_iter(f"{self.url}/v2023.1.LTS/{endpoint}", SECURITY, SECRET, body))


@pytest.fixture(scope="module")
def call(tmp_path_factory, start_serve):
    data = tmp_path_factory.mktemp("vendor")
    tables: dict[str, list[dict[str, Any]]] = {
        "sessions": [
            {"session_id": each, "user_id": user, "score": 3, "max_score": 4, "activity_id": "act"}
            for each, user in USERS.items()
        ],
        "responses": [
            {"session_id": each, "response_id": f"r-{each}", "score": 1, "max_score": 2, "item_reference": "i"}
            for each in SUBSCORE_SESSIONS[1:]
        ],
        "items": [{"activity_id": "act", "item_reference": "i", "subscore_id": "s", "subscore_title": "S"}],
    }
    (data / "access.toml").write_text(f'[consumers.vendor]\nsecret = "{SECRET}"\n', encoding="utf-8")
    for name, rows in tables.items():
        (data / f"{name}.ndjson").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    url = start_serve(data).url
    patch = pytest.MonkeyPatch()
    patch.setenv("NO_PROXY", "127.0.0.1")

    yield Vendor(url)
    patch.undo()


def shape(value: Any) -> Any:
    """Return the keys and types of JSON data."""
    if isinstance(value, dict):
        return {key: shape(each) for key, each in value.items()}
    return [shape(value[0])] if isinstance(value, list) and value else type(value)


def assert_like(answer: dict[str, Any], meta: dict[str, Any], data: Any) -> None:
    assert shape(answer["data"]) == shape(data)
    assert {key: type(answer["meta"].get(key)) for key in meta} == {key: type(meta[key]) for key in meta}
    assert ("records" in answer["meta"]) == ("records" in meta)


def ended(call, reference: str) -> dict[str, Any]:
    request = {"references": [reference], "status": ["queued", "running", "halted", "completed"], "include": ["data"]}
    deadline = time.monotonic() + 120
    while True:
        [job] = call("jobs", request, "get")["data"]
        if job["status"] not in {"queued", "running"}:
            return job
        assert time.monotonic() < deadline
        time.sleep(0.05)


def records(call, request: dict[str, Any]) -> list[dict[str, Any]]:
    return call("sessions/scores", request, "get")["data"]


def test_subscores(call) -> None:
    answer = call("jobs/sessions/scores/subscores", {"session_id": SUBSCORE_SESSIONS}, "get")
    example = {"job_reference": "6b201463-5a2b-4d75-b689-12a1bb42ac50", "ignored_sessions": SUBSCORE_SESSIONS[:1]}
    assert_like(answer, {"status": True, "timestamp": 1437958049, "records": 2}, example)
    assert answer["meta"]["records"] == 2
    assert answer["data"]["ignored_sessions"] == SUBSCORE_SESSIONS[:1]
    assert ended(call, answer["data"]["job_reference"])["status"] == "completed"
    [record] = records(call, {"session_id": [SCORED]})
    assert [each["id"] for each in record["subscores"]] == ["s"]


def test_statuses(call) -> None:
    statuses = [
        {"user_id": "jessepinkman", "session_id": JESSE, "status": "Completed"},
        {"user_id": "walterwhite", "session_id": WALTER, "status": "Incomplete"},
    ]
    answer = call("jobs/sessions/statuses", {"statuses": statuses}, "update")
    example = {"job_reference": "8a3d0ca2-eaa4-4c18-b9b9-1b12164e8b4e"}
    assert_like(answer, {"status": True, "timestamp": 1487049275}, example)
    job = ended(call, answer["data"]["job_reference"])
    assert job["data"]["statuses"] == {"Completed": 1, "Incomplete": 1}
    found = {each["session_id"]: each["status"] for each in records(call, {"session_id": [JESSE, WALTER]})}
    assert found == {JESSE: "Completed", WALTER: "Incomplete"}


def test_metadata(call) -> None:
    entry = {"user_id": USERS[TAGGED], "session_id": TAGGED, "metadata": TAGS}
    answer = call("jobs/sessions/metadata", {"session_metadata": [entry]}, "set")
    example = {"job_reference": "8a3d0ca2-eaa4-4c18-b9b9-1b12164e8b4e"}
    assert_like(answer, {"status": True, "timestamp": 1487049275}, example)
    assert ended(call, answer["data"]["job_reference"])["status"] == "completed"
    [record] = records(call, {"session_id": [TAGGED], "include": {"sessions.session_metadata": ["session_tags"]}})
    assert record["metadata"] == TAGS


def test_the_iterators_of_the_client_end(call) -> None:
    for endpoint in ("scores", "responses", "statuses"):
        found = call.results(f"sessions/{endpoint}", {"limit": 3, "sort": "desc"})
        assert sorted(record["session_id"] for record in found) == sorted(USERS)


def test_datasets_and_jobs(call) -> None:
    levels = [{"key": "class", "label": "Class"}]
    filters = {"filters": {"activity_id": ["act"]}}
    made = call("reports/datasets", {**DATASET, **filters, "file_count": 1, "groups": levels}, "set")["data"]
    line = json.dumps({"user_id": "jessepinkman", "group_path": ["7b"]})
    header = {"Content-Type": "application/x-www-form-urlencoded"}
    assert requests.put(made["input_files"][0], headers=header, data=line).status_code == 200
    answer = call("jobs/reports/datasets", DATASET, "set")
    example = {"job_reference": "402ead85-5a27-4d40-b68b-7b1e77924ed4", **DATASET}
    assert_like(answer, {"status": True, "timestamp": 1474336936}, example)
    reference = answer["data"]["job_reference"]
    assert ended(call, reference)["status"] == "completed"
    listed = call("jobs", {"references": [reference]}, "get")
    job = {
        "reference": "9fd443d0-2b4f-4315-aec6-708da3d30d49",
        "type": "manualresponseupdate",
        "status": "completed",
        "dt_created": "2015-04-24 01:30:02",
        "dt_completed": "2015-04-24 01:30:03",
    }
    assert_like(listed, {"status": True, "timestamp": 1389192595, "records": 1}, [job])
    assert list(listed["data"][0]) == list(job)
