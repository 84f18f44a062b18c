"""A compiled dataset: its groups, users and distributions as frames."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from ..credentials import Consumer, Secret
from ..domain.group_paths import Level, parse_group_path
from ..errors import IncompleteResult, InputError, NotOffered
from ..files.pseudonyms import pseudonym_column, read_salt
from ..frames.groups import distribution_frame
from ..frames.sorting import sort_frame
from ..frames.users import users_frame
from ..frames.withholding import check_min_population
from ..wire.addresses import IN_PROCESS_HOST
from ..wire.client import DataApi
from ..wire.transfer import Transfers
from .group_reading import GroupReader, check_measure
from .report_requests import ReportRequest, sign_report
from .reporting import ReportCalls

__all__ = ["Dataset"]


class Dataset(ReportCalls):
    """A dataset of a service; made by `Connection.build_dataset` and `Connection.open_dataset`.

    Each frame notes in its ``attrs`` which dataset and call it is from.

    Parameters
    ----------
    api, transfers
        The service it is on.
    dataset_id, dataset_type
        Which dataset.
    levels
        Its hierarchy from the top down; None where it is not known.
    salt_file
        Where the salt of pseudonyms is kept; None for no pseudonyms.

    Attributes
    ----------
    dataset_id, dataset_type : str
    levels : tuple of Level or None

    Notes
    -----
    ``min_population`` is a floor on the population of the groups that are
    shown; 0 shows all. The figures of a smaller group are null, and so are
    those of its smallest sibling where it would be the only one (its figures
    could be had by subtraction), and of everything below them; the boolean
    column ``withheld`` tells which. `compute.suppression` has the rule and its
    limits. The dataset needs the field ``population`` for it: without, a call
    raises NotOffered.
    """

    def __init__(
        self,
        api: DataApi,
        transfers: Transfers,
        dataset_id: str,
        dataset_type: str,
        levels: tuple[Level, ...] | None,
        *,
        salt_file: Path | None = None,
    ) -> None:
        self._api = api
        self._reader = GroupReader(api, transfers, dataset_type, dataset_id)
        self._salt_file = salt_file
        self.dataset_id = dataset_id
        self.dataset_type = dataset_type
        self.levels = levels

    def __repr__(self) -> str:
        levels = " > ".join(level.label for level in self.levels) if self.levels else "levels not known"
        return f"Dataset({self.dataset_id!r}, {levels})"

    def users(
        self,
        group_path: Sequence[str],
        *,
        allow_partial: bool = False,
        pseudonyms: bool = False,
        min_population: int = 0,
    ) -> pd.DataFrame:
        """Return the users of a group of the last level, one row each.

        Parameters
        ----------
        group_path
            Names from the top level down to the last level.
        allow_partial
            As for `groups`.
        pseudonyms
            Give ten letters and digits in place of each user's id: the same
            ones on every call from this state directory (local) or this user
            account (hosted), and others elsewhere.
        min_population
            No rows for a group whose figures are withheld; see the notes of
            `Dataset`.

        Returns
        -------
        DataFrame
            ``user_id`` str and the dataset's user fields: ``seen_activities``
            Int64, the others float64 in points; sorted as the dataset was built.

        Raises
        ------
        GroupNotFound
            If there is no such group.
        InputError
            If the group is not on the last level, or a parameter cannot be used.
        NotOffered
            If the dataset was built without ``user_fields``, or the service
            gives no user rows.
        IncompleteResult
            If some rows cannot be had; its ``frame`` holds the others.
        ApiError
            As `groups`.
        """
        path, floor = parse_group_path(group_path), check_min_population(min_population)
        if self.levels is not None and len(path) != len(self.levels):
            raise InputError(
                f"Users are listed for groups of the last level, {self.levels[-1].key}: give all "
                f"{len(self.levels)} parts of the path, not {len(path)}."
            )
        file, withheld = self._reader.place(path, floor)
        if "users" not in file:
            raise NotOffered(
                "This dataset has no user rows. Build it with user_fields=['score', 'max_score']; a hosted service "
                "shows users only in its own web report."
            )
        first = file["users"]
        rows = [] if withheld else self._reader.users(path, first)
        frame = users_frame(rows, first["fields"][1:])
        if pseudonyms:
            # Sorted anew: the order of ids among equal rows must not tell who is who.
            frame = frame.assign(user_id=pseudonym_column(self._salt(), frame["user_id"]))
            frame = sort_frame(frame, first["sort_field"], first["sort_order"], tie="user_id")
        asked = {"allow_partial": allow_partial, "pseudonyms": pseudonyms, "min_population": floor}
        self._noted(frame, "users", group_path=list(path), **asked)
        if len(rows) < first["rows_total"] and not allow_partial and not withheld:
            raise IncompleteResult(f"The service gave {len(rows):,} of the {first['rows_total']:,} users.", frame)
        return frame

    def distribution(
        self, group_path: Sequence[str] = (), field: str = "score", *, min_population: int = 0
    ) -> pd.DataFrame:
        """Return how often each score or percent occurs in a group.

        Parameters
        ----------
        group_path
            Names from the top level down; the root group when omitted.
        field
            ``"score"`` or ``"percent"``.
        min_population
            No rows for a group whose figures are withheld; see the notes of
            `Dataset`.

        Returns
        -------
        DataFrame
            ``value`` float64 ascending, ``count`` int64: the group's users with
            that value. Users without a value are not counted.

        Raises
        ------
        GroupNotFound
            If there is no such group.
        InputError
            If `field` is another word, or another parameter cannot be used.
        NotOffered
            If the service gives no distributions, as the hosted one does not.
        ApiError
            As `groups`.
        """
        measure = check_measure(field)
        path, floor = parse_group_path(group_path), check_min_population(min_population)
        file, withheld = self._reader.place(path, floor, include=["distribution"])
        found = file.get("distribution")
        if found is None:
            raise NotOffered(
                "This service gives no distributions. Its percentile fields (p05_score, p25_score, …) are the nearest."
            )
        shown = {"values": [], "counts": []} if withheld else found[measure]
        frame = distribution_frame(shown["values"], shown["counts"])
        return self._noted(frame, "distribution", group_path=list(path), field=field, min_population=floor)

    def report_request(
        self,
        group_path: Sequence[str] = (),
        *,
        consumer: Consumer | None = None,
        domain: str | None = None,
        report_id: str = "report-01",
    ) -> ReportRequest:
        """Return the signed init object with which the vendor's Reports API shows this dataset in a web page.

        Parameters
        ----------
        group_path
            The group that the report opens at; the root group when omitted.
        consumer
            Who signs: the account that has the dataset; that of the connection
            when omitted.
        domain
            Host name of the web page, such as ``"reports.example.org"``; the
            consumer's when omitted.
        report_id
            ``id`` of the page's element that the report fills.

        Returns
        -------
        ReportRequest
            A dict of ``security`` and ``request``, equal to what Learnosity's
            SDKs make; ``.json()`` is what ``LearnosityReports.init`` takes. Its
            repr shows no signature.

        Raises
        ------
        NotOffered
            If the dataset is of the service in this process, which Learnosity
            does not know, and no `consumer` is given.
        """
        if consumer is None and IN_PROCESS_HOST in self._api.base_url:
            raise NotOffered(
                "Learnosity's web report shows datasets of a Learnosity account, and this one is of the service in "
                "this process. Use GroupExplorer; or pass consumer= of the account that has a dataset of this id."
            )
        signer = self._api.consumer if consumer is None else consumer
        return sign_report(
            signer,
            self.dataset_type,
            self.dataset_id,
            parse_group_path(group_path),
            domain=signer.domain if domain is None else domain,
            report_id=report_id,
            moment=datetime.now(UTC),
        )

    def _salt(self) -> Secret:
        if self._salt_file is None:
            raise NotOffered("Pseudonyms need a place for their salt: get the dataset from a Connection.")
        return read_salt(self._salt_file)
