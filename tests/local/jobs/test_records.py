from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from learnosity_nb.errors import InputError
from learnosity_nb.local.jobs.records import MAX_REFERENCES

START = datetime(2026, 1, 31, 8, tzinfo=UTC)


@pytest.fixture
def listed(bench, clock) -> list[str]:
    """Seven jobs, newest first: one a second, and two in the same one."""
    added = []
    for second in (0, 1, 2, 3, 4, 4, 5):
        clock.now = START.timestamp() + second + 0.5
        added.append((-second, bench.add()))
    return [reference for _, reference in sorted(added)]


def references(page) -> list[str]:
    return [record.reference for record in page[0]]


def test_jobs_are_listed_newest_first_ties_by_reference(bench, listed) -> None:
    page = bench.queue.records("key")
    assert references(page) == listed
    assert page[1] is None
    assert page[0][0].dt_created == START + timedelta(seconds=5.5)


def test_a_consumer_sees_only_its_own_jobs(bench, listed) -> None:
    assert bench.queue.records("other") == ([], None)
    assert bench.queue.records("other", references=listed) == ([], None)


@pytest.mark.parametrize("limit", [1, 2, 3, 6, 7, 50])
def test_pages_follow_each_other_without_gap_or_repeat(bench, listed, limit) -> None:
    seen, after = [], None
    while True:
        page = bench.queue.records("key", limit=limit, after=after)
        assert len(page[0]) == limit or page[1] is None
        seen += references(page)
        after = page[1]
        if after is None:
            break
    assert seen == listed


def test_a_page_holds_fifty_jobs_where_no_limit_is_named(bench) -> None:
    added = sorted(bench.add() for _ in range(51))
    page = bench.queue.records("key")
    assert references(page) == added[:50]
    assert references(bench.queue.records("key", after=page[1])) == added[50:]


def test_new_jobs_do_not_shift_the_pages_that_follow(bench, clock, listed) -> None:
    first = bench.queue.records("key", limit=3)
    clock.now += 100
    bench.add()
    assert references(bench.queue.records("key", limit=50, after=first[1])) == listed[3:]


@pytest.mark.parametrize("token", ["", "x", "bm90IGpzb24=", "e30=", "WzEsMiwzXQ==", "é", "WyJhIiwiYiJd"])
def test_a_made_up_token_is_refused(bench, token) -> None:
    with pytest.raises(InputError, match="the page before"):
        bench.queue.records("key", after=token)


def test_jobs_are_found_by_reference(bench, listed) -> None:
    wanted = [listed[5], str(uuid4()), listed[1]]
    assert references(bench.queue.records("key", references=wanted)) == [listed[1], listed[5]]
    assert bench.queue.records("key", references=[]) == ([], None)


def test_a_thousand_references_are_taken_and_one_more_is_refused(bench, listed) -> None:
    many = [*listed, *(str(uuid4()) for _ in range(MAX_REFERENCES - len(listed)))]
    assert references(bench.queue.records("key", references=many)) == listed
    with pytest.raises(InputError, match="1,000"):
        bench.queue.records("key", references=[*many, "x"])


def test_jobs_are_found_by_status(bench, listed) -> None:
    claim = bench.queue.claim(bench.owner())
    assert references(bench.queue.records("key", statuses=["running"])) == [claim.reference] == listed[-1:]
    assert references(bench.queue.records("key", statuses=["queued"])) == listed[:-1]
    assert references(bench.queue.records("key", statuses=["running", "queued"])) == listed
    assert references(bench.queue.records("key", statuses=["completed", "halted"])) == []


def test_jobs_are_found_by_organisation(bench, listed) -> None:
    other = bench.queue.add("quick", consumer="key", organisation=2, payload={})
    none = bench.queue.add("quick", consumer="key", organisation=None, payload={})
    assert references(bench.queue.records("key", organisation=2)) == [other]
    assert references(bench.queue.records("key", organisation=1)) == listed
    assert none in references(bench.queue.records("key"))


@pytest.mark.parametrize(
    ("mintime", "maxtime", "expected"),
    [(4, None, slice(0, 3)), (None, 3, slice(3, 7)), (2, 4, slice(1, 5)), (4, 4, slice(1, 3)), (6, None, slice(0, 0))],
)
def test_bounds_are_inclusive_in_the_whole_seconds_that_are_shown(bench, listed, mintime, maxtime, expected) -> None:
    bounds = {
        name: START + timedelta(seconds=second)
        for name, second in (("mintime", mintime), ("maxtime", maxtime))
        if second is not None
    }
    assert references(bench.queue.records("key", **bounds)) == listed[expected]
