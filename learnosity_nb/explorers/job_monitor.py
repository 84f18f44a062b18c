"""The job monitor: a live table of jobs that stays live while other cells run."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final

import ipywidgets
import pandas as pd
import traitlets

from ..connections.connection import Connection
from ..domain.jobs import ENDED, JOB_STATUSES, parse_statuses
from ..errors import LearnosityError
from ..files.exports import csv_text
from ..frames.jobs import jobs_frame
from ..pages.fallback import fallback_html
from .arguments import check_connection
from .faces import LockedFace
from .job_details import details_text
from .job_reading import JobReader
from .job_traits import SETTINGS, MonitorSettings
from .job_view import code_of, counts_text, find_job, jobs_in_view, jobs_view
from .job_watch import Schedule, Watch, check_interval
from .paging import check_page_size
from .replies import CSV, PLAIN
from .telling import told

__all__ = ["JobMonitor"]

FIRST_LOOK: Final = 3.0
"""Seconds for which a cell that shows a monitor waits for the first jobs; they come later all the same."""

ASKED: Final = ("path", "filter", "page", "chips")


def _now() -> datetime:
    return datetime.now(UTC)


class JobMonitor(MonitorSettings, ipywidgets.VBox):  # type: ignore[misc]
    """A live table of jobs, newest first; opening one shows what it says of itself and why it halted.

    The jobs are read in a thread of its own: no cell waits for it, and the table
    changes while another cell runs. (Clicks are answered when that cell has
    ended, as of every widget.) The service keeps the jobs, so a monitor in a new
    kernel shows them again.

    It looks every `interval` seconds while something happens, less often while
    nothing does, and stops when it is closed.

    Parameters
    ----------
    connection
        Whose jobs.
    references
        Only these jobs; all when omitted.
    status
        Show only jobs in these states at first, such as ``"halted"``; all when
        omitted.
    interval
        Seconds between looks at most while jobs change; up to 5 times as long
        while they do not, 15 times when all have ended, and 60 times while the
        service cannot be read.
    page_size
        Rows on a page of the table, 1 to 500.
    clock
        Gives the time, in UTC.

    Attributes
    ----------
    status : tuple of str
        Only jobs in these states are in view; all when empty.
    filter : str
        Only jobs whose type or reference holds this text.
    page : int
        The page of the table.
    job : str or None
        The reference of the job that is shown in full; None for the list.
    value : DataFrame
        The jobs in view, of all pages; as `Connection.jobs` returns them. Its
        observers are called in the monitor's thread.
    error : str or None
        Why the last look failed; the table then shows what was found before.

    Raises
    ------
    InputError
        If an option cannot be used.
    """

    value = traitlets.Instance(pd.DataFrame, read_only=True)
    error = traitlets.Unicode(None, allow_none=True, read_only=True)

    _watch: Watch | None = None

    def __init__(
        self,
        connection: Connection,
        *,
        references: Iterable[str] | None = None,
        status: Sequence[str] | str | None = None,
        interval: float = 1.0,
        page_size: int = 50,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        check_connection(connection, "JobMonitor")
        check_interval(interval)
        chosen = () if status is None else parse_statuses([status] if isinstance(status, str) else list(status))
        self._lock = threading.RLock()
        named = [references] if isinstance(references, str) else references
        self._references = None if named is None else list(named)
        self._reader = JobReader(connection, self._references)
        self._schedule = Schedule(interval)
        self._page_size = check_page_size(page_size)
        self._clock = clock
        self._jobs = jobs_frame([])
        self._looked_at = clock()
        self._views = 0
        self._drawing = False
        self._face = LockedFace(self._lock)
        super().__init__(children=[self._face])
        self.status = chosen
        self._draw()
        self.observe(self._on_trait, list(SETTINGS))
        self._face.observe(self._on_browser, list(ASKED))
        self._face.on_question(self._on_question)
        self._watch = Watch(self._look)

    def __repr__(self) -> str:
        return f"JobMonitor({counts_text(self._jobs)})"

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        """Add a still table, for front ends without widgets and for saved notebooks."""
        if self._watch is not None:
            self._watch.wait_first(FIRST_LOOK)
        bundle: dict[str, Any] = super()._repr_mimebundle_(**options)
        return bundle | {"text/plain": repr(self), "text/html": fallback_html(self._face.view)}

    # What an analyst calls

    def code(self) -> str:
        """Return Python text that reads the jobs in view from ``lrn`` and leaves them in ``frame``.

        Examples
        --------
        >>> print(monitor.code())  # doctest: +SKIP
        frame = lrn.jobs(status=['halted'])
        """
        return code_of(self._state(), self._references)

    def settle(self, timeout: float | None = None) -> None:
        """Look at the jobs now, and wait until what was found is shown.

        Parameters
        ----------
        timeout
            Seconds to wait at most; no limit when omitted.

        Raises
        ------
        DeadlineExceeded
            If that took longer; it goes on.
        """
        if self._watch is not None:
            self._watch.look_now(timeout)

    def close(self) -> None:
        """Stop looking, and close the table; may be called again. The connection stays open."""
        watch, self._watch = self._watch, None
        if watch is None:
            super().close()
            return
        watch.close()
        with self._lock:
            for part in (self._face, self._face.layout, self.layout):
                part.close()
            super().close()

    # Looking, in the monitor's thread

    def _look(self) -> float:
        """Read the jobs, show them, and return how many seconds to wait until the next look."""
        try:
            found = self._reader.read()
        except Exception as error:  # noqa: BLE001  a thread that ends unseen would show old jobs for ever
            with self._lock:
                self.set_trait("error", told(error, "The jobs cannot be read"))
                self._draw()
            return self._schedule.after_failure()
        with self._lock:
            changed = not found.equals(self._jobs)
            self._jobs, self._looked_at = found, self._clock()
            self.set_trait("error", None)
            self._draw()
        still_open = bool((~found["status"].isin(ENDED)).any())
        return self._schedule.after_look(changed=changed, still_open=still_open)

    # What changes the view, in the kernel's thread

    def _on_trait(self, change: Any) -> None:
        with self._lock:
            if not self._drawing:
                self._follow({change.name})

    def _on_browser(self, _: Any) -> None:
        with self._lock:
            if self._drawing:
                return
            face, before = self._face, self._state()
            job = face.path[0] if face.path and find_job(self._jobs, face.path[0]) else None
            asked: dict[str, Any] = {"page": face.page, "job": job}
            if job is None and before.job is None:  # the details of a job have neither chips nor a filter
                chosen = tuple(status for status in JOB_STATUSES if status in face.chips)
                asked |= {"status": chosen, "filter": face.filter}
            changes = {name: value for name, value in asked.items() if value != getattr(before, name)}
            with self._held():
                for name, value in changes.items():
                    setattr(self, name, value)
            self._follow(set(changes))

    def _on_question(self, number: int, what: str) -> None:
        with self._lock:
            try:
                answer = self._answer(what)
            except LearnosityError as error:
                answer = {"name": None, "mime": PLAIN, "text": str(error)}
            self._face.reply = {"n": number, "what": what, **answer}

    def _answer(self, what: str) -> dict[str, Any]:
        if what == "csv":
            return {"name": "jobs.csv", "mime": CSV, "text": csv_text(self.value)}
        job = find_job(self._jobs, self.job or "")
        text = details_text(job) if what == "json" and job is not None else self.code()
        return {"name": None, "mime": PLAIN, "text": text}

    def _follow(self, changed: set[str]) -> None:
        """Show another choice of jobs from its first page."""
        if changed & {"status", "filter", "job"} and "page" not in changed:
            with self._held():
                self.page = 1
        self._draw()

    def _draw(self) -> None:
        """Show the jobs as they were last found, if that differs from what is shown."""
        if self.job is not None and find_job(self._jobs, self.job) is None:  # the service has forgotten it
            with self._held():
                self.job = None
        state = self._state()
        view = jobs_view(self._jobs, state, self._page_size, self._looked_at)
        if self.error is not None:
            view["error"] = f"{self.error} The jobs are as of {self._looked_at:%H:%M:%S} UTC."
        with self._held(), self._face.hold_sync():
            self.page = view["page"]
            value = jobs_in_view(self._jobs, state)
            if self._views == 0 or not value.equals(self.value):
                self.set_trait("value", value)
            if view != {key: shown for key, shown in self._face.view.items() if key != "number"}:
                self._views += 1
                self._face.view = {**view, "number": self._views}
            self._face.path = [] if state.job is None else [state.job]
            self._face.chips, self._face.filter, self._face.page = list(state.status), view["filter"], view["page"]

    @contextmanager
    def _held(self) -> Iterator[None]:
        """Within it, changes that are made here are not answered."""
        before, self._drawing = self._drawing, True
        try:
            yield
        finally:
            self._drawing = before
