"""What a page carries: rows as parallel lists, which `static_model.js` answers from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ..charts.words import ROOT_LABEL
from ..domain.group_paths import GroupPath, group_name
from ..errors import ColumnError, Fault, InputError, shorten
from ..frames.withholding import is_withheld

__all__ = ["figure_values", "group_data", "plain_values", "table_data", "tree_of"]

Json = dict[str, Any]


def group_data(
    frame: pd.DataFrame,
    *,
    title: str,
    levels: Sequence[str],
    units: Sequence[str],
    columns: Sequence[Mapping[str, Any]],
    sort: Mapping[str, str] | None,
    notes: Sequence[str],
    page_size: int,
) -> Json:
    """Return the data of a page of a group and those below it; `frame` is as `tree_of` gives it."""
    paths = list(frame["group_path"])
    positions = {path: at for at, path in enumerate(paths)}
    shown = [dict(column) for column in columns[1:]]
    return {
        "title": title,
        "flat": False,
        "name_key": "group_name",
        "levels": [*levels[len(paths[0]) :], "Group"],
        "units": [*units[len(paths[0]) :], "groups"],
        "names": [group_name(paths[0]) or ROOT_LABEL, *(group_name(path) for path in paths[1:])],
        "parents": [-1, *(positions[path[:-1]] for path in paths[1:])],
        "columns": shown,
        "figures": [figure_values(frame, column) for column in shown],
        "withheld": is_withheld(frame).astype(int).tolist(),
        "chips": [],
        "sort": None if sort is None else dict(sort),
        "notes": list(notes),
        "page_size": page_size,
    }


def table_data(
    frame: pd.DataFrame,
    *,
    title: str,
    unit: str,
    columns: Sequence[Mapping[str, Any]],
    chips: Mapping[str, str],
    sort: Mapping[str, str] | None,
    notes: Sequence[str],
    page_size: int,
) -> Json:
    """Return the data of a page of one table; the first of `columns` names the rows."""
    check_columns(frame, [*(column["key"] for column in columns), *chips])
    name, *others = (dict(column) for column in columns)
    top = {key: [None] for key in ("values", "zones")}
    figures = [figure_values(frame, column) for column in others]
    return {
        "title": title,
        "flat": True,
        "name_key": name["key"],
        "levels": [name["label"]],
        "units": [unit],
        "names": [title, *map(str, plain_values(frame[name["key"]].fillna("")))],
        "parents": [-1, *[0] * len(frame)],
        "columns": others,
        "figures": [{key: top[key] + one[key] if key in top else one[key] for key in one} for one in figures],
        "withheld": [0] * (len(frame) + 1),
        "chips": [{"group": label, "of": [[], *_labels(frame[key])]} for key, label in chips.items()],
        "sort": None if sort is None else dict(sort),
        "notes": list(notes),
        "page_size": page_size,
    }


def tree_of(frame: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Return the rows of a tree of groups, by level and then as they stand; the first is the group above all others.

    Raises
    ------
    InputError
        If a column lacks, no single row is above all others, a path comes twice, or a group's parent is missing.
    """
    check_columns(frame, ["group_path", *keys])
    depths = frame["group_path"].map(len).to_numpy(dtype=np.int64)
    tree = frame.iloc[np.argsort(depths, kind="stable")].reset_index(drop=True)
    paths: list[GroupPath] = [tuple(path) for path in tree["group_path"]]
    known = set(paths)
    faults = [
        Fault("no_parent", "the group above it is not in the frame", key="group_path", value=shorten(list(path)))
        for path in paths[1:]
        if path[:-1] not in known or len(path) == len(paths[0])
    ]
    if not paths or len(known) < len(paths) or faults:
        raise InputError("A page needs one group and all that lie between it and those below, each once.", faults)
    return tree.assign(group_path=pd.Series(paths, dtype=object))


def check_columns(frame: pd.DataFrame, keys: Sequence[str]) -> None:
    """Raise `ColumnError` for the columns that a frame lacks."""
    faults = [
        Fault("missing_column", f"there is no column {shorten(key)}", key=key) for key in keys if key not in frame
    ]
    if faults:
        raise ColumnError("The page cannot be written: the frame lacks columns.", faults)


def figure_values(frame: pd.DataFrame, column: Mapping[str, Any]) -> Json:
    """Return a column's key and values; of a zone column also each value's zone, from ``<key>_range``.

    A range is called as `label_engagement` calls it: ``below_average`` is the zone ``below``.
    """
    key = column["key"]
    figure: Json = {"key": key, "values": plain_values(frame[key])}
    if column["kind"] == "zone":
        check_columns(frame, [f"{key}_range"])
        figure["zones"] = [
            None if one is None else one.partition("_")[0] for one in plain_values(frame[f"{key}_range"])
        ]
    return figure


def plain_values(column: pd.Series) -> list[Any]:
    """Return a column as JSON's own values: null for missing and infinite ones, ISO text for times."""
    return [_plain(value) for value in column.tolist()]


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple | np.ndarray):
        return [_plain(one) for one in value]
    if value is None or pd.isna(value) or value in (float("inf"), float("-inf")):
        return None
    if isinstance(value, str | bool | int | float):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _labels(column: pd.Series) -> list[list[str]]:
    """Return each row's labels: of a text one, of a list each, of null none."""
    values = plain_values(column)
    return [value if isinstance(value, list) else [] if value is None else [str(value)] for value in values]
