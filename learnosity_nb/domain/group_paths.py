"""Group paths and levels: the words for places in a hierarchy of groups.

A group path is a tuple of group names from the top level down; the root group's
path is empty. A level is one rung of the hierarchy, such as district or school.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from ..errors import Fault, InputError, shorten
from .fields import USER_FIELDS, find_group_field
from .policy import GROUP_ID_ASCII, ROOT_GROUP_NAME

__all__ = [
    "GroupPath",
    "Level",
    "group_id",
    "group_id_of_json",
    "group_name",
    "longer_json",
    "parse_group_path",
    "parse_levels",
]

GroupPath = tuple[str, ...]

RESERVED_KEYS = frozenset(
    {
        *("group_id", "level", "group_name", "group_path", "user_id", "session_id", "withheld", "file", *USER_FIELDS),
        *("found_in", "n", "n_1", "n_2", "mean", "mean_1", "mean_2", "mean_low", "mean_high", "note"),
        *("median", "median_1", "median_2", "cliffs_delta", "hedges_g", "hedges_g_low", "hedges_g_high"),
        *(f"{one}_difference{end}" for one in ("mean", "median") for end in ("", "_low", "_high")),
    }
)
"""Columns that stand beside the level columns in one result or another."""

_compact_json = json.JSONEncoder(separators=(",", ":"), ensure_ascii=GROUP_ID_ASCII).encode


@dataclass(frozen=True, slots=True)
class Level:
    """One level of the hierarchy.

    Attributes
    ----------
    key
        The column that holds the level's group names, such as ``"school"``.
    label
        What people call the level, such as ``"School"``.
    """

    key: str
    label: str


def group_id(path: Sequence[str]) -> str:
    """Return the identifier of a group: the md5 of its path as compact JSON.

    The service's group files carry the same 32 hex digits in their names
    (sessions-summary-by-group, "Retrieves the URL of raw data files").
    """
    return group_id_of_json(_compact_json(list(path)))


def group_id_of_json(text: str) -> str:
    """Return the identifier of the group whose path has this compact JSON."""
    return hashlib.md5(text.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


def longer_json(text: str, name: str) -> str:
    """Return the compact JSON of a path that goes on from one with the JSON `text` to the group called `name`."""
    return f"{text[:-1]}{',' if len(text) > 2 else ''}{_compact_json(name)}]"


def group_name(path: Sequence[str]) -> str:
    """Return a group's own name: the last part of its path."""
    return path[-1] if path else ROOT_GROUP_NAME


def parse_group_path(path: object) -> GroupPath:
    """Check that `path` is a sequence of names and return it as a tuple.

    Raises
    ------
    InputError
        If it is a bare text, not a sequence, or has a part that is not text.
    """
    if isinstance(path, str) or not isinstance(path, Sequence):
        raise InputError(f"Not a group path: {shorten(path)}. Pass a list of group names, such as ['Oregon', 'Salem'].")
    if not all(isinstance(part, str) for part in path):
        raise InputError(f"Not a group path: {shorten(path)}. Every part must be text.")
    return tuple(path)


def parse_levels(levels: Sequence[str] | Mapping[str, str]) -> tuple[Level, ...]:
    """Return the levels of a hierarchy, from the top down.

    Parameters
    ----------
    levels
        Column names, or a mapping of column name to the label people read.

    Raises
    ------
    InputError
        If there is none, one is empty or reserved, or one comes twice.
    """
    if isinstance(levels, (str, Set)) or not isinstance(levels, Iterable):
        raise InputError(
            "levels must be a list of column names from the top level down, such as ['district', 'school'], "
            f"not {shorten(levels)}."
        )
    pairs = list(levels.items()) if isinstance(levels, Mapping) else [(key, _label(key)) for key in levels]
    faults = []
    for position, (key, label) in enumerate(pairs):
        place = f"levels[{position}]"
        if not isinstance(key, str) or not key.strip() or not isinstance(label, str):
            faults.append(Fault("bad_level", "a level's key and label must be text", key=place, value=shorten(key)))
        elif key in RESERVED_KEYS or find_group_field(key):
            faults.append(Fault("reserved_level", "this name is taken by another column", key=place, value=repr(key)))
        elif key in [earlier for earlier, _ in pairs[:position]]:
            faults.append(Fault("duplicate_level", "this level is listed twice", key=place, value=repr(key)))
    if not pairs:
        faults.append(Fault("no_levels", "name at least one level", key="levels"))
    if faults:
        raise InputError("The levels of the hierarchy cannot be used.", faults)
    return tuple(Level(key, label) for key, label in pairs)


def _label(key: object) -> str:
    return key.replace("_", " ").capitalize() if isinstance(key, str) else ""
