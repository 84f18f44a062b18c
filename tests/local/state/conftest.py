from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from learnosity_nb.local.state.database import Database
from learnosity_nb.local.state.directory import StateDirectory, open_state


@pytest.fixture
def state(tmp_path: Path) -> StateDirectory:
    return open_state(tmp_path / "state", data=None)


@pytest.fixture
def database(state: StateDirectory) -> Iterator[Database]:
    opened = Database(state.database)
    yield opened
    opened.close()


@pytest.fixture
def unwritable(tmp_path: Path) -> Iterator[Path]:
    """A directory that this user cannot write to; root cannot write to the kernel's own."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        if not sys.platform.startswith("linux"):
            pytest.skip("root may write everywhere here")
        yield Path("/sys/kernel")
        return
    folder = tmp_path / "read-only"
    folder.mkdir(mode=0o500)
    yield folder
    folder.chmod(0o700)
