"""What all charts of groups begin with: rows that may be shown, their ids and names, and the fields they need."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from ..domain.fields import find_group_field
from ..errors import ColumnError, InputError
from ..frames.columns import Column, typed_frame
from ..frames.withholding import is_withheld
from .words import NO_SCORES, ROOT_LABEL, WITHHELD, counted, number_text

__all__ = [
    "IDENTITY_COLUMNS",
    "MOST_POINTS",
    "MOST_ROWS",
    "VALUE_COLUMNS",
    "Floats",
    "check_fields",
    "figures",
    "identity",
    "own_name",
    "reason_for_none",
    "reference_rows",
    "said_of_missing",
    "says_scored",
    "scored",
    "shown_groups",
]

Floats = np.ndarray[tuple[int], np.dtype[np.float64]]

MOST_POINTS: Final = 200
"""The most groups that a chart draws as points."""

MOST_ROWS: Final = 50
"""The most groups that a chart gives a row each."""

IDENTITY_COLUMNS: Final = (
    Column("id", "str", "which group: its id, or the row's where the frame has a column `id`"),
    Column("name", "str", "the group's name, after those above it where two have the same name"),
    Column("population", "Int64", "the group's learners; null where not known"),
)
GROUP_COLUMNS: Final = ("group_id", "group_name", "group_path")
"""The columns that say which group a row is of."""

VALUE_COLUMNS: Final = (
    Column("value", "float64", "what is drawn"),
    Column("label", "str", "whose it is, and the value in words"),
)


def check_fields(groups: pd.DataFrame, needed: Sequence[str], chart: str) -> None:
    """Refuse what are no groups, and groups that lack a field which a chart needs.

    Raises
    ------
    InputError
        If it is no frame.
    ColumnError
        If the rows are not of groups; or naming the missing fields, and the list to build the dataset with.
    """
    if not isinstance(groups, pd.DataFrame):
        raise InputError(f"{chart} takes the frame of dataset.groups(path), not {type(groups).__name__}.")
    lacking = [name for name in GROUP_COLUMNS if name not in groups.columns]
    if lacking:
        columns = " and ".join(f"`{name}`" for name in lacking)
        raise ColumnError(f"{chart} takes the frame of dataset.groups(path): this one has no {columns}.")
    missing = [name for name in needed if name not in groups.columns]
    if not missing:
        return
    there = [str(name) for name in groups.columns if find_group_field(str(name)) is not None]
    fields = list(dict.fromkeys(["population", *there, *missing]))
    raise ColumnError(
        f"{chart} needs {' and '.join(f'`{name}`' for name in missing)}, which these groups do not have. "
        f"Build the dataset with: build_dataset(roster, levels=…, fields={fields!r})"
    )


def shown_groups(groups: pd.DataFrame, fields: Sequence[str]) -> pd.DataFrame:
    """Return the groups that are not withheld and have a number in each of `fields`, in their order."""
    kept = ~is_withheld(groups)
    for name in fields:
        kept &= np.isfinite(figures(groups, name))
    return groups.loc[kept]


def said_of_missing(groups: pd.DataFrame, shown: pd.DataFrame, drawn: int | None = None) -> list[str]:
    """Say which groups a chart leaves out, and why: nothing, or a sentence for each reason."""
    withheld = int(is_withheld(groups).sum())
    without = len(groups) - withheld - len(shown)
    said = []
    if withheld:
        said.append(f"{counted(withheld, 'group')} {WITHHELD}")
    if without:
        said.append(f"{counted(without, 'group')} without a value left out")
    if drawn is not None and drawn < len(shown):
        said.append(f"{drawn:,} of {counted(len(shown), 'group')} drawn")
    return said


def figures(groups: pd.DataFrame, name: str) -> Floats:
    """Return a column as floats; nan where it is null, or everywhere if there is no such column."""
    if name not in groups.columns:
        return np.full(len(groups), np.nan)
    return groups[name].to_numpy(dtype=np.float64, na_value=np.nan)


def says_scored(groups: pd.DataFrame) -> bool:
    """Return whether a frame of groups says, in a column ``n`` of numbers, how many learners have a value."""
    return "n" in groups.columns and pd.api.types.is_numeric_dtype(groups["n"])


def scored(groups: pd.DataFrame) -> Floats:
    """Return how many learners a group's mean is of: ``n``; the population, some of it without a value, without it."""
    everybody = figures(groups, "population")
    if not says_scored(groups):
        return everybody
    with_value = figures(groups, "n")
    return np.where(np.isnan(with_value), everybody, with_value)


def identity(groups: pd.DataFrame) -> dict[str, Any]:
    """Return ``id``, ``name`` and ``population`` of groups."""
    ids = groups["id"] if "id" in groups.columns else groups["group_id"]
    population = pd.Series(figures(groups, "population")).astype("Int64")
    return {"id": [str(one) for one in ids], "name": _names(groups), "population": population}


def _names(groups: pd.DataFrame) -> list[str]:
    """Return names that all differ: with as many of the names above as that takes, the same number for each."""
    names = [str(name) for name in groups["group_name"]]
    parts = 1
    while len(set(names)) < len(names) and parts < int(groups["group_path"].map(len).max()):
        parts += 1
        names = [" › ".join(path[-parts:]) for path in groups["group_path"]]
    return names


def own_name(own: pd.DataFrame) -> str:
    """Return what the group in view is called: its name, `ROOT_LABEL` for the root."""
    return str(own["group_name"].iloc[0]) or ROOT_LABEL


def reason_for_none(groups: pd.DataFrame) -> str:
    """Return what a chart says that has nothing to draw of these groups."""
    return WITHHELD.capitalize() if is_withheld(groups).any() else NO_SCORES


def reference_rows(own: pd.DataFrame | None, field: str) -> pd.DataFrame:
    """Return what child groups are held against: ``value`` and ``label`` of the group above.

    No row where there is none, it is withheld or without a value, or the field counts things: a group above has
    more learners than each below.
    """
    known = find_group_field(field)
    shown = None if own is None or (known is not None and known.whole) else shown_groups(own, [field])
    if shown is None or not len(shown):
        return typed_frame(VALUE_COLUMNS, {"value": [], "label": []})
    value = float(figures(shown, field)[0])
    return typed_frame(VALUE_COLUMNS, {"value": [value], "label": [f"{own_name(shown)} {number_text(value)}"]})
