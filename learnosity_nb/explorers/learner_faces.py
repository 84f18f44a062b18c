"""The parts of a learner explorer on the screen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .explorer_faces import ExplorerFaces, PreparedView
from .learner_selection import state_of_chips
from .learner_state import LearnerState, follow

__all__ = ["LearnerFaces"]


class LearnerFaces(ExplorerFaces[LearnerState, PreparedView[LearnerState]]):
    """A table of learners, or of a learner's days, and a chart."""

    def asked(self) -> LearnerState:
        """Return the state that the browser asks for."""
        shown, table = self.drawn.state, self.table
        changes: dict[str, Any] = {"learner": table.path[0] if table.path else None, "page": table.page}
        if self.chart is not None and self.chart.kind != self.drawn.chart["kind"]:
            changes["chart"] = self.chart.kind
        if shown.learner is None:  # a learner's page neither filters nor sorts the roster
            changes |= {"filter": table.filter, **self._asked_sort()}
            if set(table.chips) != {chip["key"] for chip in self.drawn.table["chips"] if chip["on"]}:
                changes |= state_of_chips(self.drawn.table["chips"], table.chips)
        return follow(shown, replace(shown, **changes))
