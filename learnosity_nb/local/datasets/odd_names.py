"""Warnings about the groups' names: what a reader may take for a mistake. Names stay as they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from ...compute.group_tree import GroupTree
from ...compute.similar_names import list_names, similar_names
from ...errors import Fault, shorten
from .line_faults import FaultLog

__all__ = ["MANY_GROUPS", "warn_of_names"]

MANY_GROUPS: Final = 100_000
DIRECTION_MARKS: Final = "[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"


def warn_of_names(tree: GroupTree, level_keys: Sequence[str]) -> FaultLog:
    """Return a warning for each set of names of a level that look the same, each odd name and each crowded level.

    Parameters
    ----------
    tree
        The groups.
    level_keys
        What the levels are called, from the top down.

    Returns
    -------
    FaultLog
        ``similar_names``: they differ only in case, spaces, invisible characters
        or how their letters are composed. ``direction_marks``: the name turns the
        direction of writing. ``many_groups``: the level has 100,000 or more.
    """
    warnings = FaultLog()
    for key, groups in zip(level_keys, tree.names, strict=True):
        names = groups.cast(pa.string()).unique()
        for alike in similar_names(names, any_case=True):
            said = f"the names {list_names(alike)} look the same; each is a group of its own"
            warnings.add(Fault("similar_names", said, key=key))
        for name in names.filter(pc.match_substring_regex(names, DIRECTION_MARKS)).to_pylist():
            said = f"the name {shorten(name)} holds marks that turn the direction of writing"
            warnings.add(Fault("direction_marks", said, key=key))
        if len(groups) >= MANY_GROUPS:
            said = f"the level has {len(groups):,} groups; is its column one of groups?"
            warnings.add(Fault("many_groups", said, key=key))
    return warnings
