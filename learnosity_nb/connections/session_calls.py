"""The calls on sessions: list them, change them, work out their subscores."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import pandas as pd

from ..domain.jobs import JobBatch, JobReference
from ..errors import Fault, InputError, shorten
from ..files.session_updates import check_metadata_updates, check_status_updates
from ..frames.sessions import responses_frame, scores_frame, sessions_frame, statuses_frame
from ..wire.session_jobs import recalculate_subscores, set_metadata, update_statuses
from ..wire.sessions import read_session_pages, session_requests
from .batches import Recalculation, RecalculationBatch, as_one_result, in_batches
from .job_calls import JobCalls
from .progress import Progress

__all__ = ["SessionCalls"]

Moment = datetime | str | int
FRAMES = {"scores": scores_frame, "statuses": statuses_frame, "sessions": sessions_frame}


class SessionCalls(JobCalls):
    """The calls of a `Connection` on sessions."""

    def sessions(
        self,
        *,
        session_id: Sequence[str] | str | None = None,
        user_id: Sequence[str] | str | None = None,
        activity_id: Sequence[str] | str | None = None,
        status: Sequence[str] | str | None = None,
        mintime: Moment | None = None,
        maxtime: Moment | None = None,
        mintime_started: Moment | None = None,
        maxtime_started: Moment | None = None,
        mintime_completed: Moment | None = None,
        maxtime_completed: Moment | None = None,
        what: str = "scores",
        include_metadata: bool | Sequence[str] = False,
    ) -> pd.DataFrame:
        """List sessions, or their responses: every page, as one frame.

        Parameters
        ----------
        session_id, user_id, activity_id
            Only these: one or any number.
        status
            Only sessions with these statuses: ``Completed``, ``Incomplete``,
            ``Discarded``, ``Pending Scoring``; all when omitted.
        mintime, maxtime
            Only sessions last updated within these inclusive bounds: Unix
            seconds, RFC 3339 text or a datetime.
        mintime_started, maxtime_started, mintime_completed, maxtime_completed
            The same for when they began and when they were completed.
        what
            ``"scores"``: score, maximum and subscores of each session.
            ``"statuses"``: its progress and times. ``"sessions"``: all of
            these and what its responses add up to, the columns of a sessions
            data file. ``"responses"``: one row for each response.
        include_metadata
            Attributes of the metadata to add as the column ``metadata``: a dict
            for each session, of those attributes that it has. True for all of
            them, which the local service gives; hosted ones must be named.
            Not for responses.

        Returns
        -------
        DataFrame
            Ids and texts str, points float64, counts Int64, ``session_duration``
            seconds, times datetime64 UTC, ``subscores`` list of dicts. The
            same columns and dtypes when there is no row.

        Raises
        ------
        InputError
            If a parameter is wrong. `what` and `include_metadata` are checked
            first; of the others the error names every one that is wrong.
        """
        attributes = _attributes(what, include_metadata)
        times = {"mintime": mintime, "maxtime": maxtime}
        times |= {"mintime_started": mintime_started, "maxtime_started": maxtime_started}
        times |= {"mintime_completed": mintime_completed, "maxtime_completed": maxtime_completed}
        requests = session_requests(
            session_id=session_id,
            user_id=user_id,
            activity_id=activity_id,
            status=status,
            times=times,
            metadata=attributes,
        )
        endpoint = "responses" if what == "sessions" else what
        # A session that is updated meanwhile may come on two pages: the later one counts.
        found: dict[str, Any] = {}
        with Progress(len(requests), shown=self.progress) as progress:
            for request in requests:
                for page in read_session_pages(self.api, endpoint, request):
                    found |= {record["session_id"]: record for record in page.records}
                    progress.say(f"{len(found):,} sessions")
                progress.step()
        records = list(found.values())
        if what == "responses":
            return responses_frame(records)
        return FRAMES[what](records, metadata=attributes is not None)

    def recalculate_subscores(self, session_ids: Iterable[str]) -> JobReference | JobBatch:
        """Let the service work out the subscores of sessions again.

        Parameters
        ----------
        session_ids
            The sessions: any number, sent a hundred at a time.

        Returns
        -------
        JobReference or JobBatch
            The job, or the jobs where it took several requests; `wait` takes
            both. Its ``ignored_sessions`` are those that the service passes
            over.

        Raises
        ------
        InputError
            Naming every id that cannot be one.

        Warns
        -----
        UserWarning
            Once, if sessions are passed over.
        """

        def send(ids: Sequence[str]) -> Recalculation:
            job = recalculate_subscores(self.api, ids)
            return Recalculation(job.reference, job.ignored)

        jobs = in_batches(_session_ids(session_ids), send, what="sessions", show=self.progress)
        result = jobs[0] if len(jobs) == 1 else RecalculationBatch(jobs)
        ignored = result.ignored_sessions
        if ignored:
            warnings.warn(
                f"{len(ignored):,} sessions are passed over, as they are unknown or have no subscore information: "
                f"{', '.join(map(shorten, ignored[:5]))}{' …' if len(ignored) > 5 else ''}. "
                "All of them are in .ignored_sessions of the result.",
                stacklevel=2,
            )
        return result

    def update_session_statuses(self, frame: Any) -> JobReference | JobBatch:
        """Change the statuses of sessions.

        A session that becomes ``Completed`` is scored again and gets its
        subscores; one that is ``Discarded`` or ``Incomplete`` no longer counts
        in summaries that are built from then on.

        Parameters
        ----------
        frame : DataFrame or Arrow table
            ``session_id``, ``user_id`` (the one recorded for the session) and
            ``status``: ``Completed``, ``Incomplete`` or ``Discarded``. Any
            number of rows, sent a hundred at a time.

        Returns
        -------
        JobReference or JobBatch
            The job, or the jobs where it took several requests; `wait` takes both.

        Raises
        ------
        InputError
            With every fault of the frame, before anything is sent; or with the
            rows that the service refused. The notes then name the jobs that
            were accepted before.
        """
        updates = check_status_updates(frame)
        return as_one_result(
            in_batches(updates, partial(update_statuses, self.api), what="statuses", show=self.progress)
        )

    def set_session_metadata(self, frame: Any) -> JobReference | JobBatch:
        """Set the metadata of sessions, in place of what they have.

        Parameters
        ----------
        frame : DataFrame or Arrow table
            ``session_id``, ``user_id`` (the one recorded for the session) and
            ``metadata``: a dict or the JSON text of one. A column
            ``session_tags``, a list of dicts with ``type`` and ``name``, is put
            into the metadata. Any number of rows, sent a hundred at a time.

        Returns
        -------
        JobReference or JobBatch
            The job, or the jobs where it took several requests; `wait` takes both.

        Raises
        ------
        InputError
            As `update_session_statuses`.
        """
        updates = check_metadata_updates(frame)
        return as_one_result(in_batches(updates, partial(set_metadata, self.api), what="metadata", show=self.progress))


def _attributes(what: str, include_metadata: bool | Sequence[str]) -> Sequence[str] | None:  # noqa: FBT001
    kinds = (*FRAMES, "responses")
    if what not in kinds:
        raise InputError(f"what must be one of {', '.join(kinds)}, not {shorten(what)}.")
    if include_metadata is False:
        return None
    if what == "responses":
        raise InputError("Responses have no metadata: ask for it with what='sessions', 'scores' or 'statuses'.")
    return () if include_metadata is True else include_metadata


def _session_ids(given: Iterable[str]) -> list[str]:
    if isinstance(given, pd.DataFrame):
        raise InputError('Pass the column of ids: frame["session_id"].')
    listed: list[Any] = [given] if isinstance(given, str) else list(given)
    faults = [
        Fault("bad_session_id", "expected the id of a session", key=f"session_ids[{position}]", value=shorten(one))
        for position, one in enumerate(listed)
        if not isinstance(one, str) or not one.strip()
    ]
    if faults:
        raise InputError("No subscores were asked for: some ids cannot be used.", faults)
    return list(dict.fromkeys(listed))
