"""A connection to a service, hosted or local: the calls an analyst makes."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Self

from ..domain.group_paths import Level, parse_levels
from ..domain.jobs import JobReference
from ..errors import InputError, shorten
from ..files.pseudonyms import SALT_FILE
from ..wire.client import DataApi
from ..wire.learner_api import LearnerApi
from ..wire.transfer import Transfers
from .building import SESSIONS_SUMMARY, build, plan_dataset
from .dataset import Dataset
from .job_calls import check_timeout
from .learners import LearnerCalls
from .ledger import Ledger
from .left_out import left_out_of_dataset
from .session_calls import SessionCalls

__all__ = ["Connection"]


class Connection(SessionCalls, LearnerCalls):
    """A connection to a Learnosity service; made by `connect` and `connect_local`.

    It can be closed, or used as a context manager; what it started on the
    service goes on.

    Parameters
    ----------
    api
        Calls the Data API; None where only learners are read.
    transfers
        Moves the files behind pre-signed URLs.
    ledger
        Remembers the datasets that were built. The salt of pseudonyms is kept
        beside its file.
    name
        What to call it in a repr.
    progress
        Whether long calls show a progress bar.
    learner_api
        Calls the learner analytics API; None where there is none.
    on_close
        Called when the connection is closed.
    """

    def __init__(
        self,
        api: DataApi | None,
        transfers: Transfers,
        ledger: Ledger,
        *,
        name: str,
        progress: bool = True,
        learner_api: LearnerApi | None = None,
        on_close: Callable[[], None] | None = None,
    ) -> None:
        self._api = api
        self.transfers = transfers
        self.learner_api = learner_api
        self.progress = progress
        self._ledger = ledger
        self._name = name
        self._on_close = on_close

    def __repr__(self) -> str:
        return f"Connection({self._name})"

    def __dir__(self) -> list[str]:
        """List what tab completion offers: the calls, without the clients that they go through."""
        return [name for name in super().__dir__() if name not in {"api", "learner_api", "transfers"}]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; may be called again. Calls fail from then on, those of its datasets too."""
        if self._api is not None:
            self._api.close()
        self.transfers.close()
        if self.learner_api is not None:
            self.learner_api.close()
        if self._on_close is not None:
            self._on_close()
            self._on_close = None

    def build_dataset(
        self,
        roster: Any,
        levels: Sequence[str] | Mapping[str, str],
        fields: Sequence[str] | None = None,
        user_fields: Sequence[str] | None = None,
        *,
        sort_field: str | None = None,
        sort_order: str = "desc",
        users_sort_field: str | None = None,
        users_sort_order: str = "desc",
        mintime: datetime | str | int | None = None,
        maxtime: datetime | str | int | None = None,
        dataset_type: str = SESSIONS_SUMMARY,
        activity_ids: Sequence[str] | None = None,
        timeout: float | None = None,
    ) -> Dataset:
        """Build a dataset: upload the roster, let the service compile it, and wait until it has.

        Parameters
        ----------
        roster : DataFrame, Arrow table or path of a file
            ``user_id``, ``session_id`` (one row per session, or a list in each
            row) and one column per level, or ``group_path``. An
            ``activity-summary-by-group`` needs no ``session_id``.
        levels
            The hierarchy from the top down: column names, or name to label.
        fields
            Figures of each group, such as ``population``, ``mean_percent``,
            ``p25_score``; the specification's 20 when omitted.
        user_fields
            Figures of each user at the last level: ``score``, ``max_score``,
            ``attempted_max_score``, ``unscored_max_score``, ``seen_activities``.
        sort_field, sort_order
            How child groups are sorted: one of `fields`, ``"desc"`` or ``"asc"``;
            when omitted by population, or by the first field where there is none.
        users_sort_field, users_sort_order
            How users are sorted; by the first user field when omitted.
        mintime, maxtime
            Count only sessions completed within these inclusive bounds: Unix
            seconds, RFC 3339 text or a datetime.
        dataset_type
            ``"sessions-summary-by-group"``: the sessions that the roster
            lists. ``"activity-summary-by-group"``: each user's latest session
            of each of `activity_ids`.
        activity_ids
            1 to 10 activities.
        timeout
            Seconds to wait for the job; no limit when omitted. The job goes on
            after it: `wait` and `open_dataset` find it again.

        Returns
        -------
        Dataset

        Raises
        ------
        InputError
            If something cannot be used, before anything is sent. Parameters are
            checked first, one kind after another, then the roster's cells, then
            who shares a session; the error names every fault of the first that
            has any.
        JobHalted
            If the service could not compile the dataset, with its reason.

        Warns
        -----
        UserWarning
            If the service found listed sessions not among its own, or recorded
            for another user: they do not count. A hosted service does not say.
        """
        check_timeout(timeout)
        plan = plan_dataset(
            roster,
            levels,
            fields=fields,
            user_fields=user_fields,
            sort_field=sort_field,
            sort_order=sort_order,
            users_sort_field=users_sort_field,
            users_sort_order=users_sort_order,
            mintime=mintime,
            maxtime=maxtime,
            dataset_type=dataset_type,
            activity_ids=activity_ids,
        )
        labels = {level.key: level.label for level in plan.levels}
        jobs: list[JobReference] = []

        def started(made: str, job: JobReference) -> None:
            jobs.append(job)
            self._ledger.remember(made, plan.dataset_type, labels, job, self.api.base_url)

        dataset_id = build(self.api, self.transfers, plan, timeout=timeout, show=self.progress, on_start=started)
        left_out = left_out_of_dataset(self.api, jobs[0], plan.roster)
        if left_out is not None:
            warnings.warn(left_out, stacklevel=2)
        return self._dataset(dataset_id, plan.dataset_type, plan.levels)

    def open_dataset(
        self,
        dataset_id: str,
        dataset_type: str = SESSIONS_SUMMARY,
        levels: Sequence[str] | Mapping[str, str] | None = None,
    ) -> Dataset:
        """Open a dataset that was built before, here or elsewhere.

        Parameters
        ----------
        dataset_id
            Its id.
        dataset_type
            Its type.
        levels
            Its hierarchy. When omitted it is what this machine remembers of the
            dataset; else columns are called ``level_1``, ``level_2`` and so on.

        Returns
        -------
        Dataset
            The service is not asked yet: whether it knows the dataset shows at
            the first call.

        Raises
        ------
        InputError
            If `dataset_id` is no text, or `levels` cannot be used.
        """
        if not isinstance(dataset_id, str) or not dataset_id.strip():
            raise InputError(f"dataset_id must be the id of a dataset, not {shorten(dataset_id)}.")
        remembered = self._ledger.find(dataset_id)
        if levels is None and remembered is not None:
            levels, dataset_type = remembered.levels, remembered.dataset_type
        hierarchy = None if levels is None else parse_levels(levels)
        return self._dataset(dataset_id, dataset_type, hierarchy)

    def _dataset(self, dataset_id: str, dataset_type: str, levels: tuple[Level, ...] | None) -> Dataset:
        salt_file = self._ledger.path.with_name(SALT_FILE)
        return Dataset(self.api, self.transfers, dataset_id, dataset_type, levels, salt_file=salt_file)
