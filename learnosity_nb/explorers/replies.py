"""Answers to the buttons of a table: a file to download, or a text to show."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import pandas as pd

from ..errors import InputError, shorten
from ..files.exports import csv_text

__all__ = ["CSV", "PLAIN", "file_stem", "replied"]

CSV: Final = "text/csv;charset=utf-8"
HTML: Final = "text/html;charset=utf-8"
PLAIN: Final = "text/plain;charset=utf-8"


def replied(
    what: str,
    stem: str,
    *,
    tables: Mapping[str, tuple[str, Callable[[], pd.DataFrame]]],
    write_page: Callable[[Path], Path],
    code: Callable[[], str],
) -> dict[str, Any]:
    """Return the answer to a button: ``{what, name, mime, text}``; without a name the text is shown.

    Parameters
    ----------
    what
        The button: a key of `tables`, ``"html"`` or ``"code"``.
    stem
        What file names begin with.
    tables
        How a file's name goes on, and the rows of it.
    write_page, code
        Write the page to a file; return the code.

    Raises
    ------
    InputError
        If there is no such button.
    """
    if what in tables:
        ending, rows = tables[what]
        return _reply(what, f"{stem}{ending}", CSV, csv_text(rows()))
    if what == "html":
        with tempfile.TemporaryDirectory() as folder:
            page = write_page(Path(folder) / "page.html")
            return _reply(what, f"{stem}.html", HTML, page.read_text(encoding="utf-8"))
    if what == "code":
        return _reply(what, None, PLAIN, code())
    raise InputError(f"There is nothing called {shorten(what)} to download.")


def _reply(what: str, name: str | None, mime: str, text: str) -> dict[str, Any]:
    return {"what": what, "name": name, "mime": mime, "text": text}


def file_stem(text: str, default: str) -> str:
    """Return a file name, without its ending, that every system takes, whatever `text` is."""
    plain = re.sub(r"[^\w-]+", "-", text, flags=re.ASCII).strip("-")
    return plain[:60] or default
