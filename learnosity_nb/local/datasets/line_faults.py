"""What is wrong with a line of an input file: the exact, slow reading that names every fault.

Source: sessions-summary-by-group, the NDJSON input files: each line an object
with ``user_id``, ``session_id`` and ``group_path``. The lines of an
activity-summary-by-group dataset have no ``session_id``.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from ...errors import FAULTS_SHOWN, Fault, shorten

__all__ = ["MAX_LINE_BYTES", "MAX_SESSIONS", "FaultLog", "Line", "LineReader"]

MAX_SESSIONS: Final = 50
MAX_LINE_BYTES: Final = 1_000_000
GZIP: Final = b"\x1f\x8b"
KEYS: Final = ("user_id", "session_id", "group_path")

Line: TypeAlias = tuple[str, list[str], list[str]]
"""A right line: user id, session ids and group path."""

Problem: TypeAlias = tuple[str, str, str | None]  # kind, message, key


@dataclass(slots=True)
class FaultLog:
    """The first faults of a file, and how many there are of each kind."""

    first: list[Fault] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)

    def add(self, fault: Fault) -> None:
        """Count a fault, and keep it if it is among the first."""
        self.kinds[fault.kind] += 1
        if len(self.first) < FAULTS_SHOWN:
            self.first.append(fault)

    def as_dict(self) -> dict[str, Any]:
        """Return the log as plain JSON data."""
        return {"kinds": dict(self.kinds), "first": [fault.as_dict() for fault in self.first]}


class LineReader:
    """Reads the lines of one input file, one by one, and logs what is wrong with each.

    Parameters
    ----------
    file
        The file's name in messages.
    depth
        How many parts a group path must have.
    with_sessions
        Whether lines list the user's sessions.
    """

    def __init__(self, file: str, depth: int, *, with_sessions: bool = True) -> None:
        self.faults = FaultLog()
        self.warnings = FaultLog()
        self._file = file
        self._depth = depth
        self._keys = tuple(key for key in KEYS if with_sessions or key != "session_id")

    def read(self, number: int, offset: int, line: bytes) -> Line | None:
        """Return a line's user id, session ids (none where lines have none) and group path; None where it has a fault.

        Parameters
        ----------
        number
            1-based number of the line.
        offset
            Where the line starts in the file, in bytes.
        line
            Its bytes.
        """
        parsed, problem = _parse(line)
        found = [problem] if problem else list(self._check(parsed, number, offset))
        for kind, message, key in found:
            value = None if key is None else shorten(_at(parsed, key))
            self.faults.add(Fault(kind, message, self._file, number, offset, key, value))
        if found:
            return None
        sessions = parsed["session_id"] if "session_id" in self._keys else []
        return parsed["user_id"], [sessions] if isinstance(sessions, str) else sessions, parsed["group_path"]

    def _check(self, line: Any, number: int, offset: int) -> Iterator[Problem]:
        if not isinstance(line, dict):
            yield "not_an_object", f"each line must be one JSON object, not {_kind(line)}", None
            return
        for key in self._keys:
            if key not in line:
                expected = f"{', '.join(self._keys[:-1])} and {self._keys[-1]}"
                yield "missing_key", f"the key `{key}` is missing; a line has {expected}", None
        for key in [key for key in line if key not in self._keys]:
            self._warn("unknown_key", f"the key {shorten(key)} is not used", number, offset)
        if "user_id" in line and not _is_name(line["user_id"]):
            yield "bad_user_id", "user_id must be a text that is not blank", "user_id"
        if "session_id" in line and "session_id" in self._keys:
            yield from self._check_sessions(line["session_id"], number, offset)
        if "group_path" in line:
            yield from self._check_path(line["group_path"])

    def _check_sessions(self, sessions: Any, number: int, offset: int) -> Iterator[Problem]:
        if isinstance(sessions, str):
            self._warn("bare_session_id", "session_id should be a list of texts", number, offset)
            sessions = [sessions]
        if not isinstance(sessions, list):
            yield "bad_session_id", "session_id must be a list of session ids", "session_id"
            return
        if len(sessions) > MAX_SESSIONS:
            said = f"a user has at most {MAX_SESSIONS} sessions, not {len(sessions)}"
            yield "too_many_sessions", said, None
        for position, session in enumerate(sessions):
            if not _is_name(session):
                yield "bad_session_id", "a session id must be a text that is not blank", f"session_id[{position}]"

    def _check_path(self, path: Any) -> Iterator[Problem]:
        if not isinstance(path, list):
            yield "bad_group_path", "group_path must be a list of group names", "group_path"
            return
        if len(path) != self._depth:
            said = f"group_path must have {self._depth} parts, one for each of the dataset's groups, not {len(path)}"
            yield "path_length", said, "group_path"
        for position, part in enumerate(path):
            if not _is_name(part):
                yield "bad_path_part", "a group's name must be a text that is not blank", f"group_path[{position}]"

    def _warn(self, kind: str, message: str, number: int, offset: int) -> None:
        self.warnings.add(Fault(kind, message, self._file, number, offset))


class _Duplicate(ValueError):
    pass


def _parse(line: bytes) -> tuple[Any, Problem | None]:
    if len(line.rstrip(b"\r\n")) > MAX_LINE_BYTES:
        return None, ("long_line", f"a line has at most {MAX_LINE_BYTES:,} bytes", None)
    if line.startswith(GZIP):
        return None, ("compressed", "the file is gzip; send it unpacked", None)
    if b"\x00" in line:
        return None, ("nul_byte", "the line holds a NUL byte; if the file is UTF-16, save it as UTF-8", None)
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        return None, ("not_utf8", f"byte {error.start} of the line is not UTF-8", None)
    try:
        parsed = DECODER.decode(text)
        if "\\u" in text:  # only an escape can make a lone surrogate, which cannot be encoded
            json.dumps(parsed, ensure_ascii=False).encode("utf-8")
    except _Duplicate as error:
        return None, ("duplicate_key", f"the key {shorten(error.args[0])} comes twice", None)
    except UnicodeEncodeError:
        return None, ("lone_surrogate", "a text holds half of a surrogate pair", None)
    except RecursionError:
        return None, ("too_deep", "the JSON is nested too deeply", None)
    except ValueError as error:
        return None, ("not_json", _explain(text, error), None)
    return parsed, None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        counts = Counter(key for key, _ in pairs)
        raise _Duplicate(next(key for key, count in counts.items() if count > 1))
    return found


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


DECODER: Final = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_refuse)


def _explain(text: str, error: ValueError) -> str:
    said = f"not JSON: {getattr(error, 'msg', str(error))} at column {getattr(error, 'colno', 1)}"
    start = text.lstrip()
    if start[:1] == "{" and start.rstrip()[-1:] != "}":
        return f"{said}; each object must stand whole on one line"
    if start[:1] == "[":
        return f"{said}; send one object per line, not one array"
    if "," in start and start[:1] not in '{["]}':
        return f"{said}; this looks like CSV: send one JSON object per line"
    return said


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _kind(value: Any) -> str:
    if isinstance(value, list):
        return "an array (send one object per line, not one array)"
    return {str: "a text", bool: "true or false", type(None): "null"}.get(type(value), "a number")


def _at(line: Any, key: str) -> Any:
    name, bracket, rest = key.partition("[")
    return line[name][int(rest[:-1])] if bracket and isinstance(line[name], list) else line[name]
