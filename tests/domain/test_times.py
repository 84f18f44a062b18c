from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnosity_nb.domain.times import parse_bounds, parse_time, sql_time, unix_time
from learnosity_nb.errors import InputError

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
NEW_YEAR_UNIX = 1767225600


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        (NEW_YEAR_UNIX, NEW_YEAR),
        (float(NEW_YEAR_UNIX), NEW_YEAR),
        (f" {NEW_YEAR_UNIX} ", NEW_YEAR),
        ("1767225600.5", NEW_YEAR + timedelta(seconds=0.5)),
        ("+1767225600", NEW_YEAR),
        (0, datetime(1970, 1, 1, tzinfo=UTC)),
        ("0", datetime(1970, 1, 1, tzinfo=UTC)),
        (99_999_999_999, datetime(5138, 11, 16, 9, 46, 39, tzinfo=UTC)),
        ("2026-01-01T00:00:00Z", NEW_YEAR),
        ("2026-01-01T00:00:00z", NEW_YEAR),
        ("2026-01-01T10:30:00+10:30", NEW_YEAR),
        ("2025-12-31T19:00:00.000-05:00", NEW_YEAR),
        ("2026-01-01 00:00:00", NEW_YEAR),
        ("2026-01-01", NEW_YEAR),
        ("2025-12-31T23:59:60Z", NEW_YEAR),
        ("2025-12-31t23:59:60.25z", NEW_YEAR + timedelta(seconds=0.25)),
        ("0001-01-01", datetime(1, 1, 1, tzinfo=UTC)),
        ("9999-12-31T23:59:59Z", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
        (datetime(2026, 1, 1), NEW_YEAR),
        (NEW_YEAR, NEW_YEAR),
        (datetime(2026, 1, 1, 2, tzinfo=timezone(timedelta(hours=2))), NEW_YEAR),
        (pd.Timestamp("2026-01-01"), NEW_YEAR),
        (pd.Timestamp("2026-01-01 01:00", tz="Europe/Paris"), NEW_YEAR),
    ],
)
def test_a_time_is_read_and_given_in_utc(value: Any, moment: datetime) -> None:
    parsed = parse_time(value)
    assert parsed == moment
    assert parsed.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "value", [1767225600000, "1767225600000", 1767225600000.0, "1712010100000", "1712010100000.5", 10**11]
)
def test_milliseconds_are_refused_by_name(value: Any) -> None:
    # Python itself reads the text 1712010100000 as the year 1712.
    with pytest.raises(ValueError, match="looks like milliseconds"):
        parse_time(value)


@pytest.mark.parametrize("value", [-1, "-5", 10**15, "9" * 400, 10**400, float("nan"), float("inf"), float("-inf")])
def test_seconds_outside_the_years_1970_to_9999_are_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="between the years 1970 and 9999"):
        parse_time(value)


@pytest.mark.parametrize(
    "value", ["", "today", "2026-02-30", "2026-13-01", "2026-01-01T25:00:00Z", "١٢٣", None, True, False, [], b"0", 1j]
)
def test_what_is_no_time_is_refused_with_an_example(value: Any) -> None:
    with pytest.raises(ValueError, match="such as 2026-01-31T08:00:00Z"):
        parse_time(value)


@pytest.mark.parametrize("value", ["0001-01-01T00:00:00+10:00", "9999-12-31T23:00:00-10:00"])
def test_a_zone_that_leads_out_of_the_calendar_is_a_value_error(value: str) -> None:
    with pytest.raises(ValueError, match="between the years 1 and 9999"):
        parse_time(value)


def test_a_missing_pandas_time_is_refused() -> None:
    with pytest.raises(ValueError, match="missing"):
        parse_time(pd.NaT)


@given(st.integers(0, 10**11 - 1))
def test_unix_seconds_go_there_and_back(seconds: int) -> None:
    assert unix_time(parse_time(seconds)) == seconds
    assert parse_time(str(seconds)) == parse_time(seconds) == parse_time(parse_time(seconds).isoformat())


@given(st.text(max_size=30) | st.integers() | st.floats() | st.datetimes() | st.booleans() | st.none())
def test_anything_is_read_in_utc_or_refused_with_a_value_error(value: Any) -> None:
    with contextlib.suppress(ValueError):
        assert parse_time(value).tzinfo is UTC


def test_times_are_written_as_the_jobs_endpoints_write_them() -> None:
    moment = datetime(2015, 4, 24, 3, 30, 2, 999999, tzinfo=timezone(timedelta(hours=2)))
    assert sql_time(moment) == "2015-04-24 01:30:02"


def test_bounds_may_be_open_at_either_end() -> None:
    assert parse_bounds(None, None) == (None, None)
    assert parse_bounds(NEW_YEAR_UNIX, None) == (NEW_YEAR, None)
    assert parse_bounds(None, "2026-01-01T00:00:00Z") == (None, NEW_YEAR)
    assert parse_bounds(NEW_YEAR_UNIX, NEW_YEAR) == (NEW_YEAR, NEW_YEAR)


def test_both_bad_bounds_are_told_at_once() -> None:
    with pytest.raises(InputError) as caught:
        parse_bounds("soon", 10**400)
    assert [(fault.kind, fault.key) for fault in caught.value.faults] == [
        ("bad_time", "mintime"),
        ("bad_time", "maxtime"),
    ]


def test_an_empty_span_is_refused() -> None:
    with pytest.raises(InputError, match="mintime is after maxtime"):
        parse_bounds(NEW_YEAR_UNIX + 1, NEW_YEAR)
