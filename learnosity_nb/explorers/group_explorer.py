"""The group explorer: drill down by click, keyboard or Python, and leave with a frame."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from functools import partial
from pathlib import Path
from typing import Any, Final, Self

import ipywidgets
import pandas as pd

from ..connections.dataset import Dataset
from ..errors import InputError, LearnosityError, shorten
from ..files.exports import to_csv
from ..pages.fallback import fallback_html
from ..pages.vega_bundle import bundle_in_background
from .group_chart import chart_picture, first_chart
from .group_code import view_code
from .group_comparison import compared
from .group_exports import answer, subtree_code, subtree_frame, write_page
from .group_faces import GroupFaces
from .group_source import GroupSource
from .group_state import GroupState
from .group_traits import STATE_NAMES, GroupSettings, check_fields
from .loading import Loader
from .prepared_view import Prepared, is_at_hand, prepare, restored

__all__ = ["GroupExplorer"]

LOG: Final = logging.getLogger("learnosity_nb")
VIEW: Final = "view"
ASK: Final = "ask"
BUNDLE: Final = "bundle"
MOST_ROWS_SHOWN: Final = 500


class GroupExplorer(GroupSettings, ipywidgets.VBox):  # type: ignore[misc]
    """A dataset to look through: a table that drills down, and a chart beside it.

    Its traits are its state: set them, observe them, read them in the next
    cell. What cannot be shown raises an error, and all stays as it was. Reads
    that a click starts do not keep the kernel busy; a click's error is shown
    in the table and in `error`.

    Parameters
    ----------
    dataset
        The dataset.
    fields
        The figures to show at first; all when omitted.
    min_population
        Figures of groups with fewer learners are withheld, everywhere: in
        `value`, `code`, charts and exports. 0 shows all.
    show_names
        Whether learners appear by their ids rather than by pseudonyms.
    page_size
        Rows on a page of the table, 1 to 500.
    strict
        Whether `settle` raises the errors of clicks, as tests need it.
    executor
        Runs the reads that clicks start; a thread of its own when omitted.
    on_close
        Called once when the explorer is closed.

    Attributes
    ----------
    group_path : tuple of str
        The group in view; the root group when empty.
    sort_field, sort_order : str
        A column, or None for the dataset's own order; ``"desc"`` or ``"asc"``.
    filter : str
        Only rows whose name holds this text, in upper or lower case.
    fields : tuple of str
        The figures that are shown.
    selection : tuple of str
        Names of the marked groups, 5 at most.
    chart : str
        ``"distribution"``, ``"ecdf"``, ``"percentiles"``, ``"ranking"`` or ``"attempted"``.
    page : int
        The page of the table.
    value : DataFrame
        The rows in view, of all pages: the groups below `group_path`, or the
        learners of a group of the last level. `code` gives the same.
    error : str or None
        What went wrong with the last click.

    Raises
    ------
    GroupNotFound
        If the dataset has no groups.
    InputError
        If an option cannot be used.
    NotOffered
        If `min_population` is set and the dataset lacks the field ``population``.
    """

    _closers: tuple[Callable[[], None], ...] = ()

    def __init__(
        self,
        dataset: Dataset,
        *,
        fields: Sequence[str] | None = None,
        min_population: int = 5,
        show_names: bool = False,
        page_size: int = 50,
        strict: bool = False,
        executor: Executor | None = None,
        on_close: Callable[[], None] | None = None,
    ) -> None:
        if type(page_size) is not int or not 1 <= page_size <= MOST_ROWS_SHOWN:
            raise InputError(f"page_size must be a whole number from 1 to {MOST_ROWS_SHOWN}, not {shorten(page_size)}.")
        self._source = GroupSource(dataset, min_population=min_population, show_names=show_names)
        self._page_size = page_size
        self._strict = strict
        self._raised: list[BaseException] = []
        chosen = self._source.figures if fields is None else check_fields(tuple(fields), self._source)
        self._shown = self._wanted = GroupState(fields=chosen, chart=first_chart(self._source))
        self._loader = Loader(executor)
        self._faces = GroupFaces(
            self._source.figures, on_change=self._on_browser, on_fields=self._on_fields, on_question=self._on_question
        )
        super().__init__(children=self._faces.children)
        self._closers = (self._loader.close, self._faces.close, self.layout.close, on_close or (lambda: None))
        self._accept(prepare(self._shown, self._source, page_size))
        self.observe(lambda _: self._on_trait(), list(STATE_NAMES))
        self._loader.expect(BUNDLE, bundle_in_background(), self._faces.show_charts, self._without_charts)

    def __repr__(self) -> str:
        view = self._faces.table.view
        return f"GroupExplorer({list(self._shown.group_path)}, {view['total']:,} {view['unit']})"

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        """Add a still table and chart, for front ends without widgets and for saved notebooks."""
        bundle: dict[str, Any] = super()._repr_mimebundle_(**options)
        picture = chart_picture(self._shown, self._source, self._page_size)
        return bundle | {"text/html": fallback_html(self._faces.table.view, picture)}

    # What an analyst calls

    @property
    def dataset(self) -> Dataset:
        """The dataset that is explored: what `code` reads."""
        return self._source.dataset

    def code(self) -> str:
        """Return Python text that reads the rows in view from ``dataset`` and leaves them in ``frame``.

        Examples
        --------
        >>> print(explorer.code())  # doctest: +SKIP
        frame = dataset.groups(['Oregon'], sort_field='mean_percent', sort_order='desc', min_population=5)
        """
        return view_code(self._shown, self._source)

    def state_dict(self) -> dict[str, Any]:
        """Return where the explorer is, as a dict that JSON can hold; `from_state` takes it."""
        return self._shown.to_dict()

    @classmethod
    def from_state(cls, dataset: Dataset, state: Mapping[str, Any], **options: Any) -> Self:
        """Open an explorer where another one was.

        A group that is there no more gives way to the nearest one above it, and
        marked groups that are there no more are left out: a note under the
        table says so.

        Parameters
        ----------
        dataset
            The dataset, or another of the same make.
        state
            What `state_dict` returned.
        **options
            As for `GroupExplorer`. The privacy rule is none of the state.

        Raises
        ------
        InputError
            Naming all that is wrong with the state.
        """
        explorer = cls(dataset, **options)
        try:
            there, notes = restored(GroupState.from_dict(state, explorer._shown), explorer._source)
            explorer._accept(prepare(there, explorer._source, explorer._page_size, notes))
        except BaseException:
            explorer.close()
            raise
        return explorer

    def settle(self, timeout: float | None = None) -> None:
        """Wait until everything that clicks started is shown.

        Parameters
        ----------
        timeout
            Seconds to wait at most; no limit when omitted.

        Raises
        ------
        DeadlineExceeded
            If that took longer; it goes on.
        """
        self._loader.settle(timeout)
        if self._raised:
            raise self._raised.pop(0)

    def comparison(self) -> pd.DataFrame:
        """Return the marked groups side by side, the others compared with the first, as `Dataset.compare_groups`.

        Raises
        ------
        InputError
            If fewer than two groups are marked.
        """
        return compared(self._shown, self._source)

    def to_csv(self, path: str | os.PathLike[str], subtree: bool = False) -> Path:  # noqa: FBT001, FBT002
        """Write the rows in view as CSV, safe for spreadsheets.

        Parameters
        ----------
        path
            The file.
        subtree
            Instead of the rows in view: the group in view and all groups below
            it, with all figures.

        Returns
        -------
        pathlib.Path
            The file written.
        """
        if subtree:
            place = self._shown.group_path
            return to_csv(subtree_frame(place, self._source), path, code=subtree_code(place, self._source))
        return to_csv(self.value, path, code=self.code())

    def to_html(self, path: str | os.PathLike[str]) -> Path:
        """Write the group in view and all groups below it as one HTML file that drills down in any browser.

        It needs neither a kernel nor a network, and holds no learner.
        """
        return write_page(path, self._shown, self._source, self._page_size)

    def close(self) -> None:
        """Close the explorer and its parts; may be called again. A dataset that was passed in stays open."""
        closers, self._closers = self._closers, ()
        super().close()
        for close in closers:
            close()

    # What changes the view

    def _on_trait(self) -> None:
        """Show what Python set; read in this thread, and raise what goes wrong."""
        asked = self._gathered()
        if asked == self._shown:
            return
        try:
            prepared = prepare(asked, self._source, self._page_size)
        except BaseException:
            self._write_traits(self._shown)
            raise
        self._loader.forget(VIEW)
        self._accept(prepared)

    def _on_browser(self) -> None:
        """Show what the browser asks for: at once where all is at hand, else when it was read."""
        asked = self._faces.asked()
        if asked == self._wanted:
            return
        self._wanted = asked
        self._loader.forget(VIEW)
        read = partial(prepare, asked, self._source, self._page_size)
        if not is_at_hand(asked, self._source):
            self._faces.show_busy()
            self._loader.start(VIEW, read, self._accept, self._fail)
            return
        try:
            self._accept(read())
        except LearnosityError as error:
            self._fail(error)

    def _on_fields(self, chosen: tuple[str, ...]) -> None:
        stay = [name for name in self.fields if name in chosen]
        self.fields = (*stay, *(name for name in chosen if name not in stay))

    def _on_question(self, number: int, what: str) -> None:
        read = partial(answer, what, self._shown, self._source, self._page_size)
        self._loader.start(ASK, read, partial(self._reply, number), self._fail)

    def _reply(self, number: int, found: dict[str, Any]) -> None:
        self._faces.table.reply = {"n": number, **found}

    def _accept(self, prepared: Prepared) -> None:
        self._shown = self._wanted = prepared.state
        self._faces.show(prepared)
        self._write_traits(prepared.state, value=prepared.value, error=None)

    def _fail(self, error: BaseException) -> None:
        """Show what went wrong with a click, over the view as it was."""
        self._wanted = self._shown
        if isinstance(error, LearnosityError):
            said = str(error)
        else:
            said = f"The explorer failed ({type(error).__name__}). The notebook's log says where."
            LOG.error(said, exc_info=error)
        self._faces.show_error(said)
        self.set_trait("error", said)
        if self._strict:
            self._raised.append(error)

    def _write_traits(self, state: GroupState, **others: Any) -> None:
        with self.hold_trait_notifications():
            for name in STATE_NAMES:
                setattr(self, name, getattr(state, name))
            for name, value in others.items():
                self.set_trait(name, value)

    def _without_charts(self, error: BaseException) -> None:
        self._faces.show_no_charts(str(error))
