"""File names of groups' pages: plain on every system, different from each other, and the same every time."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import Final

from ..domain.group_paths import GroupPath, group_id

__all__ = ["page_names", "possible_names"]

LONGEST: Final = 80
ID_SHOWN: Final = 8
ALL: Final = "all"
ENDING: Final = ".html"
DEVICES: Final = (
    "con",
    "prn",
    "aux",
    "nul",
    *(f"{device}{number}" for device in ("com", "lpt") for number in range(10)),
)
RESERVED: Final = frozenset(f"{stem}{ENDING}" for stem in ("", "index", *DEVICES))
"""No name at all, those that Windows keeps for devices, and that of the list of pages."""


def page_names(paths: Sequence[GroupPath]) -> list[str]:
    """Return a file name for the page of each group, such as ``Oregon-Cedar-Court.html``.

    A name is letters, digits, ``-`` and ``_`` of ASCII. Where two groups' names
    would differ in nothing or in case alone, or nothing of a name is left, the
    beginning of the group's id is added.

    Parameters
    ----------
    paths
        Group names from the top level down; each group once.
    """
    possible = [possible_names(path) for path in paths]
    shared = Counter(plain.casefold() for plain, *_ in possible)
    taken: set[str] = set()
    names = []
    for plain, *longer in possible:
        free = shared[plain.casefold()] == 1 and plain.casefold() not in RESERVED
        chosen = next(one for one in [*([plain] if free else []), *longer] if one.casefold() not in taken)
        taken.add(chosen.casefold())
        names.append(chosen)
    return names


def possible_names(path: GroupPath) -> tuple[str, str, str]:
    """Return the names of which the page of a group has one, whatever other groups there are; the shortest first."""
    plain, own_id = _plain(path), group_id(path)
    stems = (plain, f"{plain}-{own_id[:ID_SHOWN]}".strip("-"), f"{plain}-{own_id}".strip("-"))
    return stems[0] + ENDING, stems[1] + ENDING, stems[2] + ENDING


def _plain(path: GroupPath) -> str:
    """Return what is left of a path in ASCII; ``all`` for the root group, nothing where there is nothing left."""
    if not path:
        return ALL
    letters = unicodedata.normalize("NFKD", "-".join(path)).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9_]+", "-", letters)[:LONGEST].strip("-")
