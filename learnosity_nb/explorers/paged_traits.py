"""The traits of rows that are filtered, sorted and turned page by page, with a chart beside them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import traitlets

from ..domain.fields import near_names
from ..errors import InputError, shorten
from .paging import check_order, check_page
from .refusals import refusing

__all__ = ["PagedSettings", "check_chart", "check_sort_field"]


class PagedSettings(traitlets.HasTraits):
    """The traits that every explorer of sorted rows has; a page beyond the last becomes the last.

    Attributes
    ----------
    filter, sort_order, chart : str
    sort_field : str or None
    page : int
        All as in the explorer's state.
    """

    filter = traitlets.Unicode("")
    sort_field = traitlets.Unicode(None, allow_none=True)
    sort_order = traitlets.Unicode("desc")
    chart = traitlets.Unicode()
    page = traitlets.Int(1)

    _charts: Sequence[str]

    @abstractmethod
    def _sortable(self) -> Sequence[str]:
        """Return the columns that rows can be sorted by."""

    @abstractmethod
    def _page_there(self, page: int) -> int:
        """Return `page`, or the last there is."""

    @traitlets.validate("sort_field")
    def _check_sort(self, proposal: Any) -> str | None:
        with refusing():
            return check_sort_field(proposal["value"], self._sortable())

    @traitlets.validate("sort_order")
    def _check_order(self, proposal: Any) -> str:
        with refusing():
            return check_order(proposal["value"])

    @traitlets.validate("chart")
    def _check_chart(self, proposal: Any) -> str:
        with refusing():
            return check_chart(proposal["value"], self._charts)

    @traitlets.validate("page")
    def _check_page(self, proposal: Any) -> int:
        with refusing():
            check_page(proposal["value"])
            return self._page_there(proposal["value"])


def check_sort_field(name: str | None, known: Sequence[str]) -> str | None:
    """Refuse a column that rows cannot be sorted by."""
    if name is not None and name not in known:
        raise InputError(f"There is no column {shorten(name)} to sort by{near_names(name, known)}")
    return name


def check_chart(kind: str, kinds: Sequence[str]) -> str:
    """Refuse what is no kind of chart."""
    if kind not in kinds:
        raise InputError(f"chart must be one of {', '.join(kinds)}, not {shorten(kind)}.")
    return kind
