"""What the kernel and the browser share of an explorer: a table and a chart, as synced values.

Both sides write absolute values, never steps, so that messages which overtake
or replace each other lose nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import anywidget
import traitlets

from ..charts import KINDS, palette_config
from ..pages.scripts import style, table_module

__all__ = ["ChartFace", "LockedFace", "TableFace"]


class TableFace(anywidget.AnyWidget):
    """A table in the browser: crumbs, filter, one page of rows, downloads.

    Python writes `view` and `reply`. The browser writes the others; Python
    writes them back after each change, so that both sides agree on them.

    Attributes
    ----------
    view : dict
        All that is shown.
    path, sort, filter, page, marked, chips
        What the browser asks to be shown.
    ask : list of dict
        The last questions of buttons, ``{n, what}``, the newest last.
    reply : dict
        The answer to one, ``{n, what, name, mime, text}``.
    """

    _esm = traitlets.Unicode().tag(sync=True)
    _css = traitlets.Unicode().tag(sync=True)
    view = traitlets.Dict().tag(sync=True)
    path = traitlets.List(traitlets.Unicode()).tag(sync=True)
    sort = traitlets.Dict(allow_none=True, default_value=None).tag(sync=True)
    filter = traitlets.Unicode().tag(sync=True)
    page = traitlets.Int(1).tag(sync=True)
    marked = traitlets.List(traitlets.Unicode()).tag(sync=True)
    chips = traitlets.List(traitlets.Unicode()).tag(sync=True)
    ask = traitlets.List(traitlets.Dict()).tag(sync=True)
    reply = traitlets.Dict().tag(sync=True)

    _heard = 0

    def on_question(self, answer: Callable[[int, str], None]) -> None:
        """Call `answer` with the number and name of each question, once."""

        def listen(change: Any) -> None:
            for question in change.new:
                if question["n"] > self._heard:
                    self._heard = question["n"]
                    answer(self._heard, str(question["what"]))

        self.observe(listen, "ask")

    @traitlets.default("_esm")
    def _script(self) -> str:
        return table_module()

    @traitlets.default("_css")
    def _style(self) -> str:
        return style()


class LockedFace(TableFace):
    """A table whose values two threads write: one at a time."""

    def __init__(self, lock: threading.RLock) -> None:
        self._lock = lock
        super().__init__()

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take what the browser wrote."""
        with self._lock:
            super().set_state(sync_data)


class ChartFace(anywidget.AnyWidget):
    """A chart in the browser, with a choice of kinds.

    Its module, `_esm`, holds all of Vega and is passed in when it is made.

    Attributes
    ----------
    kinds : list of dict
        The kinds on offer, ``{key, label}``.
    kind : str
        The one that is shown; the browser writes it too.
    spec : dict
        A Vega-Lite chart without rows.
    datasets : dict
        The rows by name.
    configs : dict
        The chart's colours on ``light`` and ``dark`` ground.
    title, summary : str
        What it shows, and what it says in words.
    message : str or None
        Shown in place of a chart.
    picked : dict
        A click on a mark, ``{n, id}``; written by the browser.
    """

    _css = traitlets.Unicode().tag(sync=True)
    _esm = traitlets.Unicode().tag(sync=True)
    kinds = traitlets.List(traitlets.Dict()).tag(sync=True)
    kind = traitlets.Unicode().tag(sync=True)
    spec = traitlets.Dict().tag(sync=True)
    datasets = traitlets.Dict().tag(sync=True)
    configs = traitlets.Dict().tag(sync=True)
    title = traitlets.Unicode().tag(sync=True)
    summary = traitlets.Unicode().tag(sync=True)
    message = traitlets.Unicode(None, allow_none=True).tag(sync=True)
    picked = traitlets.Dict().tag(sync=True)

    @traitlets.default("_css")
    def _style(self) -> str:
        return style()

    @traitlets.default("kinds")
    def _kinds(self) -> list[dict[str, str]]:
        return list(KINDS)

    @traitlets.default("configs")
    def _configs(self) -> dict[str, object]:
        return {"light": palette_config(dark=False), "dark": palette_config(dark=True)}
