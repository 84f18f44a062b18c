"""Which users stand in which group, level by level, with their figures.

A user with one place counts with the same figures in the group and in all its
ancestors. A user with places in several groups counts once in a common
ancestor, with the union of the sessions listed below it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import pyarrow as pa

from ..domain.fields import Measure
from .arrays import Floats, Ints, bits_for, order_of, rank_distinct
from .roster import Roster
from .sessions import CountedSessions, once
from .user_figures import UserFigures, user_figures

__all__ = ["Entries", "LevelEntries", "enter_users"]


@dataclass(frozen=True)
class LevelEntries:
    """The users of one level's groups.

    Attributes
    ----------
    rows
        Rows of the figures, one for each user of each group; None for all rows as they stand.
        They stand by group.
    counts
        How many of them each group has.
    """

    rows: Ints | None
    counts: Ints


@dataclass(frozen=True)
class Entries:
    """The figures of users, and how every level uses them.

    Attributes
    ----------
    figures
        First those of the places, in the roster's order; then those of users
        with several places, for each level above the last.
    levels
        One for each level from the root down.
    """

    figures: UserFigures
    levels: tuple[LevelEntries, ...]

    def values(self, measure: Measure) -> Floats:
        """Return the values of a measure, one for each row of the figures."""
        values: Floats = getattr(self.figures, measure)
        return values


def enter_users(roster: Roster, counted: CountedSessions, sessions: pa.Table) -> Entries:
    """Work out every level's users and their figures."""
    tree = roster.tree
    places = len(roster.place_user)
    figures = user_figures(counted.place, counted.row, sessions, places)
    every = np.bincount(roster.place_leaf, minlength=tree.sizes[-1])
    if places == len(roster.users):
        above = [LevelEntries(None, tree.totals(every, level)) for level in range(tree.depth)]
        return Entries(figures, (*above, LevelEntries(None, every)))
    several = np.bincount(roster.place_user)[roster.place_user] > 1
    single = np.flatnonzero(~several)
    parts, levels = [figures], []
    for level in range(tree.depth):
        ancestors = tree.ancestors(level)
        users, groups = _merged(roster, counted, sessions, np.flatnonzero(several), ancestors)
        start = sum(len(part.score) for part in parts)
        rows = np.concatenate([single, np.arange(start, start + len(groups))])
        groups = np.concatenate([ancestors[roster.place_leaf[single]], groups])
        order = order_of(groups, tree.sizes[level])
        levels.append(LevelEntries(rows[order], np.bincount(groups, minlength=tree.sizes[level])))
        parts.append(users)
    return Entries(_joined(parts), (*levels, LevelEntries(np.arange(places), every)))


def _merged(
    roster: Roster, counted: CountedSessions, sessions: pa.Table, places: Ints, ancestors: Ints
) -> tuple[UserFigures, Ints]:
    """Merge `places` that lie in one group of a level for one user; return their figures and groups."""
    shift = bits_for(len(roster.users))
    keys = (ancestors[roster.place_leaf[places]] << shift) | roster.place_user[places]
    entry_of, distinct = rank_distinct(keys, int(ancestors.max() + 1) << shift)
    entry_of_place = np.full(len(roster.place_user), -1, dtype=np.int64)
    entry_of_place[places] = entry_of
    entry = entry_of_place[counted.place]
    mine = entry >= 0
    entry, row = once(entry[mine], counted.row[mine], sessions.num_rows)
    return user_figures(entry, row, sessions, len(distinct)), distinct >> shift


def _joined(parts: list[UserFigures]) -> UserFigures:
    names = [field.name for field in fields(UserFigures)]
    return UserFigures(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})
