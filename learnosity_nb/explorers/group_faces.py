"""The parts of a group explorer on the screen: made once, and drawn again for each view."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from html import escape
from typing import Any, Final

import ipywidgets

from .face_columns import figure_label
from .faces import ChartFace, TableFace
from .group_state import GroupState, follow
from .prepared_view import Prepared

__all__ = ["GroupFaces"]

ASKED: Final = ("path", "sort", "filter", "page", "marked")
LISTED: Final = 8
SIDE_BY_SIDE: Final = {"display": "flex", "flex_flow": "row wrap", "align_items": "flex-start"}
WAITING: Final = "<p>Charts are being made ready …</p>"


class GroupFaces:
    """A table, a chart, a choice of figures, and the marked groups side by side.

    Parameters
    ----------
    figures
        The dataset's figures.
    on_change
        Called when the browser asks for another view; `asked` says which.
    on_fields
        Called with the figures that were chosen.
    on_question
        Called with the number and name of a button that was pressed.

    Attributes
    ----------
    table : TableFace
    chart : ChartFace or None
        None until Vega is at hand.
    figures : ipywidgets.SelectMultiple
        The choice of figures.
    children : list of ipywidgets.Widget
        What the explorer holds, from the top down.
    """

    def __init__(
        self,
        figures: tuple[str, ...],
        *,
        on_change: Callable[[], None],
        on_fields: Callable[[tuple[str, ...]], None],
        on_question: Callable[[int, str], None],
    ) -> None:
        self._on_change = on_change
        self._drawn: Prepared | None = None
        self._drawing = False
        self._views = 0
        self.table = TableFace()
        self.chart: ChartFace | None = None
        self.figures = ipywidgets.SelectMultiple(
            options=[(figure_label(name), name) for name in figures],
            description="Figures shown",
            rows=min(len(figures), LISTED),
            style={"description_width": "initial"},
            layout={"width": "max-content"},
        )
        self._choice = ipywidgets.Accordion([self.figures], titles=("Choose figures",), selected_index=None)
        self._waiting = ipywidgets.HTML(WAITING)
        self._chart_pane = ipywidgets.VBox([self._waiting], layout={"flex": "1 1 24rem", "min_width": "20rem"})
        table_pane = ipywidgets.VBox([self.table], layout={"flex": "2 1 30rem", "min_width": "20rem"})
        self._panes = ipywidgets.Box([table_pane, self._chart_pane], layout=SIDE_BY_SIDE)
        self._comparison = ipywidgets.HTML()
        self.children = [self._choice, self._panes, self._comparison]
        self._parts = [self.table, self.figures, self._choice, self._waiting, table_pane, self._chart_pane]
        self._parts += [self._panes, self._comparison]
        self.table.observe(self._changed, list(ASKED))
        self.table.observe(lambda change: on_question(change.new.get("n", 0), str(change.new.get("what"))), "ask")
        self.figures.observe(lambda change: None if self._drawing else on_fields(change.new), "value")

    def show(self, prepared: Prepared) -> None:
        """Draw a view."""
        state, table = prepared.state, prepared.table
        self._drawn = prepared
        self._views += 1
        self._drawing = True
        try:
            with self.table.hold_sync():
                self.table.view = {**table, "number": self._views}
                self._write_back()
            self.figures.value = tuple(name for name in self.figures._options_values if name in state.fields)
            self._comparison.value = prepared.comparison
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
        assert self._drawn is not None
        self._views += 1
        self._drawing = True
        try:
            with self.table.hold_sync():
                self.table.view = {**self._drawn.table, "number": self._views, "error": message}
                self._write_back()
        finally:
            self._drawing = False

    def asked(self) -> GroupState:
        """Return the state that the browser asks for."""
        assert self._drawn is not None
        shown, table = self._drawn.state, self.table
        asked = replace(
            shown,
            group_path=tuple(table.path),
            filter=table.filter,
            page=table.page,
            selection=tuple(table.marked),
            chart=shown.chart if self.chart is None else self.chart.kind,
        )
        if table.sort != self._drawn.table["sort"]:
            sort = table.sort or {}
            asked = replace(asked, sort_field=sort.get("field"), sort_order=sort.get("order", "desc"))
        return follow(shown, asked)

    def show_charts(self, module: str) -> None:
        """Put the chart in its place, now that its module is there."""
        assert self._drawn is not None
        self.chart = ChartFace(_esm=module, **self._drawn.chart)
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

    def _write_back(self) -> None:
        """Make what the browser last asked for what is shown: a click on an old value is then a change again."""
        assert self._drawn is not None
        state, table = self._drawn.state, self.table
        table.path, table.sort = list(state.group_path), self._drawn.table["sort"]
        table.filter, table.page, table.marked = state.filter, state.page, list(state.selection)

    def _changed(self, _: Any) -> None:
        if not self._drawing:
            self._on_change()

    def _picked(self, click: dict[str, Any]) -> None:
        """Mark the group whose mark in the chart was clicked, or take its mark away."""
        marked, name = list(self.table.marked), str(click.get("id"))
        if self.table.view["markable"]:
            self.table.marked = [one for one in marked if one != name] if name in marked else [*marked, name]
