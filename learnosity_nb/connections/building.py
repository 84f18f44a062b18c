"""Building a dataset: initialise, upload, start and wait, as one call."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from ..compute.roster import Roster, encode_roster, refuse_shared_sessions
from ..domain.fields import parse_fields, parse_user_fields
from ..domain.group_paths import Level, parse_levels
from ..domain.jobs import JobReference
from ..domain.times import parse_bounds, rfc3339
from ..errors import ApiError, Fault, InputError, JobError, TransportError, shorten
from ..files.rosters import check_roster, read_roster
from ..wire.client import DataApi
from ..wire.datasets import initialise, start
from ..wire.envelope import read_fault
from ..wire.polling import JobState, poll
from ..wire.transfer import Transfers
from .lines import encode_lines, encode_user_lines, file_count, refuse_long
from .progress import Progress

__all__ = ["ACTIVITY_SUMMARY", "SESSIONS_SUMMARY", "Plan", "build", "plan_dataset", "progress_line"]

SESSIONS_SUMMARY: Final = "sessions-summary-by-group"
ACTIVITY_SUMMARY: Final = "activity-summary-by-group"
MOST_ACTIVITIES: Final = 10
ORDERS: Final = ("desc", "asc")


@dataclass(frozen=True)
class Plan:
    """A dataset that is about to be built: everything was checked, nothing was sent.

    Attributes
    ----------
    dataset_type
        The kind of dataset.
    levels
        The hierarchy from the top down.
    roster
        Who belongs where.
    request
        The initialise request, in the API's shape.
    """

    dataset_type: str
    levels: tuple[Level, ...]
    roster: Roster
    request: dict[str, Any]


def plan_dataset(
    roster: Any,
    levels: Sequence[str] | Mapping[str, str],
    *,
    fields: Sequence[str] | None,
    user_fields: Sequence[str] | None,
    sort_field: str | None,
    sort_order: str,
    users_sort_field: str | None,
    users_sort_order: str,
    mintime: datetime | str | int | None,
    maxtime: datetime | str | int | None,
    dataset_type: str = SESSIONS_SUMMARY,
    activity_ids: Sequence[str] | None = None,
) -> Plan:
    """Check everything about a dataset before anything is sent; see `Connection.build_dataset`."""
    filters = _filters(_activities(dataset_type, activity_ids), mintime, maxtime)
    hierarchy = parse_levels(levels)
    names = [field.name for field in parse_fields(fields)]
    user_names = list(parse_user_fields(user_fields))
    options: dict[str, Any] = {"fields": names, "default_sort_order": sort_order}
    if sort_field is not None:
        options["default_sort_field"] = sort_field
    if user_names:
        options |= {"user_fields": user_names, "default_users_sort_order": users_sort_order}
        options["default_users_sort_field"] = users_sort_field or user_names[0]
    _check_sorts(options)
    read = read_roster if isinstance(roster, str | Path) else check_roster
    given = Path(roster) if isinstance(roster, str) else roster
    lines = read(given, hierarchy, with_sessions=dataset_type == SESSIONS_SUMMARY)
    if not lines.num_rows:
        raise InputError("The roster has no rows: there is nobody to summarise.")
    encoded = encode_roster(lines, [level.key for level in hierarchy])
    refuse_shared_sessions(encoded)
    refuse_long(encoded)
    request = {
        "dataset_type": dataset_type,
        "dataset_id": str(uuid4()),
        "file_count": file_count(encoded),
        "options": options,
        "groups": [{"key": level.key, "label": level.label} for level in hierarchy],
    }
    return Plan(dataset_type, hierarchy, encoded, request | ({"filters": filters} if filters else {}))


def build(
    api: DataApi,
    transfers: Transfers,
    plan: Plan,
    *,
    timeout: float | None,
    show: bool,
    on_start: Callable[[str, JobReference], None],
) -> str:
    """Send a plan, wait until the dataset is compiled, and return its id.

    `on_start` is told the dataset's id and its job as soon as both exist, so
    that they can be found again if this process ends before the job does.
    """
    files: int = plan.request["file_count"]
    with Progress(files + 2, shown=show) as progress:
        progress.say("initialising")
        made = initialise(api, plan.request)
        parts = (encode_lines if plan.dataset_type == SESSIONS_SUMMARY else encode_user_lines)(plan.roster, files)
        for number, (url, part) in enumerate(zip(made.input_urls, parts, strict=True), 1):
            progress.say(f"uploading {number} of {files}")
            transfers.put(url, partial(iter, (part,)), len(part))
            progress.step()
        progress.say("starting")
        reference = _start(api, plan.dataset_type, made.dataset_id)
        progress.step()
        on_start(made.dataset_id, reference)
        try:
            poll(api, reference, timeout=timeout, on_change=lambda states: progress.say(progress_line(states)))
        except (JobError, TransportError, ApiError, KeyboardInterrupt) as stop:
            stop.add_note(f"The dataset of this job: open_dataset({made.dataset_id!r})")
            raise
    return made.dataset_id


def progress_line(states: Sequence[JobState]) -> str:
    """Return what jobs say of themselves, in a few words."""
    said = []
    for state in states:
        stage = state.data.get("stage") if isinstance(state.data, dict) else None
        said.append(f"{state.status}, {stage}" if stage and state.status == "running" else state.status)
    return "; ".join(dict.fromkeys(said))


def _start(api: DataApi, dataset_type: str, dataset_id: str) -> JobReference:
    try:
        return start(api, dataset_type, dataset_id)
    except ApiError as error:
        faults = [fault for fault in map(read_fault, error.details) if fault is not None]
        if not faults:
            raise
        totals = [detail["count"] for detail in error.details if isinstance(detail, dict) and "count" in detail]
        summary = f"The service refused the roster: {error.message}"
        raise InputError(summary, faults, count=max(totals, default=None)) from None


def _filters(activities: Sequence[str], mintime: object, maxtime: object) -> dict[str, Any]:
    filters: dict[str, Any] = {"activity_id": list(activities)} if activities else {}
    bounds = zip(("mintime", "maxtime"), parse_bounds(mintime, maxtime), strict=True)
    return filters | {name: rfc3339(bound) for name, bound in bounds if bound}


def _activities(dataset_type: str, given: Sequence[str] | None) -> list[str]:
    if dataset_type not in (SESSIONS_SUMMARY, ACTIVITY_SUMMARY):
        raise InputError(f"dataset_type must be {SESSIONS_SUMMARY} or {ACTIVITY_SUMMARY}, not {shorten(dataset_type)}.")
    if dataset_type == SESSIONS_SUMMARY:
        if given is not None:
            raise InputError(f"activity_ids go with dataset_type={ACTIVITY_SUMMARY!r}; here the roster lists sessions.")
        return []
    listed: list[Any] = [given] if isinstance(given, str) else list(given or ())
    if not 1 <= len(listed) <= MOST_ACTIVITIES or len(set(map(repr, listed))) < len(listed):
        raise InputError(f"activity_ids must name 1 to {MOST_ACTIVITIES} different activities, not {shorten(given)}.")
    faults = [
        Fault("bad_activity_id", "expected the id of an activity", key=f"activity_ids[{position}]", value=shorten(one))
        for position, one in enumerate(listed)
        if not isinstance(one, str) or not one.strip()
    ]
    if faults:
        raise InputError("The dataset cannot be built of these activities.", faults)
    return listed


def _check_sorts(options: Mapping[str, Any]) -> None:
    choices = {
        "default_sort_field": options["fields"],
        "default_sort_order": ORDERS,
        "default_users_sort_field": options.get("user_fields", ()),
        "default_users_sort_order": ORDERS,
    }
    faults = [
        Fault(
            "bad_sort", f"must be one of {', '.join(among)}", key=key.removeprefix("default_"), value=repr(options[key])
        )
        for key, among in choices.items()
        if key in options and options[key] not in among
    ]
    if faults:
        raise InputError("The dataset cannot be sorted so.", faults)
