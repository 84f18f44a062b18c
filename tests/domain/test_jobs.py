from __future__ import annotations

import pickle
from typing import Any

import pytest

from learnosity_nb.domain.jobs import ENDED, JOB_STATUSES, JobBatch, JobReference, parse_statuses
from learnosity_nb.errors import InputError


def test_the_states_are_those_of_the_jobs_endpoints() -> None:
    assert set(JOB_STATUSES) == {"queued", "running", "halted", "completed"}
    assert {"halted", "completed"} == ENDED


@pytest.mark.parametrize(
    ("statuses", "parsed"),
    [
        (None, JOB_STATUSES),
        ("running", ("running",)),
        (["completed", "queued"], ("completed", "queued")),
        (("halted",), ("halted",)),
        ([], ()),
    ],
)
def test_statuses_are_read(statuses: Any, parsed: tuple[str, ...]) -> None:
    assert parse_statuses(statuses) == parsed


@pytest.mark.parametrize(
    "statuses", ["done", ["running", "done"], [None], 7, {"running": 1}, "", "Running", [["queued"]]]
)
def test_another_status_is_refused_naming_the_four(statuses: Any) -> None:
    with pytest.raises(InputError, match="status must be among queued, running, halted, completed, not"):
        parse_statuses(statuses)


def test_a_job_reference_is_a_text_everywhere() -> None:
    reference = JobReference("abc")
    assert reference == "abc"
    assert {reference: 1}["abc"] == 1
    assert pickle.loads(pickle.dumps(reference)) == "abc"


def test_a_job_batch_keeps_its_references_in_order() -> None:
    batch = JobBatch([JobReference("b"), JobReference("a")])
    assert list(batch) == ["b", "a"]
    assert batch == ("b", "a")
