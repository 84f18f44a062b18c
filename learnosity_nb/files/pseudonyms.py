"""Pseudonyms of users: the same on every call of one project, and no way back to the id.

A pseudonym is keyed by a salt that is made once and kept in a file of its
owner's alone (mode 0600). Who has the salt and a list of ids can find out whom
a pseudonym stands for; who has neither cannot.
"""

from __future__ import annotations

import base64
import hmac
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pandas as pd
from filelock import FileLock

from ..credentials import Secret
from ..errors import StateError

__all__ = ["PSEUDONYM_LENGTH", "SALT_FILE", "pseudonym", "pseudonym_column", "read_salt"]

SALT_FILE: Final = "pseudonyms.salt"
PSEUDONYM_LENGTH: Final = 10
"""Characters of a pseudonym: 50 bits, so that two of a million users share one about once in 2,000 projects."""

SALT_BYTES: Final = 32


def pseudonym(salt: Secret, user_id: str) -> str:
    """Return the pseudonym of a user: ten letters and digits.

    They are the first ten of the base32 text of HMAC-SHA256, keyed by the salt,
    of the id in UTF-8.
    """
    key = bytes.fromhex(salt.reveal())
    digest = hmac.digest(key, user_id.encode("utf-8", "surrogatepass"), "sha256")
    return base64.b32encode(digest).decode("ascii")[:PSEUDONYM_LENGTH]


def pseudonym_column(salt: Secret, user_ids: pd.Series) -> pd.Series:
    """Return a column of user ids (str) as their pseudonyms (str); each distinct id is worked out once."""
    codes, distinct = pd.factorize(user_ids)
    known = pd.Series([pseudonym(salt, user_id) for user_id in distinct], dtype="str")
    return pd.Series(known.take(codes).array, index=user_ids.index, name=user_ids.name)


def read_salt(path: Path, *, draw: Callable[[], str] = lambda: secrets.token_hex(SALT_BYTES)) -> Secret:
    """Return the salt that a file holds; make the file where there is none.

    Of several processes that ask at once, one makes it and all return the same.

    Parameters
    ----------
    path
        The file. Its directory is made if need be.
    draw
        Gives a new salt: 64 hex digits.

    Raises
    ------
    StateError
        If it cannot be read or written, or holds something else.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with FileLock(path.with_name(f"{path.name}.lock"), mode=0o600):
            if not path.exists():
                _write_whole(path, draw())
            text = path.read_text(encoding="ascii", errors="replace").strip()
    except OSError as error:
        raise StateError(f"The salt of pseudonyms, {path}, cannot be used: {error.strerror}.") from None
    if len(text) != 2 * SALT_BYTES or not set(text) <= set("0123456789abcdef"):
        raise StateError(
            f"{path} does not hold a salt of pseudonyms. Restore it from a copy; remove it only if no pseudonym "
            "that is in use must stay as it is."
        )
    return Secret(text)


def _write_whole(path: Path, text: str) -> None:
    part = path.with_name(f"{path.name}.part")  # left behind by a process that died: the lock is ours now
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
