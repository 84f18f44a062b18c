"""The traits of rows that are sorted and turned page by page."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import traitlets

from .paging import check_order, check_page
from .refusals import refusing

__all__ = ["PagedSettings"]


class PagedSettings(traitlets.HasTraits):
    """The traits ``sort_order`` and ``page``; a page beyond the last becomes the last."""

    sort_order = traitlets.Unicode("desc")
    page = traitlets.Int(1)

    @abstractmethod
    def _page_there(self, page: int) -> int:
        """Return `page`, or the last there is."""

    @traitlets.validate("sort_order")
    def _check_order(self, proposal: Any) -> str:
        with refusing():
            return check_order(proposal["value"])

    @traitlets.validate("page")
    def _check_page(self, proposal: Any) -> int:
        with refusing():
            check_page(proposal["value"])
            return self._page_there(proposal["value"])
