"""All that a group explorer shows of one state, made in one go: in the kernel's thread or in another."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..domain.group_paths import GroupPath
from ..errors import GroupNotFound
from .explorer_faces import PreparedView
from .group_chart import chart_view, measure_in_view, measure_needed
from .group_comparison import comparison_html
from .group_source import GroupSource
from .group_state import GroupState
from .group_traits import checked, fitted
from .group_view import frame_in_view, table_view

__all__ = ["Prepared", "is_at_hand", "prepare", "restored"]


@dataclass(frozen=True, slots=True, eq=False)
class Prepared(PreparedView[GroupState]):
    """A view of groups that is ready to be shown.

    Attributes
    ----------
    state, value, table, chart
        As for every explorer.
    comparison
        The marked groups side by side, as HTML; empty with fewer than two.
    """

    comparison: str


def is_at_hand(state: GroupState, source: GroupSource) -> bool:
    """Whether `prepare` has nothing to read any more, so that it takes milliseconds."""
    drawn, compared = measure_needed(state, source), measure_in_view(state, source)
    return source.holds(state.group_path, drawn, state.selection, compared)


def prepare(state: GroupState, source: GroupSource, page_size: int, notes: tuple[str, ...] = ()) -> Prepared:
    """Check a state, read what it needs and return its view.

    Raises
    ------
    GroupNotFound, InputError
        If it asks for what the dataset lacks.
    LearnosityError
        If the service cannot be read.
    """
    state = fitted(checked(state, source), source, page_size)
    return Prepared(
        state,
        frame_in_view(state, source),
        table_view(state, source, page_size, notes),
        chart_view(state, source, page_size),
        comparison_html(state, source),
    )


def restored(state: GroupState, source: GroupSource) -> tuple[GroupState, tuple[str, ...]]:
    """Return a kept state as far as its groups are still there, and notes on what is not.

    Raises
    ------
    GroupNotFound
        If there is not even the root group.
    """
    notes = []
    path = _nearest(state.group_path, source)
    if path != state.group_path:
        notes.append(f"{' / '.join(state.group_path)} is there no more: this is the nearest group above it.")
        state = replace(state, group_path=path, filter="", selection=(), page=1)
    rows = source.rows(path)
    known = set(rows.frame["group_name"]) if rows.of == "groups" else set()
    kept = tuple(name for name in state.selection if name in known)
    if kept != state.selection:
        notes.append("Some of the marked groups are there no more.")
    return replace(state, selection=kept), tuple(notes)


def _nearest(path: GroupPath, source: GroupSource) -> GroupPath:
    try:
        source.own(path)
    except GroupNotFound:
        if not path:
            raise
        return _nearest(path[:-1], source)
    return path
