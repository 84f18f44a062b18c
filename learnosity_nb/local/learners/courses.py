"""The courses of the data files, each indexed when it is first asked for and again when a file changed."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from ...compute.arrays import encode, order_of
from ...files.columns import ENGAGEMENT
from ...files.conversions import ARROW_TYPES
from ..tables import Tables
from .course import Course

__all__ = ["Courses"]

NO_ENGAGEMENT = pa.schema([(column.name, ARROW_TYPES[column.kind]) for column in ENGAGEMENT.columns]).empty_table()


class Courses:
    """Finds courses. A course is there when the table of learners has a row of it.

    Parameters
    ----------
    tables
        The analyst's tables.
    """

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._lock = threading.Lock()
        self._version: object = None
        self._rows: dict[str, tuple[pa.Table, pa.Table]] = {}  # of courses nobody asked for yet
        self._courses: dict[str, Course] = {}

    def __contains__(self, course_id: str) -> bool:
        """Return whether there is such a course."""
        with self._lock:
            self._follow_files()
            return course_id in self._courses or course_id in self._rows

    def __iter__(self) -> Iterator[str]:
        """Return the ids of the courses."""
        with self._lock:
            self._follow_files()
            return iter(sorted({*self._courses, *self._rows}))

    def find(self, course_id: str) -> Course | None:
        """Return a course; None where there is none.

        Raises
        ------
        InputError
            If the data files cannot be used.
        """
        with self._lock:
            self._follow_files()
            if course_id in self._rows:
                self._courses[course_id] = Course(*self._rows[course_id])
                del self._rows[course_id]
            return self._courses.get(course_id)

    def _follow_files(self) -> None:
        version = self._tables.version("learners"), self._tables.version("engagement")
        if version == self._version:
            return
        learners, engagement = self._tables.learners(), self._tables.engagement()
        activity = _by_course(engagement)
        self._courses = {}
        self._rows = {
            course: (rows, activity.get(course, NO_ENGAGEMENT)) for course, rows in _by_course(learners).items()
        }
        self._version = version


def _by_course(table: pa.Table | None) -> dict[str, pa.Table]:
    """Return each course's rows."""
    if table is None:
        return {}
    codes, names = encode(table["course_id"])
    if len(names) == 1:
        return {names[0].as_py(): table}
    order = order_of(codes, len(names))
    parts = np.split(order, np.cumsum(np.bincount(codes, minlength=len(names)))[:-1]) if len(names) else []
    return {name: table.take(rows) for name, rows in zip(names.to_pylist(), parts, strict=True)}
