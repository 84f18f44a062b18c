"""The columns of a table of groups: what people call a figure and a level, in which unit and with how many decimals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from ..domain.fields import GroupField, find_group_field
from ..domain.group_paths import Level
from ..frames.columns import figure_column

__all__ = ["figure_label", "group_columns", "groups_counted", "level_label", "name_column", "plural"]

LABELS: Final = {
    "population": "Learners",
    "group_count": "Groups",
    "mean_seen_activities": "Mean activities seen",
    "mean_attempted_percent": "Mean percent attempted",
    "seen_activities": "Activities seen",
}
SHORT: Final = {"lowest": "Lowest", "highest": "Highest", "mean": "Mean", "median": "Median", "stddev": "Std. dev."}
UNITS: Final = {"users": "", "score": "points", "percent": "%", "attempted_percent": "%", "seen_activities": ""}
PLACES: Final = {"users": 0, "score": 2, "percent": 1, "attempted_percent": 1, "seen_activities": 2}
KINDS: Final = {"users": "count", "percent": "percent", "attempted_percent": "percent"}
OTHER: Final = {"kind": "number", "unit": "", "places": 2}


def figure_label(name: str) -> str:
    """Return what people call a figure of a group: ``p25_percent`` is ``P25 percent``."""
    statistic, _, measure = name.partition("_")
    if name not in LABELS and measure and statistic in SHORT:
        return f"{SHORT[statistic]} {measure.replace('_', ' ')}"
    return LABELS.get(name) or name.replace("_", " ").capitalize()


def level_label(levels: Sequence[Level] | None, depth: int) -> str:
    """Return what a group of a level is called, from 1 for the top level; ``Group`` where it is not known."""
    return levels[depth - 1].label if levels and depth <= len(levels) else "Group"


def plural(label: str) -> str:
    """Return the English plural of a level's label, such as ``classes``."""
    word = label if label.isupper() else label.lower()
    if word.endswith(("s", "x", "ch", "sh")):
        return f"{word}es"
    if word.endswith("y") and word[-2:-1] not in tuple("aeiou"):
        return f"{word[:-1]}ies"
    return f"{word}s"


def groups_counted(count: int, label: str) -> str:
    """Return how many groups of a level there are, in words: ``1 class``, ``1,204 classes``."""
    one = label if label.isupper() else label.lower()
    return f"{count:,} {one if count == 1 else plural(label)}"


def group_columns(label: str, figures: Iterable[str]) -> list[dict[str, Any]]:
    """Return the columns of a table of groups: the name, then the figures."""
    return [name_column("group_name", label), *(_figure_column(name) for name in figures)]


def name_column(key: str, label: str) -> dict[str, Any]:
    """Return the first column of a table, which names its rows."""
    return {"key": key, "label": label, "kind": "text", "unit": "", "places": 0, "help": "", "sortable": True}


def _figure_column(name: str) -> dict[str, Any]:
    field = find_group_field(name)
    shown = OTHER if field is None else _number(field)
    label = figure_label(name)
    if name not in LABELS and field is not None and shown["unit"]:
        label = label.removesuffix(f" {field.measure}")  # the unit stands beside it: "Mean %", "Mean points"
    return {"key": name, "label": label, **shown, "help": figure_column(name).meaning, "sortable": True}


def _number(field: GroupField) -> dict[str, Any]:
    measure = field.measure
    return {"kind": KINDS.get(measure, "number"), "unit": UNITS[measure], "places": PLACES[measure]}
