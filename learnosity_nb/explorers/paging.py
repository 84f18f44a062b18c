"""Pages of rows, and the two orders that rows have."""

from __future__ import annotations

from typing import Final

import pandas as pd

from ..errors import InputError, shorten

__all__ = ["ORDERS", "ORDER_WORDS", "check_order", "check_page", "check_page_size", "page_count", "page_of"]

ORDER_WORDS: Final = {"desc": "descending", "asc": "ascending"}
ORDERS: Final = tuple(ORDER_WORDS)
MOST_ROWS_SHOWN: Final = 500


def page_count(rows: int, page_size: int) -> int:
    """Return how many pages rows fill: at least one."""
    return max(1, -(-rows // page_size))


def page_of(frame: pd.DataFrame, page: int, page_size: int) -> pd.DataFrame:
    """Return one page of a frame, from 1."""
    return frame.iloc[(page - 1) * page_size : page * page_size]


def check_order(order: str) -> str:
    """Refuse what is no order."""
    if order not in ORDERS:
        raise InputError(f"sort_order must be desc or asc, not {shorten(order)}.")
    return order


def check_page(page: int) -> None:
    """Refuse a page before the first."""
    if page < 1:
        raise InputError(f"Pages count from 1: there is no page {page}.")


def check_page_size(page_size: int) -> int:
    """Refuse what is no number of rows on a page."""
    if type(page_size) is not int or not 1 <= page_size <= MOST_ROWS_SHOWN:
        raise InputError(f"page_size must be a whole number from 1 to {MOST_ROWS_SHOWN}, not {shorten(page_size)}.")
    return page_size
