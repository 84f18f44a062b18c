"""What an import did: rows written, and lines that were left out and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ...errors import FAULTS_SHOWN, Fault

__all__ = ["ImportReport", "Skipped"]


@dataclass(slots=True)
class Skipped:
    """Lines that were left out: the first 20 by name, all of them by kind.

    Attributes
    ----------
    kinds
        How many there are of each kind.
    faults
        The first ones.
    """

    kinds: Counter[str] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)

    def add(self, fault: Fault) -> None:
        """Count a line, and keep it if it is among the first."""
        self.kinds[fault.kind] += 1
        if len(self.faults) < FAULTS_SHOWN:
            self.faults.append(fault)


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did.

    Attributes
    ----------
    files
        The file of each table.
    rows
        The rows written to each.
    lines
        Lines read.
    other
        Lines that are in order but say nothing about engagement.
    skipped
        Lines that should have said something and could not be used, by kind.
    faults
        The first 20 of them.
    """

    files: Mapping[str, Path]
    rows: Mapping[str, int]
    lines: int
    other: int
    skipped: Mapping[str, int]
    faults: tuple[Fault, ...]

    def __str__(self) -> str:
        said = [f"{path}: {self.rows[name]:,} rows" for name, path in self.files.items()]
        left_out = sum(self.skipped.values())
        said.append(f"{self.lines:,} lines read: {self.other:,} about other things, {left_out:,} left out")
        if left_out:
            said[-1] += f" ({', '.join(f'{kind}: {count:,}' for kind, count in sorted(self.skipped.items()))})"
            said += [f"  {fault}" for fault in self.faults]
        return "\n".join(said)
