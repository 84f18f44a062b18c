"""From a walk through a dataset to a page: its words, its order and what stands beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from ..charts.words import ROOT_LABEL, WITHHELD
from ..domain.group_paths import GroupPath, Level
from ..files.provenance import exported, written_table
from ..frames.origin import origin_of
from ..frames.sorting import sort_frame
from .group_columns import group_columns, level_label, plural
from .page import write_group_page

__all__ = ["place_of", "withheld_sentence", "write_walk_page"]

WITHHELD_WHY: Final = f"{WITHHELD}: fewer than {{floor}} learners, or it would give away a group that has."


def write_walk_page(
    target: Path,
    walked: pd.DataFrame,
    *,
    levels: Sequence[Level] | None,
    figures: Sequence[str],
    min_population: int,
    code: str,
    field: str | None = None,
    spreads: Mapping[GroupPath, pd.DataFrame] | None = None,
    sort: Mapping[str, str] | None = None,
    page_size: int = 50,
) -> Path:
    """Write a group and all groups below it as a page, and what `verify` reads beside it.

    Parameters
    ----------
    target
        The file.
    walked
        What ``dataset.walk(path)`` gives, or the rows of it at and below one group.
    levels
        The dataset's; None where they are not known.
    figures
        The columns of the table, beside the name.
    min_population
        The floor that `walked` was read with.
    code
        Python text that gives `walked` again.
    field, spreads
        What the charts are about, and the distributions of it; no charts without a field.
    sort
        The order to begin with: ``field`` and ``order``; the dataset's own, where `walked` tells it, when omitted.
    page_size
        Rows on a page of the table.
    """
    path: GroupPath = walked["group_path"].iloc[0]
    labels = [level_label(levels, depth) for depth in range(1, int(walked["level"].max()) + 1)]
    first = sort or origin_of(walked).get("sort")
    rows = walked if first is None else sort_frame(walked, first["field"], first["order"])
    shown = first is not None and first["field"] in ("group_name", *figures)
    with exported(target, lambda: [written_table(walked)], provenance=True, code=code) as temporary:
        write_group_page(
            temporary,
            rows,
            title=place_of(path),
            levels=labels,
            units=[plural(label) for label in labels],
            columns=group_columns("Group", figures),
            field=field,
            sort=first if shown else None,
            distributions=spreads,
            notes=[withheld_sentence(min_population)] if min_population else [],
            page_size=page_size,
        )
    return target


def place_of(path: GroupPath) -> str:
    """Return a group as a title names it: with the groups above it."""
    return " / ".join(path) or ROOT_LABEL


def withheld_sentence(floor: int) -> str:
    """Return what stands under a table in which figures are withheld."""
    return f"–: {WITHHELD_WHY.format(floor=floor)}"
