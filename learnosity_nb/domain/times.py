"""Times as the services write them: Unix seconds, RFC 3339, and the formats of their answers. Always UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from ..errors import Fault, InputError, shorten

__all__ = ["parse_bounds", "parse_time", "sql_time", "unix_time"]

UNIX = re.compile(r"[+-]?\d{1,12}(\.\d+)?")
LATEST = 253402300800  # 10000-01-01, the first second that datetime cannot hold


def parse_time(value: object) -> datetime:
    """Read a time given as Unix seconds, as RFC 3339 text or as a datetime.

    A text or datetime without a zone is taken as UTC.

    Raises
    ------
    ValueError
        Saying what was expected. Unix milliseconds are refused by name.
    """
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("expected Unix seconds or a time such as 2026-01-31T08:00:00Z")
    if isinstance(value, str) and not UNIX.fullmatch(value.strip()):
        return _parse_text(value.strip())
    seconds = float(value)
    if abs(seconds) >= 1e11 and abs(seconds / 1000) < LATEST:
        raise ValueError("this looks like milliseconds; expected Unix seconds")
    if not 0 <= seconds < LATEST:
        raise ValueError("expected Unix seconds between the years 1970 and 9999")
    return datetime.fromtimestamp(seconds, UTC)


def unix_time(moment: datetime) -> int:
    """Return whole Unix seconds."""
    return int(moment.timestamp())


def sql_time(moment: datetime) -> str:
    """Return a time as the Jobs endpoints write it: ``2015-04-24 01:30:02``, UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def _parse_text(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("expected Unix seconds or a time such as 2026-01-31T08:00:00Z") from None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def parse_bounds(mintime: object, maxtime: object) -> tuple[datetime | None, datetime | None]:
    """Read the bounds of a time span; None leaves an end open.

    Raises
    ------
    InputError
        If a bound is no time, or the span would be empty.
    """
    faults, bounds = [], []
    for name, value in (("mintime", mintime), ("maxtime", maxtime)):
        try:
            bounds.append(None if value is None else parse_time(value))
        except ValueError as error:
            faults.append(Fault("bad_time", str(error), key=name, value=shorten(value)))
    if not faults and bounds[0] and bounds[1] and bounds[0] > bounds[1]:
        faults.append(Fault("empty_span", "mintime is after maxtime", key="mintime", value=shorten(mintime)))
    if faults:
        raise InputError("The time bounds cannot be used.", faults)
    return bounds[0], bounds[1]
