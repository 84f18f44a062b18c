"""One job in full: what it says of itself, and every fault that halted it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from ..wire.envelope import read_fault

__all__ = ["details_text", "details_view", "elapsed_text", "job_name", "moment", "reason_of"]

REFERENCE_SHOWN: Final = 8
VALUE_WIDTH: Final = 200
DATA_NOTES: Final = 10

FAULT_COLUMNS: Final = (
    ("message", "Fault", "text"),
    ("file", "File", "text"),
    ("line", "Line", "count"),
    ("key", "Key", "text"),
    ("value", "Found", "text"),
)
DATA_COLUMNS: Final = (("key", "Data", "text"), ("value", "Value", "text"))

Job = Mapping[str, Any]


def job_name(job: Job) -> str:
    """Return what a job is called in a list: its type and how its reference begins."""
    return f"{job['type'] or 'job'} {job['reference'][:REFERENCE_SHOWN]}"


def moment(time: datetime | None) -> str | None:
    """Return a time as the table's face takes it, in whole seconds."""
    return None if time is None else f"{time:%Y-%m-%dT%H:%M:%S}Z"


def elapsed_text(job: Job, now: datetime) -> str | None:
    """Return how long a job took, or has taken until now; None where its beginning or its end is not known."""
    end = job["dt_completed"] if job["dt_completed"] is not None else now
    if job["dt_created"] is None or (job["dt_completed"] is None and job["status"] in {"completed", "halted"}):
        return None
    seconds = max(0, int((end - job["dt_created"]).total_seconds()))
    minutes, hours = seconds // 60, seconds // 3600
    if not minutes:
        return f"{seconds} s"
    if not hours:
        return f"{minutes} min {seconds % 60:02d} s"
    return f"{hours} h {minutes % 60:02d} min" if hours < 48 else f"{hours // 24} d {hours % 24} h"


def reason_of(job: Job) -> str | None:
    """Return why a job halted, in the service's words; None where it did not or the service does not say."""
    error = job["error"]
    said = error.get("message") if isinstance(error, Mapping) else error
    return None if said is None else str(said)


def details_text(job: Job) -> str:
    """Return all that is known of a job as JSON."""
    return json.dumps(dict(job), indent=2, ensure_ascii=False, default=str)


def details_view(job: Job, now: datetime) -> dict[str, Any]:
    """Return the parts of a view that show one job: its faults if it has any, else its data."""
    faults = list(_fault_rows(job["error"]))
    data = list(_leaves("", job["data"]))
    notes = [_life(job, now)]
    reason = reason_of(job)
    if reason is not None:
        notes.append(f"Halted: {reason}{_code(job['error'])}")
    if faults:
        notes += [f"{key}: {value}" for key, value in data[:DATA_NOTES]]
    return {
        "caption": job_name(job),
        "crumbs": [
            {"label": "Jobs", "hint": "", "to": []},
            {"label": job_name(job), "hint": "Job", "to": [job["reference"]]},
        ],
        "columns": [_column(*column) for column in (FAULT_COLUMNS if faults else DATA_COLUMNS)],
        "rows": [_row(at, cells) for at, cells in enumerate(faults or data)],
        "unit": "fault" if faults else "data value",
        "chips": [],
        "notes": notes,
        "message": f"{job_name(job)}: {job['status']}",
        "asks": [{"what": "json", "label": "All as JSON"}],
    }


def _column(key: str, label: str, kind: str) -> dict[str, Any]:
    return {"key": key, "label": label, "kind": kind, "unit": "", "places": 0, "help": "", "sortable": False}


def _row(at: int, cells: tuple[Any, ...]) -> dict[str, Any]:
    return {"id": str(at), "opens": False, "cells": list(cells), "note": None}


def _life(job: Job, now: datetime) -> str:
    created, ended = (moment(job[name]) for name in ("dt_created", "dt_completed"))
    said = [f"{job['status']}", *([f"created {created}"] if created else []), *([f"ended {ended}"] if ended else [])]
    elapsed = elapsed_text(job, now)
    return ", ".join([*said, *([f"elapsed {elapsed}"] if elapsed else []), f"reference {job['reference']}"])


def _code(error: object) -> str:
    code = error.get("code") if isinstance(error, Mapping) else None
    return "" if code is None else f" (code {code})"


def _fault_rows(error: object) -> Iterator[tuple[Any, ...]]:
    details = error.get("details") if isinstance(error, Mapping) else None
    for detail in details if isinstance(details, list) else []:
        fault = read_fault(detail)
        if fault is None:
            yield _written(detail), None, None, None, None
        else:
            yield fault.message, fault.file, fault.line, fault.key, fault.value


def _leaves(key: str, value: object) -> Iterator[tuple[str, str]]:
    """Yield the values within JSON, each with the way to it: ``sessions.counted``, ``followup[0].task``."""
    if isinstance(value, Mapping) and value:
        for name, below in value.items():
            yield from _leaves(f"{key}.{name}" if key else str(name), below)
    elif isinstance(value, list) and any(isinstance(one, Mapping | list) for one in value):
        for at, below in enumerate(value):
            yield from _leaves(f"{key}[{at}]", below)
    elif key:
        yield key, _written(value)


def _written(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= VALUE_WIDTH else f"{text[: VALUE_WIDTH - 1]}…"
