"""The group explorer: drill down by click, keyboard or Python, and leave with a frame."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any, Self

import pandas as pd

from ..connections.dataset import Dataset
from ..files.exports import to_csv
from .arguments import check_dataset
from .explorer import Explorer
from .group_chart import chart_picture, first_chart
from .group_code import view_code
from .group_comparison import compared
from .group_exports import answer, subtree_code, subtree_frame, write_page
from .group_faces import GroupFaces
from .group_prepared import Prepared, is_at_hand, prepare, restored
from .group_source import GroupSource
from .group_state import GroupState
from .group_traits import GroupSettings, check_fields
from .group_view import rows_told
from .paging import check_page_size

__all__ = ["GroupExplorer"]


class GroupExplorer(GroupSettings, Explorer):
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
        ``"distribution"``, ``"ecdf"``, ``"percentiles"``, ``"ranking"``, ``"funnel"``
        or ``"attempted"``.
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
        check_dataset(dataset)
        self._page_size = check_page_size(page_size)
        self._source = GroupSource(dataset, min_population=min_population, show_names=show_names)
        chosen = self._source.figures if fields is None else check_fields(tuple(fields), self._source)
        start = GroupState(fields=chosen, chart=first_chart(self._source))
        faces = GroupFaces(self._source.figures, on_change=self._on_browser, on_question=self._on_question)
        super().__init__(faces, start, strict=strict, executor=executor, on_close=on_close)
        self._accept(self._prepare(start))
        self._begin()

    def __repr__(self) -> str:
        return f"GroupExplorer({list(self._shown.group_path)}, {rows_told(self._shown, self._source)})"

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
            Naming every unknown key and every value of a wrong kind; where those
            are right, what this dataset cannot show, one kind of thing at a time.
        """
        explorer = cls(dataset, **options)
        try:
            there, notes = restored(GroupState.from_dict(state, explorer._shown), explorer._source)
            explorer._accept(prepare(there, explorer._source, explorer._page_size, notes))
        except BaseException:
            explorer.close()
            raise
        return explorer

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
        """Write the group in view and all below it as one HTML file that drills down in any browser, and return it.

        It needs neither a kernel nor a network, and holds no learner.
        """
        return write_page(path, self._shown, self._source, self._page_size)

    # What it says of itself

    def _prepare(self, state: GroupState) -> Prepared:
        return prepare(state, self._source, self._page_size)

    def _is_at_hand(self, state: GroupState) -> bool:
        return is_at_hand(state, self._source)

    def _answer(self, what: str, state: GroupState) -> dict[str, Any]:
        return answer(what, state, self._source, self._page_size)

    def _picture(self) -> str | None:
        return chart_picture(self._shown, self._source, self._page_size)
