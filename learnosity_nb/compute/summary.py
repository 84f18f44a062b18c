"""The group summary: every figure of every group at every level.

Source: sessions-summary-by-group, "options.fields". A group's figures come from
its users, never from its child groups' figures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa

from ..domain.fields import GroupField, Measure
from .arrays import Floats, Ints
from .entries import Entries, enter_users
from .group_tree import GroupTree
from .grouped import GroupedValues, rank_values
from .roster import Roster
from .sessions import CountedSessions, count_sessions
from .statistics import statistic

__all__ = ["DISTRIBUTED", "Distribution", "Summary", "group_figures", "summarize", "summarize_counted"]

DISTRIBUTED: tuple[Measure, ...] = ("score", "percent")


@dataclass(frozen=True)
class Distribution:
    """How often each value occurs in each group; sorted by group, then value.

    Attributes
    ----------
    groups
        Row of the group in the table of all groups.
    values
        A value that occurs in the group.
    counts
        How many of the group's users have it.
    """

    groups: Ints
    values: Floats
    counts: Ints


@dataclass(frozen=True)
class Summary:
    """The figures of all groups, in one table of every level, sorted by level and path.

    Attributes
    ----------
    roster
        Whose figures they are; ``roster.tree`` names the groups.
    figures
        For each field, in the order asked for, one element per group: int64 for
        counts, else float64 with NaN where no user of the group has a value.
    entries
        The users' own figures.
    counted
        Which sessions counted, and how many were left out and why.
    distributions
        For score and percent where asked for.
    """

    roster: Roster
    figures: dict[str, Ints | Floats]
    entries: Entries
    counted: CountedSessions
    distributions: dict[str, Distribution]

    @property
    def tree(self) -> GroupTree:
        """The hierarchy of groups."""
        return self.roster.tree


def summarize(
    roster: Roster,
    sessions: pa.Table,
    fields: Sequence[GroupField],
    *,
    mintime: datetime | None = None,
    maxtime: datetime | None = None,
    distributions: bool = False,
) -> Summary:
    """Summarise the sessions of a roster for every group of every level.

    Parameters
    ----------
    roster
        The encoded roster.
    sessions
        The table of sessions, checked.
    fields
        The figures to work out.
    mintime, maxtime
        Inclusive bounds on when a session was completed.
    distributions
        Whether to count the values of score and percent of every group as well.

    Raises
    ------
    InputError
        As `count_sessions`.
    """
    counted = count_sessions(roster, sessions, mintime, maxtime)
    return summarize_counted(roster, counted, sessions, fields, distributions=distributions)


def summarize_counted(
    roster: Roster,
    counted: CountedSessions,
    sessions: pa.Table,
    fields: Sequence[GroupField],
    *,
    distributions: bool = False,
) -> Summary:
    """Summarise the counted sessions of a roster, as `summarize` does once it has counted them."""
    entries = enter_users(roster, counted, sessions)
    figures, spread = group_figures(entries, roster.tree, fields, distributions=distributions)
    return Summary(roster, figures, entries, counted, spread)


def group_figures(
    entries: Entries, tree: GroupTree, fields: Sequence[GroupField], *, distributions: bool = False
) -> tuple[dict[str, Ints | Floats], dict[str, Distribution]]:
    """Work out the figures of groups from those of their users.

    Parameters
    ----------
    entries
        The users of every group.
    tree
        The groups.
    fields, distributions
        As for `summarize`.

    Returns
    -------
    figures, distributions
        As in `Summary`.
    """
    figures = {field.name: _counts(field, entries, tree) for field in fields}
    spread: dict[str, Distribution] = {}
    for measure in _measures(fields, distributions=distributions):
        # Quantiles last: what they keep for other levels is not yet in memory while sums are worked out.
        wanted = sorted((one for one in fields if one.measure == measure), key=lambda one: one.statistic == "quantile")
        parts: list[tuple[Ints, Floats, Ints]] = []
        for values, offset, size in _by_level(measure, entries, tree):
            for field in wanted:
                figures[field.name][offset : offset + size] = statistic(field, values)
            if distributions and measure in DISTRIBUTED:
                groups, distinct, counts = values.runs()
                parts.insert(0, (groups + offset, distinct, counts))
        if parts:
            spread[measure] = Distribution(*(np.concatenate(part) for part in zip(*parts, strict=True)))
    return figures, spread


def _measures(fields: Sequence[GroupField], *, distributions: bool) -> list[Measure]:
    asked = [field.measure for field in fields if not field.whole]
    return list(dict.fromkeys([*asked, *(DISTRIBUTED if distributions else ())]))


def _by_level(measure: Measure, entries: Entries, tree: GroupTree) -> Iterator[tuple[GroupedValues, int, int]]:
    """Yield each level's values with the row of its first group and the number of its groups; the last level first."""
    every = entries.values(measure)
    ranked = rank_values(every)
    below: GroupedValues | None = None
    for depth in reversed(range(len(entries.levels))):
        level = entries.levels[depth]
        if level.rows is None:
            below = GroupedValues(ranked, level.counts, below, tree.parents[depth] if below else None)
        else:
            below = GroupedValues(rank_values(every[level.rows]), level.counts)
        yield below, tree.offsets[depth], tree.sizes[depth]


def _counts(field: GroupField, entries: Entries, tree: GroupTree) -> Ints | Floats:
    """Return a counted field; an empty column for a field that is taken over values."""
    if field.statistic == "group_count":
        return tree.child_counts
    if field.statistic == "population":
        return np.concatenate([level.counts for level in entries.levels])
    return np.full(tree.offsets[-1], np.nan)
