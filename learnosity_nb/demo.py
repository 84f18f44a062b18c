"""The demo: the notebooks of this package and a sample world, in a folder of the analyst's own."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from importlib import resources
from pathlib import Path
from typing import Final

from .errors import InputError, MissingExtra
from .files.sample_world import sample_world

__all__ = ["FIRST_NOTEBOOK", "check_lab", "open_lab", "prepare"]

FIRST_NOTEBOOK: Final = "01_group_summaries.ipynb"


def prepare(directory: Path) -> list[Path]:
    """Copy the notebooks and write the sample world's data to a directory.

    Files that are there already are left as they are.

    Parameters
    ----------
    directory
        Where to; made if it does not exist.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    InputError
        If the directory cannot be written.
    """
    written = []
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, content in _notebooks().items():
            target = directory / name
            if not target.exists():
                target.write_bytes(content)
                written.append(target)
    except OSError as error:
        raise InputError(f"{directory} cannot be written: {error.strerror}. Name another directory.") from None
    data, part = directory / "data", directory / "data.part"
    if not data.exists():
        shutil.rmtree(part, ignore_errors=True)  # left behind by a demo that was stopped
        names = [path.name for path in sample_world().write(part).values()]
        part.rename(data)
        written += [data / name for name in names]
    return written


def check_lab() -> None:
    """Raise `MissingExtra` if JupyterLab is not installed."""
    if importlib.util.find_spec("jupyterlab") is None:
        raise MissingExtra("jupyterlab", "lab", "The demo")


def open_lab(directory: Path, *, browser: bool, port: int) -> int:
    """Run JupyterLab on the first notebook of a directory until it is closed, and return its exit code."""
    command = [sys.executable, "-m", "jupyterlab", f"--port={port}", f"--ServerApp.root_dir={directory.resolve()}"]
    command += [f"--LabApp.default_url=/lab/tree/{FIRST_NOTEBOOK}", *([] if browser else ["--no-browser"])]
    if getattr(os, "geteuid", lambda: -1)() == 0:
        command.append("--allow-root")  # a container's only user; the server listens on loopback, behind a token
    with subprocess.Popen(command) as lab:  # noqa: S603  our own command, no shell
        while True:
            try:
                return lab.wait()
            except KeyboardInterrupt:
                continue  # it reaches JupyterLab too, which asks, or ends in its own time


def _notebooks() -> dict[str, bytes]:
    """Return the notebooks by name: from the installed package, or from the checkout beside it."""
    for folder in (resources.files(__package__) / "notebooks", Path(__file__).parent.parent / "notebooks"):
        if folder.is_dir():
            return {item.name: item.read_bytes() for item in folder.iterdir() if item.name.endswith(".ipynb")}
    raise InputError("This installation has no notebooks. Install learnosity-nb again.")
