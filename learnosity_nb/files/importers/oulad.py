"""The Open University Learning Analytics data set (OULAD): its CSV files.

Days in it count from the start of a presentation. The set says only its month
(2013B is February, 2013J October), so day 0 is taken as the first of that month.
A click in a forum or an online meeting is a contribution to a discussion; a
click on any other material, and where ``vle.csv`` is missing, is a video viewed:
the nearest the analytics have. A submitted assessment is a problem attempted,
and completed with 40 points or more, the set's pass mark.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Final

from ...errors import Fault, InputError
from ..columns import MOST_COUNTED
from .report import ImportReport
from .writing import Action, Destination, destination

__all__ = ["import_oulad"]

PASS_MARK: Final = 40
DISCUSSIONS: Final = frozenset({"forumng", "ouelluminate", "oucollaborate"})
PRESENTATION: Final = re.compile(r"([1-9]\d{3})([A-L])")
WITHDRAWN: Final = "Withdrawn"
BANKED: Final = "1"  # carried over from an earlier presentation, so nothing was done in this one

Row = dict[str, str]


def import_oulad(source: Path, directory: Path) -> ImportReport:
    """Make `learners` and `engagement` files of OULAD.

    Rows that cannot be used are counted and left out. A course is
    ``course-v1:OU+<module>+<presentation>``; a learner's username is the number
    in ``id_student``, and withdrawn learners are not enrolled.

    Parameters
    ----------
    source
        The directory with ``studentInfo.csv`` and ``studentVle.csv``; ``vle.csv``, and ``assessments.csv`` with
        ``studentAssessment.csv``, are read where they are there.
    directory
        Where the two files go, as Parquet.

    Returns
    -------
    ImportReport
        Rows written, and what was left out.

    Raises
    ------
    InputError
        If a file is missing or lacks a column, the directory has such files already, or no row can be used.
    """
    with destination(directory) as target:
        kinds = {row["id_site"]: row["activity_type"] for row in _rows(source, "vle", VLE, target, optional=True)}
        courses = {
            row["id_assessment"]: (row["code_module"], row["code_presentation"])
            for row in _rows(source, "assessments", ASSESSMENTS, target, optional=True)
        }

        def submit(row: Row) -> bool:
            return _submit(row, courses, target)

        _each(source, "studentInfo", INFO, target, lambda row: _enrol(row, target))
        _each(source, "studentVle", CLICKS, target, lambda row: _click(row, kinds, target))
        _each(source, "studentAssessment", SUBMISSIONS, target, submit, optional=True)
        return target.finish()


PLACE: Final = ("code_module", "code_presentation")
VLE: Final = ("id_site", "activity_type")
ASSESSMENTS: Final = ("id_assessment", *PLACE)
INFO: Final = (*PLACE, "id_student", "final_result")
CLICKS: Final = (*PLACE, "id_student", "id_site", "date", "sum_click")
SUBMISSIONS: Final = ("id_assessment", "id_student", "date_submitted", "is_banked", "score")


class _Unusable(Exception):
    """Why a row cannot be used: kind, column, words."""


def _each(
    source: Path,
    name: str,
    columns: Sequence[str],
    target: Destination,
    take: Callable[[Row], bool],
    *,
    optional: bool = False,
) -> None:
    for row in _rows(source, name, columns, target, optional=optional):
        try:
            used = take(row)
        except _Unusable as reason:
            kind, key, words = reason.args
            target.skipped.add(Fault(kind, words, file=f"{name}.csv", line=int(row["line"]), key=key))
        else:
            target.other += not used


def _rows(source: Path, name: str, columns: Sequence[str], target: Destination, *, optional: bool) -> Iterator[Row]:
    """Yield the wanted columns of a file's rows, and the line each ends in."""
    path = source / f"{name}.csv"
    if optional and not path.exists():
        return
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            reader = csv.reader(file)
            header = next(reader, [])
            missing = [column for column in columns if column not in header]
            if missing:
                raise InputError(f"{path.name} lacks {', '.join(missing)}. Is it the file of OULAD of that name?")
            places = [header.index(column) for column in columns]
            for cells in reader:
                if not cells:
                    continue
                target.lines += 1
                if len(cells) != len(header):
                    said = f"has {len(cells)} cells, not {len(header)} as the header"
                    target.skipped.add(Fault("row_length", said, file=path.name, line=reader.line_num))
                    continue
                row = {column: cells[place].strip() for column, place in zip(columns, places, strict=True)}
                yield {**row, "line": str(reader.line_num)}
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from None
    except csv.Error as error:
        target.skipped.add(Fault("not_csv", f"is not CSV from here on: {error}", file=path.name, line=reader.line_num))


def _enrol(row: Row, target: Destination) -> bool:
    course, _ = _course(row["code_module"], row["code_presentation"])
    if not target.enrol(course, _filled(row, "id_student"), enrolled=row["final_result"] != WITHDRAWN):
        raise _Unusable("duplicate_learner", "id_student", "an earlier row has the same learner of the same course")
    return True


def _click(row: Row, kinds: dict[str, str], target: Destination) -> bool:
    course, start = _course(row["code_module"], row["code_presentation"])
    site, clicks = _filled(row, "id_site"), _whole(row, "sum_click")
    if clicks < 1:
        raise _Unusable("bad_number", "sum_click", "must be 1 or more")
    what = ("discussion", "contributed") if kinds.get(site) in DISCUSSIONS else ("video", "viewed")
    target.add(Action(course, _filled(row, "id_student"), _day(row, "date", start), *what, site), clicks)
    return True


def _submit(row: Row, courses: dict[str, tuple[str, str]], target: Destination) -> bool:
    if row["is_banked"] == BANKED:
        return False
    place = courses.get(row["id_assessment"])
    if place is None:
        raise _Unusable("unknown_assessment", "id_assessment", "is not in assessments.csv")
    course, start = _course(*place)
    who, when = _filled(row, "id_student"), _day(row, "date_submitted", start)
    passed = row["score"] not in {"", "?"} and _number(row, "score") >= PASS_MARK
    for event in ("attempted", "completed") if passed else ("attempted",):
        target.add(Action(course, who, when, "problem", event, row["id_assessment"]))
    return True


@cache
def _start(presentation: str) -> date | None:
    found = PRESENTATION.fullmatch(presentation)
    return None if found is None else date(int(found[1]), " ABCDEFGHIJKL".index(found[2]), 1)


def _course(module: str, presentation: str) -> tuple[str, date]:
    start = _start(presentation)
    if start is None or not module.isalnum():
        raise _Unusable("bad_course", "code_presentation", "is not a module and presentation such as AAA and 2013J")
    return f"course-v1:OU+{module}+{presentation}", start


def _filled(row: Row, column: str) -> str:
    if not row[column]:
        raise _Unusable("missing_value", column, "is empty")
    return row[column]


def _whole(row: Row, column: str) -> int:
    try:
        number = int(row[column])
    except ValueError:
        raise _Unusable("bad_number", column, "is not a whole number") from None
    if abs(number) > MOST_COUNTED:
        raise _Unusable("bad_number", column, f"is beyond {MOST_COUNTED:,}")
    return number


def _number(row: Row, column: str) -> float:
    try:
        return float(row[column])
    except ValueError:
        raise _Unusable("bad_number", column, "is not a number") from None


def _day(row: Row, column: str, start: date) -> date:
    try:
        return start + timedelta(days=_whole(row, column))
    except OverflowError:
        raise _Unusable("bad_number", column, "is not a day") from None
