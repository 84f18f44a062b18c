"""File names of groups' pages: plain on every system, different from each other, and the same every time."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import Final

from ..domain.group_paths import GroupPath, group_id

__all__ = ["page_names"]

LONGEST: Final = 80
ID_SHOWN: Final = 8
ALL: Final = "all"
RESERVED: Final = frozenset(
    [
        "",
        "con",
        "prn",
        "aux",
        "nul",
        "index",
        *(f"{device}{number}" for device in ("com", "lpt") for number in range(10)),
    ]
)
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
    plain = [_plain(path) for path in paths]
    shared = Counter(name.casefold() for name in plain)
    taken: set[str] = set()
    names = []
    for path, name in zip(paths, plain, strict=True):
        own_id = group_id(path)
        free = shared[name.casefold()] == 1 and name.casefold() not in RESERVED
        longer = [f"{name}-{own_id[:ID_SHOWN]}".strip("-"), f"{name}-{own_id}".strip("-")]
        chosen = next(one for one in [*([name] if free else []), *longer] if one.casefold() not in taken)
        taken.add(chosen.casefold())
        names.append(f"{chosen}.html")
    return names


def _plain(path: GroupPath) -> str:
    """Return what is left of a path in ASCII; ``all`` for the root group, nothing where there is nothing left."""
    if not path:
        return ALL
    letters = unicodedata.normalize("NFKD", "-".join(path)).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9_]+", "-", letters)[:LONGEST].strip("-")
