"""The shapes that a learner analytics server answers with, checked before anything is believed.

Learner Analytics API, the example responses of its four endpoints. What a
server adds to them is passed over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Annotated, Any, Final, NotRequired, TypedDict, TypeVar

import msgspec

from .exchange import Reply
from .failures import Failure, Kind
from .quiet import Body, excerpt, redact
from .retry import retry_after

__all__ = ["Day", "Days", "Learner", "LearnerPage", "Metadata", "read_document"]

Shape = TypeVar("Shape")

Moment = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d\d-\d\d([T ]\d\d:\d\d[0-9:.Z+-]*)?$")]
"""A date, or a date and a time; without a zone it is UTC."""


class DateRange(TypedDict):
    """A range of days, its end not included; both None for a course without data."""

    start: date | None
    end: date | None


class Engagements(TypedDict):
    """What a learner did within the range. Some servers leave the range out."""

    date_range: NotRequired[DateRange]
    discussion_contributions: int
    problems_attempted: int
    problems_completed: int
    videos_viewed: int
    problem_attempts_per_completed: NotRequired[float | None]


class Learner(TypedDict):
    """A learner of a course, in the list and alone."""

    last_updated: date | None
    username: str
    name: str | None
    email: str | None
    account_url: str | None
    enrollment_mode: str | None
    enrollment_date: Moment | None
    cohort: str | None
    segments: list[str]
    engagements: Engagements


class LearnerPage(TypedDict):
    """A page of the list; `count` is the learners on all pages."""

    count: int
    next: str | None
    results: list[Learner]


class Day(TypedDict):
    """A learner's day; `problem_attempts` where it was asked for."""

    date: date
    discussion_contributions: int
    problems_attempted: int
    problems_completed: int
    videos_viewed: int
    problem_attempts: NotRequired[int]


class Days(TypedDict):
    """A learner's days, ascending."""

    days: list[Day]


Range = tuple[float | None, float | None]
"""From the first, inclusive, to the second, exclusive; None is infinity."""


class MetricRanges(TypedDict):
    """Where a metric is low, usual and high; None where there is no such range."""

    below_average: NotRequired[Range | None]
    average: Range
    above_average: NotRequired[Range | None]


class EngagementRanges(TypedDict):
    """The ranges of each metric, and the days they are of."""

    date_range: NotRequired[DateRange]
    problems_attempted: NotRequired[MetricRanges]
    problems_completed: NotRequired[MetricRanges]
    problem_attempts_per_completed: NotRequired[MetricRanges]
    discussion_contributions: NotRequired[MetricRanges]
    videos_viewed: NotRequired[MetricRanges]


class Metadata(TypedDict):
    """What is known of a course: learners by cohort, segment and enrolment mode, and the ranges."""

    cohorts: dict[str, int]
    segments: dict[str, int]
    enrollment_modes: dict[str, int]
    engagement_ranges: EngagementRanges


STRANGER: Final = (
    "Something may stand between you and the service, such as a proxy or a network's sign-in page, or the address is "
    "wrong"
)


def read_document(reply: Reply, shape: type[Shape], now: datetime) -> Shape | Failure:
    """Read a reply, or return why it is no answer.

    Parameters
    ----------
    reply
        The whole reply; not a redirection.
    shape
        One of the shapes of this module.
    now
        The wall clock, for ``Retry-After``.
    """
    if reply.status >= 400:
        return _refusal(reply, now)
    document = _decode(reply.body, shape)
    if isinstance(document, Failure):
        return document
    listed = document.get("results", [document]) if isinstance(document, dict) else []
    if not all(_is_moment(learner.get("enrollment_date")) for learner in listed):
        return Failure(Kind.GARBLED, "the answer has a date that does not exist, within `enrollment_date`")
    return document


def _decode(body: Body, shape: type[Shape]) -> Shape | Failure:
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.ValidationError as error:
        return Failure(Kind.GARBLED, f"the answer is not as documented: {error}")
    except (msgspec.DecodeError, ValueError, RecursionError):
        return Failure(Kind.GARBLED, f"the answer is not JSON. {STRANGER}. It begins: {excerpt(body)}")


def _refusal(reply: Reply, now: datetime) -> Failure:
    found = _decode(reply.body, dict[str, Any])
    document = {} if isinstance(found, Failure) else found
    said = next(_texts(document.get(key) for key in ("developer_message", "detail")), None)
    return Failure(
        Kind.ANSWERED,
        redact(said) if said is not None else f"the service gave no message, only {excerpt(reply.body)}",
        status=reply.status,
        code=next(_texts([document.get("error_code")]), None),
        retry_after=retry_after(reply.headers, now),
    )


def _texts(values: Iterable[Any]) -> Iterator[str]:
    return (value for value in values if isinstance(value, str))


def _is_moment(text: str | None) -> bool:
    try:
        return text is None or bool(datetime.fromisoformat(text))
    except ValueError:
        return False
