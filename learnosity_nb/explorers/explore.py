"""From a plain frame of scores to a group explorer, in one line."""

from __future__ import annotations

import json
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from uuid import UUID, uuid5

import numpy as np
import pandas as pd

from ..connections.opening import connect_local
from ..domain.fields import near_names, parse_fields
from ..domain.group_paths import parse_levels
from ..errors import ColumnError, Fault, InputError, shorten
from ..files.values import NUMBER_LIMIT
from .group_explorer import GroupExplorer
from .result_columns import read_names, read_numbers, said_of_repeated_users, shared_ids

__all__ = ["explore"]

SPREAD: Final = ("lowest", "p05", "p10", "p25", "median", "p75", "p90", "p95", "highest", "mean", "stddev")
SHOWN: Final = ("mean", "p25", "median", "p75", "stddev")
SESSION_NAMES: Final = UUID("5e0ffb57-3a36-4d43-9f68-1c9a1f5c2c55")
"""The name space of made session ids: a user's n-th row has the same id on every run."""


def explore(
    frame: pd.DataFrame,
    levels: Sequence[str] | Mapping[str, str],
    user: str,
    score: str,
    max_score: float | str | None = None,
    *,
    session: str | None = None,
    fields: Sequence[str] | None = None,
    min_population: int = 5,
    show_names: bool = False,
    page_size: int = 50,
    progress: bool = True,
) -> GroupExplorer:
    """Explore a frame of scores: a gradebook, an export of a test, any table with a row per result.

    The groups' summaries are worked out by the local service, in this process;
    nothing leaves the machine.

    Parameters
    ----------
    frame
        One row per result. A user may have several; points are then added up.
    levels
        The columns of the hierarchy from the top down, such as ``["school",
        "class"]``, or column to the label people read.
    user
        The column that says whose result it is: texts or whole numbers. The same one in two groups is one
        user, who counts once in the groups above; a warning says so where half of all users are such.
    score
        The column of points. A missing one is a result that does not count; the
        user does.
    max_score
        The points that could be had: a number, or a column. Without it there
        are no percents.
    session
        A column of ids of the results, each for one result; made up when omitted.
    fields
        The figures to show at first, such as ``["population", "mean_percent"]``.
    min_population, show_names, page_size
        As for `GroupExplorer`.
    progress
        Whether to show a progress bar.

    Returns
    -------
    GroupExplorer
        Its ``close`` removes what was written to a temporary directory.

    Raises
    ------
    ColumnError
        Naming every column that is not there or holds other values, with near names.
    InputError
        If the levels or figures cannot be used.

    Examples
    --------
    >>> explore(marks, levels=["school", "class"], user="pupil", score="mark", max_score=100)  # doctest: +SKIP
    GroupExplorer([], 12 schools)
    """
    hierarchy = parse_levels(levels)
    keys = [level.key for level in hierarchy]
    columns: dict[str, object] = {"user": user, "score": score}
    if isinstance(max_score, str):
        columns["max_score"] = max_score
    if session is not None:
        columns["session"] = session
    _check_frame(frame, keys, columns)
    _check_number(max_score)
    sessions, places = _results(frame, keys, user, score, max_score, session)
    roster = sessions[["user_id", "session_id"]].assign(**places)
    measures = ("score",) if max_score is None else ("percent", "score")
    kept = ["population", "group_count", *(f"{name}_{measure}" for measure in measures for name in SPREAD)]
    shown = ["population", *(f"{name}_{measures[0]}" for name in SHOWN)] if fields is None else list(fields)
    kept += [name for name in _known(shown, measures) if name not in kept]
    connection = connect_local(sessions=sessions.drop_duplicates(), progress=progress)
    try:
        dataset = connection.build_dataset(
            roster,
            levels,
            fields=kept,
            user_fields=["score"] if max_score is None else ["score", "max_score"],
            sort_field=f"mean_{measures[0]}",
        )
        return GroupExplorer(
            dataset,
            fields=shown,
            min_population=min_population,
            show_names=show_names,
            page_size=page_size,
            on_close=connection.close,
        )
    except BaseException:
        connection.close()
        raise


def _results(
    frame: pd.DataFrame,
    levels: Sequence[str],
    user: str,
    score: str,
    max_score: float | str | None,
    session: str | None,
) -> tuple[pd.DataFrame, dict[str, list[str]]]:
    """Return the frame's results as a table of sessions, a row for each of its rows, and the columns of the levels."""
    faults: list[Fault] = []
    users = read_names(frame, user, faults)
    made = {
        "session_id": list(_session_ids(users)) if session is None else read_names(frame, session, faults),
        "user_id": users,
        "score": read_numbers(frame, score, faults),
        "max_score": read_numbers(frame, max_score, faults) if isinstance(max_score, str) else max_score,
    }
    places = {key: read_names(frame, key, faults) for key in levels}
    types = {"session_id": "str", "user_id": "str", "score": "float64", "max_score": "float64"}
    sessions = pd.DataFrame(made, index=range(len(frame))).astype(types)
    if session is not None and not faults:
        faults += filter(None, [shared_ids(sessions, session)])
    if faults:
        raise ColumnError("These columns cannot be explored as they are.", faults)
    above = int((sessions["score"] > sessions["max_score"]).sum())
    if above:
        warnings.warn(f"{above:,} of {len(frame):,} results are above max_score: over 100 percent.", stacklevel=3)
    repeated = said_of_repeated_users(sessions, places, user)
    if repeated:
        warnings.warn(repeated, stacklevel=3)
    return sessions, places


def _known(fields: Sequence[str], measures: Sequence[str]) -> list[str]:
    """Return the figures that were asked for; refuse those that such a frame says nothing of."""
    found = parse_fields(fields)
    faults = [
        Fault(
            "no_attempts",
            "the frame does not say what was attempted: build a dataset of sessions for it",
            key=field.name,
        )
        if field.measure == "attempted_percent"
        else Fault("no_percents", "percents need max_score: pass a number or a column", key=field.name)
        for field in found
        if field.measure == "attempted_percent" or (field.measure == "percent" and "percent" not in measures)
    ]
    if faults:
        raise InputError("Some figures cannot be had from this frame.", faults)
    return [field.name for field in found]


def _session_ids(users: Sequence[str]) -> Iterator[str]:
    rows: Counter[str] = Counter()
    for name in users:
        yield str(uuid5(SESSION_NAMES, json.dumps([name, rows[name]])))
        rows[name] += 1


def _check_frame(frame: object, levels: Sequence[str], columns: Mapping[str, object]) -> None:
    if not isinstance(frame, pd.DataFrame):
        ways = [f" Pass frame.{way}()." for way in ("to_pandas", "toPandas") if hasattr(frame, way)]
        said = f"explore takes a pandas DataFrame with a row per result, not {type(frame).__name__}."
        raise InputError("".join([said, *ways[:1]]))
    there = [str(name) for name in frame.columns]
    wanted = [*((f"levels[{at}]", key) for at, key in enumerate(levels)), *columns.items()]
    faults = []
    for role, name in wanted:
        if not isinstance(name, str):
            said = "must be one column's name, as text"
            if not all(isinstance(column, str) for column in frame.columns):
                said += "; frame.rename(columns=str) makes texts of names"
            faults.append(Fault("bad_column", said, key=role, value=shorten(name)))
            continue
        count = int((frame.columns == name).sum())
        if count != 1:
            said = f"there is no column {shorten(name)}{near_names(name, there)}"
            faults.append(
                Fault("missing_column", said if not count else f"{count} columns are called {name!r}", key=role)
            )
    if faults:
        raise ColumnError(f"The frame lacks columns. It has {', '.join(there) or 'none'}: say which is which.", faults)
    if frame.empty:
        raise InputError("The frame has no rows: there is nobody to explore.")


def _check_number(max_score: object) -> None:
    if max_score is None or isinstance(max_score, str):
        return
    known = isinstance(max_score, int | float | np.number) and not isinstance(max_score, bool)
    if not known or not 0 < float(max_score) <= NUMBER_LIMIT:  # type: ignore[arg-type]
        raise InputError(
            f"max_score must be a column's name or a number above 0, up to {NUMBER_LIMIT:g}, not {shorten(max_score)}."
        )
