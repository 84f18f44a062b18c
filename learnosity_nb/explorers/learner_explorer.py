"""The learner explorer: a course's roster to search, filter and sort, and each learner's days."""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import Executor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Final, Self

import pandas as pd
import traitlets

from ..charts.words import counted
from ..connections.connection import Connection
from ..errors import DeadlineExceeded, InputError
from ..files.exports import to_csv
from .arguments import check_connection
from .explorer import VIEW, Explorer
from .explorer_faces import PreparedView
from .learner_chart import chart_picture, loading_chart
from .learner_code import view_code
from .learner_exports import answer, write_page
from .learner_faces import LearnerFaces
from .learner_prepared import is_at_hand, prepare, restored
from .learner_source import LearnerSource
from .learner_state import LearnerState
from .learner_traits import LearnerSettings
from .learner_view import loading_view
from .paging import check_page_size

__all__ = ["LearnerExplorer"]

PATIENCE: Final = 2.0
"""Seconds that a still copy of the explorer waits for the roster, so that it shows learners."""


class AwaitedFrame(traitlets.Instance):  # type: ignore[type-arg]
    """A frame that is read when it is first asked for, if it is not there yet."""

    def get(self, obj: Any, cls: Any = None) -> Any:
        """Return the frame; the explorer waits for its roster first."""
        obj._await_roster()
        return super().get(obj, cls)


class LearnerExplorer(LearnerSettings, Explorer):
    """The learners of a course to look through: a roster to filter and sort, each learner's days, and charts.

    The roster is read once, in the background: the table says so, and the
    kernel is free. After that a click filters and sorts it here. `value` and
    whatever else needs the roster wait for it.

    Its traits are its state: set them, observe them, read them in the next
    cell. What cannot be shown raises an error, and all stays as it was. A
    click's error is shown in the table and in `error`.

    Parameters
    ----------
    connection
        A connection with a learner API.
    course_id
        The course.
    show_names
        Whether learners appear, and are searched, by username, name and e-mail
        address rather than by pseudonyms.
    min_population
        While learners appear by pseudonyms: cohorts and enrolment modes of
        fewer learners are withheld, everywhere. 0 shows all.
    page_size
        Rows on a page of the table, 1 to 500.
    strict
        Whether `settle` raises the errors of clicks, as tests need it.
    executor
        Runs the reads that clicks start; a thread of its own when omitted.

    Attributes
    ----------
    learner : str or None
        The learner whose days are in view: a pseudonym, or a username with
        `show_names`. None for the roster; all of the following up to
        `sort_order` is about the roster, and stays while a learner is in view.
    filter : str
        Only learners found by the beginning of their pseudonym; with
        `show_names` of their username, e-mail address or a word of their name.
    segments : tuple of str
        Only learners in any of these segments.
    cohort, enrollment_mode : str or None
        Only learners of this cohort, in this mode.
    hide_inactive : bool
        Whether to leave out learners of the segment ``inactive``.
    sort_field, sort_order : str
        A column, or None for the learners' own order; ``"desc"`` or ``"asc"``.
    chart : str
        A metric, such as ``"problems_attempted"``, for its distribution over
        the learners in view; ``"segments"``; ``"weeks"``, the week against the
        one before of the learners on the page (50 at most) or of one learner;
        ``"timeline"`` of a learner.
    page : int
        The page of the table. Back from a learner, the one that has the learner.
    value : DataFrame
        The rows in view, of all pages: learners, or a learner's days with the
        newest first. `code` gives the same.
    error : str or None
        What went wrong with the last click.

    Notes
    -----
    The number on a chip is how many learners are left if it is the only one
    chosen of its group, with the filters of the other groups as they are.

    Raises
    ------
    ApiError
        If the service does not know the course.
    CredentialsError
        If the connection has no learner API.
    InputError
        If an option cannot be used.
    """

    value = AwaitedFrame(pd.DataFrame, read_only=True)

    def __init__(
        self,
        connection: Connection,
        course_id: str,
        *,
        show_names: bool = False,
        min_population: int = 5,
        page_size: int = 50,
        strict: bool = False,
        executor: Executor | None = None,
    ) -> None:
        check_connection(connection, "LearnerExplorer")
        self._page_size = check_page_size(page_size)
        self._source = LearnerSource(connection, course_id, min_population=min_population, show_names=show_names)
        self._notes: tuple[str, ...] = ()
        self._is_ready = False
        faces = LearnerFaces(on_change=self._on_browser, on_question=self._on_question)
        super().__init__(faces, LearnerState(), strict=strict, executor=executor)
        nobody = pd.DataFrame()
        faces.show(PreparedView(self._shown, nobody, loading_view(self._source), loading_chart()))
        self._loader.start(VIEW, partial(self._prepare, self._shown), self._accept, self._fail)
        self._begin()

    def __repr__(self) -> str:
        view = self._faces.table.view
        return f"LearnerExplorer({self._source.course_id!r}, {counted(view['total'], view['unit'].removesuffix('s'))})"

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        with suppress(DeadlineExceeded):
            self._loader.settle(PATIENCE)
        return super()._repr_mimebundle_(**options)

    # What an analyst calls

    @property
    def connection(self) -> Connection:
        """The connection that is read: ``lrn`` in what `code` returns."""
        return self._source.connection

    def code(self) -> str:
        """Return Python text that reads the rows in view by ``lrn`` and leaves them in ``frame``.

        Examples
        --------
        >>> print(explorer.code())  # doctest: +SKIP
        frame = lrn.learners('course-v1:edX+DemoX', segments=['struggling'], pseudonyms=True, min_population=5)
        """
        return view_code(self._shown, self._source)

    def reasons(self) -> pd.DataFrame:
        """Return why the learner in view is in each segment, as `Connection.why`.

        Raises
        ------
        InputError
            If no learner is in view.
        """
        if self._shown.learner is None:
            raise InputError("Open a learner first: explorer.learner = '…', or Enter on a row of the table.")
        return self._source.reasons(self._shown.learner).copy(deep=False)

    @classmethod
    def from_state(cls, connection: Connection, course_id: str, state: Mapping[str, Any], **options: Any) -> Self:
        """Open an explorer where another one was.

        A learner, cohort or enrolment mode that is there no more is left out:
        a note under the table says so.

        Parameters
        ----------
        connection, course_id
            As for `LearnerExplorer`.
        state
            What `state_dict` returned.
        **options
            As for `LearnerExplorer`. The privacy rule is none of the state.

        Raises
        ------
        InputError
            Naming every unknown key and every value of a wrong kind; where those
            are right, what this course cannot show, one kind of thing at a time.
        """
        explorer = cls(connection, course_id, **options)
        try:
            kept = LearnerState.from_dict(state)
            there, explorer._notes = restored(kept, explorer._source)
            prepared = explorer._prepare(there)
            explorer._loader.forget(VIEW)
            explorer._accept(prepared)
        except BaseException:
            explorer.close()
            raise
        return explorer

    def to_csv(self, path: str | os.PathLike[str]) -> Path:
        """Write the rows in view as CSV, safe for spreadsheets, and return the file."""
        return to_csv(self.value, path, code=self.code())

    def to_html(self, path: str | os.PathLike[str]) -> Path:
        """Write the rows in view, of all pages, as one HTML file to search and sort in any browser, and return it.

        It needs neither a kernel nor a network. Its charts follow its filters, but
        for week over week: that is of the first 50 learners in view, and stays.
        """
        return write_page(path, self._shown, self._source, self._page_size)

    # What it says of itself

    def _prepare(self, state: LearnerState) -> PreparedView[LearnerState]:
        return prepare(state, self._source, self._page_size, self._notes, self._shown.learner)

    def _is_at_hand(self, state: LearnerState) -> bool:
        return is_at_hand(state, self._source, self._page_size)

    def _answer(self, what: str, state: LearnerState) -> dict[str, Any]:
        return answer(what, state, self._source, self._page_size)

    def _picture(self) -> str | None:
        return chart_picture(self._shown, self._source, self._page_size) if self._is_ready else None

    def _accept(self, prepared: PreparedView[Any]) -> None:
        self._is_ready = True
        self._notes = ()
        super()._accept(prepared)

    def _await_roster(self) -> None:
        if not self._is_ready:
            prepared = self._prepare(self._shown)
            self._loader.forget(VIEW)
            self._accept(prepared)
