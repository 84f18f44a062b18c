"""The list of jobs is read whole once, then only where it may have changed."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from learnosity_nb.domain.times import parse_time
from learnosity_nb.explorers.job_reading import JobReader
from learnosity_nb.frames.jobs import jobs_frame


class Service:
    """A service whose jobs are set by the test; it notes what it was asked."""

    def __init__(self) -> None:
        self.records: list[dict[str, Any]] = []
        self.asked: list[dict[str, Any]] = []

    def set(self, reference: str, status: str, created: str | None) -> None:
        self.records = [record for record in self.records if record["reference"] != reference]
        self.records.append({"reference": reference, "status": status, "dt_created": created, "type": "t"})
        self.records.sort(key=lambda record: record["reference"])
        self.records.sort(key=lambda record: record["dt_created"] or "", reverse=True)

    def jobs(self, **asked: Any) -> pd.DataFrame:
        self.asked.append(asked)
        frame = jobs_frame(self.records)
        if "mintime" in asked:
            frame = frame[frame["dt_created"] >= parse_time(asked["mintime"])]
        if "references" in asked:
            frame = frame[frame["reference"].isin(asked["references"])]
        return frame.reset_index(drop=True)


@pytest.fixture
def service() -> Service:
    service = Service()
    service.set("old", "completed", "2026-01-01 08:00:00")
    service.set("stuck", "queued", "2026-01-02 08:00:00")
    service.set("late", "completed", "2026-01-03 08:00:00")
    return service


def test_later_reads_ask_from_the_oldest_open_job_on(service: Service) -> None:
    reader = JobReader(service, None)  # type: ignore[arg-type]
    assert_frame_equal(reader.read(), service.jobs())
    service.set("stuck", "completed", "2026-01-02 08:00:00")
    service.set("new", "queued", "2026-01-04 08:00:00")
    assert_frame_equal(reader.read(), service.jobs())
    assert service.asked[2]["mintime"].isoformat() == "2026-01-02T07:59:30+00:00"
    service.set("new", "running", "2026-01-04 08:00:00")
    assert_frame_equal(reader.read(), service.jobs())
    assert service.asked[4]["mintime"].isoformat() == "2026-01-04T07:59:30+00:00"


def test_when_all_have_ended_it_asks_from_the_newest_on(service: Service) -> None:
    service.set("stuck", "halted", "2026-01-02 08:00:00")
    reader = JobReader(service, None)  # type: ignore[arg-type]
    reader.read()
    service.set("at the same second", "queued", "2026-01-03 08:00:00")
    assert_frame_equal(reader.read(), service.jobs())


def test_no_jobs_and_jobs_without_a_time_are_read_whole(service: Service) -> None:
    service.records.clear()
    reader = JobReader(service, None)  # type: ignore[arg-type]
    reader.read()
    service.set("timeless", "running", None)
    assert len(reader.read()) == 1
    service.set("timeless", "completed", None)
    assert reader.read()["status"].tolist() == ["completed"]


def test_named_jobs_are_asked_for_until_they_have_ended(service: Service) -> None:
    reader = JobReader(service, ["stuck", "old", "not yet", "old"])  # type: ignore[arg-type]
    assert reader.read()["reference"].tolist() == ["stuck", "old"]
    service.set("stuck", "completed", "2026-01-02 08:00:00")
    service.set("not yet", "halted", "2026-01-05 08:00:00")
    assert reader.read()["reference"].tolist() == ["not yet", "stuck", "old"]
    assert service.asked[-1] == {"references": ["stuck", "not yet"]}
    reader.read()
    assert len(service.asked) == 2
