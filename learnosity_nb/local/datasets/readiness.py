"""Whether a dataset can be compiled: every input file there, every line right, each session one user's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ...compute.roster import shared_sessions
from ...compute.text_index import all_distinct
from ...errors import FAULTS_SHOWN
from ..refusals import Refusal
from .store import Dataset, DatasetStore, Part
from .table_files import map_table

__all__ = ["read_parts", "refuse_unready"]


def refuse_unready(store: DatasetStore, dataset: Dataset) -> list[Part]:
    """Refuse a dataset whose uploads cannot be compiled; else return the parts that were checked.

    Raises
    ------
    Refusal
        50000 while input files are missing or all are empty; 20009 for wrong
        lines, with the first 20 and the count of each kind; 20011 for a session
        listed for two users.
    """
    parts = store.parts(dataset.dataset_id)
    present = {part.number for part in parts}
    missing = [number for number in range(dataset.parameters.file_count) if number not in present]
    if missing:
        names = [f"{number}.ndjson" for number in missing[:10]] + ["…"] * (len(missing) > 10)
        said = f"{len(missing)} input files not uploaded ({', '.join(names)})"
        raise Refusal(50000, f"dataset missing required data: {said}")
    _refuse_faults(parts)
    if not any(part.summary["lines"] for part in parts):
        raise Refusal(50000, "dataset missing required data: the input files hold no line")
    if dataset.parameters.activities:
        return parts  # lines without sessions cannot share one
    lines = read_parts(store, dataset, parts)
    if all_distinct(pc.list_flatten(lines["session_id"])):
        return parts
    sessions = lines["session_id"].combine_chunks()
    users = lines["user_id"].take(pc.list_parent_indices(sessions))
    shared = [fault.as_dict() for fault in shared_sessions(pc.list_flatten(sessions), users)]
    if shared:
        _refuse(20011, "sessions are listed for more than one user", shared, {"shared_session": len(shared)})
    return parts


def read_parts(store: DatasetStore, dataset: Dataset, parts: list[Part]) -> pa.Table:
    """Return the lines of all input files as one table."""
    folder = store.infiles(dataset.dataset_id)
    tables = [map_table(folder / f"{part.attempt}.arrow") for part in parts]
    return pa.concat_tables(tables).unify_dictionaries()


def _refuse_faults(parts: list[Part]) -> None:
    kinds: Counter[str] = Counter()
    first: list[Any] = []
    for part in parts:
        kinds.update(part.summary["faults"]["kinds"])
        first += part.summary["faults"]["first"]
    if kinds:
        _refuse(20009, "the input files have wrong lines; upload corrected files and start again", first, kinds)


def _refuse(code: int, message: str, faults: list[Any], kinds: Mapping[str, int]) -> None:
    counts = ", ".join(f"{kind}: {count}" for kind, count in sorted(kinds.items()))
    shown = faults[:FAULTS_SHOWN]
    raise Refusal(code, f"{message} ({counts})", [*shown, {"kinds": dict(kinds), "count": sum(kinds.values())}])
