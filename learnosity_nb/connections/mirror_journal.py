"""What a mirror has taken so far, kept page by page so that an interruption loses nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from ..errors import StateError
from ..files.replacing import replacing
from ..wire.sessions import SessionPage

__all__ = ["Journal", "Marks"]


class Journal:
    """The pages of one request, in a file of one line each.

    Parameters
    ----------
    path
        The file; it need not exist.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def __iter__(self) -> Iterator[SessionPage]:
        """Yield the pages that are kept."""
        with suppress(FileNotFoundError), self._path.open("rb") as file:
            for line in file:
                yield msgspec.json.decode(line, type=SessionPage)

    def resume(self) -> SessionPage | None:
        """Return the last page that was kept whole, or None; what was cut off behind it is taken away."""
        last, whole = None, 0
        with suppress(FileNotFoundError), self._path.open("r+b") as file:
            for line in file:
                try:
                    last = msgspec.json.decode(line if line.endswith(b"\n") else b"", type=SessionPage)
                except msgspec.DecodeError:
                    break
                whole += len(line)
            file.truncate(whole)
        return last

    def add(self, page: SessionPage) -> None:
        """Keep a page; when this returns it is on the disk.

        Raises
        ------
        StateError
            If it cannot be written.
        """
        try:
            with self._path.open("ab") as file:
                file.write(msgspec.json.encode(page) + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise StateError(f"{self._path} cannot be written: {error.strerror}. What was taken is kept.") from None

    def forget(self) -> None:
        """Take the file away."""
        self._path.unlink(missing_ok=True)


class Marks:
    """Up to when each request was mirrored, in Unix seconds of the service's clock.

    Parameters
    ----------
    path
        The file; it need not exist.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> dict[str, int]:
        """Return request key to time; empty where nothing was kept, or it cannot be read."""
        with suppress(OSError, msgspec.MsgspecError):
            return msgspec.json.decode(self._path.read_bytes(), type=dict[str, int])
        return {}

    def write(self, marks: dict[str, int]) -> None:
        """Keep `marks` in place of what was kept."""
        with replacing(self._path) as temporary:
            temporary.write_bytes(msgspec.json.encode(marks))
