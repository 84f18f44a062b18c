"""The learners that a state selects of a roster, and how many each filter would leave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..frames.learner_columns import SEGMENTS
from ..frames.learner_search import matched_field
from .learner_state import LearnerState

__all__ = ["MOST_CHIPS", "Selection", "chips_of", "select", "state_of_chips"]

MOST_CHIPS: Final = 12
"""Cohorts, and enrolment modes, that are offered as chips: the largest of the course, and the one that is chosen."""

INACTIVE: Final = "hide_inactive"
SINGLE: Final = {"cohort": "Cohort", "enrollment_mode": "Enrolment mode"}

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """What filters leave of a roster.

    Attributes
    ----------
    frame
        The learners left, in the roster's order; with ``matched`` where there
        was a search.
    counts
        For each filter's column and value, how many learners would be left if
        that value were the only one of its column, the other filters as they
        are.
    """

    frame: pd.DataFrame
    counts: dict[tuple[str, str], int]


def select(state: LearnerState, roster: pd.DataFrame) -> Selection:
    """Return the learners that a state's filters leave."""
    masks, matched = _masks(state, roster)
    everybody = np.ones(len(roster), dtype=bool)
    frame = roster if matched is None else roster.assign(matched=matched)
    left = np.logical_and.reduce([*masks.values(), everybody])
    counts: dict[tuple[str, str], int] = {}
    for column in ("segments", *SINGLE, INACTIVE):
        others = np.logical_and.reduce([mask for name, mask in masks.items() if name != column] + [everybody])
        if column == "segments":
            counts |= {(column, one): int((roster[f"in_{one}"].to_numpy() & others).sum()) for one in SEGMENTS}
        elif column == INACTIVE:
            counts[INACTIVE, ""] = int((~roster["in_inactive"].to_numpy() & others).sum())
        else:
            sizes = roster.loc[others, column].value_counts()
            counts |= {(column, str(name)): int(size) for name, size in sizes.items()}
    return Selection(frame if left.all() else frame[left].reset_index(drop=True), counts)


def chips_of(state: LearnerState, selection: Selection, roster: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the filters as the table's chips."""
    chips = [
        _chip("segments", one, "Segment", one.replace("_", " "), selection, on=one in state.segments)
        for one in SEGMENTS
    ]
    chips.append(_chip(INACTIVE, "", "Activity", "hide inactive", selection, on=state.hide_inactive))
    for column, group in SINGLE.items():
        chosen = getattr(state, column)
        names = [str(name) for name in roster[column].value_counts().index[:MOST_CHIPS]]
        listed = sorted({*names, chosen} if chosen is not None else names)
        chips += [_chip(column, name, group, name, selection, on=name == chosen) for name in listed]
    return chips


def state_of_chips(before: list[dict[str, Any]], on: list[str]) -> dict[str, Any]:
    """Return a state's filters from the keys of all chips that are on; of a column of one choice the newest counts."""
    was_on = {chip["key"] for chip in before if chip["on"]}
    chosen: dict[str, Any] = dict.fromkeys(SINGLE)
    for key in sorted(on, key=lambda key: key not in was_on):
        column, _, name = key.partition(":")
        if column in SINGLE:
            chosen[column] = name
    named = {key.partition(":")[2] for key in on if key.startswith("segments:")}
    segments = tuple(one for one in SEGMENTS if one in named)
    return chosen | {"segments": segments, INACTIVE: f"{INACTIVE}:" in on}


def _masks(state: LearnerState, roster: pd.DataFrame) -> tuple[dict[str, Bools], pd.Series | None]:
    """Return a mask for each filter that is set, and what the search matched."""
    masks: dict[str, Bools] = {}
    matched = None
    if state.search:
        matched = matched_field(roster, state.search, begins=True)
        masks["filter"] = matched.notna().to_numpy()
    if state.segments:
        masks["segments"] = np.logical_or.reduce([roster[f"in_{one}"].to_numpy() for one in state.segments])
    for column in SINGLE:
        wanted = getattr(state, column)
        if wanted is not None:
            masks[column] = (roster[column] == wanted).fillna(value=False).to_numpy(dtype=bool)
    if state.hide_inactive:
        masks[INACTIVE] = ~roster["in_inactive"].to_numpy()
    return masks, matched


def _chip(column: str, value: str, group: str, label: str, selection: Selection, *, on: bool) -> dict[str, Any]:
    count = selection.counts.get((column, value), 0)
    return {"key": f"{column}:{value}", "group": group, "label": label, "count": count, "on": on}
