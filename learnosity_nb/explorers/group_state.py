"""Where a group explorer is: a plain value that can be kept, sent and restored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Final

from ..domain.fields import near_names
from ..domain.group_paths import GroupPath
from ..errors import Fault, InputError, shorten

__all__ = ["ORDERS", "GroupState", "follow"]

VERSION: Final = 1
ORDERS: Final = ("desc", "asc")
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
        plain = {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()}
        return {"version": VERSION, **plain}

    @classmethod
    def from_dict(cls, given: object, start: GroupState | None = None) -> GroupState:
        """Read what `to_dict` returned; keys left out are as in `start`, else the defaults.

        Raises
        ------
        InputError
            Naming every key that is unknown and every value that cannot be used.
        """
        if not isinstance(given, Mapping):
            raise InputError(f"An explorer's state is the dict of its state_dict(), not {shorten(given)}.")
        faults = [_version_fault(given.get("version"))] if given.get("version") != VERSION else []
        for key, value in given.items():
            if key != "version" and key not in CHECKS:
                said = f"a state has no such key{near_names(str(key), CHECKS)}"
                faults.append(Fault("unknown_key", said, key=shorten(key)))
            elif key != "version" and not CHECKS[key].holds(value):
                faults.append(Fault("bad_state", CHECKS[key].expected, key=key, value=shorten(value)))
        if faults:
            raise InputError("This state of an explorer cannot be used.", faults)
        plain: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in given.items()
        }
        return replace(start or cls(), **{key: value for key, value in plain.items() if key != "version"})


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


@dataclass(frozen=True, slots=True)
class _Check:
    expected: str
    holds: Callable[[object], bool]


def _is_texts(value: object) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(one, str) for one in value)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


TEXTS: Final = _Check("expected a list of texts", _is_texts)
DISTINCT: Final = _Check("expected a list of different texts", lambda v: _is_texts(v) and _distinct(v))
TEXT: Final = _Check("expected a text", _is_text)
CHECKS: Final[dict[str, _Check]] = {
    "group_path": TEXTS,
    "sort_field": _Check("expected a text or null", lambda value: value is None or _is_text(value)),
    "sort_order": _Check("expected desc or asc", lambda value: value in ORDERS),
    "filter": TEXT,
    "fields": DISTINCT,
    "selection": DISTINCT,
    "chart": TEXT,
    "page": _Check("expected a whole number from 1", lambda value: type(value) is int and value >= 1),
}
DEFAULTS: Final[dict[str, Any]] = {field.name: field.default for field in fields(GroupState)}


def _distinct(values: Any) -> bool:
    return len(set(values)) == len(values)


def _version_fault(found: object) -> Fault:
    return Fault("version", f"this package reads version {VERSION} of the layout", key="version", value=shorten(found))
