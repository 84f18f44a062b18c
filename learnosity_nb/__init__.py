"""Group summaries, jobs and learner analytics as DataFrames, hosted or on your own machine.

Start with ``connect_local(sessions=frame)`` for your own data or ``connect()``
for a Learnosity account, then ``build_dataset``. Names load when first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from . import errors as errors
from .credentials import Consumer as Consumer
from .errors import *  # noqa: F403

if TYPE_CHECKING:
    from . import charts as charts
    from .connections.connection import Connection as Connection
    from .connections.dataset import Dataset as Dataset
    from .connections.mirroring import mirror as mirror
    from .connections.opening import connect as connect
    from .connections.opening import connect_local as connect_local
    from .connections.verifying import verify as verify
    from .domain.jobs import JobBatch as JobBatch
    from .domain.jobs import JobReference as JobReference
    from .explorers.explore import explore as explore
    from .explorers.group_explorer import GroupExplorer as GroupExplorer
    from .explorers.job_monitor import JobMonitor as JobMonitor
    from .explorers.learner_explorer import LearnerExplorer as LearnerExplorer
    from .files.excel import to_excel as to_excel
    from .files.exports import to_csv as to_csv
    from .files.sample_world import sample_world as sample_world
    from .frames.groups import truncate_summary as truncate_summary
    from .frames.learners import label_engagement as label_engagement
    from .summaries import summarize_groups as summarize_groups
    from .summaries import summarize_users as summarize_users
    from .versions import show_versions as show_versions

__version__ = "0.1.0"

_HOMES = {
    "Connection": "connections.connection",
    "Dataset": "connections.dataset",
    "GroupExplorer": "explorers.group_explorer",
    "JobBatch": "domain.jobs",
    "JobMonitor": "explorers.job_monitor",
    "JobReference": "domain.jobs",
    "LearnerExplorer": "explorers.learner_explorer",
    "connect": "connections.opening",
    "connect_local": "connections.opening",
    "explore": "explorers.explore",
    "label_engagement": "frames.learners",
    "mirror": "connections.mirroring",
    "sample_world": "files.sample_world",
    "show_versions": "versions",
    "summarize_groups": "summaries",
    "summarize_users": "summaries",
    "to_csv": "files.exports",
    "to_excel": "files.excel",
    "truncate_summary": "frames.groups",
    "verify": "connections.verifying",
}

_ROOMS = ("charts",)

__all__ = sorted([*_HOMES, *_ROOMS, *errors.__all__, "Consumer", "__version__"])


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return importlib.import_module(f".{name}", __name__)
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
