"""What the cells of exported files have in common, CSV or workbook."""

from __future__ import annotations

import json
import re
from typing import Final

import numpy as np
import pandas as pd

__all__ = ["FORMULA", "plain", "with_named_index"]

FORMULA: Final = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
"""How a text begins that a spreadsheet may take for a formula; quotes before it count, so that one can be taken off."""


def with_named_index(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with an index that has a name as its first columns."""
    if any(name is not None for name in frame.index.names):
        return frame.reset_index(allow_duplicates=True)
    return frame


def plain(value: object) -> object:
    """Return a scalar as it is, a list, tuple, array or dict as compact JSON, and anything else as it prints."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, tuple | list | dict):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    return value if pd.api.types.is_scalar(value) else str(value)
