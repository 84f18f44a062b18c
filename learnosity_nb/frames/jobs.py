"""Jobs as rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from .columns import JOB_COLUMNS, typed_frame

__all__ = ["jobs_frame"]


def jobs_frame(records: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return job records as a frame, in the order given; columns as `columns.JOB_COLUMNS`."""
    values: dict[str, Any] = {column.name: [record.get(column.name) for record in records] for column in JOB_COLUMNS}
    for name in ("dt_created", "dt_completed"):
        values[name] = pd.to_datetime(pd.Series(values[name], dtype="str"), utc=True, format="ISO8601")
    return typed_frame(JOB_COLUMNS, values)
