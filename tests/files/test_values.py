from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from learnosity_nb.files.columns import Kind
from learnosity_nb.files.values import read_value

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize("kind", ["text", "number", "whole", "time", "boolean", "date"])
@pytest.mark.parametrize("value", [None, "", float("nan"), np.float32("nan"), pd.NA, pd.NaT, np.datetime64("NaT", "s")])
def test_null_nan_and_empty_text_are_missing_in_every_kind(kind: Kind, value: object) -> None:
    assert read_value(value, kind) is None


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        ("007", "text", "007"),
        (" a ", "text", " a "),
        (7, "text", "7"),
        (np.int64(7), "text", "7"),
        ("7.5", "number", 7.5),
        (" -3e2 ", "number", -300.0),
        (".5", "number", 0.5),
        ("NaN", "number", None),
        (Decimal("0.1"), "number", 0.1),
        (Decimal("NaN"), "number", None),
        (3, "number", 3.0),
        ("-1e100", "number", -1e100),
        ("3", "whole", 3),
        ("3.0", "whole", 3),
        (3.0, "whole", 3),
        ("nan", "whole", None),
        ("9223372036854775807", "whole", 2**63 - 1),
        ("2026-01-31T12:00:00Z", "time", NOON),
        ("2026-01-31 12:00", "time", NOON),
        (1769860800, "time", NOON),
        (pd.Timestamp("2026-01-31T13:00+01:00"), "time", NOON),
        (np.datetime64("2026-01-31T12"), "time", NOON),
        (date(2026, 1, 31), "time", datetime(2026, 1, 31, tzinfo=UTC)),
        ("2026-01-31", "date", date(2026, 1, 31)),
        (" 2026-01-31T23:30:00-02:00", "date", date(2026, 1, 31)),
        ("2026-01-31T00:30:00+02:00", "date", date(2026, 1, 31)),
        ("2016-12-31T23:59:60Z", "date", date(2016, 12, 31)),
        (datetime(2026, 1, 31, 23, tzinfo=timezone(timedelta(hours=-2))), "date", date(2026, 1, 31)),
        (pd.Timestamp("2026-01-31T00:30+02:00"), "date", date(2026, 1, 31)),
        (date(2026, 1, 31), "date", date(2026, 1, 31)),
        ("Yes", "boolean", True),
        ("0", "boolean", False),
        (1.0, "boolean", True),
        (np.bool_(False), "boolean", False),
    ],
)
def test_values_that_are_accepted(value: object, kind: Kind, expected: object) -> None:
    assert read_value(value, kind) == expected


@pytest.mark.parametrize(
    ("value", "kind", "said"),
    [
        (7.0, "text", "read the column as text"),
        (True, "text", "expected text"),
        (b"a", "text", "expected text"),
        ("\ud800", "text", "surrogate"),
        ("7,5", "number", "such as 7.5"),
        ("inf", "number", "such as 7.5"),
        ("1_000", "number", "such as 7.5"),
        ("1e400", "number", "finite"),
        ("1.1e100", "number", "from -1e100 to 1e100"),
        (-1.1e100, "number", "from -1e100 to 1e100"),
        (10**101, "number", "from -1e100 to 1e100"),
        (10**400, "number", "finite"),
        (float("inf"), "number", "finite"),
        (True, "number", "a number"),
        ([], "number", "a number"),
        (Decimal("sNaN"), "number", "finite"),
        (1.5, "whole", "whole"),
        ("0x10", "whole", "number"),
        (True, "whole", "a number"),
        ("9223372036854775808", "whole", "63 bits"),
        ("soon", "time", "Unix seconds"),
        (1769860800000, "time", "milliseconds"),
        ("9999-12-31T23:59-10:00", "time", "years 1 and 9999"),
        (20260131, "date", "not a number"),
        ("20260131", "date", "such as 2026-01-31"),
        ("2026-02-30", "date", "such as 2026-01-31"),
        ("2026-01-31 at noon", "date", "such as 2026-01-31"),
        ("maybe", "boolean", "true or false"),
        (2, "boolean", "true or false"),
        (date(2026, 1, 1), "boolean", "true or false"),
    ],
)
def test_values_that_are_refused_say_what_was_expected(value: object, kind: Kind, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_value(value, kind)
