"""What explorers are made of: a dataset or a connection, and what to pass in place of something else."""

from __future__ import annotations

from ..connections.connection import Connection
from ..connections.dataset import Dataset
from ..errors import InputError

__all__ = ["check_connection", "check_dataset"]


def check_dataset(given: object) -> None:
    """Refuse what is no dataset."""
    if isinstance(given, Dataset):
        return
    way = "For a frame of scores, use explore(frame, levels=[…], user=…, score=…)." if _is_frame(given) else ""
    if isinstance(given, Connection):
        way = "Pass connection.open_dataset(dataset_id)."
    raise _refusal("GroupExplorer takes a Dataset, as build_dataset and open_dataset return it", given, way)


def check_connection(given: object, explorer: str) -> None:
    """Refuse what is no connection."""
    if isinstance(given, Connection):
        return
    way = "Pass the connection that the dataset was built by." if isinstance(given, Dataset) else ""
    if _is_frame(given):
        way = "For frames, pass connect_local(learners=…, engagement=…) or connect_local(sessions=…)."
    raise _refusal(f"{explorer} takes a Connection, as connect and connect_local return it", given, way)


def _is_frame(given: object) -> bool:
    return hasattr(given, "__arrow_c_stream__")


def _refusal(said: str, given: object, way: str) -> InputError:
    return InputError(f"{said}, not {type(given).__name__}. {way}".rstrip())
