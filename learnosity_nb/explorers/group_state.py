"""Where a group explorer is: a plain value that can be kept, sent and restored."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, Final

from ..domain.group_paths import GroupPath
from .state_dicts import DISTINCT, ORDER, PAGE, TEXT, TEXT_OR_NULL, TEXTS, Check, read_state, state_dict

__all__ = ["GroupState", "follow"]

WITH_PLACE: Final = ("filter", "selection", "page")
WITH_ROWS: Final = ("sort_field", "sort_order", "filter")


@dataclass(frozen=True, slots=True)
class GroupState:
    """Everything that decides what a group explorer shows, apart from its dataset and its privacy rule.

    Attributes
    ----------
    group_path
        The group in view; the root group when empty.
    sort_field
        The column that rows are sorted by; None for the dataset's own order. A
        column that the rows in view lack sorts nothing, and does so again
        where there is one.
    sort_order
        ``"desc"`` or ``"asc"``.
    filter
        Only rows whose name holds this text, in upper or lower case.
    fields
        The figures of groups that are shown, in this order.
    selection
        Names of the marked groups.
    chart
        The kind of chart.
    page
        Which page of rows, from 1.
    """

    group_path: GroupPath = ()
    sort_field: str | None = None
    sort_order: str = "desc"
    filter: str = ""
    fields: tuple[str, ...] = ()
    selection: tuple[str, ...] = ()
    chart: str = "distribution"
    page: int = 1

    def to_dict(self) -> dict[str, Any]:
        """Return the state as a dict that JSON can hold, with the version of its layout."""
        return state_dict(self)

    @classmethod
    def from_dict(cls, given: object, start: GroupState | None = None) -> GroupState:
        """Read what `to_dict` returned; keys left out are as in `start`, else the defaults.

        Raises
        ------
        InputError
            Naming every key that is unknown and every value that cannot be used.
        """
        return read_state(given, start or cls(), CHECKS)


def follow(before: GroupState, after: GroupState) -> GroupState:
    """Return `after` with what a change brings along: another group starts unfiltered, unmarked and on page 1.

    Another order or filter starts on page 1. What differs between the two
    states was set on purpose and stays.
    """
    reset: tuple[str, ...] = ()
    if after.group_path != before.group_path:
        reset = WITH_PLACE
    elif any(getattr(after, name) != getattr(before, name) for name in WITH_ROWS):
        reset = ("page",)
    changes = {name: DEFAULTS[name] for name in reset if getattr(after, name) == getattr(before, name)}
    return replace(after, **changes)


CHECKS: Final[dict[str, Check]] = {
    "group_path": TEXTS,
    "sort_field": TEXT_OR_NULL,
    "sort_order": ORDER,
    "filter": TEXT,
    "fields": DISTINCT,
    "selection": DISTINCT,
    "chart": TEXT,
    "page": PAGE,
}
DEFAULTS: Final[dict[str, Any]] = {field.name: field.default for field in fields(GroupState)}
