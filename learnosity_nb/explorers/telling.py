"""What a reader is told of an error that no caller hears of."""

from __future__ import annotations

import logging
from typing import Final

from ..errors import LearnosityError

__all__ = ["told"]

LOG: Final = logging.getLogger("learnosity_nb")


def told(error: BaseException, failed: str) -> str:
    """Return what to show of an error: its own words, or of one that nobody foresaw that `failed`, and log it."""
    if isinstance(error, LearnosityError):
        return str(error)
    said = f"{failed} ({type(error).__name__}). The notebook's log says where."
    LOG.error(said, exc_info=error)
    return said
