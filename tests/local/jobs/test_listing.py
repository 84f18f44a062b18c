from __future__ import annotations

from datetime import UTC, datetime

import pytest

from learnosity_nb.domain.jobs import JOB_STATUSES
from learnosity_nb.local.answers import Caller
from learnosity_nb.local.jobs.listing import MAX_LIMIT, list_jobs, read_limit
from learnosity_nb.local.refusals import Refusal

CALLER = Caller("key", (1, 2), "http://h")


class ServiceOfJobs:
    """As much of the service as the listing needs."""

    def __init__(self, queue) -> None:
        self.queue = queue


def listed(bench, caller: Caller = CALLER, **request) -> list[str]:
    return [job["reference"] for job in list_jobs(ServiceOfJobs(bench.queue), caller, request).data]


def iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def test_jobs_come_newest_first_and_ties_by_reference(bench, clock) -> None:
    tied = [bench.add() for _ in range(5)]
    clock.now += 1
    last = bench.add()
    assert listed(bench, status=list(JOB_STATUSES)) == [last, *sorted(tied)]
    first = list_jobs(ServiceOfJobs(bench.queue), CALLER, {"status": ["queued"], "limit": 3})
    rest = list_jobs(ServiceOfJobs(bench.queue), CALLER, {"status": ["queued"], "limit": 3, "next": first.next})
    assert [job["reference"] for job in first.data + rest.data] == [last, *sorted(tied)]
    assert rest.next is None


def test_a_page_is_not_shifted_by_jobs_that_come_later(bench, clock) -> None:
    references = []
    for _ in range(4):
        clock.now += 1
        references.append(bench.add())
    first = list_jobs(ServiceOfJobs(bench.queue), CALLER, {"status": ["queued"], "limit": 2})
    clock.now += 1
    bench.add()
    assert listed(bench, status=["queued"], next=first.next) == references[1::-1]


def test_more_than_50_jobs_take_two_pages(bench) -> None:
    references = sorted(bench.add() for _ in range(MAX_LIMIT + 1))
    for limit in ({}, {"limit": None}, {"limit": 50}, {"limit": 51}, {"limit": "1000"}):
        answer = list_jobs(ServiceOfJobs(bench.queue), CALLER, {"status": ["queued"], **limit})
        assert [job["reference"] for job in answer.data] == references[:50]
        assert listed(bench, status=["queued"], next=answer.next) == references[50:]


@pytest.mark.parametrize("form", [lambda seconds: seconds, str, iso], ids=["number", "digits", "ISO 8601"])
def test_both_bounds_of_the_creation_time_are_inclusive(bench, clock, form) -> None:
    references = {}
    for second in (100, 101, 102):
        clock.now = second
        references[second] = bench.add()
    found = {
        (low, high): set(listed(bench, status=["queued"], mintime=form(low), maxtime=form(high)))
        for low in range(99, 104)
        for high in range(low, 104)
    }
    for (low, high), some in found.items():
        assert some == {reference for second, reference in references.items() if low <= second <= high}


def test_a_job_created_within_a_second_belongs_to_it(bench, clock) -> None:
    clock.now = 100.7
    reference = bench.add()
    assert listed(bench, status=["queued"], mintime=100, maxtime=100) == [reference]
    assert listed(bench, status=["queued"], maxtime=100.2) == [reference]
    assert listed(bench, status=["queued"], mintime=101) == []


def test_each_state_shows_what_belongs_to_it(bench, clock) -> None:
    clock.now = 1_429_839_002  # the moment of the specification's example
    owner = bench.owner()
    completed, halted, running, queued = (bench.add() for _ in range(4))
    claims = {}
    for _ in range(4):
        claim = bench.queue.claim(owner)
        claims[claim.reference] = claim
    bench.queue.release(owner)
    for _ in range(4):
        claim = bench.queue.claim(owner)
        claims[claim.reference] = claim
    clock.now += 1
    bench.queue.complete(claims[completed], {"users": 3})
    bench.queue.halt(claims[halted], {"code": 20004, "message": "no", "details": []})
    answer = list_jobs(ServiceOfJobs(bench.queue), CALLER, {"status": list(JOB_STATUSES), "include": ["data"]})
    found = {job["reference"]: job for job in answer.data}
    assert found[completed] == {
        "reference": completed,
        "type": "quick",
        "status": "completed",
        "dt_created": "2015-04-24 01:30:02",
        "dt_completed": "2015-04-24 01:30:03",
        "data": {"users": 3},
    }
    assert found[halted]["error"] == {"code": 20004, "message": "no", "details": []}
    assert found[halted]["dt_completed"] == "2015-04-24 01:30:03"
    for reference in (running, queued):
        assert (found[reference]["status"], found[reference]["dt_completed"]) == ("running", None)
        assert "error" not in found[reference]
    assert listed(bench) == [completed]
    assert listed(bench, status=["halted", "completed"]) == sorted([completed, halted])


def test_an_organisation_must_be_one_of_the_callers(bench) -> None:
    reference = bench.add()  # of organisation 1
    assert listed(bench, status=["queued"], organisation_id=1) == [reference]
    assert listed(bench, status=["queued"], organisation_id=2) == []
    for caller, organisation in ((CALLER, 3), (Caller("key", (), "http://h"), 1)):
        with pytest.raises(Refusal) as raised:
            listed(bench, caller, organisation_id=organisation)
        assert raised.value.code == 40003


@pytest.mark.parametrize(
    ("limit", "read"), [({}, 50), ({"limit": 1}, 1), ({"limit": "007"}, 7), ({"limit": 10**30}, 50)]
)
def test_a_limit_is_a_number_up_to_50(limit, read) -> None:
    assert read_limit(limit, 50) == read


@pytest.mark.parametrize("limit", [0, -1, "0", " 5", "5 ", "٣", "1e3", 5.0, False])
def test_anything_else_is_no_limit(limit) -> None:
    with pytest.raises(Refusal) as raised:
        read_limit({"limit": limit}, 50)
    assert raised.value.code == 20004
