"""A progress bar that shows where a call really is, and leaves nothing in a notebook that is stored.

In a notebook the bar is one display that ends empty. A notebook that is run
without anybody at it (by nbclient, nbval or papermill) gets no bar at all; nor
does output that is not a terminal.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, Self, TextIO

from tqdm import tqdm

__all__ = ["Progress"]

COLUMNS = 100


class _Bar(tqdm):  # type: ignore[type-arg]
    monitor_interval = 0  # no thread beside the bar: it moves by whole steps, and Pyodide has no threads


class Progress:
    """A bar for one call.

    Parameters
    ----------
    total
        Steps of the call.
    shown
        False for no bar at all.
    """

    def __init__(self, total: int, *, shown: bool = True) -> None:
        self._output, self._end = _output() if shown else (None, _nothing)
        self._bar = _Bar(
            total=total,
            file=self._output,
            disable=self._output is None,
            leave=False,
            ncols=COLUMNS,
            bar_format="{desc}: {bar} {elapsed}{postfix}",
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._bar.close()
        self._end()

    def say(self, doing: str) -> None:
        """Say what is being done, such as ``uploading 2 of 20``."""
        self._bar.set_description_str(doing)

    def step(self) -> None:
        """Count one step as done."""
        self._bar.update()


class _Display:
    """The text file that a bar writes to, shown as one display of a notebook."""

    def __init__(self, handle: Any) -> None:
        self._handle = handle

    def write(self, text: str) -> int:
        line = text.replace("\r", "").rstrip()
        if line:
            self._handle.update({"text/plain": line}, raw=True)
        return len(text)

    def flush(self) -> None:
        """Do nothing: each line is sent when it is written."""

    def clear(self) -> None:
        self._handle.update({"text/plain": ""}, raw=True)


def _output() -> tuple[TextIO | _Display | None, Callable[[], None]]:
    """Return where a bar is drawn, None for nowhere, and what removes it at the end."""
    kernel = _kernel()
    if kernel is not None:
        # Programs that run a notebook say that nobody can be asked for input.
        if not kernel.get_parent("shell").get("content", {}).get("allow_stdin", False):
            return None, _nothing
        from IPython.display import display

        shown = _Display(display({"text/plain": ""}, raw=True, display_id=True))  # type: ignore[no-untyped-call]
        return shown, shown.clear
    return (sys.stderr if sys.stderr is not None and sys.stderr.isatty() else None), _nothing


def _kernel() -> Any:
    module = sys.modules.get("IPython")
    shell = module.get_ipython() if module is not None else None
    return getattr(shell, "kernel", None)


def _nothing() -> None:
    """Do nothing."""
