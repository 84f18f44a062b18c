"""The parts of every explorer on the screen: a table and a chart, made once and drawn again for each view."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any, Final, Generic, TypeVar

import ipywidgets
import pandas as pd

from .faces import ChartFace, TableFace

__all__ = ["ExplorerFaces", "PreparedView"]

ASKED: Final = ("path", "sort", "filter", "page", "marked", "chips")
SIDE_BY_SIDE: Final = {"display": "flex", "flex_flow": "row wrap", "align_items": "flex-start"}
WAITING: Final = "<p>Charts are being made ready …</p>"

S = TypeVar("S")


@dataclass(frozen=True, slots=True, eq=False)
class PreparedView(Generic[S]):
    """A view that is ready to be shown.

    Attributes
    ----------
    state
        Where it is; its page exists.
    value
        The rows in view.
    table, chart
        What the faces show, as JSON's own values.
    """

    state: S
    value: pd.DataFrame
    table: dict[str, Any]
    chart: dict[str, Any]


V = TypeVar("V", bound=PreparedView[Any])


class ExplorerFaces(ABC, Generic[S, V]):
    """A table with a chart beside it.

    Parameters
    ----------
    on_change
        Called when the browser asks for another view; `asked` says which.
    on_question
        Called with the number and name of a button that was pressed.

    Attributes
    ----------
    table : TableFace
    chart : ChartFace or None
        None until Vega is at hand.
    children : list of ipywidgets.Widget
        What the explorer holds, from the top down.
    """

    def __init__(self, *, on_change: Callable[[], None], on_question: Callable[[int, str], None]) -> None:
        self._on_change = on_change
        self._drawn: V | None = None
        self._drawing = False
        self._views = 0
        self.table = TableFace()
        self.chart: ChartFace | None = None
        self._waiting = ipywidgets.HTML(WAITING)
        self._chart_pane = ipywidgets.VBox([self._waiting], layout={"flex": "1 1 24rem", "min_width": "20rem"})
        table_pane = ipywidgets.VBox([self.table], layout={"flex": "2 1 30rem", "min_width": "20rem"})
        panes = ipywidgets.Box([table_pane, self._chart_pane], layout=SIDE_BY_SIDE)
        self.children = [panes]
        self._parts = [self.table, self._waiting, table_pane, self._chart_pane, panes]
        self.table.observe(self._changed, list(ASKED))
        self.table.on_question(on_question)

    @abstractmethod
    def asked(self) -> S:
        """Return the state that the browser asks for."""

    def show(self, prepared: V) -> None:
        """Draw a view."""
        self._drawn = prepared
        self._drawing = True
        try:
            self._show_table(prepared.table)
            self._show_others(prepared)
            if self.chart is not None:
                with self.chart.hold_sync():
                    for key, value in prepared.chart.items():
                        setattr(self.chart, key, value)
        finally:
            self._drawing = False

    def show_busy(self) -> None:
        """Say that the next view is on its way."""
        self.table.view = {**self.table.view, "busy": True}

    def show_error(self, message: str) -> None:
        """Show an error over the view as it was."""
        self._drawing = True
        try:
            self._show_table({**self.drawn.table, "busy": False, "error": message})
            self._show_others(self.drawn)
        finally:
            self._drawing = False

    def show_no_answer(self, message: str) -> None:
        """Show an error over the view, which may be waiting for the next one."""
        self.table.view = {**self.table.view, "error": message}

    def show_charts(self, module: str) -> None:
        """Put the chart in its place, now that its module is there."""
        self.chart = ChartFace(_esm=module, **self.drawn.chart)
        self.chart.observe(self._changed, "kind")
        self.chart.observe(lambda change: self._picked(change.new), "picked")
        self._parts.append(self.chart)
        self._chart_pane.children = [self.chart]

    def show_no_charts(self, reason: str) -> None:
        """Say why there is no chart."""
        self._waiting.value = f"<p>{escape(reason)}</p>"

    def close(self) -> None:
        """Close every part, with its layout and style: ipywidgets leaves those open."""
        for part in self._parts:
            for own in (getattr(part, "style", None), part.layout, part):
                if isinstance(own, ipywidgets.Widget):
                    own.close()

    @property
    def drawn(self) -> V:
        """The view that was drawn last."""
        assert self._drawn is not None
        return self._drawn

    def _asked_sort(self) -> dict[str, Any]:
        """Return the sort that the browser asks for as values of a state; none where it is the one that is shown."""
        if self.table.sort == self.drawn.table["sort"]:
            return {}
        sort = self.table.sort or {}
        return {"sort_field": sort.get("field"), "sort_order": sort.get("order", "desc")}

    def _show_table(self, view: dict[str, Any]) -> None:
        """Draw the table, and make what the browser last asked for what is shown.

        A click on an old value is then a change again.
        """
        self._views += 1
        table = self.table
        with table.hold_sync():
            table.view = {**view, "number": self._views}
            table.path, table.sort = list(view["crumbs"][-1]["to"]), view["sort"]
            table.filter, table.page, table.marked = view["filter"], view["page"], list(view["marked"])
            table.chips = [chip["key"] for chip in view["chips"] if chip["on"]]

    def _show_others(self, prepared: V) -> None:
        """Draw what an explorer has besides a table and a chart."""

    def _picked(self, click: dict[str, Any]) -> None:
        """Take a click on a mark of the chart."""

    def _changed(self, _: Any) -> None:
        if not self._drawing:
            self._on_change()
