"""edX tracking logs: one JSON event a line, of which a few tell what a learner did.

Taken are ``problem_check`` events of the server (an attempt, and a completion
where the answer was correct), ``play_video``, and ``edx.forum.*.created``.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

import msgspec

from ...errors import Fault, InputError, shorten
from .report import ImportReport
from .writing import Action, Destination, destination

__all__ = ["import_edx_logs"]

LONGEST_USERNAME: Final = 30
LONGEST_ENTITY: Final = 255
LONGEST_LINE: Final = 16 << 20
GZIP: Final = b"\x1f\x8b"

FORUM: Final = "edx.forum."
ENTITY_KEYS: Final = {"problem": "problem_id", "video": "id", "discussion": "commentable_id"}


class _Event(msgspec.Struct):
    """What is looked at of an event; any of it may be missing or of another type."""

    event_type: Any = None
    event_source: Any = None
    username: Any = None
    time: Any = None
    context: Any = None
    event: msgspec.Raw = msgspec.Raw(b"null")


class _Unusable(Exception):
    """Why an event cannot be used: kind, key, words."""


def import_edx_logs(logs: Iterable[Path], directory: Path) -> ImportReport:
    """Make `learners` and `engagement` files of tracking logs.

    Lines that cannot be used are counted and left out. A learner who never did
    one of these things is in no log, so add the rest of the roster to the
    `learners` file where it matters who was never active.

    Parameters
    ----------
    logs
        Log files, plain or compressed with gzip.
    directory
        Where the two files go, as Parquet.

    Returns
    -------
    ImportReport
        Rows written, and what was left out.

    Raises
    ------
    InputError
        If a log cannot be opened, the directory has such files already, or no line can be used.
    """
    with destination(directory) as target:
        for log in logs:
            for number, line in _lines(log, target):
                target.lines += 1
                try:
                    used = _take(line, target)
                except _Unusable as reason:
                    kind, key, words = reason.args
                    target.skipped.add(Fault(kind, words, file=log.name, line=number, key=key))
                else:
                    target.other += not used
        return target.finish()


def _lines(log: Path, target: Destination) -> Iterator[tuple[int, bytes]]:
    """Yield the lines that are not blank, with their numbers; a log that breaks off is a fault of its last line."""
    number = 0
    try:
        with log.open("rb") as plain:
            compressed = plain.peek(len(GZIP)).startswith(GZIP)
            for number, line in enumerate(_bounded(gzip.GzipFile(fileobj=plain) if compressed else plain), start=1):
                if line.strip():
                    yield number, line
    except (EOFError, zlib.error, gzip.BadGzipFile):
        said = "the compressed log is damaged from here on"
        target.skipped.add(Fault("damaged_log", said, file=log.name, line=number + 1))
    except OSError as error:
        raise InputError(f"{log} cannot be read: {error.strerror}.") from None


def _bounded(file: Any) -> Iterator[bytes]:
    """Yield lines, cut at 16 MB: what is cut is no JSON, and is reported so."""
    stream: BinaryIO = file
    while line := stream.readline(LONGEST_LINE):
        rest = line
        while len(rest) == LONGEST_LINE and not rest.endswith(b"\n"):
            rest = stream.readline(LONGEST_LINE)
        yield line


def _take(line: bytes, target: Destination) -> bool:
    """Count what an event says; False where it is about something else."""
    event = _decode(line)
    kind = _entity_type(event)
    if kind is None:
        return False
    data = _data(event.event)
    entity = data.get(ENTITY_KEYS[kind])
    if not isinstance(entity, str) or not entity.strip():
        raise _Unusable("no_entity", f"event.{ENTITY_KEYS[kind]}", "does not say which one it is about")
    where, who, when = _course(event.context), _username(event.username), _day(event.time)
    for action in _actions(kind, data):
        target.add(Action(where, who, when, kind, action, entity.strip()[:LONGEST_ENTITY]))
    return True


def _decode(line: bytes) -> _Event:
    start = max(line.find(b"{"), 0)  # a syslog prefix may stand before the event
    try:
        return msgspec.json.decode(line[start:], type=_Event)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise _Unusable("not_json", None, "not a JSON object") from None


def _entity_type(event: _Event) -> str | None:
    kind = event.event_type
    if kind == "problem_check":
        return "problem" if event.event_source == "server" else None
    if kind == "play_video":
        return "video"
    is_post = isinstance(kind, str) and kind.startswith(FORUM) and kind.endswith(".created")
    return "discussion" if is_post else None


def _actions(kind: str, data: dict[str, Any]) -> tuple[str, ...]:
    if kind == "problem":
        return ("attempted", "completed") if str(data.get("success")).lower() == "correct" else ("attempted",)
    return ("viewed",) if kind == "video" else ("contributed",)


def _data(raw: msgspec.Raw) -> dict[str, Any]:
    """Return what an event holds: an object, or the text of one where a browser sent it."""
    try:
        found = msgspec.json.decode(raw)
        if isinstance(found, str):
            found = msgspec.json.decode(found)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise _Unusable("no_event_data", "event", "is not an object")
    return found


def _username(value: Any) -> str:
    name = value.strip() if isinstance(value, str) else ""
    if not name:
        raise _Unusable("no_username", "username", "does not say who did it")
    if len(name) > LONGEST_USERNAME:
        raise _Unusable("long_username", "username", f"has more than {LONGEST_USERNAME} characters")
    return name


def _course(context: Any) -> str:
    course = context.get("course_id") if isinstance(context, dict) else None
    if not isinstance(course, str) or not course.strip():
        raise _Unusable("no_course", "context.course_id", "does not say in which course")
    return course.strip()


def _day(value: Any) -> date:
    try:
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).date()
    except (TypeError, ValueError, OverflowError):
        raise _Unusable("bad_time", "time", f"is not a date and time: {shorten(value)}") from None
