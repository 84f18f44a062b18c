"""Jobs as the table face shows them: a row for each, and the choice of their states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import pandas as pd

from ..domain.jobs import ENDED, JOB_STATUSES
from .job_details import details_view, elapsed_text, job_name, moment, reason_of

__all__ = ["MonitorState", "code_of", "counts_text", "find_job", "jobs_in_view", "jobs_view"]

REASON_WIDTH: Final = 90
PROGRESS: Final = (("users", "learner"), ("groups", "group"), ("updated", "session"))
"""What the local service's jobs count in their data, and what to call one of them."""

ASKS: Final = ({"what": "csv", "label": "CSV of these jobs"}, {"what": "code", "label": "Code"})

COLUMNS: Final = (
    ("job", "Job", "text", "", "what kind of job, and how its reference begins"),
    ("status", "Status", "text", "", "queued, running, halted or completed"),
    ("created", "Created", "time", "UTC", "when it was queued"),
    ("elapsed", "Elapsed", "text", "", "from when it was queued until it ended, or until now"),
    ("progress", "Progress", "text", "", "what the job itself says of it; empty where it says nothing"),
    ("reason", "Reason", "text", "", "why it halted; open the job for all of it"),
    ("reference", "Reference", "text", "", "what lrn.wait takes"),
)


@dataclass(frozen=True, slots=True)
class MonitorState:
    """What a job monitor shows.

    Attributes
    ----------
    status
        Only jobs in these states; all when empty.
    filter
        Only jobs whose type or reference holds this text, in upper or lower case.
    page
        From 1.
    job
        The reference of the job whose details are shown; None for the list.
    """

    status: tuple[str, ...] = ()
    filter: str = ""
    page: int = 1
    job: str | None = None


def jobs_in_view(frame: pd.DataFrame, state: MonitorState) -> pd.DataFrame:
    """Return the jobs that a state lets through, in their order."""
    if state.status:
        frame = frame[frame["status"].isin(state.status)]
    if state.filter:
        words = frame["type"].fillna("") + " " + frame["reference"]
        frame = frame[words.str.contains(state.filter, case=False, regex=False)]
    return frame.reset_index(drop=True)


def code_of(state: MonitorState, references: Sequence[str] | None) -> str:
    """Return Python text that leaves in ``frame``, read from ``lrn``, what `jobs_in_view` returns."""
    given = {"status": list(state.status) or None, "references": None if references is None else list(references)}
    arguments = ", ".join(f"{name}={value!r}" for name, value in given.items() if value is not None)
    lines = [f"frame = lrn.jobs({arguments})"]
    if state.filter:
        lines.append("words = frame['type'].fillna('') + ' ' + frame['reference']")
        found = f"words.str.contains({state.filter!r}, case=False, regex=False)"
        lines.append(f"frame = frame[{found}].reset_index(drop=True)")
    return "\n".join(lines)


def counts_text(frame: pd.DataFrame) -> str:
    """Say how many jobs there are, and in which states: ``3 jobs: 1 running, 2 completed``."""
    counts = frame["status"].value_counts()
    said = ", ".join(f"{counts[status]:,} {status}" for status in JOB_STATUSES if status in counts)
    total = f"{len(frame):,} job{'' if len(frame) == 1 else 's'}"
    return f"{total}: {said}" if said else total


def jobs_view(frame: pd.DataFrame, state: MonitorState, page_size: int, now: datetime) -> dict[str, Any]:
    """Return what the table's face shows: the list of jobs, or the details of one.

    Parameters
    ----------
    frame
        All jobs, as `Connection.jobs` gives them.
    state
        What to show of them; its page is brought within the pages there are.
    page_size
        Rows on a page.
    now
        Until when the time of a job that has not ended is counted.
    """
    job = None if state.job is None else find_job(frame, state.job)
    shown = _list(jobs_in_view(frame, state), frame, state, now) if job is None else details_view(job, now)
    rows = shown["rows"]
    pages = max(1, -(-len(rows) // page_size))
    page = min(max(state.page, 1), pages)
    first = (page - 1) * page_size
    return {
        "own": None,
        "sort": None,
        "markable": False,
        "marked": [],
        "mark_limit": 0,
        "filter": "" if job else state.filter,
        "filter_label": "Filter jobs by type or reference",
        "error": None,
        "busy": False,
        **shown,
        "unit": shown["unit"] if len(rows) == 1 else f"{shown['unit']}s",
        "rows": rows[first : first + page_size],
        "first": first + 1,
        "total": len(rows),
        "page": page,
        "pages": pages,
    }


def find_job(frame: pd.DataFrame, reference: str) -> dict[str, Any] | None:
    """Return a job by its reference; None where there is no such job."""
    found = frame[frame["reference"] == reference]
    return _records(found)[0] if len(found) else None


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return jobs as dicts, None where there is nothing."""
    columns = {name: frame[name].tolist() for name in frame.columns}
    missing = {name: frame[name].isna().tolist() for name in frame.columns}
    return [
        {name: None if missing[name][at] else columns[name][at] for name in frame.columns} for at in range(len(frame))
    ]


def _list(shown: pd.DataFrame, frame: pd.DataFrame, state: MonitorState, now: datetime) -> dict[str, Any]:
    counts = frame["status"].value_counts()
    return {
        "caption": "Jobs, newest first",
        "crumbs": [{"label": "Jobs", "hint": "", "to": []}],
        "columns": [
            {"key": key, "label": label, "kind": kind, "unit": unit, "places": 0, "help": said, "sortable": False}
            for key, label, kind, unit, said in COLUMNS
        ],
        "rows": [_row(job, now) for job in _records(shown)],
        "unit": "job",
        "chips": [
            {"key": status, "group": "Status", "label": status, "count": int(counts.get(status, 0)), "on": on}
            for status, on in ((status, status in state.status) for status in JOB_STATUSES)
        ],
        "notes": [],
        "message": counts_text(frame),
        "asks": list(ASKS),
    }


def _row(job: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    cells = [
        job_name(job),
        job["status"],
        moment(job["dt_created"]),
        elapsed_text(job, now),
        _progress(job),
        _cut(reason_of(job)),
        job["reference"],
    ]
    return {"id": job["reference"], "opens": True, "cells": cells, "note": None}


def _progress(job: Mapping[str, Any]) -> str | None:
    """Return what a job's data say of its progress, in a few words; None where they say nothing."""
    data = job["data"] if isinstance(job["data"], Mapping) else {}
    stage = data.get("stage")
    said = [stage] if isinstance(stage, str) and job["status"] not in ENDED else []
    counted = [(data.get(key), name) for key, name in PROGRESS]
    said += [f"{count:,} {name}{'' if count == 1 else 's'}" for count, name in counted if type(count) is int]
    return ", ".join(said) or None


def _cut(text: str | None) -> str | None:
    return text if text is None or len(text) <= REASON_WIDTH else f"{text[: REASON_WIDTH - 1]}…"
