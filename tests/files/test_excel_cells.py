from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from learnosity_nb.files.excel_cells import cell_value, column_width, number_format

EAST = timezone(timedelta(hours=9))


@pytest.mark.parametrize(
    ("name", "whole", "shown"),
    [
        ("population", True, "#,##0"),
        ("group_count", True, "#,##0"),
        ("level", True, "0"),
        ("seen_activities", True, "0"),
        ("p05_percent", False, "0.0"),
        ("mean_attempted_percent", False, "0.0"),
        ("stddev_score", False, "0.00"),
        ("max_score", False, "0.00"),
        ("mean_seen_activities", False, "0.00"),
        ("mean_score_difference", False, "0.00"),
        ("effect_size", False, "General"),
    ],
)
def test_a_format_follows_the_field(name: str, whole: bool, shown: str) -> None:
    assert number_format(name, whole=whole) == shown


@pytest.mark.parametrize(
    ("value", "held"),
    [
        (True, True),
        (np.True_, True),
        (np.int64(-3), -3),
        (2**53, 2**53),
        (2**53 + 1, "9007199254740993"),
        (-(2**60), "-1152921504606846976"),
        (0.1, 0.1),
        (np.float32(0.5), 0.5),
        (math.inf, "inf"),
        (-math.inf, "-inf"),
        (Decimal("-3.5"), -3.5),
        (Decimal("nan"), None),
        (datetime(2026, 1, 31, 9, tzinfo=EAST), datetime(2026, 1, 31)),
        (pd.Timestamp("2026-01-31 09:00:00.000000001", tz="Asia/Tokyo"), datetime(2026, 1, 31)),
        (datetime(1900, 2, 28), "1900-02-28 00:00:00"),
        (datetime(1900, 3, 1), datetime(1900, 3, 1)),
        (date(2026, 1, 31), date(2026, 1, 31)),
        (date(1899, 12, 31), "1899-12-31"),
        (timedelta(hours=1), "1:00:00"),
        (1j, "1j"),
        (b"=1", "b'=1'"),
        (np.array(["a"]), '["a"]'),
    ],
)
def test_a_value_is_held_as_excel_can(value: Any, held: Any) -> None:
    found = cell_value(value)
    assert found == held
    assert type(found) is type(held)


def test_a_time_past_excels_last_year_is_text() -> None:
    late = pd.Timestamp(np.datetime64("20000-01-01", "s"))
    assert isinstance(cell_value(late), str)


def test_a_width_shows_header_and_values_within_bounds() -> None:
    assert column_width(pd.Series([1], name="a")) == 8
    assert column_width(pd.Series([0.123456789], name="a")) == 10
    assert column_width(pd.Series(["x" * 20, None], name="a")) == 20
    assert column_width(pd.Series(["x" * 200], name="a")) == 48
    assert column_width(pd.Series([], name="mean_percent")) == 15
    assert column_width(pd.Series([datetime(2026, 1, 31, tzinfo=UTC)], name="t")) == 19
