"""A job monitor's settings as traits: what may be set."""

from __future__ import annotations

import threading
from dataclasses import fields
from typing import Any, Final

import pandas as pd
import traitlets

from ..domain.jobs import parse_statuses
from ..errors import InputError, shorten
from .job_view import MonitorState, find_job
from .refusals import refusing

__all__ = ["SETTINGS", "MonitorSettings"]

SETTINGS: Final = tuple(field.name for field in fields(MonitorState))


class MonitorSettings(traitlets.HasTraits):
    """The traits of a job monitor, as in `MonitorState`."""

    status = traitlets.Tuple()
    filter = traitlets.Unicode("")
    page = traitlets.Int(1)
    job = traitlets.Unicode(None, allow_none=True)

    _jobs: pd.DataFrame
    _lock: threading.RLock

    @traitlets.validate("status")
    def _check_status(self, proposal: Any) -> tuple[str, ...]:
        with refusing():
            return parse_statuses(proposal.value)

    @traitlets.validate("job")
    def _check_job(self, proposal: Any) -> Any:
        with refusing(), self._lock:
            if proposal.value is not None and find_job(self._jobs, proposal.value) is None:
                raise InputError(f"There is no job {shorten(proposal.value)} among those listed.")
        return proposal.value

    def _state(self) -> MonitorState:
        return MonitorState(self.status, self.filter, self.page, self.job)
