"""Answers to the buttons of a table: a file to download, or a text to show."""

from __future__ import annotations

import re
from typing import Any, Final

__all__ = ["CSV", "HTML", "PLAIN", "file_stem", "reply"]

CSV: Final = "text/csv;charset=utf-8"
HTML: Final = "text/html;charset=utf-8"
PLAIN: Final = "text/plain;charset=utf-8"


def reply(what: str, name: str | None, mime: str, text: str) -> dict[str, Any]:
    """Return an answer; without a name the text is shown, else it is downloaded as a file of that name."""
    return {"what": what, "name": name, "mime": mime, "text": text}


def file_stem(text: str, default: str) -> str:
    """Return a file name, without its ending, that every system takes, whatever `text` is."""
    plain = re.sub(r"[^\w-]+", "-", text, flags=re.ASCII).strip("-")
    return plain[:60] or default
