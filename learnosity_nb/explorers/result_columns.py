"""Columns of a plain frame of results, read as names and as points; what cannot be read is noted by its row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd

from ..compute.arrays import Bools
from ..errors import Fault
from ..files.values import NUMBER_LIMIT

__all__ = ["read_names", "read_numbers", "said_of_repeated_users", "shared_ids"]

OTHER_THINGS: Final = frozenset(
    ["boolean", "complex", "date", "datetime", "datetime64", "period", "timedelta", "timedelta64"]
)
"""Sorts of values, as pandas infers them, that it would turn into numbers though nobody has so many points."""


def read_names(frame: pd.DataFrame, name: str, faults: list[Fault]) -> list[str]:
    """Return a column of names or ids as texts, whole numbers exactly; note what is neither."""
    values = [
        int(value) if isinstance(value, float) and value.is_integer() else value for value in frame[name].tolist()
    ]
    bad = [row for row, value in enumerate(values, 1) if not _is_name(value)]
    if bad:
        said = (
            f"{len(bad):,} of {len(values):,} rows hold neither a text nor a whole number; the first is row {bad[0]:,}"
        )
        empty = int(frame[name].isna().sum())
        if empty:
            said += f". {empty:,} are empty: leave them out with frame.dropna(subset=[{name!r}])"
        faults.append(Fault("bad_name", said, key=name))
    return [str(value) for value in values]


def _is_name(value: object) -> bool:
    if isinstance(value, str):
        return bool(value.strip())
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def read_numbers(frame: pd.DataFrame, name: str, faults: list[Fault]) -> pd.Series:
    """Return a column of numbers as float64, null where nothing is; note what is none, or too large to be summed up."""
    column = frame[name].reset_index(drop=True)
    numbers = pd.Series(np.nan, index=column.index)
    if pd.api.types.infer_dtype(column, skipna=True) not in OTHER_THINGS:
        numbers = pd.to_numeric(column, errors="coerce").astype("float64")
    _note_rows("no number", (numbers.isna() & column.notna()).to_numpy(), name, faults)
    sizes = np.abs(numbers.to_numpy())
    _note_rows("an infinite number", np.isinf(sizes), name, faults)
    _note_rows(f"a number beyond {NUMBER_LIMIT:g}", np.isfinite(sizes) & (sizes > NUMBER_LIMIT), name, faults)
    return numbers


def _note_rows(what: str, bad: Bools, name: str, faults: list[Fault]) -> None:
    rows = np.flatnonzero(bad)
    if len(rows):
        said = f"{len(rows):,} of {len(bad):,} rows hold {what}; the first is row {rows[0] + 1:,}"
        faults.append(Fault("bad_number", said, key=name))


def shared_ids(sessions: pd.DataFrame, name: str) -> Fault | None:
    """Return what is wrong where one session id stands for several results; a result may stand in several rows.

    Parameters
    ----------
    sessions
        ``session_id``, ``user_id``, ``score`` and ``max_score`` of each row of the analyst's frame.
    name
        The analyst's own name of the column of session ids.
    """
    shared = sessions.drop_duplicates()["session_id"].duplicated(keep=False)
    if not shared.any():
        return None
    first = shared.index[shared][0]
    rows = int((sessions["session_id"] == sessions["session_id"].loc[first]).sum())
    said = (
        f"must be an id of each result: that of row {first + 1:,} stands in {rows:,} rows of other users or points. "
        "Leave session out, and ids are made"
    )
    return Fault("shared_id", said, key=name)


def said_of_repeated_users(sessions: pd.DataFrame, places: Mapping[str, Sequence[str]], user: str) -> str | None:
    """Say how many users have results in several groups of the last level; None for fewer than half of them.

    A result that stands in several groups itself counts in the first: whoever gives it an id means the same user.

    Parameters
    ----------
    sessions
        As for `shared_ids`.
    places
        The columns of the levels from the top down, an element for each row of `sessions`.
    user
        The analyst's own name of the column of users.
    """
    rows = pd.DataFrame({"user": sessions["user_id"], "path": list(zip(*places.values(), strict=True))})
    groups = rows[~sessions["session_id"].duplicated()].drop_duplicates().groupby("user").size()
    several = int((groups > 1).sum())
    if 2 * several < len(groups):
        return None
    level = list(places)[-1]
    return (
        f"{several:,} of {len(groups):,} users stand in more than one {level} and count once in the groups above, "
        f"with all their points. If a {user} repeats from one {level} to the next, make it unique."
    )
