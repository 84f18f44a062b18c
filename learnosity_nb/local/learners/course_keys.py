"""Course keys: ``course-v1:org+course+run`` and its kin, and the older ``org/course/run``."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["file_stem", "well_formed"]

_SLASHED = r"[\w.~-]+"
_PART = r"[\w.~:-]+"
KEY: Final = re.compile(
    rf"{_SLASHED}/{_SLASHED}/{_SLASHED}"
    rf"|course-v1:{_PART}\+{_PART}\+{_PART}(\+(branch|version)@{_PART})*"
    rf"|library-v1:{_PART}\+{_PART}"
    rf"|ccx-v1:{_PART}\+{_PART}\+{_PART}(\+(branch|version)@{_PART})*\+ccx@\d+"
)


def well_formed(course_id: str) -> bool:
    """Return whether a text has the form of a course key."""
    return KEY.fullmatch(course_id) is not None


def file_stem(course_id: str) -> str:
    """Return ``org-course-run`` for the name of a file: ASCII letters, digits and ``. _ -`` only."""
    key = course_id.removeprefix("course-v1:")
    return re.sub(r"[^A-Za-z0-9._-]+", "-", key).strip("-") or "course"
