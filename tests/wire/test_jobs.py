from __future__ import annotations

import logging
from datetime import UTC, datetime

import pytest

from learnosity_nb.domain.jobs import JobReference
from learnosity_nb.domain.times import parse_time, unix_time
from learnosity_nb.errors import InputError, ProtocolError
from learnosity_nb.wire.jobs import find_jobs

ALL = ["queued", "running", "halted", "completed"]


def job(reference: str, status: str = "completed") -> dict:
    return {
        "reference": reference,
        "type": "reportdataset",
        "status": status,
        "dt_created": "2026-03-01 12:00:00",
        "dt_completed": None,
    }


def test_all_four_states_are_asked_for_unless_told_otherwise(scripted, fault):
    api, transport = scripted(fault.ok([job("a")]))
    assert list(find_jobs(api)) == [job("a")]
    list(find_jobs(api, statuses="running"))
    list(find_jobs(api, statuses=["halted", "queued"]))
    assert [asked["status"] for asked in transport.asked()] == [ALL, ["running"], ["halted", "queued"]]
    assert transport.asked()[0] == {"status": ALL, "limit": 50}


def test_every_filter_is_sent_in_the_apis_words(scripted, fault):
    api, transport = scripted(fault.ok([]))
    list(
        find_jobs(
            api,
            references=[JobReference("a"), "b", "a"],
            mintime=datetime(2026, 3, 1, tzinfo=UTC),
            maxtime="2026-03-02T00:00:00Z",
            organisation=7,
            include=["data"],
            limit=5,
        )
    )
    assert transport.asked() == [
        {
            "status": ALL,
            "limit": 5,
            "references": ["a", "b"],
            "mintime": 1772323200,
            "maxtime": 1772409600,
            "organisation_id": 7,
            "include": ["reference", "type", "status", "dt_created", "dt_completed", "data"],
        }
    ]


def test_a_single_reference_may_be_a_text(scripted, fault):
    api, transport = scripted(fault.ok([job("abc")]))
    assert [found["reference"] for found in find_jobs(api, references="abc")] == ["abc"]
    assert transport.asked()[0]["references"] == ["abc"]


def test_no_references_give_no_jobs_and_no_call(scripted, fault):
    api, transport = scripted(fault.ok([job("a")]))
    assert list(find_jobs(api, references=[])) == []
    assert transport.requests == []


@pytest.mark.parametrize("limit", [0, -1, 51, "x", "5", True, 2.0])
def test_j06_a_limit_out_of_range_is_refused_before_anything_is_sent(scripted, fault, limit):
    api, transport = scripted(fault.ok([]))
    with pytest.raises(InputError) as caught:
        find_jobs(api, limit=limit)
    assert [fault.key for fault in caught.value.faults] == ["limit"]
    assert transport.requests == []


@pytest.mark.parametrize("limit", [1, 50])
def test_j06_the_bounds_of_limit_are_accepted(scripted, fault, limit):
    api, transport = scripted(fault.ok([job("a")]))
    list(find_jobs(api, limit=limit))
    assert transport.asked()[0]["limit"] == limit


def test_every_wrong_parameter_is_named(scripted, fault):
    api, _ = scripted(fault.ok([]))
    with pytest.raises(InputError) as caught:
        find_jobs(
            api,
            references=[1],
            statuses=["paused"],
            mintime="yesterday",
            maxtime=1772323200000,
            organisation="a",
            include=5,
            limit=99,
        )
    keys = {fault.key for fault in caught.value.faults}
    assert keys == {"references", "status", "mintime", "maxtime", "organisation_id", "include", "limit"}
    assert "milliseconds" in str(caught.value)


def test_pages_are_followed_lazily_up_to_the_limit(answering):
    def answer(asked):
        first = int(asked.get("next", 0))
        return [job(str(number)) for number in range(first, first + 50)], {"next": str(first + 50)}

    api, transport = answering(answer)
    found = find_jobs(api)
    assert [next(found)["reference"] for _ in range(120)] == [str(number) for number in range(120)]
    assert len(transport.requests) == 3
    assert len(list(find_jobs(api, limit=10))) == 10
    assert len(transport.requests) == 4


def test_j03_a_job_on_two_pages_is_listed_once_and_counted(scripted, fault, caplog):
    pages = [fault.ok([job("a"), job("b")], next="1"), fault.ok([job("b"), job("c")])]
    api, _ = scripted(*pages)
    with caplog.at_level(logging.INFO):
        assert [found["reference"] for found in find_jobs(api)] == ["a", "b", "c"]
    assert "1 jobs came on more than one page" in caplog.text


def test_j13_1001_references_are_asked_for_so_that_no_answer_need_go_on(answering):
    api, transport = answering(lambda asked: ([job(reference) for reference in asked["references"][:50]], {}))
    references = [f"job-{number}" for number in range(1001)]
    assert [found["reference"] for found in find_jobs(api, references=references)] == references
    assert len(transport.requests) == 21


def test_a_list_that_ends_at_fifty_jobs_goes_on_before_the_oldest_of_them(answering):
    jobs = [{**job(f"job-{number}"), "dt_created": f"2026-03-01 00:{number // 4:02}:00"} for number in range(120)][::-1]

    def answer(asked):
        until = asked.get("maxtime", 2**40)
        found = [each for each in jobs if unix_time(parse_time(each["dt_created"])) <= until]
        return found[:50], {}

    api, transport = answering(answer)
    assert list(find_jobs(api)) == jobs
    assert len(transport.requests) == 3


def test_fifty_jobs_of_one_second_end_a_list_that_does_not_go_on(answering):
    page = [{**job(f"job-{number}"), "dt_created": "2026-03-01 00:00:00"} for number in range(50)]
    api, transport = answering(lambda asked: (page, {}))
    assert list(find_jobs(api)) == page
    assert len(transport.requests) == 2


@pytest.mark.parametrize(
    ("record", "named"),
    [
        ({"status": "completed"}, "`reference`"),
        ({"reference": "a"}, "`status`"),
        ({"reference": 5, "status": "completed"}, "reference"),
        ("a", "object"),
    ],
    ids=str,
)
def test_t09_a_job_not_as_documented_is_named_by_its_key(scripted, fault, record, named):
    api, _ = scripted(fault.ok([record]))
    with pytest.raises(ProtocolError, match=named):
        list(find_jobs(api))


def test_t09_jobs_in_an_object_are_an_error(scripted, fault):
    api, _ = scripted(fault.ok({"a": 1}))
    with pytest.raises(ProtocolError, match="Expected `array`"):
        list(find_jobs(api))
