"""Reading the list of jobs again and again, asking only for what may have changed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Final

import pandas as pd

from ..connections.connection import Connection
from ..domain.jobs import ENDED

__all__ = ["JobReader"]

GRACE: Final = timedelta(seconds=30)
"""How late a job may be listed after it was created."""


class JobReader:
    """Reads jobs, newest first; a job that has ended is read once.

    Parameters
    ----------
    connection
        Whose jobs.
    references
        Only these jobs; None for all.
    """

    def __init__(self, connection: Connection, references: Iterable[str] | None) -> None:
        self._connection = connection
        self._references = None if references is None else list(dict.fromkeys(references))
        self._known: pd.DataFrame | None = None

    def read(self) -> pd.DataFrame:
        """Return the jobs as they are now; columns as `Connection.jobs`.

        Raises
        ------
        LearnosityError
            If the service cannot be read; what was read before is kept.
        """
        if self._references is not None:
            self._known = self._read_named(self._references)
        elif self._known is None:
            self._known = self._connection.jobs()
        else:
            self._known = self._read_since(self._known)
        return self._known

    def _read_since(self, known: pd.DataFrame) -> pd.DataFrame:
        """Read the jobs created since the oldest one that was open, and keep those before it as they were."""
        if not len(known) or known["dt_created"].isna().any():
            return self._connection.jobs()
        still_open = known.loc[~known["status"].isin(ENDED), "dt_created"]
        since = (still_open.min() if len(still_open) else known["dt_created"].max()) - GRACE
        newer = self._connection.jobs(mintime=since.to_pydatetime())
        return _joined(newer, known[known["dt_created"] < since])

    def _read_named(self, references: list[str]) -> pd.DataFrame:
        if self._known is None:
            return _newest_first(self._connection.jobs(references=references))
        ended = self._known[self._known["status"].isin(ENDED)]
        done = set(ended["reference"])
        waiting = [reference for reference in references if reference not in done]
        if not waiting:
            return self._known
        return _newest_first(_joined(self._connection.jobs(references=waiting), ended))


def _joined(newer: pd.DataFrame, older: pd.DataFrame) -> pd.DataFrame:
    parts: list[Any] = [part for part in (newer, older) if len(part)]
    return pd.concat(parts, ignore_index=True) if parts else newer


def _newest_first(frame: pd.DataFrame) -> pd.DataFrame:
    by_reference = frame.sort_values("reference", kind="stable")
    return by_reference.sort_values("dt_created", ascending=False, kind="stable", ignore_index=True)
