"""What was built, remembered on this machine: enough to open a dataset again after a restart.

A line per dataset: its id and type, its levels, its job and the address of the
service. No secret, no learner, no figure.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import msgspec

__all__ = ["Ledger", "Remembered"]


@dataclass(frozen=True, slots=True)
class Remembered:
    """A dataset that was built from here.

    Attributes
    ----------
    dataset_id, dataset_type
        Which dataset.
    levels
        Level key to label, from the top down.
    job_reference
        The job that compiled it.
    service
        Base URL of the service.
    time
        When, in Unix seconds.
    """

    dataset_id: str
    dataset_type: str
    levels: dict[str, str]
    job_reference: str
    service: str
    time: float


class Ledger:
    """A file of remembered datasets; one that cannot be written or read is passed over.

    Parameters
    ----------
    path
        The file.
    clock
        Unix seconds.

    Attributes
    ----------
    path : Path
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self.path = path
        self._clock = clock

    def remember(
        self, dataset_id: str, dataset_type: str, levels: Mapping[str, str], job_reference: str, service: str
    ) -> None:
        """Add a dataset."""
        entry = Remembered(dataset_id, dataset_type, dict(levels), str(job_reference), service, self._clock())
        # Forgetting is a nuisance; failing a dataset that was built would be worse.
        with suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab") as file:
                file.write(msgspec.json.encode(asdict(entry)) + b"\n")

    def find(self, dataset_id: str) -> Remembered | None:
        """Return what was remembered last of a dataset, or None."""
        try:
            lines = self.path.read_bytes().splitlines()
        except OSError:
            return None
        for line in reversed(lines):
            with suppress(msgspec.MsgspecError):
                entry = msgspec.json.decode(line, type=Remembered)
                if entry.dataset_id == dataset_id:
                    return entry
        return None
