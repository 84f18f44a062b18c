"""Names that a reader would take for one."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from ..errors import shorten

__all__ = ["list_names", "similar_names"]

INVISIBLE: Final = r"\p{Cf}+"
SPACES: Final = r"[\s\p{Z}]+"


def similar_names(names: pa.Array, *, any_case: bool) -> list[list[str]]:
    """Return the sets of two or more names that look the same.

    They differ only in spaces, invisible characters or how their letters are
    composed.

    Parameters
    ----------
    names
        Names (text), each once.
    any_case
        Also those that differ in case.
    """
    looks = _look(names)
    looks = pc.utf8_lower(looks) if any_case else looks
    if pc.count_distinct(looks).as_py() == len(names):
        return []
    by_look = pa.table({"look": looks, "name": names}).group_by("look", use_threads=False)
    sets = by_look.aggregate([("name", "list")])["name_list"]
    alike: list[list[str]] = sets.filter(pc.greater(pc.list_value_length(sets), 1)).to_pylist()
    return alike


def list_names(names: Sequence[str]) -> str:
    """Return names that look the same for a message: the first two, and how many more there are."""
    more = f" and {len(names) - 2:,} more" if len(names) > 2 else ""
    return f"{_quoted(names[0])} and {_quoted(names[1])}{more}"


def _look(names: pa.Array) -> pa.Array:
    """Return names as the eye takes them: composed, with single spaces, without what is not seen."""
    if not pc.all(pc.string_is_ascii(names)).as_py():
        names = pc.replace_substring_regex(pc.utf8_normalize(names, form="NFC"), INVISIBLE, "")
    return pc.utf8_trim_whitespace(pc.replace_substring_regex(names, SPACES, " "))


def _quoted(name: str) -> str:
    """Quote a name so that accents of their own, which look like parts of their letter, are seen."""
    return "".join(f"\\u{ord(mark):04x}" if unicodedata.combining(mark) else mark for mark in shorten(name))
