"""Times as the services write them: Unix seconds, RFC 3339, and the formats of their answers. Always UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from numbers import Integral

from ..errors import Fault, InputError, shorten

__all__ = ["parse_bounds", "parse_time", "rfc3339", "sql_time", "unix_time"]

UNIX = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)
DAY = re.compile(r"\d{4}-?\d{2}-?\d{2}|\d{4}-?W\d{2}(-?\d)?", re.ASCII)
LEAP_SECOND = re.compile(r"([T ]\d\d:\d\d):60", re.ASCII)
LATEST = 253402300800  # 10000-01-01, the first second that datetime cannot hold
MILLISECONDS = 100_000_000_000  # from here on a number is read as milliseconds: as seconds it is the year 5138


def parse_time(value: object) -> datetime:
    """Read a time given as Unix seconds, as RFC 3339 text or as a datetime.

    A text of digits alone is Unix seconds. A text or datetime without a zone is taken as UTC.

    Raises
    ------
    ValueError
        Saying what was expected. Unix milliseconds are refused by name.
    """
    if isinstance(value, datetime):
        if value != value:  # pandas' NaT
            raise ValueError("expected a time, not a missing one")
        return _utc(value)
    if isinstance(value, bool) or not isinstance(value, str | float | Integral):
        raise ValueError("expected Unix seconds or a time such as 2026-01-31T08:00:00Z")
    if isinstance(value, str) and not UNIX.fullmatch(value.strip()):
        return _parse_text(value.strip())
    seconds = float(value) if isinstance(value, str) else int(value) if isinstance(value, Integral) else value
    if MILLISECONDS <= abs(seconds) < LATEST * 1000:
        raise ValueError("this looks like milliseconds; expected Unix seconds")
    if not 0 <= seconds < LATEST:
        raise ValueError("expected Unix seconds between the years 1970 and 9999")
    return datetime.fromtimestamp(seconds, UTC)


def unix_time(moment: datetime) -> int:
    """Return whole Unix seconds."""
    return int(moment.timestamp())


def rfc3339(moment: datetime) -> str:
    """Return a time as RFC 3339 text, UTC, with its fraction where it has one."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def sql_time(moment: datetime) -> str:
    """Return a time as the Jobs endpoints write it: ``2015-04-24 01:30:02``, UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def _parse_text(text: str) -> datetime:
    plain = text.upper()  # RFC 3339 lets t and z be small
    without_leap = LEAP_SECOND.sub(r"\1:59", plain)
    try:
        moment = datetime.fromisoformat(without_leap) + timedelta(seconds=without_leap != plain)
    except (ValueError, OverflowError):
        raise ValueError("expected Unix seconds or a time such as 2026-01-31T08:00:00Z") from None
    return _utc(moment)


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("expected a time between the years 1 and 9999") from None


def parse_bounds(mintime: object, maxtime: object) -> tuple[datetime | None, datetime | None]:
    """Read the bounds of a time span; None leaves an end open.

    A day without a time is refused: as a first moment it would cut off the day
    that an analyst means to include.

    Raises
    ------
    InputError
        If a bound is no time, or the span would be empty.
    """
    faults, bounds = [], []
    for name, value in (("mintime", mintime), ("maxtime", maxtime)):
        try:
            if isinstance(value, str) and DAY.fullmatch(value.strip()):
                raise ValueError("expected a time of day too, such as 2026-01-31T23:59:59Z")
            bounds.append(None if value is None else parse_time(value))
        except ValueError as error:
            faults.append(Fault("bad_time", str(error), key=name, value=shorten(value)))
    if not faults and bounds[0] and bounds[1] and bounds[0] > bounds[1]:
        faults.append(Fault("empty_span", "mintime is after maxtime", key="mintime", value=shorten(mintime)))
    if faults:
        raise InputError("The time bounds cannot be used.", faults)
    return bounds[0], bounds[1]
