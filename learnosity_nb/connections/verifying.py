"""Whether an exported file is as it was written, and still what the dataset gives."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pandas as pd

from ..domain.origin import parse_origin
from ..errors import FAULTS_SHOWN, InputError
from ..files.excel_cells import cell_value
from ..files.exported_cells import Sheet, cell_differences, read_cells
from ..files.exports import to_csv, write_frame
from ..files.provenance import Provenance, WrittenTable, read_provenance, sha256_of
from .dataset import Dataset

__all__ = ["Verification", "verify"]

READABLE: Final = {".csv", ".xlsx", ".parquet"}


@dataclass(frozen=True, slots=True, repr=False)
class Verification:
    """What `verify` found; true where nothing speaks against the file.

    Attributes
    ----------
    provenance
        What stands beside the file: its sha256, version, time, tables, and the dataset and call of each.
    unchanged
        Whether its bytes are those that were written.
    matches
        Whether its cells are what the dataset gives now; None where no dataset was passed.
    differences
        What differs, one sentence each; the first 20.
    """

    provenance: Provenance
    unchanged: bool
    matches: bool | None
    differences: tuple[str, ...]

    def __bool__(self) -> bool:
        return self.unchanged and self.matches is not False

    def __repr__(self) -> str:
        said = self.provenance
        parts = ["as written" if self.unchanged else "CHANGED since it was written"]
        parts[0] += f" {said.written_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC by learnosity_nb {said.version}"
        parts.append("; ".join(_described(table) for table in said.tables))
        if self.matches is not None:
            parts.append("what the dataset gives" if self.matches else "NOT what the dataset gives")
        if self.differences:
            more = len(self.differences) - 1
            parts.append(self.differences[0] + (f" (and {more} more)" if more else ""))
        return f"Verification({said.file}: {', '.join(parts)})"


def verify(path: str | os.PathLike[str], *, dataset: Dataset | None = None) -> Verification:
    """Check an exported file against what was noted beside it, and against a dataset.

    Parameters
    ----------
    path
        A file that `to_csv`, `to_excel` or another export of this package wrote, with its
        ``<path>.provenance.json`` beside it.
    dataset
        Ask this dataset for the rows again, by the call noted there, and compare each cell: the same dataset opened
        again, or one built again from the same files. Only ``group``, ``groups``, ``users``, ``walk``,
        ``distribution`` and ``compare_groups`` are ever called.

    Returns
    -------
    Verification
        False where the file was changed, or its cells are not what the dataset gives.

    Raises
    ------
    InputError
        If there is no such file, nothing beside it, or that is broken; with `dataset`, if no call is noted there, or
        the cells of such a file cannot be read back.
    GroupNotFound
        If the dataset has no such group.

    Examples
    --------
    >>> verify("groups.csv", dataset=dataset)  # doctest: +SKIP
    Verification(groups.csv: as written 2026-01-31 08:00 UTC by learnosity_nb 0.1.0, 12 rows of walk(), dataset …
    """
    target = Path(path).expanduser()
    if not target.is_file():
        raise InputError(f"There is no file {target}.")
    provenance = read_provenance(target)
    unchanged = sha256_of(target) == provenance.sha256
    differences = [] if unchanged else list(_changes(target, provenance))
    matches = None
    if dataset is not None:
        found = list(islice(_recalculated_differences(target, provenance, dataset), FAULTS_SHOWN))
        matches = not found
        differences += found
    return Verification(provenance, unchanged, matches, tuple(differences[:FAULTS_SHOWN]))


def _described(table: WrittenTable) -> str:
    said = f"{table.rows:,} row{'' if table.rows == 1 else 's'}"
    if table.origin is None:
        return said
    if table.origin.call is None:
        return f"{said} of dataset {table.origin.dataset_id}"
    arguments = ", ".join(f"{name}={value!r}" for name, value in table.origin.call.items() if name != "method")
    return f"{said} of {table.origin.call['method']}({arguments}), dataset {table.origin.dataset_id}"


def _changes(path: Path, provenance: Provenance) -> Iterator[str]:
    """Say how a file whose bytes are others differs from what is noted of it."""
    if path.suffix.lower() not in READABLE:
        yield "its bytes are not those that were written"
        return
    try:
        sheets = read_cells(path)
    except InputError as error:
        yield str(error)
        return
    changes = [change for table in provenance.tables for change in _table_changes(sheets, table)]
    yield from changes or ["it has the same columns and number of rows, but cells were edited or it was saved anew"]


def _table_changes(sheets: dict[str, Sheet], table: WrittenTable) -> Iterator[str]:
    names = table.sheets or ("",)
    missing = [name for name in names if name not in sheets]
    if missing:
        yield f"there is no sheet {', '.join(map(repr, missing))}"
        return
    rows = sum(max(len(sheets[name]) - 1, 0) for name in names)
    if rows != table.rows:
        yield f"there are {rows:,} rows instead of {table.rows:,}"
    header = sheets[names[0]][0] if sheets[names[0]] else ()
    for name in table.columns:
        if not {name, f"'{name}", str(cell_value(name))}.intersection(header):
            yield f"there is no column {name!r}"
    if len(header) > len(table.columns):
        yield f"there are {len(header):,} columns instead of {len(table.columns):,}"


def _recalculated_differences(path: Path, provenance: Provenance, dataset: Dataset) -> Iterator[str]:
    found = read_cells(path)
    for table in provenance.tables:
        answer = _ask(dataset, table, path.name)
        names = table.sheets or ("",)
        expected = _as_exported(answer, path.name, provenance)
        if len(expected) != len(names):
            yield f"there are {len(names)} sheets instead of {len(expected)}"
            continue
        for name, sheet in zip(names, expected, strict=True):
            place = f"sheet {name!r}: " if name else ""
            yield from (f"{place}{said}" for said in cell_differences(found.get(name, []), sheet))


def _ask(dataset: Dataset, table: WrittenTable, file: str) -> pd.DataFrame:
    """Make the noted call again; what is noted is checked first, since anybody may have written it."""
    origin = table.origin
    noted = None if origin is None else parse_origin({"dataset_id": origin.dataset_id, "call": origin.call})
    if noted is None or noted.call is None:
        raise InputError(
            f"{file} cannot be calculated again: no call of a dataset is noted beside it. Without dataset=… its bytes "
            "are checked."
        )
    arguments = {name: value for name, value in noted.call.items() if name != "method"}
    answer: pd.DataFrame = getattr(dataset, noted.call["method"])(**arguments)
    if not set(map(str, answer.columns)) >= set(table.columns):
        return answer
    return answer[[name for name in answer.columns if str(name) in table.columns]]  # some columns were left out


def _as_exported(answer: pd.DataFrame, name: str, provenance: Provenance) -> Sequence[Sheet]:
    """Return the sheets of the answer, written and read back as the file was."""
    with TemporaryDirectory(prefix="learnosity_nb-") as folder:
        path = Path(folder) / name
        if path.suffix.lower() == ".csv":
            to_csv(answer, path, provenance=False, escape_formulas=provenance.options.get("escape_formulas", True))
        else:
            write_frame(answer, path, provenance=False)
        return list(read_cells(path).values())
