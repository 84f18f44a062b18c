"""Files that appear whole or not at all."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import InputError

__all__ = ["replacing"]


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary name beside `path`; what was written there takes its place at the end.

    When the writing fails the temporary file is removed and `path` stays as it was.

    Raises
    ------
    InputError
        If the directory does not exist, or nothing can be written there.
    """
    if not path.parent.is_dir():
        raise InputError(f"There is no directory {path.parent}. Create it first.")
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
    try:
        yield temporary
        temporary.replace(path)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror or type(error).__name__}.") from None
    finally:
        temporary.unlink(missing_ok=True)
