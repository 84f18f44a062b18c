"""The parameters of a dataset: read from an initialise request, checked, and kept with it.

Source: sessions-summary-by-group, "Initialize dataset"; the activity-summary-by-group
dataset takes the same and ``filters.activity_id``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from ...domain.fields import (
    DEFAULT_FIELDS,
    GROUP_FIELDS,
    USER_FIELDS,
    GroupField,
    default_sort,
    find_group_field,
    near_names,
    parse_fields,
)
from ...domain.times import parse_time
from ...errors import Fault, shorten
from ..refusals import Refusal, refuse_faults

__all__ = ["DATASET_TYPES", "MAX_FILES", "DatasetParameters", "read_dataset_type", "read_parameters", "read_uuid"]

ACTIVITY_SUMMARY: Final = "activity-summary-by-group"
DATASET_TYPES: Final = ("sessions-summary-by-group", ACTIVITY_SUMMARY)
MAX_FILES: Final = 100
MAX_ACTIVITIES: Final = 10
MOST_NAMES: Final = 1_000  # of fields and of levels, far more than there are: a request cannot keep the service busy
ORDERS: Final = ("desc", "asc")
DIGITS: Final = re.compile(r"[0-9]{1,9}")
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class DatasetParameters:
    """What a dataset was initialised with, in plain values so that it can be kept as JSON.

    Attributes
    ----------
    dataset_type
        One of `DATASET_TYPES`.
    file_count
        How many input files it takes.
    level_keys, level_labels
        The hierarchy from the top down.
    fields, user_fields
        Figures of groups and of users.
    sort_field, sort_order
        How a group's child groups are sorted.
    users_sort_field, users_sort_order
        How a group's users are sorted; the field is None without user fields.
    mintime, maxtime
        Inclusive bounds in Unix seconds; None where open.
    activities
        The activities of an activity summary; none for a sessions summary, whose input files list the sessions.
    """

    dataset_type: str
    file_count: int
    level_keys: tuple[str, ...]
    level_labels: tuple[str, ...]
    fields: tuple[str, ...]
    user_fields: tuple[str, ...]
    sort_field: str
    sort_order: str
    users_sort_field: str | None
    users_sort_order: str
    mintime: float | None
    maxtime: float | None
    activities: tuple[str, ...] = ()

    def group_fields(self) -> tuple[GroupField, ...]:
        """Return the group fields."""
        return parse_fields(self.fields)

    def as_json(self) -> dict[str, Any]:
        """Return plain JSON data."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> DatasetParameters:
        """Read back what `as_json` gave."""
        return msgspec.convert(kept, cls)


def read_dataset_type(request: Mapping[str, Any]) -> str:
    """Return the request's dataset type; refuse it with 20000 if absent and 44000 if unknown."""
    if "dataset_type" not in request:
        raise Refusal(20000, "dataset_type is missing")
    found = request["dataset_type"]
    if found not in DATASET_TYPES:
        raise Refusal(44000, f"unknown dataset_type {shorten(found)}; expected {' or '.join(DATASET_TYPES)}")
    return str(found)


def read_uuid(value: object, name: str) -> str:
    """Return a UUID in its canonical form; refuse another value with 20003 or 20004."""
    if not isinstance(value, str):
        raise Refusal(20003, f"{name} must be a UUID, not {shorten(value)}")
    try:
        return str(UUID(value))
    except ValueError:
        raise Refusal(20004, f"{name} must be a UUID, not {shorten(value)}") from None


def read_parameters(request: Mapping[str, Any]) -> DatasetParameters:
    """Read and check the parameters of an initialise request.

    Raises
    ------
    Refusal
        Naming every fault of the request at once, with the first one's code.
    """
    return _Reader(request).read(read_dataset_type(request))


class _Reader:
    """Collects the faults of one request while its parameters are read."""

    def __init__(self, request: Mapping[str, Any]) -> None:
        self._request = request
        self._faults: list[tuple[int, Fault]] = []

    def read(self, dataset_type: str) -> DatasetParameters:
        options = self._object(self._request, "options")
        filters = self._object(self._request, "filters")
        fields = self._names(options, "fields", lambda name: find_group_field(name) is not None, GROUP_FIELDS)
        fields = fields or DEFAULT_FIELDS
        user_fields = self._names(options, "user_fields", USER_FIELDS.__contains__, USER_FIELDS)
        keys, labels = self._groups()
        mintime, maxtime = self._time(filters, "mintime"), self._time(filters, "maxtime")
        if mintime is not None and maxtime is not None and mintime > maxtime:
            self._fault(20004, "filters.mintime", "mintime is after maxtime")
        parameters = DatasetParameters(
            dataset_type=dataset_type,
            file_count=self._file_count(),
            level_keys=keys,
            level_labels=labels,
            fields=fields,
            user_fields=user_fields,
            sort_field=self._choice(options, "default_sort_field", fields, default_sort(fields)) or "",
            sort_order=self._choice(options, "default_sort_order", ORDERS, "desc") or "desc",
            users_sort_field=self._choice(
                options, "default_users_sort_field", user_fields, next(iter(user_fields), None)
            ),
            users_sort_order=self._choice(options, "default_users_sort_order", ORDERS, "desc") or "desc",
            mintime=mintime,
            maxtime=maxtime,
            activities=self._activities(filters) if dataset_type == ACTIVITY_SUMMARY else (),
        )
        refuse_faults(self._faults)
        return parameters

    def _fault(self, code: int, key: str, message: str, value: object = None) -> None:
        shown = None if value is None else shorten(value)
        self._faults.append((code, Fault(f"error_{code}", message, key=key, value=shown)))

    def _object(self, holder: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        found = holder.get(key)
        if found is None or isinstance(found, dict):
            return found or {}
        self._fault(20003, key, "must be an object", found)
        return {}

    def _file_count(self) -> int:
        found = self._request.get("file_count")
        if found is None:
            self._fault(20000, "file_count", f"is missing; say how many input files follow, 1 to {MAX_FILES}")
            return 1
        if isinstance(found, str) and DIGITS.fullmatch(found):
            found = int(found)  # command line clients send numbers as texts
        if not isinstance(found, int) or isinstance(found, bool):
            self._fault(20003, "file_count", "must be a whole number", found)
        elif not 1 <= found <= MAX_FILES:
            self._fault(20004, "file_count", f"must be 1 to {MAX_FILES}", found)
        else:
            return found
        return 1

    def _names(
        self,
        options: Mapping[str, Any],
        key: str,
        known: Callable[[str], bool],
        near: Mapping[str, Any] | Sequence[str],
    ) -> tuple[str, ...]:
        place, found = f"options.{key}", options.get(key)
        if found is None:
            return ()
        if not isinstance(found, list):
            self._fault(20003, place, "must be a list of field names", found)
            return ()
        if len(found) > MOST_NAMES:
            self._fault(20002, place, f"must hold at most {MOST_NAMES:,} field names, not {len(found):,}")
            return ()
        for position, name in enumerate(found):
            if not isinstance(name, str):
                self._fault(20003, f"{place}[{position}]", "must be a text", name)
            elif not known(name):
                self._fault(20004, f"{place}[{position}]", f"there is no field {shorten(name)}{near_names(name, near)}")
            elif name in found[:position]:
                self._fault(20004, f"{place}[{position}]", f"`{name}` is listed twice")
        return tuple(name for name in found if isinstance(name, str))

    def _choice(self, options: Mapping[str, Any], key: str, among: Sequence[str], default: str | None) -> str | None:
        found = options.get(key)
        if found is None:
            return default
        if isinstance(found, str) and found in among:
            return found
        expected = f"one of {', '.join(among)}" if among else "absent, as no such fields are listed"
        self._fault(20004, f"options.{key}", f"must be {expected}", found)
        return default

    def _groups(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        found = self._request.get("groups")
        if found is None:
            self._fault(20000, "groups", "is missing; list the levels of the hierarchy from the top down")
            return (), ()
        if not isinstance(found, list) or not found:
            self._fault(20003, "groups", "must be a list with at least one level", found)
            return (), ()
        if len(found) > MOST_NAMES:
            self._fault(20002, "groups", f"must hold at most {MOST_NAMES:,} levels, not {len(found):,}")
            return (), ()
        keys: list[str] = []
        labels: list[str] = []
        for position, level in enumerate(found):
            key = level.get("key") if isinstance(level, dict) else None
            label = level.get("label", key) if isinstance(level, dict) else None
            if not isinstance(key, str) or not key.strip() or not isinstance(label, str):
                self._fault(20003, f"groups[{position}]", "must be an object with the texts `key` and `label`", level)
            elif key in keys:
                self._fault(20004, f"groups[{position}].key", f"{shorten(key)} is listed twice")
            else:
                keys.append(key)
                labels.append(label)
        return tuple(keys), tuple(labels)

    def _activities(self, filters: Mapping[str, Any]) -> tuple[str, ...]:
        key, found = "filters.activity_id", filters.get("activity_id")
        if found is None:
            self._fault(20000, key, f"is missing; name the activities to summarise, 1 to {MAX_ACTIVITIES}")
            return ()
        if not isinstance(found, list):
            self._fault(20003, key, "must be a list of activity ids", found)
            return ()
        if not 1 <= len(found) <= MAX_ACTIVITIES:
            said = f"must hold 1 to {MAX_ACTIVITIES} activity ids, not {len(found):,}"
            self._fault(20002 if found else 20001, key, said)
        for position, activity in enumerate(found[:MAX_ACTIVITIES]):
            if not isinstance(activity, str) or not activity.strip():
                self._fault(20003, f"{key}[{position}]", "must be a text that is not blank", activity)
        return tuple(dict.fromkeys(activity for activity in found if isinstance(activity, str)))

    def _time(self, filters: Mapping[str, Any], key: str) -> float | None:
        found = filters.get(key)
        try:
            return None if found is None else parse_time(found).timestamp()
        except ValueError as error:
            self._fault(20004, f"filters.{key}", str(error), found)
            return None


def bounds(parameters: DatasetParameters) -> tuple[datetime | None, datetime | None]:
    """Return a dataset's time bounds as datetimes."""
    times = (parameters.mintime, parameters.maxtime)
    earliest, latest = (None if seconds is None else EPOCH + timedelta(seconds=seconds) for seconds in times)
    return earliest, latest
