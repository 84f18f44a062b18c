"""One value at a time: what each kind of column accepts, and what it means.

This is the definition. `conversions.py` reads whole columns faster and must
agree with it; where it cannot, the column comes here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Final

import numpy as np
import pandas as pd

from ..domain.times import parse_time
from .columns import Kind

__all__ = ["NUMBER_LIMIT", "is_missing", "plain_value", "read_value"]

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
WHOLE = re.compile(r"[+-]?\d{1,19}", re.ASCII)
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
WHOLE_LIMIT = 2**63
NUMBER_LIMIT: Final = 1e100
"""The largest number that is read: figures square them, and sum up a million."""

TRUTHS: Final[Mapping[str, bool]] = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def read_value(value: object, kind: Kind) -> object:
    """Return `value` as its kind's Python type, or None where it is missing.

    Null, NaN, NaT and the empty text are missing in every kind.

    Parameters
    ----------
    value
        What a cell holds: text, a number, a boolean, a date, a datetime, or a numpy or pandas scalar.
    kind
        The kind of the column.

    Raises
    ------
    ValueError
        Saying what was expected.
    """
    plain = plain_value(value)
    return None if is_missing(plain) else READERS[kind](plain)


def plain_value(value: object) -> object:
    """Return numpy and pandas scalars as Python's own."""
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime(warn=False)
    if isinstance(value, np.datetime64):
        return None if np.isnat(value) else pd.Timestamp(value).to_pydatetime(warn=False)
    return value.item() if isinstance(value, np.generic) else value


def is_missing(value: object) -> bool:
    """Whether a plain value stands for no value."""
    if isinstance(value, float):
        return math.isnan(value)
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, str) and value == "")


def _text(value: object) -> str:
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise ValueError("this text holds half a surrogate pair, which no file can store") from None
        return value
    if isinstance(value, float):
        raise ValueError("expected text; read the column as text (dtype=str), a number loses zeros and digits of an id")
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("expected text")
    return str(value)


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise ValueError("expected a number")
    text = value.strip() if isinstance(value, str) else value
    if isinstance(text, str) and text.lower() == "nan":
        return None
    if isinstance(text, str) and not NUMBER.fullmatch(text):
        raise ValueError("expected a number such as 7.5, or an empty cell")
    try:
        number = float(text)
    except (OverflowError, ValueError):
        raise ValueError("expected a finite number") from None
    if math.isinf(number):
        raise ValueError("expected a finite number")
    if abs(number) > NUMBER_LIMIT:
        raise ValueError("expected a number from -1e100 to 1e100")
    return None if math.isnan(number) else number


def _whole(value: object) -> int | None:
    if isinstance(value, str) and WHOLE.fullmatch(value.strip()):
        value = int(value)
    number = value if isinstance(value, int) and not isinstance(value, bool) else _number(value)
    if number is None:
        return None
    if isinstance(number, float) and not number.is_integer():
        raise ValueError("expected a whole number")
    if not -WHOLE_LIMIT <= number < WHOLE_LIMIT:
        raise ValueError("expected a whole number of at most 63 bits")
    return int(number)


def _time(value: object) -> datetime:
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time(), UTC)
    return parse_time(value)


def _date(value: object) -> date:
    """Return the day as written: that of a time with a zone is the day there."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if not isinstance(value, str):
        raise ValueError("expected a date such as 2026-01-31, not a number")
    day = DAY.match(value.strip())
    try:
        parse_time(value)
    except ValueError:
        day = None
    if day is None:
        raise ValueError("expected a date such as 2026-01-31")
    return date.fromisoformat(day[0])


def _boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float) and value in (0, 1):
        return bool(value)
    truth = TRUTHS.get(value.strip().lower()) if isinstance(value, str) else None
    if truth is None:
        raise ValueError("expected true or false")
    return truth


READERS: Final[Mapping[Kind, Callable[[object], object]]] = {
    "text": _text,
    "number": _number,
    "whole": _whole,
    "time": _time,
    "boolean": _boolean,
    "date": _date,
}
