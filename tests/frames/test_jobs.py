from __future__ import annotations

import pandas as pd

from learnosity_nb.frames.jobs import jobs_frame

DTYPES = {
    "reference": "str",
    "type": "str",
    "status": "str",
    "dt_created": "datetime64[us, UTC]",
    "dt_completed": "datetime64[us, UTC]",
    "data": "object",
    "error": "object",
}


def test_job_records_become_typed_rows_in_their_order() -> None:
    frame = jobs_frame(
        [
            {
                "reference": "r2",
                "type": "reportdataset",
                "status": "completed",
                "dt_created": "2015-04-24 01:30:02",
                "dt_completed": "2015-04-24 01:31:00",
                "data": {"users": 3},
            },
            {"reference": "r1", "status": "queued", "dt_created": "2015-04-24T01:30:01Z", "dt_completed": None},
            {"reference": "r0", "status": "halted", "error": {"code": 1}, "unlisted": True},
        ]
    )
    assert {name: str(kind) for name, kind in frame.dtypes.items()} == DTYPES
    assert frame["reference"].tolist() == ["r2", "r1", "r0"]
    assert frame["type"].isna().tolist() == [False, True, True]
    assert frame["dt_created"][:2].tolist() == [
        pd.Timestamp("2015-04-24 01:30:02", tz="UTC"),
        pd.Timestamp("2015-04-24 01:30:01", tz="UTC"),
    ]
    assert frame["dt_completed"].isna().tolist() == [False, True, True]
    assert frame["data"].tolist() == [{"users": 3}, None, None]
    assert frame["error"].tolist() == [None, None, {"code": 1}]


def test_no_jobs_are_a_frame_of_the_same_dtypes() -> None:
    frame = jobs_frame([])
    assert {name: str(kind) for name, kind in frame.dtypes.items()} == DTYPES
    assert len(frame) == 0


def test_jobs_that_have_not_ended_keep_the_dtype_of_their_times() -> None:
    frame = jobs_frame([{"reference": "r", "dt_created": None, "dt_completed": None}])
    assert {name: str(kind) for name, kind in frame.dtypes.items()} == DTYPES
