"""``/jobs`` get: which jobs, in which order, how many, and what of each."""

from __future__ import annotations

import re
from base64 import b64encode
from uuid import UUID, uuid4

import pytest

JOBS = 7


@pytest.fixture(scope="module")
def references(module_api) -> list[str]:
    """References of a consumer's completed jobs, oldest first."""
    api = module_api
    made = []
    for number in range(JOBS):
        dataset_id = api.upload(api.ndjson([api.line("u", [f"s{number}"], "x", "y")]))
        made.append(api.start(dataset_id).data["job_reference"])
    for reference in made:
        assert api.wait(reference)["status"] == "completed"
    return made


def listed(api, **request) -> list[str]:
    return [job["reference"] for job in api.call("jobs", request).data]


def test_a_job_has_five_properties(module_api, references) -> None:
    answer = module_api.call("jobs", {"references": references[:1]})
    [job] = answer.data
    assert list(job) == ["reference", "type", "status", "dt_created", "dt_completed"]
    assert (str(UUID(job["reference"])), job["type"], job["status"]) == (references[0], "reportdataset", "completed")
    moment = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
    assert moment.fullmatch(job["dt_created"])
    assert moment.fullmatch(job["dt_completed"])
    assert job["dt_created"] <= job["dt_completed"]
    assert answer.meta["records"] == 1
    assert "next" not in answer.meta


def test_include_adds_data_and_error(module_api, references) -> None:
    request = {"references": references[:1]}
    [job] = module_api.call("jobs", {**request, "include": ["data"]}).data
    assert set(job["data"]) >= {"dataset_id", "users", "groups", "sessions"}
    assert "error" not in job
    [job] = module_api.call("jobs", {**request, "include": ["data", "error"]}).data
    assert job["error"] is None
    [job] = module_api.call("jobs", {**request, "include": ["status", "unheard_of"]}).data
    assert len(job) == 5


def test_jobs_are_listed_newest_first_and_by_default_the_completed_ones(module_api, references) -> None:
    assert listed(module_api) == references[::-1]
    assert listed(module_api, status=["completed"]) == references[::-1]
    assert listed(module_api, status=["queued", "running", "halted"]) == []
    assert listed(module_api, status=module_api.statuses) == references[::-1]
    assert listed(module_api, status=[]) == []


@pytest.mark.parametrize("limit", [1, 2, 6, 7, 50, 51, 10**6, "2", "50"])
def test_limit_bounds_a_page_and_next_leads_through_all(module_api, references, limit) -> None:
    pages, request = [], {"limit": limit}
    while True:
        answer = module_api.call("jobs", request)
        pages.append([job["reference"] for job in answer.data])
        assert answer.meta["records"] == len(pages[-1])
        if "next" not in answer.meta:
            break
        request = {"limit": limit, "next": answer.meta["next"]}
    assert [reference for page in pages for reference in page] == references[::-1]
    assert all(len(page) == int(limit) for page in pages[:-1])
    assert pages[-1]


@pytest.mark.parametrize("limit", [0, -1, "x", "0", "-1", "", "9" * 5000, 1.5, True, [1], {}])
def test_another_limit_is_refused(api, limit) -> None:
    answer = api.call("jobs", {"limit": limit})
    assert answer.refused == (400, 20004)
    assert "limit" in answer.meta["message"]


def test_only_the_references_asked_for_are_listed(module_api, references) -> None:
    wanted = [references[4], references[1], str(uuid4()), references[1]]
    assert listed(module_api, references=wanted) == [references[4], references[1]]
    assert listed(module_api, references=[]) == []
    assert listed(module_api, references=[str(uuid4()) for _ in range(999)] + references[:1]) == references[:1]


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({"references": [str(number) for number in range(1001)]}, 20002),
        ({"references": "all"}, 20003),
        ({"references": [7]}, 20003),
        ({"status": "completed"}, 20003),
        ({"status": ["paused"]}, 20004),
        ({"status": [None]}, 20003),
        ({"include": "data"}, 20003),
        ({"next": "x"}, 20004),
        ({"next": "bm90IGpzb24="}, 20004),
        ({"next": "W1sxXSwgMV0="}, 20004),
        ({"next": b64encode(b"[1" + b"0" * 400 + b', ""]').decode()}, 20004),
        ({"next": b64encode(b"[" * 100_000).decode()}, 20004),
        ({"next": 5}, 20003),
        ({"mintime": "soon"}, 20004),
        ({"maxtime": 1_700_000_000_000}, 20004),
        ({"maxtime": 10**400}, 20004),
        ({"mintime": 2_000_000_000, "maxtime": 1_000_000_000}, 20004),
        ({"organisation_id": "7"}, 20003),
        ({"organisation_id": True}, 20003),
    ],
)
def test_a_parameter_that_cannot_be_is_refused_by_name(api, request_, code) -> None:
    answer = api.call("jobs", request_)
    assert answer.refused == (400, code)
    assert next(iter(request_)) in answer.meta["message"]


def test_time_bounds_are_inclusive(module_api, references) -> None:
    created = module_api.job(references[0])["dt_created"]
    last = module_api.job(references[-1])["dt_created"]
    assert listed(module_api, mintime=f"{created}Z", maxtime=f"{last}Z") == references[::-1]
    assert listed(module_api, maxtime=f"{created}Z")[-1] == references[0]
    assert listed(module_api, mintime=f"{last}Z")[0] == references[-1]
    assert listed(module_api, mintime=1_000_000_000, maxtime="1000000000") == []
    assert listed(module_api, maxtime="2015-04-24 01:30:02") == []


def test_an_organisation_shows_its_own_jobs_and_another_ones_is_refused(module_api, references) -> None:
    assert listed(module_api, organisation_id=7) == references[::-1]
    assert listed(module_api, organisation_id=8) == []
    answer = module_api.call("jobs", {"organisation_id": 9})
    assert answer.refused == (403, 40003)
    assert "9" in answer.meta["message"]


def test_no_consumer_sees_the_jobs_of_another(other, references) -> None:
    assert listed(other, references=references, status=other.statuses) == []
    assert listed(other) == []
