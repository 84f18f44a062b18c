"""Frames of groups without the figures of small groups; the rule is `compute.suppression`'s."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..compute.arrays import Bools
from ..compute.suppression import withhold_tree
from ..domain.group_paths import GroupPath
from ..errors import InputError, NotOffered, shorten

__all__ = ["check_min_population", "is_withheld", "refuse_unpopulated", "withhold_groups", "withhold_rows"]


def check_min_population(value: object) -> int:
    """Return `min_population` if it is a whole number from 0.

    Raises
    ------
    InputError
        If it is not.
    """
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 0:
        raise InputError(f"min_population must be a whole number from 0, not {shorten(value)}.")
    return int(value)


def refuse_unpopulated(fields: list[str]) -> None:
    """Refuse a floor on the population where that is not among the fields.

    Raises
    ------
    NotOffered
        Saying so.
    """
    if "population" not in fields:
        raise NotOffered("min_population needs the field population. Build the dataset with it, or pass 0.")


def is_withheld(groups: pd.DataFrame) -> Bools:
    """Return for each group whether its figures are withheld; false for all of a frame that knows no floor."""
    if "withheld" not in groups.columns:
        return np.zeros(len(groups), dtype=np.bool_)
    return groups["withheld"].to_numpy(dtype=np.bool_, na_value=False)


def withhold_rows(frame: pd.DataFrame, withheld: Bools) -> pd.DataFrame:
    """Return a frame of groups with the figures of some rows nulled, and the column ``withheld``.

    Parameters
    ----------
    frame
        Columns as `Dataset.groups`; every number but ``level`` is a figure.
    withheld
        One element per row.
    """
    figures = [name for name in frame.select_dtypes("number").columns if name != "level"]
    nulled = {name: frame[name].mask(withheld) for name in figures}
    return frame.assign(**nulled, withheld=np.asarray(withheld, dtype=np.bool_))


def withhold_groups(frame: pd.DataFrame, min_population: int, *, above: bool = False) -> pd.DataFrame:
    """Return a frame of groups with the figures of small groups nulled.

    Parameters
    ----------
    frame
        Columns as `Dataset.groups`, ``population`` among them, rows in any
        order: the children of one group, or a group and all groups below it.
    min_population
        The floor; with 0 the frame is returned as it is.
    above
        Whether the group above, or at the top, is withheld: then all are.

    Returns
    -------
    DataFrame
        The same rows, with the column ``withheld`` of bool at the end.

    Raises
    ------
    NotOffered
        If there is no ``population``.
    """
    if not check_min_population(min_population):
        return frame
    refuse_unpopulated(list(frame.columns))
    if above:
        return withhold_rows(frame, np.ones(len(frame), dtype=np.bool_))
    paths: list[GroupPath] = list(frame["group_path"])
    order = sorted(range(len(paths)), key=paths.__getitem__)
    rank = {paths[row]: place for place, row in enumerate(order)}
    parents = np.array([rank.get(paths[row][:-1], -1) if paths[row] else -1 for row in order], dtype=np.int64)
    population = frame["population"].to_numpy(dtype=np.int64, na_value=0)
    withheld = np.empty(len(paths), dtype=np.bool_)
    withheld[order] = withhold_tree(population[order], parents, min_population)
    return withhold_rows(frame, withheld)
