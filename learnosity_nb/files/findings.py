"""Faults of one table, gathered while it is checked and raised together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from ..errors import FAULTS_SHOWN, ColumnError, Fault, shorten

__all__ = ["Findings"]


class Findings:
    """What is wrong with one table.

    Of each kind the first 20 are kept whole; of the rest only the number, so
    that a million bad rows cost no memory.

    Parameters
    ----------
    file
        Name of the file; None for a DataFrame.
    lines_of
        Gives the lines (1-based) of rows (0-based, ascending). Called once, when there are faults.
    faults
        What was found before.
    """

    def __init__(
        self, file: str | None, lines_of: Callable[[Sequence[int]], list[int]], faults: Iterable[Fault] = ()
    ) -> None:
        self.file = file
        self._lines_of = lines_of
        self._kinds: Counter[str] = Counter()
        self._faults: list[Fault] = []
        self._rows: list[tuple[int, Fault]] = []
        for fault in faults:
            self.add(fault)

    def __bool__(self) -> bool:
        return bool(self._kinds)

    def add(self, fault: Fault) -> None:
        """Add a fault that knows its place."""
        if self._kinds[fault.kind] < FAULTS_SHOWN:
            self._faults.append(fault)
        self._kinds[fault.kind] += 1

    def add_row(self, kind: str, key: str, row: int, message: str, value: object = None) -> None:
        """Add a fault of one row (0-based) and column; `value` is what was found, None for nothing to show."""
        if self._kinds[kind] < FAULTS_SHOWN:
            shown = None if value is None else shorten(value)
            self._rows.append((row, Fault(kind, message, file=self.file, key=key, value=shown)))
        self._kinds[kind] += 1

    def raise_if_any(self, summary: str) -> None:
        """Raise everything found as one error.

        Raises
        ------
        ColumnError
            If anything was found.
        """
        if not self:
            return
        rows = sorted({row for row, _ in self._rows})
        lines = dict(zip(rows, self._lines_of(rows), strict=True)) if rows else {}
        placed = [replace(fault, line=lines[row]) for row, fault in sorted(self._rows, key=lambda pair: pair[0])]
        raise ColumnError(summary, [*self._faults, *placed], kinds=dict(self._kinds))
