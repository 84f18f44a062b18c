"""The state directory: where the service keeps its database, its uploads and its compiled datasets.

::

    <state>/state.sqlite3                               jobs, datasets, secrets
    <state>/owners/<owner>.lock                         held by each live process that works on jobs
    <state>/datasets/<dataset_id>/infiles/<attempt>.*   accepted uploads
    <state>/datasets/<dataset_id>/outfiles/<attempt>/   compiled datasets

Names that begin with ``.tmp-`` are unfinished. The directory belongs to its user alone (mode 0700).
"""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
import weakref
from collections.abc import Iterable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import platformdirs

from .crash_points import crash_point
from .failures import REFUSED, DiskFull, state_errors
from .mounts import on_network

__all__ = ["TEMPORARY_PREFIX", "DiskFull", "StateDirectory", "durable_write", "open_state", "state_errors"]

TEMPORARY_PREFIX = ".tmp-"
"""Files and directories whose name begins with this are unfinished."""

_FOLDER = ".learnosity_nb"
_PRIVATE = 0o700


class StateDirectory:
    """An open state directory.

    Parameters
    ----------
    root
        An existing directory that may be written to.
    temporary
        Remove the directory when this object is closed or no longer referred to, and when the process ends.

    Attributes
    ----------
    root : Path
    network : bool
        The directory is on a network file system.
    temporary : bool
        The directory goes with this process.
    """

    def __init__(self, root: Path, *, temporary: bool = False) -> None:
        self.root = root
        self.network = on_network(root)
        self.temporary = temporary
        self._remove = weakref.finalize(self, shutil.rmtree, root, ignore_errors=True) if temporary else None

    @property
    def database(self) -> Path:
        """The database file."""
        return self.root / "state.sqlite3"

    @property
    def datasets(self) -> Path:
        """The folder of uploads and compiled datasets, one folder for each dataset."""
        return self.root / "datasets"

    @property
    def owners(self) -> Path:
        """The folder of lock files of the processes that work on jobs."""
        return self.root / "owners"

    def close(self) -> None:
        """Remove the directory if it is temporary; may be called again."""
        if self._remove is not None:
            self._remove()


def open_state(path: Path | None, *, data: Path | None) -> StateDirectory:
    """Open the state directory, making it where it does not exist.

    Parameters
    ----------
    path
        The directory, if the user named one.
    data
        The data directory. Without `path` the state is kept in its ``.learnosity_nb`` folder or, where that cannot
        be written, in the user's cache. With neither, the state is temporary.

    Raises
    ------
    StateError
        If the directory cannot be made or written; the message names it and says what to do.

    Warns
    -----
    UserWarning
        If the state is kept in the user's cache, or is on a network file system.
    """
    if path is not None:
        with state_errors(path):
            _prepare(path, parents=True)
        state = StateDirectory(path.resolve())
    elif data is not None:
        state = StateDirectory(_beside(data.resolve()))
    else:
        with state_errors(Path(tempfile.gettempdir())):
            root = Path(tempfile.mkdtemp(prefix="learnosity_nb-"))
            _prepare(root)
        state = StateDirectory(root, temporary=True)
    if state.network:
        warnings.warn(
            f"The state directory {state.root} is on a network file system: it works, more slowly. "
            "Name a local directory with state= for speed.",
            stacklevel=2,
        )
    return state


def durable_write(path: Path, chunks: Iterable[bytes]) -> int:
    """Write a file so that, whenever the machine stops, it is there whole or not at all.

    Parameters
    ----------
    path
        The file to write or replace, in an existing directory.
    chunks
        Its bytes in order. If taking one of them raises, nothing is left behind.

    Returns
    -------
    int
        The number of bytes written.

    Raises
    ------
    DiskFull
        If there is no space left; an earlier file at `path` is intact.
    StateError
        If the file cannot be written for another reason.
    """
    temporary = path.with_name(f"{TEMPORARY_PREFIX}{path.name}-{uuid4().hex[:8]}")
    size = 0
    with state_errors(path):
        try:
            with temporary.open("xb") as file:
                for chunk in chunks:
                    size += file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            crash_point("before_rename")
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        sync_directory(path.parent)
    crash_point("after_rename")
    return size


def sync_directory(path: Path) -> None:
    """Make renames in a directory durable, where the system can do that."""
    with suppress(OSError):  # Windows cannot open a directory, and some file systems cannot sync one
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _beside(data: Path) -> Path:
    root = data / _FOLDER
    try:
        _prepare(root)
    except OSError as error:
        if error.errno in REFUSED:
            return _in_cache(data)
        with state_errors(root):
            raise
    with state_errors(root):
        (root / ".gitignore").write_text("*\n", encoding="utf-8")
    return root


def _in_cache(data: Path) -> Path:
    key = sha256(str(data).encode()).hexdigest()[:16]
    root = platformdirs.user_cache_path("learnosity_nb", appauthor=False) / "state" / key
    with state_errors(root):
        _prepare(root, parents=True)
    warnings.warn(
        f"{data} cannot be written: jobs and datasets are kept in {root}. Name another directory with state=.",
        stacklevel=4,
    )
    return root


def _prepare(root: Path, *, parents: bool = False) -> None:
    root.mkdir(mode=_PRIVATE, parents=parents, exist_ok=True)
    for name in ("datasets", "owners"):
        (root / name).mkdir(mode=_PRIVATE, exist_ok=True)
    tempfile.TemporaryFile(dir=root).close()  # fails here, and not in the middle of a job
