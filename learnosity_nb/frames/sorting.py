"""One rule for the order of rows, wherever a frame is sorted.

Nulls come last both ways, ties stand in ascending order of another column, and
text is compared by code point.
"""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from ..domain.fields import near_names
from ..errors import InputError, shorten

__all__ = ["learner_keys", "sort_frame", "sort_learners"]

RATIO: Final = "problem_attempts_per_completed"


def sort_frame(frame: pd.DataFrame, field: str, order: str, *, tie: str = "group_name") -> pd.DataFrame:
    """Return a frame sorted by a column, its rows numbered anew.

    Parameters
    ----------
    frame
        Any frame; it is not changed.
    field
        The column to sort by. A column of objects, such as ``group_path``, has
        no order.
    order
        ``"asc"`` or ``"desc"``.
    tie
        The column that decides between equal rows, always ascending; rows that
        are equal in both stay as they stand.

    Raises
    ------
    InputError
        If there is no such column, or `order` is another word.
    """
    known = [name for name in frame.columns if frame[name].dtype != object]
    if field not in known:
        raise InputError(f"There is no column {shorten(field)} to sort by{near_names(str(field), known)}")
    if order not in {"asc", "desc"}:
        raise InputError(f"sort_order must be asc or desc, not {shorten(order)}.")
    by_tie = frame.sort_values(tie, kind="stable", na_position="last")
    return by_tie.sort_values(field, ascending=order == "asc", kind="stable", na_position="last", ignore_index=True)


def learner_keys(field: str, order: str) -> dict[str, Any]:
    """Return what ``DataFrame.sort_values`` is given to sort learners by a column.

    Equal rows stand by username. Attempts per problem completed follow the
    learner API: learners without a value come last, or first with ``"desc"``,
    and of those who solved none the ones that tried most come at that very
    end. (The API counts all their attempts, which the list does not have;
    here it is the different problems tried.)
    """
    up = order == "asc"
    if field == RATIO:
        ends = {"na_position": "last" if up else "first"}
        return {"by": [field, "problems_attempted", "username"], "ascending": [up, up, True], **ends}
    if field == "username":
        return {"by": field, "ascending": up}
    return {"by": [field, "username"], "ascending": [up, True]}


def sort_learners(learners: pd.DataFrame, field: str, order: str) -> pd.DataFrame:
    """Return learners sorted as `learner_keys` says, their rows numbered anew."""
    ordered: pd.DataFrame = learners.sort_values(**learner_keys(field, order), ignore_index=True)
    return ordered
