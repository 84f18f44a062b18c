"""The job that compiles a dataset: from its input files and the sessions to the figures of every group."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable
from typing import Any

import pyarrow as pa

from ...compute.latest_sessions import latest_sessions, list_sessions
from ...compute.roster import encode_roster
from ...compute.summary import Summary, summarize
from ...errors import FAULTS_SHOWN, InputError
from ..jobs.worker import Handler, JobContext, Outcome
from .compiled import write_compiled
from .intake import level_columns
from .line_faults import FaultLog
from .odd_names import warn_of_names
from .parameters import bounds
from .readiness import read_parts
from .store import DatasetStore, Part

__all__ = ["dataset_compiler"]


def dataset_compiler(store: DatasetStore, sessions: Callable[[], pa.Table]) -> Handler:
    """Return the handler of dataset jobs.

    Parameters
    ----------
    store
        The datasets.
    sessions
        Gives the table of sessions, as it is when the job runs.
    """

    def compile_dataset(job: JobContext) -> Outcome:
        dataset = store.find(job.payload["dataset_id"])
        if dataset is None:
            raise InputError("The dataset of this job is gone. Build it again.")
        parameters = dataset.parameters
        fields = parameters.group_fields()
        job.report({"dataset_id": dataset.dataset_id, "stage": "reading"})
        parts = store.parts(dataset.dataset_id)
        lines = read_parts(store, dataset, parts)
        table = sessions()
        mintime, maxtime = bounds(parameters)
        if parameters.activities:
            lines = list_sessions(lines, latest_sessions(table, parameters.activities, mintime, maxtime))
        roster = encode_roster(lines, level_columns(len(parameters.level_keys)))
        progress = {"dataset_id": dataset.dataset_id, "users": len(roster.users), "groups": roster.tree.offsets[-1]}
        job.report({**progress, "stage": "summarising"})
        summary = summarize(roster, table, fields, mintime=mintime, maxtime=maxtime, distributions=True)
        folder = store.outfiles(dataset.dataset_id)
        write_compiled(
            folder, job.attempt, summary, parameters, lambda name: job.report({**progress, "stage": f"writing {name}"})
        )

        def flip(connection: sqlite3.Connection) -> None:
            store.set_attempt(dataset.dataset_id, job.attempt, connection)

        warned = _warned(parts, warn_of_names(roster.tree, parameters.level_keys))
        return Outcome({**progress, "stage": "done", **_counts(summary), **warned}, flip)

    return compile_dataset


def _warned(parts: list[Part], names: FaultLog) -> dict[str, Any]:
    """Return what was accepted though it is not as specified or looks like a mistake: how often, and the first ones."""
    kinds: Counter[str] = Counter()
    first: list[Any] = []
    for log in (*(part.summary["warnings"] for part in parts), names.as_dict()):
        kinds.update(log["kinds"])
        first += log["first"]
    return {"warnings": dict(kinds), **({"first_warnings": first[:FAULTS_SHOWN]} if first else {})}


def _counts(summary: Summary) -> dict[str, Any]:
    counted = summary.counted
    return {
        "sessions": {
            "counted": len(counted.row),
            "unknown": counted.unknown,
            "user_mismatch": counted.mismatched,
            "not_counted": counted.uncounted,
        }
    }
