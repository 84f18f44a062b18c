"""The parts of a group explorer on the screen: made once, and drawn again for each view."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import ipywidgets

from ..pages.group_columns import figure_label
from .explorer_faces import ExplorerFaces
from .group_prepared import Prepared
from .group_state import GroupState, follow

__all__ = ["GroupFaces"]

LISTED: Final = 8


class GroupFaces(ExplorerFaces[GroupState, Prepared]):
    """A table, a chart, a choice of figures, and the marked groups side by side.

    Parameters
    ----------
    figures
        The dataset's figures.
    on_change, on_question
        As for `ExplorerFaces`.

    Attributes
    ----------
    figures : ipywidgets.SelectMultiple
        The choice of figures.
    """

    def __init__(
        self,
        figures: tuple[str, ...],
        *,
        on_change: Callable[[], None],
        on_question: Callable[[int, str], None],
    ) -> None:
        super().__init__(on_change=on_change, on_question=on_question)
        self.figures = ipywidgets.SelectMultiple(
            options=[(figure_label(name), name) for name in figures],
            description="Figures shown",
            rows=min(len(figures), LISTED),
            style={"description_width": "initial"},
            layout={"width": "max-content"},
        )
        choice = ipywidgets.Accordion([self.figures], titles=("Choose figures",), selected_index=None)
        self._comparison = ipywidgets.HTML()
        self.children = [choice, *self.children, self._comparison]
        self._parts += [self.figures, choice, self._comparison]
        self.figures.observe(self._changed, "value")

    def asked(self) -> GroupState:
        """Return the state that the browser asks for.

        On the way to another group, what is filtered, marked or turned is still the group that is left.
        """
        shown, table, path = self.drawn.state, self.table, tuple(self.table.path)
        asked = replace(
            shown,
            group_path=path,
            fields=self._chosen(shown.fields),
            chart=shown.chart if self.chart is None else self.chart.kind,
            **self._asked_sort(),
        )
        if path == shown.group_path:
            asked = replace(asked, filter=table.filter, page=table.page, selection=tuple(table.marked))
        return follow(shown, asked)

    def _chosen(self, shown: tuple[str, ...]) -> tuple[str, ...]:
        """Return the figures that are chosen: those that are shown in their order, then the others."""
        chosen = self.figures.value
        return (*(name for name in shown if name in chosen), *(name for name in chosen if name not in shown))

    def _show_others(self, prepared: Prepared) -> None:
        shown = prepared.state.fields
        self.figures.value = tuple(name for name in self.figures._options_values if name in shown)
        self._comparison.value = prepared.comparison

    def _picked(self, click: dict[str, Any]) -> None:
        """Mark the group whose mark in the chart was clicked, or take its mark away."""
        marked, name = list(self.table.marked), str(click.get("id"))
        if self.table.view["markable"]:
            self.table.marked = [one for one in marked if one != name] if name in marked else [*marked, name]
