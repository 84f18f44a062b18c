"""Warnings about the groups' names: what a reader may take for a mistake. Names stay as they are."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from ...compute.group_tree import GroupTree
from ...errors import Fault, shorten
from .line_faults import FaultLog

__all__ = ["MANY_GROUPS", "warn_of_names"]

MANY_GROUPS: Final = 100_000
INVISIBLE: Final = r"\p{Cf}+"
SPACES: Final = r"[\s\p{Z}]+"
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
        for alike in _similar(names):
            said = f"the names {_listed(alike)} look the same; each is a group of its own"
            warnings.add(Fault("similar_names", said, key=key))
        for name in names.filter(pc.match_substring_regex(names, DIRECTION_MARKS)).to_pylist():
            said = f"the name {shorten(name)} holds marks that turn the direction of writing"
            warnings.add(Fault("direction_marks", said, key=key))
        if len(groups) >= MANY_GROUPS:
            said = f"the level has {len(groups):,} groups; is its column one of groups?"
            warnings.add(Fault("many_groups", said, key=key))
    return warnings


def _similar(names: pa.Array) -> list[list[str]]:
    """Return the sets of two or more names that look the same."""
    looks = _look(names)
    if pc.count_distinct(looks).as_py() == len(names):
        return []
    by_look = pa.table({"look": looks, "name": names}).group_by("look", use_threads=False)
    sets = by_look.aggregate([("name", "list")])["name_list"]
    alike: list[list[str]] = sets.filter(pc.greater(pc.list_value_length(sets), 1)).to_pylist()
    return alike


def _look(names: pa.Array) -> pa.Array:
    """Return names as the eye takes them: composed, in small letters, with single spaces, without what is not seen."""
    if not pc.all(pc.string_is_ascii(names)).as_py():
        names = pc.replace_substring_regex(pc.utf8_normalize(names, form="NFC"), INVISIBLE, "")
    return pc.utf8_trim_whitespace(pc.replace_substring_regex(pc.utf8_lower(names), SPACES, " "))


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - 2:,} more" if len(names) > 2 else ""
    return f"{_quoted(names[0])} and {_quoted(names[1])}{more}"


def _quoted(name: str) -> str:
    """Quote a name so that accents of their own, which look like parts of their letter, are seen."""
    return "".join(f"\\u{ord(mark):04x}" if unicodedata.combining(mark) else mark for mark in shorten(name))
