"""The calls on jobs: list them, and wait for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import pandas as pd

from ..errors import CredentialsError, InputError, shorten
from ..frames.columns import JOB_COLUMNS
from ..frames.jobs import jobs_frame
from ..wire.client import DataApi
from ..wire.jobs import find_jobs
from ..wire.polling import JobState, poll
from .building import progress_line
from .progress import Progress

__all__ = ["JobCalls", "check_timeout"]


class JobCalls:
    """The calls of a `Connection` on jobs."""

    progress: bool
    _api: DataApi | None

    @property
    def api(self) -> DataApi:
        """Calls the Data API.

        Raises
        ------
        CredentialsError
            If this connection has no consumer: it only reads learners.
        """
        if self._api is None:
            raise CredentialsError(
                "This connection has no Learnosity consumer, only a learner API. Set LEARNOSITY_CONSUMER_KEY and "
                "LEARNOSITY_CONSUMER_SECRET in the environment and connect again, or pass connect(consumer=…)."
            )
        return self._api

    def jobs(
        self,
        status: Sequence[str] | str | None = None,
        references: Iterable[str] | None = None,
        *,
        mintime: datetime | str | int | None = None,
        maxtime: datetime | str | int | None = None,
        limit: int | None = None,
    ) -> pd.DataFrame:
        """List jobs, newest first.

        Parameters
        ----------
        status
            Only jobs in these states: ``queued``, ``running``, ``halted``,
            ``completed``; all when omitted.
        references
            Only these jobs.
        mintime, maxtime
            Only jobs created within these bounds.
        limit
            At most so many, 1 to 50; all when omitted.

        Returns
        -------
        DataFrame
            ``reference``, ``type`` and ``status`` str, ``dt_created`` and
            ``dt_completed`` datetime64 UTC, ``data`` and ``error`` dict or None.

        Raises
        ------
        InputError
            Naming every parameter that is wrong.
        """
        found = find_jobs(
            self.api,
            references=references,
            statuses=status,
            mintime=mintime,
            maxtime=maxtime,
            include=("data",),
            limit=limit,
        )
        return jobs_frame([dict(record) for record in found])

    def wait(self, job: str | Iterable[str], *, timeout: float | None = None) -> pd.DataFrame:
        """Wait until a job has ended; its reference is all that is needed, also after a restart.

        Parameters
        ----------
        job
            A job reference, or several.
        timeout
            Seconds to wait at most; no limit when omitted.

        Returns
        -------
        DataFrame
            The jobs as they ended; columns as `jobs`.

        Raises
        ------
        JobHalted
            If one was halted, with its reason.
        JobTimeout
            If `timeout` passed; the jobs go on.
        JobNotFound
            If the service has no such job.
        InputError
            If `job` is neither a reference nor a list of them, or `timeout` is no
            number of seconds.
        """
        if not isinstance(job, Iterable):
            raise InputError(f"wait needs the reference of a job, or a list of them, not {shorten(job)}.")
        check_timeout(timeout)
        references = [job] if isinstance(job, str) else list(job)
        with Progress(len(references), shown=self.progress) as progress:

            def changed(states: list[JobState]) -> None:
                progress.say(progress_line(states))

            ended = poll(self.api, references, timeout=timeout, on_change=changed)
        names = [column.name for column in JOB_COLUMNS]
        return jobs_frame([{name: getattr(state, name) for name in names} for state in ended])


def check_timeout(timeout: object) -> None:
    """Refuse what is no number of seconds to wait; None is no limit."""
    known = timeout is None or (isinstance(timeout, int | float) and not isinstance(timeout, bool) and timeout >= 0)
    if not known:
        raise InputError(
            f"timeout must be a number of seconds, such as 60, or None for no limit, not {shorten(timeout)}."
        )
