"""What two groups are compared by: their values, from distributions or, without them, from their fields."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

import numpy as np
import pandas as pd

from ..compute.comparison import Moments, ValueCounts
from ..domain.group_paths import GroupPath
from ..domain.policy import SMALL_GROUP
from ..errors import NotOffered
from ..frames.groups import distribution_frame
from ..frames.withholding import is_withheld
from ..wire.datasets import Distributions
from .group_reading import GroupReader

__all__ = ["NOBODY", "GroupValues", "moments", "note_on", "spreads_of_groups", "values_of_groups"]

NAN: Final = float("nan")
INCLUDE: Final = ("distribution",)


@dataclass(frozen=True, slots=True, eq=False)
class GroupValues:
    """The values of a group, as far as they are known.

    Attributes
    ----------
    n
        Users with a value; the population where `counts` is None. NaN where not known.
    mean, stddev, median
        Of the values; NaN where not known.
    counts
        How often each value occurs; None where the service gives no distributions, or the group is withheld.
    withheld
        Whether a floor on the population withholds the group.
    """

    n: float = NAN
    mean: float = NAN
    stddev: float = NAN
    median: float = NAN
    counts: ValueCounts | None = None
    withheld: bool = False


NOBODY: Final = GroupValues()
"""In place of a group that a dataset does not have."""


def values_of_groups(
    reader: GroupReader, frame: pd.DataFrame, measure: str, below: GroupPath | None = None
) -> dict[GroupPath, GroupValues]:
    """Return the values of groups by path.

    Parameters
    ----------
    reader
        Reads their dataset.
    frame
        The groups, as `Dataset.walk` gives them.
    measure
        ``"score"`` or ``"percent"``.
    below
        Give it where these are most of the groups of one group: they then come together, if the service can do so.

    Raises
    ------
    NotOffered
        If the service gives no distributions, and the dataset lacks the fields that could stand in.
    """
    withheld = is_withheld(frame).tolist()
    paths: list[GroupPath] = list(frame["group_path"])
    shown = dict.fromkeys(path for path, hidden in zip(paths, withheld, strict=True) if not hidden)
    found = {}
    if below is not None:
        together = ((path, spread) for path, spread in reader.distributions(below) if path in shown)
        found = {path: _counted(spread, measure) for path, spread in together}
    if shown and not found:
        found = _one_by_one(reader, list(shown), measure) or _from_fields(frame, measure)
    hidden = GroupValues(withheld=True)
    return {path: hidden if is_hidden else found[path] for path, is_hidden in zip(paths, withheld, strict=True)}


def spreads_of_groups(
    reader: GroupReader, walked: pd.DataFrame, measure: str, most: int
) -> dict[GroupPath, pd.DataFrame] | None:
    """Return how often each value occurs in the first `most` groups of a walk that are not withheld.

    They come together where the service can do so, else file by file; None where it gives no distributions.
    """
    shown = walked.loc[~is_withheld(walked), "group_path"].tolist()[:most]
    if not shown:
        return None
    wanted = set(shown)
    together = (pair for pair in reader.distributions(walked["group_path"].iloc[0]) if pair[0] in wanted)
    found = dict(islice(together, len(shown)))
    if not found and "distribution" in reader.file(shown[0], include=INCLUDE):
        files = reader.batches(shown, include=INCLUDE)
        found = {path: file["distribution"] for path, file in zip(shown, files, strict=True)}
    return {
        path: distribution_frame(spread[measure]["values"], spread[measure]["counts"]) for path, spread in found.items()
    } or None


def moments(groups: Sequence[GroupValues]) -> Moments:
    """Return the moments of groups as columns."""
    table = np.array([(group.n, group.mean, group.stddev) for group in groups], dtype=np.float64).reshape(-1, 3)
    return Moments(*table.T)


def note_on(groups: Sequence[GroupValues], measure: str) -> str | None:
    """Return what to bear in mind when these groups are compared; None where nothing."""
    groups = [group for group in groups if group is not NOBODY]
    notes = []
    smallest = min((group.n for group in groups if group.n >= 0), default=SMALL_GROUP)
    if any(group.withheld for group in groups):
        notes.append("withheld")
    elif smallest < 1:
        notes.append(f"nobody has a {measure} in one group")
    elif smallest < 2:
        notes.append("a single user in one group: no interval")
    elif smallest < SMALL_GROUP:
        notes.append(f"fewer than {SMALL_GROUP} in one group")
    if any(group.counts is None and not group.withheld for group in groups):
        notes.append(f"n is the population, those without a {measure} too")
    return "; ".join(notes) or None


def _one_by_one(reader: GroupReader, paths: list[GroupPath], measure: str) -> dict[GroupPath, GroupValues]:
    """Return the values of groups from the file of each; nothing where the service gives no distributions."""
    if "distribution" not in reader.file(paths[0], include=INCLUDE):
        return {}
    files = reader.batches(paths, include=INCLUDE)
    return {path: _counted(file["distribution"], measure) for path, file in zip(paths, files, strict=True)}


def _counted(distributions: Distributions, measure: str) -> GroupValues:
    spread = distributions[measure]
    counts = ValueCounts(np.array(spread["values"], dtype=np.float64), np.array(spread["counts"], dtype=np.int64))
    return GroupValues(counts.n, counts.mean, counts.stddev, counts.median, counts)


def _from_fields(frame: pd.DataFrame, measure: str) -> dict[GroupPath, GroupValues]:
    needed = ["population", f"mean_{measure}", f"stddev_{measure}"]
    lacking = [name for name in needed if name not in frame]
    if lacking:
        raise NotOffered(
            f"This service gives no distributions, and the dataset lacks {' and '.join(lacking)}, which could stand "
            f"in. Build it with the fields {', '.join(needed)} and median_{measure}."
        )
    figures = frame.reindex(columns=[*needed, f"median_{measure}"]).to_numpy(dtype=np.float64, na_value=np.nan)
    return {path: GroupValues(*row) for path, row in zip(frame["group_path"], figures.tolist(), strict=True)}
