"""Writing the `learners` and `engagement` files of an import, in a memory that does not grow with the input."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from typing import Any, Final, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from ...errors import InputError
from ..columns import ENGAGEMENT
from ..conversions import ARROW_TYPES
from ..replacing import replacing
from ..sources import SUFFIXES
from .report import ImportReport, Skipped

__all__ = ["Action", "Destination", "destination"]

KEYS_AT_ONCE: Final = 500_000
TABLES: Final = ("learners", "engagement")


class Action(NamedTuple):
    """What somebody did with something on a day; the columns of an engagement row but the count."""

    course_id: str
    username: str
    date: date
    entity_type: str
    event: str
    entity_id: str


class Destination:
    """The two files while they are written.

    Rows of one action are counted together as long as there is room for them;
    after that the file has another row of it, and the counts of both add up.

    Parameters
    ----------
    paths
        The file of each table.
    engagement
        Where the engagement rows go at first.
    learners
        Where the learners go at first.
    """

    def __init__(self, paths: Mapping[str, Path], engagement: Path, learners: Path) -> None:
        self.skipped = Skipped()
        self.lines = 0
        self.other = 0
        self._paths = paths
        self._counts: Counter[Action] = Counter()
        self._rows = 0
        self._writer = pq.ParquetWriter(engagement, _schema(ENGAGEMENT.columns))
        self._learners_file = learners
        self._learners: dict[tuple[str, str], bool | None] = {}

    def add(self, action: Action, count: int = 1) -> None:
        """Count an action; who did it is a learner of the course."""
        self._learners.setdefault((action.course_id, action.username))
        self._counts[action] += count
        if len(self._counts) >= KEYS_AT_ONCE:
            self._flush()

    def enrol(self, course_id: str, username: str, *, enrolled: bool) -> bool:
        """Note a learner; False if the learner was noted before."""
        if self._learners.get((course_id, username)) is not None:
            return False
        self._learners[course_id, username] = enrolled
        return True

    def finish(self) -> ImportReport:
        """Write what is left and say what was done.

        Raises
        ------
        InputError
            If there is nobody to write.
        """
        self._flush()
        if not self._learners:
            raise InputError(
                "Nothing could be imported: no line says what a learner did.",
                self.skipped.faults,
                kinds=dict(self.skipped.kinds),
            )
        names = sorted(self._learners)
        columns: dict[str, list[Any]] = {
            "course_id": [course for course, _ in names],
            "username": [username for _, username in names],
            "enrolled": [self._learners[name] is not False for name in names],
        }
        pq.write_table(pa.table(columns), self._learners_file)
        rows = {"learners": len(names), "engagement": self._rows}
        kinds, faults = dict(self.skipped.kinds), tuple(self.skipped.faults)
        return ImportReport(self._paths, rows, self.lines, self.other, kinds, faults)

    def close(self) -> None:
        """Close the files; may be called again."""
        self._writer.close()

    def _flush(self) -> None:
        if not self._counts:
            return
        actions = sorted(self._counts)
        values = [*zip(*actions, strict=True), [self._counts[action] for action in actions]]
        schema = _schema(ENGAGEMENT.columns)
        arrays = [pa.array(column, kind.type) for column, kind in zip(values, schema, strict=True)]
        self._writer.write_table(pa.table(arrays, schema=schema))
        self._rows += len(actions)
        self._counts.clear()


@contextmanager
def destination(directory: Path) -> Iterator[Destination]:
    """Open the two files in a directory, which is made if need be; they appear when all went well, or not at all.

    Raises
    ------
    InputError
        If the directory has one of them already, or cannot be written.
    """
    there = [path.name for name in TABLES for suffix in SUFFIXES if (path := directory / f"{name}{suffix}").exists()]
    if there:
        raise InputError(f"{directory} holds {', '.join(there)} already. Choose another directory.")
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{directory} cannot be made: {error.strerror}.") from None
    paths = {name: directory / f"{name}.parquet" for name in TABLES}
    with ExitStack() as stack:
        temporary = {name: stack.enter_context(replacing(path)) for name, path in paths.items()}
        opened = Destination(paths, temporary["engagement"], temporary["learners"])
        stack.callback(opened.close)
        yield opened


def _schema(columns: Iterable[Any]) -> pa.Schema:
    return pa.schema([(column.name, ARROW_TYPES[column.kind]) for column in columns])
