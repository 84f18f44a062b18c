"""The fields a summary can hold: for groups and for the users of a group.

Source: sessions-summary-by-group, "options.fields" and "options.user_fields".
To add a field, add it here and its formula in `compute/statistics.py`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass
from typing import Final, Literal

from ..errors import VALUE_WIDTH, Fault, InputError, shorten
from .policy import DEFAULT_SORT_FIELD, PERCENT_PLACES, SCORE_PLACES

__all__ = [
    "DEFAULT_FIELDS",
    "GROUP_FIELDS",
    "USER_FIELDS",
    "GroupField",
    "Measure",
    "Statistic",
    "default_sort",
    "find_group_field",
    "near_names",
    "parse_fields",
    "parse_user_fields",
]

Measure = Literal["users", "score", "percent", "attempted_percent", "seen_activities"]
Statistic = Literal["population", "group_count", "lowest", "highest", "mean", "quantile", "stddev"]

QUANTILE = re.compile(r"p(\d\d)_(score|percent)")


@dataclass(frozen=True, slots=True)
class GroupField:
    """One figure of a group.

    Attributes
    ----------
    name
        The field's name at the service and the column's name in frames.
    statistic
        How the figure comes from the group's users.
    measure
        The users' values it is taken over.
    percent
        The quantile's probability in percent, 0 to 99; 0 for other statistics.
    places
        Decimals the service keeps (truncated); None where the value is kept as it is.
    """

    name: str
    statistic: Statistic
    measure: Measure
    percent: int = 0
    places: int | None = None

    @property
    def whole(self) -> bool:
        """Whether the field counts things, so that its column is Int64."""
        return self.measure == "users"


def _fields_of(measure: Literal["score", "percent"], places: int) -> list[GroupField]:
    return [
        GroupField(f"lowest_{measure}", "lowest", measure),
        GroupField(f"highest_{measure}", "highest", measure),
        GroupField(f"mean_{measure}", "mean", measure, places=places),
        GroupField(f"median_{measure}", "quantile", measure, 50, places),
        GroupField(f"stddev_{measure}", "stddev", measure, places=places),
    ]


GROUP_FIELDS: Final[dict[str, GroupField]] = {
    field.name: field
    for field in [
        GroupField("group_count", "group_count", "users"),
        GroupField("population", "population", "users"),
        GroupField("mean_seen_activities", "mean", "seen_activities", places=SCORE_PLACES),
        GroupField("mean_attempted_percent", "mean", "attempted_percent", places=PERCENT_PLACES),
        *_fields_of("score", SCORE_PLACES),
        *_fields_of("percent", PERCENT_PLACES),
    ]
}
"""Every field with a fixed name; ``pNN_score`` and ``pNN_percent`` come beside them."""

DEFAULT_FIELDS: Final[tuple[str, ...]] = (
    "group_count",
    "population",
    "lowest_score",
    "highest_score",
    "mean_seen_activities",
    "mean_attempted_percent",
    "mean_score",
    "median_score",
    "p25_score",
    "p75_score",
    "p90_score",
    "stddev_score",
    "lowest_percent",
    "highest_percent",
    "mean_percent",
    "median_percent",
    "p25_percent",
    "p75_percent",
    "p90_percent",
    "stddev_percent",
)
"""The 20 fields of the specification's example, in its order."""

USER_FIELDS: Final[tuple[str, ...]] = (
    "score",
    "attempted_max_score",
    "unscored_max_score",
    "max_score",
    "seen_activities",
)
"""Fields of a user's row, in the specification's order; ``user_id`` always comes first."""


def find_group_field(name: str) -> GroupField | None:
    """Return the field called `name`, or None when there is none.

    A percentile needs exactly two digits: ``p05_score``, not ``p5_score``.
    """
    known = GROUP_FIELDS.get(name)
    if known is not None:
        return known
    matched = QUANTILE.fullmatch(name)
    if matched is None or not name.isascii():
        return None
    places = SCORE_PLACES if matched[2] == "score" else PERCENT_PLACES
    measure: Measure = "score" if matched[2] == "score" else "percent"
    return GroupField(name, "quantile", measure, int(matched[1]), places)


def parse_fields(names: Sequence[str] | None) -> tuple[GroupField, ...]:
    """Return the group fields called `names`, in that order; the 20 of the example for None.

    Raises
    ------
    InputError
        Listing every name that is unknown or comes twice, with near names; or
        if there is none.
    """
    wanted = DEFAULT_FIELDS if names is None else _listed("fields", names)
    if not wanted:
        raise InputError("fields is empty: name at least one figure, or leave it out for the 20 of the specification.")
    _check("fields", wanted, lambda name: find_group_field(name) is not None, [*DEFAULT_FIELDS, *GROUP_FIELDS])
    found = [find_group_field(name) for name in wanted]
    return tuple(field for field in found if field is not None)


def parse_user_fields(names: Sequence[str] | None) -> tuple[str, ...]:
    """Return the user fields called `names`, in that order; none for None.

    Raises
    ------
    InputError
        Listing every name that is unknown or comes twice.
    """
    wanted = () if names is None else _listed("user_fields", names)
    _check("user_fields", wanted, USER_FIELDS.__contains__, USER_FIELDS)
    return wanted


def default_sort(names: Sequence[str]) -> str:
    """Return the field that rows are sorted by when none was named."""
    return DEFAULT_SORT_FIELD if DEFAULT_SORT_FIELD in names else names[0]


def near_names(name: str, known: Iterable[str]) -> str:
    """Return ``"; did you mean …?"`` with the known names nearest to `name`, or an empty text."""
    near = difflib.get_close_matches(name, list(dict.fromkeys(known)), n=3, cutoff=0.5)
    return f"; did you mean {' or '.join(map(_quoted, near))}?" if near else ""


def _quoted(name: str) -> str:
    """Return a name for a message: one that is long or breaks lines is shown as its repr."""
    return f"`{name}`" if name.isprintable() and len(name) <= VALUE_WIDTH else shorten(name)


def _listed(what: str, names: Sequence[str]) -> tuple[str, ...]:
    if isinstance(names, (str, Set)) or not isinstance(names, Iterable):
        raise InputError(f"{what} must be a list of field names, not {shorten(names)}.")
    return tuple(names)


def _check(what: str, names: Sequence[object], is_known: Callable[[str], bool], known: Sequence[str]) -> None:
    faults = []
    for position, name in enumerate(names):
        place = f"{what}[{position}]"
        if not isinstance(name, str):
            faults.append(Fault("bad_field", "a field's name must be text", key=place, value=shorten(name)))
        elif not is_known(name):
            said = f"there is no field {_quoted(name)}{near_names(name, known)}"
            faults.append(Fault("unknown_field", said, key=place))
        elif name in names[:position]:
            faults.append(Fault("duplicate_field", f"{_quoted(name)} is listed twice", key=place))
    if faults:
        raise InputError("Some fields cannot be calculated.", faults)
