"""Rows with the columns that a chart promises, also where there are none."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from ..frames.columns import Column, typed_frame

__all__ = ["no_rows", "typed_rows"]


def typed_rows(columns: Sequence[Column], rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows with exactly `columns`, in their order and dtypes."""
    return typed_frame(columns, {column.name: rows[column.name].reset_index(drop=True) for column in columns})


def no_rows(columns: Sequence[Column]) -> pd.DataFrame:
    """Return an empty frame with `columns`."""
    return typed_frame(columns, {column.name: [] for column in columns})
