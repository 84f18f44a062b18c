"""The parameters of a call on learners: checked, all at once, before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from ..errors import Fault, InputError, shorten

__all__ = ["ORDERS", "ORDER_FIELDS", "check_names", "day_range", "learner_filters"]

ORDER_FIELDS: Final = (
    "username",
    "email",
    "discussion_contributions",
    "problems_attempted",
    "problems_completed",
    "problem_attempts_per_completed",
    "attempt_ratio_order",
    "videos_viewed",
)
ORDERS: Final = ("asc", "desc")
UNSEEN: Final = ("email", "attempt_ratio_order")

Names = Sequence[str] | str


def check_names(*, limit: int | None = None, **names: Any) -> None:
    """Refuse ids that are no text or blank, and a limit that is none.

    Raises
    ------
    InputError
        Naming each.
    """
    _refuse([*_not_text(names), *_bad_limit(limit)])


def learner_filters(
    course_id: str,
    *,
    segments: Names | None,
    ignore_segments: Names | None,
    cohort: str | None,
    enrollment_mode: str | None,
    text_search: str | None,
    order_by: str | None,
    sort_order: str,
    limit: int | None,
    pseudonyms: bool = False,
) -> dict[str, str]:
    """Return filters and order as the API's parameters.

    Raises
    ------
    InputError
        With every fault.
    """
    texts = {"cohort": cohort, "enrollment_mode": enrollment_mode, "text_search": text_search}
    given: dict[str, Any] = {key: value for key, value in texts.items() if value is not None}
    faults = _not_text({"course_id": course_id, **given})
    for key, names in (("segments", segments), ("ignore_segments", ignore_segments)):
        if names is not None:
            listed = [names] if isinstance(names, str) else list(names)
            faults += [fault for name in listed or [""] for fault in _not_text({key: name})]
            given[key] = ",".join(map(str, listed))
    if segments is not None and ignore_segments is not None:
        faults.append(Fault("conflict", "cannot be given together with segments", key="ignore_segments"))
    for key, value, choices in (("order_by", order_by, ORDER_FIELDS), ("sort_order", sort_order, ORDERS)):
        if value is not None and value not in choices:
            faults.append(Fault("bad_choice", f"must be one of {', '.join(choices)}", key=key, value=shorten(value)))
    if pseudonyms and order_by in UNSEEN:
        faults.append(Fault("conflict", "is not known of learners who appear by pseudonyms", key="order_by"))
    faults += _bad_limit(limit)
    _refuse(faults)
    if text_search is not None:
        given["text_search"] = text_search.strip()
    return {**given, **({} if order_by is None else {"order_by": order_by}), "sort_order": sort_order}


def day_range(start_date: date | str | None, end_date: date | str | None) -> dict[str, str]:
    """Return the bounds of a timeline as the API's parameters.

    Raises
    ------
    InputError
        With every fault.
    """
    faults: list[Fault] = []
    days: dict[str, date] = {}
    for key, value in (("start_date", start_date), ("end_date", end_date)):
        if value is not None:
            try:
                days[key] = _day(value)
            except ValueError:
                faults.append(Fault("bad_date", "must be a day such as 2015-10-19", key=key, value=shorten(value)))
    if len(days) == 2 and days["start_date"] >= days["end_date"]:
        faults.append(Fault("bad_range", "must be after start_date: the end is not included", key="end_date"))
    _refuse(faults)
    return {key: day.isoformat() for key, day in days.items()}


def _day(value: Any) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    year, month, day = str(value).split("-")  # also 2015-10-6, as the specification writes it
    return date(int(year), int(month), int(day))


def _not_text(values: Mapping[str, Any]) -> list[Fault]:
    return [
        Fault("not_text", "must be a text that is not blank", key=key, value=shorten(value))
        for key, value in values.items()
        if not isinstance(value, str) or not value.strip()
    ]


def _bad_limit(limit: int | None) -> list[Fault]:
    if limit is None or (isinstance(limit, int) and not isinstance(limit, bool) and limit >= 1):
        return []
    return [Fault("bad_limit", "must be a whole number from 1", key="limit", value=shorten(limit))]


def _refuse(faults: list[Fault]) -> None:
    if faults:
        raise InputError("Learners cannot be asked for so.", faults)
