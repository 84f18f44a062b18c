"""The parameters of a query, read and checked before any course is looked at.

Source: Learner analytics API, "Query Parameters".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeVar

from ...compute.engagement import METRICS
from .refusals import LearnerRefusal, refuse_value

__all__ = [
    "INCLUDES",
    "ORDER_FIELDS",
    "PAGE_MAX",
    "PAGE_SIZE",
    "PAGE_SIZE_MAX",
    "SORT_ORDERS",
    "DayBounds",
    "RosterQuery",
    "read_bounds",
    "read_include",
    "read_roster_query",
]

ORDER_FIELDS: Final = ("username", "email", *METRICS, "attempt_ratio_order")
SORT_ORDERS: Final = ("asc", "desc")
INCLUDES: Final = ("problem_attempts",)
PAGE_SIZE, PAGE_SIZE_MAX = 25, 100
PAGE_MAX: Final = 10**15 - 1
WHOLE: Final = re.compile(r"[0-9]{1,15}")
DAY: Final = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
EPOCH: Final = date(1970, 1, 1).toordinal()

Day = TypeVar("Day", bound=int | None)


@dataclass(frozen=True, slots=True)
class RosterQuery:
    """Which learners, in which order, and which page of them. Empty filters filter nothing.

    Attributes
    ----------
    segments, ignore_segments
        Members of any of the first, of none of the second; at most one is given.
    cohort, enrollment_mode
        The exact value.
    text_search
        Words of a name, or a whole username or email address.
    order_by, descending
        One of `ORDER_FIELDS`, and its direction.
    page, page_size
        From 1.
    """

    segments: tuple[str, ...]
    ignore_segments: tuple[str, ...]
    cohort: str
    enrollment_mode: str
    text_search: str
    order_by: str
    descending: bool
    page: int
    page_size: int


@dataclass(frozen=True, slots=True)
class DayBounds:
    """The days [start, end), each as days since 1970; None where the request leaves it open."""

    start: int | None
    end: int | None

    def __bool__(self) -> bool:
        return self.start is not None or self.end is not None

    def filled(self, start: Day, end: Day) -> tuple[int | Day, int | Day]:
        """Return the bounds with `start` or `end` where one is open.

        Raises
        ------
        LearnerRefusal
            400 where no day is left between them.
        """
        bounds = (start if self.start is None else self.start, end if self.end is None else self.end)
        if bounds[0] is not None and bounds[1] is not None and bounds[0] >= bounds[1]:
            raise refuse_value("start_date", "before end_date; the end is not part of the range")
        return bounds


def read_roster_query(given: Mapping[str, str]) -> RosterQuery:
    """Read the parameters of the learner list.

    Raises
    ------
    LearnerRefusal
        400 for what no course could answer.
    """
    segments, ignored = _names(given, "segments"), _names(given, "ignore_segments")
    if segments and ignored:
        raise LearnerRefusal("illegal_parameter_values", "give either segments or ignore_segments, not both")
    return RosterQuery(
        segments=segments,
        ignore_segments=ignored,
        cohort=given.get("cohort", ""),
        enrollment_mode=given.get("enrollment_mode", ""),
        text_search=given.get("text_search", ""),
        order_by=_one_of(given, "order_by", ORDER_FIELDS),
        descending=_one_of(given, "sort_order", SORT_ORDERS) == "desc",
        page=_whole(given, "page", 1, PAGE_MAX),
        page_size=_whole(given, "page_size", PAGE_SIZE, PAGE_SIZE_MAX),
    )


def read_bounds(given: Mapping[str, str]) -> DayBounds:
    """Read ``start_date``, inclusive, and ``end_date``, exclusive.

    Raises
    ------
    LearnerRefusal
        400 for what is no date, and for a range without a day.
    """
    bounds = DayBounds(_day(given, "start_date"), _day(given, "end_date"))
    bounds.filled(None, None)
    return bounds


def read_include(given: Mapping[str, str]) -> tuple[str, ...]:
    """Read ``include``: what a timeline should have beside the documented figures.

    Raises
    ------
    LearnerRefusal
        400 for anything unknown.
    """
    names = _names(given, "include")
    if not set(names) <= set(INCLUDES):
        raise refuse_value("include", " or ".join(INCLUDES))
    return names


def _names(given: Mapping[str, str], key: str) -> tuple[str, ...]:
    text = given.get(key, "")
    return tuple(text.split(",")) if text else ()


def _one_of(given: Mapping[str, str], key: str, allowed: tuple[str, ...]) -> str:
    value = given.get(key, allowed[0])
    if value not in allowed:
        raise refuse_value(key, f"one of {', '.join(allowed)}")
    return value


def _whole(given: Mapping[str, str], key: str, default: int, most: int) -> int:
    text = given.get(key, str(default))
    if not WHOLE.fullmatch(text) or not 1 <= int(text) <= most:
        raise refuse_value(key, f"a whole number from 1 to {most:,}")
    return int(text)


def _day(given: Mapping[str, str], key: str) -> int | None:
    text = given.get(key)
    if text is None:
        return None
    found = DAY.fullmatch(text)
    try:
        if found:
            return date(*map(int, found.groups())).toordinal() - EPOCH
    except ValueError:  # the 31st of June
        pass
    raise refuse_value(key, "a day such as 2015-10-06")
