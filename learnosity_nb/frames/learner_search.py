"""What of a learner matches a search: name, username or e-mail address."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

import pandas as pd

__all__ = ["matched_field"]

WORD = re.compile(r"[^\W_]+")


def matched_field(learners: pd.DataFrame, text: str, *, begins: bool = False) -> pd.Series:
    """Return which field of each learner matches a search.

    Parameters
    ----------
    learners
        With ``username``, and perhaps ``name`` and ``email``; only fields that are there are searched.
    text
        What was searched for.
    begins
        Whether a field that only begins with `text` matches; a name matches by any of its words. When False, the
        whole username or address must be `text`, or a word of the name one of its words: the service's rule.

    Returns
    -------
    Series of str
        ``"username"``, ``"email"`` or ``"name"``, the first that matches in this order whatever the case; null for
        none.
    """
    wanted = _plain(text).strip()
    words = set(WORD.findall(wanted))

    def is_whole(field: str) -> bool:
        return field.startswith(wanted) if begins else field == wanted

    def is_in_name(name: str) -> bool:
        if begins:
            return wanted in name and (
                name.startswith(wanted) or any(name.startswith(wanted, word.start()) for word in WORD.finditer(name))
            )
        return not words.isdisjoint(WORD.findall(name))

    tests: dict[str, Callable[[str], bool]] = {"username": is_whole, "email": is_whole, "name": is_in_name}
    matched = pd.Series(None, index=learners.index, dtype="str", name="matched")
    for field, fits in ((name, fits) for name, fits in tests.items() if name in learners):
        hits = [isinstance(value, str) and fits(_plain(value)) for value in learners[field]]
        matched = matched.mask(pd.Series(hits, index=learners.index, dtype=bool) & matched.isna(), field)
    return matched


def _plain(text: str) -> str:
    return text.lower() if text.isascii() else unicodedata.normalize("NFC", text.casefold())
