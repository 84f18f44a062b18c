"""A mirror: the sessions of an account, as the files of a data directory on this machine."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any, Final

import msgspec
import pandas as pd
import pyarrow as pa
from filelock import FileLock, Timeout

from ..errors import ApiError, InputError, LearnosityError, ServerError, StateError
from ..files.kept_sessions import check_kept, keep_sessions, kept_files
from ..frames.sessions import responses_frame, sessions_frame
from ..wire.client import DataApi
from ..wire.sessions import SessionPage, SessionRecord, read_session_pages, session_requests
from .connection import Connection
from .mirror_journal import Journal, Marks
from .progress import Progress

__all__ = ["Mirrored", "mirror"]

OVERLAP: Final = 300
"""Seconds before the last run that are asked for again: an update may be listed a little late."""

ROWS_AT_ONCE: Final = 10_000
FOLDER: Final = Path(".learnosity_nb", "mirror")


@dataclass(frozen=True, slots=True)
class Mirrored:
    """What a mirror did.

    Attributes
    ----------
    directory
        The data directory, for `connect_local`.
    taken
        Sessions taken from the service: new ones, and ones that had changed.
    sessions, responses
        Rows that ``sessions.parquet`` and ``responses.parquet`` hold now.
    since
        Only sessions updated since then were asked for; None for all.
    resumed
        Whether an interrupted run was brought to its end.
    """

    directory: Path
    taken: int
    sessions: int
    responses: int
    since: datetime | None
    resumed: bool


def mirror(
    hosted: Connection,
    into: str | os.PathLike[str],
    *,
    activity_id: Sequence[str] | str | None = None,
    user_id: Sequence[str] | str | None = None,
    status: Sequence[str] | str | None = None,
    mintime: datetime | str | int | None = None,
) -> Mirrored:
    """Take an account's sessions, with their responses, into a data directory.

    What is taken is kept page by page in the directory's ``.learnosity_nb``
    folder; ``sessions.parquet`` and ``responses.parquet`` appear, or change,
    whole at the end. After an interruption the same call goes on where it
    stopped. A later call takes only what was updated since the one before. No
    session is there twice.

    Parameters
    ----------
    hosted
        Where the sessions are.
    into
        The data directory; it is made if need be. Other tables in it stay.
    activity_id, user_id, status
        Only these sessions; all when omitted. Calls with other filters add to
        the same files. A session that no longer passes the filter, such as one
        with another status, stays as it was taken.
    mintime
        Only sessions updated since: Unix seconds, RFC 3339 text or a datetime.

    Returns
    -------
    Mirrored

    Raises
    ------
    InputError
        If a filter is wrong, or the directory has sessions that no mirror put
        there.
    StateError
        If another mirror is writing to the directory, or it cannot be written.
    ApiError, TransportError
        If the service could not be read to the end. Call again to go on.

    Examples
    --------
    >>> mirror(connect(), into="data", activity_id="reading-check")  # doctest: +SKIP
    Mirrored(directory=PosixPath('data'), taken=480, sessions=480, ...)
    """
    # By the time of the update, so that what changes meanwhile comes last.
    requests = session_requests(
        activity_id=activity_id, user_id=user_id, status=status, times={"mintime": mintime}, sort="asc"
    )
    directory = Path(into).expanduser()
    with _own_folder(directory) as folder:
        marks = Marks(folder / "marks.json")
        known = marks.read()
        if known and len(kept_files(directory)) < 2:
            # A file was taken away: marks and journals tell only of what was to be added to it.
            known = {}
            for left in folder.glob("*.ndjson"):
                left.unlink()
        pulls = [_Pull(hosted.api, request, folder, known) for request in requests]
        resumed = any(pull.resumed for pull in pulls)
        _take(pulls, show=hosted.progress)
        journals = [pull.journal for pull in pulls]
        sessions, responses = _tables(journals)
        kept = keep_sessions(directory, sessions, responses)
        marks.write(known | {pull.key: pull.mark for pull in pulls})
        for journal in journals:
            journal.forget()
    since = min((pull.request["mintime"] for pull in pulls if "mintime" in pull.request), default=None)
    told = None if since is None else datetime.fromtimestamp(since, UTC)
    return Mirrored(directory, sessions.num_rows, *kept, told, resumed)


class _Pull:
    """One request of a mirror and the journal of its pages."""

    def __init__(self, api: DataApi, request: Mapping[str, Any], folder: Path, known: Mapping[str, int]) -> None:
        self._api = api
        asked = msgspec.json.encode([api.base_url, api.consumer.key, request], order="sorted")
        self.key = hashlib.sha256(asked).hexdigest()[:32]
        self.journal = Journal(folder / f"{self.key}.ndjson")
        self._last = self.journal.resume()
        self.resumed = self._last is not None
        self._known = known.get(self.key, 0)
        self.request = dict(request)
        if self._known:
            self.request["mintime"] = max(self._known - OVERLAP, request.get("mintime", 0))

    @property
    def mark(self) -> int:
        """Return up to when everything was taken: the time of the first page, as later updates may be on none."""
        first = next(iter(self.journal), None)
        return self._known if first is None else first.timestamp

    def rest(self) -> Iterator[SessionPage]:
        """Yield the pages that are still to be had, each once it is kept."""
        after = None if self._last is None else self._last.next
        if self._last is not None and after is None:
            return
        try:
            for page in read_session_pages(self._api, "responses", self.request, after=after):
                self.journal.add(page)
                after = None
                yield page
        except ApiError as error:
            if after is None or isinstance(error, ServerError):
                raise
            # The service no longer knows the page where the interrupted run stopped.
            self.journal.forget()
            self._last = None
            yield from self.rest()


def _take(pulls: Sequence[_Pull], *, show: bool) -> None:
    taken = sum(len(page.records) for pull in pulls for page in pull.journal)
    try:
        with Progress(len(pulls), shown=show) as progress:
            for pull in pulls:
                for page in pull.rest():
                    taken += len(page.records)
                    progress.say(f"{taken:,} sessions")
                progress.step()
    except (KeyboardInterrupt, LearnosityError) as stop:
        stop.add_note("What was taken is kept: call mirror again with the same filters, and it goes on.")
        raise


def _tables(journals: Sequence[Journal]) -> tuple[pa.Table, pa.Table]:
    """Return sessions and responses of the pages; a session that is on several pages is as on the last of them."""
    numbered = [record["session_id"] for page in chain.from_iterable(journals) for record in page.records]
    last = {session: number for number, session in enumerate(numbered)}
    sessions, responses = [_sessions([])], [_responses([])]
    records: list[SessionRecord] = []
    number = 0
    for page in chain.from_iterable(journals):
        for record in page.records:
            if last[record["session_id"]] == number:
                records.append(record)
            number += 1
        if len(records) >= ROWS_AT_ONCE:
            sessions.append(_sessions(records))
            responses.append(_responses(records))
            records = []
    sessions.append(_sessions(records))
    responses.append(_responses(records))
    return pa.concat_tables(sessions), pa.concat_tables(responses)


def _sessions(records: Sequence[SessionRecord]) -> pa.Table:
    return _arrow(sessions_frame(records).drop(columns="subscores"))


def _responses(records: Sequence[SessionRecord]) -> pa.Table:
    return _arrow(responses_frame(records))


def _arrow(frame: pd.DataFrame) -> pa.Table:
    return pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)


@contextmanager
def _own_folder(directory: Path) -> Iterator[Path]:
    """Give the folder of the journals, held by this process alone."""
    check_kept(directory)
    folder = directory / FOLDER
    if kept_files(directory) and not folder.is_dir():
        raise InputError(f"{directory} has sessions of its own, which a mirror would change. Choose another directory.")
    try:
        directory.mkdir(parents=True, exist_ok=True)
        folder.parent.mkdir(mode=0o700, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        (folder.parent / ".gitignore").write_text("*\n", encoding="utf-8")
        lock = FileLock(folder / "lock")
        lock.acquire(timeout=0)
    except Timeout:
        raise StateError(f"Another mirror is writing to {directory}. Wait for its end.") from None
    except OSError as error:
        raise StateError(f"{folder} cannot be written: {error.strerror}.") from None
    try:
        yield folder
    finally:
        lock.release()
