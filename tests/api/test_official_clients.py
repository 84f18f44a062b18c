"""The vendor's own clients, unmodified, against ``learnosity-nb serve``."""

from __future__ import annotations

import json
import os
import subprocess
import sysconfig
import time
import warnings
from pathlib import Path
from typing import Any

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # requests warns about versions of its own dependencies
    import requests
    from learnosity_sdk.exceptions import DataApiException
    from learnosity_sdk.request import DataApi

SECRET = "a secret with spaces_and_underscores"
SECURITY = {"consumer_key": "vendor", "domain": "localhost"}
TYPE = "sessions-summary-by-group"
INITIALISE = {
    "dataset_type": TYPE,
    "file_count": 3,
    "groups": [{"key": "school", "label": "École ü"}],
    "options": {"fields": ["population", "mean_score"], "default_sort_field": "mean_score"},
}


@pytest.fixture(scope="module")
def url(tmp_path_factory, start_serve) -> str:
    data = tmp_path_factory.mktemp("vendor")
    (data / "access.toml").write_text(f'[consumers.vendor]\nsecret = "{SECRET}"\n', encoding="utf-8")
    rows = "".join(f"s{number},u{number},{number},20\n" for number in range(9))
    (data / "sessions.csv").write_text("session_id,user_id,score,max_score\n" + rows, encoding="utf-8")
    return start_serve(data).url


@pytest.fixture(scope="module", autouse=True)
def without_proxy() -> Any:
    patch = pytest.MonkeyPatch()
    patch.setenv("NO_PROXY", "127.0.0.1")
    yield
    patch.undo()


def lines(number: int) -> bytes:
    users = range(3 * number, 3 * number + 3)
    rows = [{"user_id": f"u{user}", "session_id": [f"s{user}"], "group_path": [f"schule {number} ß"]} for user in users]
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


@pytest.fixture(scope="module")
def built(url) -> tuple[str, str]:
    """A dataset made by the vendor's client: its id and its job."""
    client = DataApi()
    answer = client.request(f"{url}/v2026.2.LTS/reports/datasets", SECURITY, SECRET, INITIALISE, "set")
    assert answer.status_code == 200, answer.text
    made = answer.json()["data"]
    header = {"Content-Type": "application/x-www-form-urlencoded", "Expect": "100-continue"}
    for number, address in enumerate(made["input_files"]):
        assert requests.put(address, headers=header, data=lines(number)).status_code == 200
    request = {"dataset_type": TYPE, "dataset_id": made["dataset_id"]}
    started = client.request(f"{url}/v2026.2.LTS/jobs/reports/datasets", SECURITY, SECRET, request, "set").json()
    reference = started["data"]["job_reference"]
    request = {"references": [reference], "status": ["queued", "running", "halted", "completed"]}
    deadline = time.monotonic() + 120
    while True:
        [job] = client.results_iter(f"{url}/v2026.2.LTS/jobs", SECURITY, SECRET, request)
        if job["status"] not in {"queued", "running"}:
            break
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert job["status"] == "completed"
    return made["dataset_id"], reference


def test_the_sdk_reads_what_it_built(url, built) -> None:
    request = {"dataset_type": TYPE, "dataset_id": built[0], "group_paths": [[], ["schule 2 ß"], ["none"]]}
    answer = DataApi().request(f"{url}/v2026.2.LTS/reports/datasets", SECURITY, SECRET, request)
    root, school, absent = (requests.get(address) for address in answer.json()["data"])
    assert [row[2:] for row in root.json()["rows"]] == [[f"schule {n} ß", 3, 3 * n + 1] for n in (2, 1, 0)]
    assert root.json()["self"][3:] == [9, 4]
    assert school.json()["self"][2:] == ["schule 2 ß", 3, 7]
    assert absent.status_code == 404


def test_the_sdks_iterators_end(url, built) -> None:
    client, endpoint = DataApi(), f"{url}/latest/jobs"
    pages = list(client.request_iter(endpoint, SECURITY, SECRET, {"limit": 1}))
    assert all(page["meta"]["status"] is True for page in pages)
    assert [job["reference"] for page in pages for job in page["data"]] == [built[1]]
    assert [job["reference"] for job in client.results_iter(endpoint, SECURITY, SECRET, {})] == [built[1]]
    assert list(client.results_iter(endpoint, SECURITY, SECRET, {"status": ["halted"]})) == []
    parts = list(client.results_iter(f"{url}/v1/reports/datasets", SECURITY, SECRET, INITIALISE, "set"))
    assert [list(part) for part in parts] == [["dataset_id"], ["input_files"]]


def test_the_sdk_understands_a_refusal(url) -> None:
    with pytest.raises(DataApiException, match="41003"):
        list(DataApi().results_iter(f"{url}/v1/jobs", SECURITY, "wrong", {}))
    with pytest.raises(DataApiException, match="20004"):
        list(DataApi().results_iter(f"{url}/v1/jobs", SECURITY, SECRET, {"limit": 0}))


@pytest.fixture
def lrn(tmp_path):
    """Runs the vendor's command line client; returns exit code, output and log."""

    def run(action: str, request: Any, endpoint: str, *options: str) -> tuple[int, Any, str]:
        program = Path(sysconfig.get_path("scripts")) / "lrn-cli"
        command = [str(program), "-k", "vendor", "-S", SECRET, action, "-R", json.dumps(request), "data", endpoint]
        home = {"HOME": str(tmp_path), "PYTHONWARNINGS": "ignore", "LC_ALL": "C.UTF-8"}
        ended = subprocess.run(
            [*command, *options], capture_output=True, text=True, timeout=120, env={**os.environ, **home}, check=False
        )
        return ended.returncode, json.loads(ended.stdout) if ended.stdout.strip() else None, ended.stderr

    return run


def test_lrn_cli_builds_and_lists(url, built, lrn) -> None:
    request = {"dataset_type": TYPE, "file_count": "1", "groups": [{"key": "school", "label": "School"}]}
    code, made, log = lrn("-s", request, f"{url}/v2026.2.LTS/reports/datasets", "-P", "0")
    assert code == 0, log
    assert requests.put(made["input_files"][0], data=lines(0)).status_code == 200
    request = {"dataset_type": TYPE, "dataset_id": made["dataset_id"]}
    code, started, log = lrn("-s", request, f"{url}/v2026.2.LTS/jobs/reports/datasets", "-P", "0")
    assert code == 0, log
    assert started["dataset_id"] == made["dataset_id"]
    code, jobs, log = lrn("-g", {"references": [built[1]]}, f"{url}/v2026.2.LTS/jobs", "-l", "1")
    assert code == 0, log
    assert [job["reference"] for job in jobs] == [built[1]]


def test_lrn_cli_ends_with_1_and_the_services_words_when_it_is_refused(url, lrn) -> None:
    code, _, log = lrn("-g", {"status": ["paused"]}, f"{url}/v2026.2.LTS/jobs")
    assert code == 1
    assert "status may hold" in log
