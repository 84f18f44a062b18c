"""Small groups withheld: which groups' figures may not be shown.

The rule, for a floor on the population:

1. a group with fewer learners than the floor is withheld;
2. where that leaves exactly one withheld group among the children of a group,
   the smallest of its siblings is withheld too (the first by path of equal
   ones): else the parent's figures less those of the siblings would give it away;
3. everything below a withheld group is withheld.

Its limits. Subtraction still gives the figures of all withheld siblings taken
together, who may be fewer than the floor: two classes of one learner show their
total. The floor is on all learners of a group, also where few of them have a
score. Where siblings overlap, a parent less one of them may be a single learner:
of two classes of 12 and 11 with 13 learners in all, one learner is in the second
alone. And one dataset says nothing of another: the difference between two that
overlap may be a single learner.
"""

from __future__ import annotations

import numpy as np

from .arrays import Bools, Ints

__all__ = ["withhold_siblings", "withhold_tree"]


def withhold_siblings(population: Ints, min_population: int) -> Bools:
    """Tell which children of one group are withheld, the group itself not being so.

    Parameters
    ----------
    population
        Learners of each child group, in path order.
    min_population
        The floor.

    Returns
    -------
    array of bool
        One element per child group.
    """
    return _withheld_among_siblings(population, np.zeros(len(population), dtype=np.int64), min_population)


def withhold_tree(population: Ints, parents: Ints, min_population: int) -> Bools:
    """Tell which groups of a whole hierarchy are withheld.

    Parameters
    ----------
    population
        Learners of each group. Siblings stand in path order; otherwise rows may
        come in any order.
    parents
        Row of each group's parent; -1 for the root.
    min_population
        The floor.

    Returns
    -------
    array of bool
        One element per group: for the children of a group that is not withheld
        the same as `withhold_siblings` gives.
    """
    withheld = _withheld_among_siblings(population, parents + 1, min_population)
    above = np.where(parents < 0, np.arange(len(parents)), parents)
    while True:  # once per level at most
        spread = withheld | withheld[above]
        if np.array_equal(spread, withheld):
            return withheld
        withheld = spread


def _withheld_among_siblings(population: Ints, family: Ints, min_population: int) -> Bools:
    """Apply the first two parts of the rule within each family, numbered from 0."""
    withheld: Bools = population < min_population
    alone = np.bincount(family[withheld], minlength=int(family.max(initial=0)) + 1) == 1
    others = np.flatnonzero(alone[family] & ~withheld)
    by_size = others[np.lexsort((population[others], family[others]))]
    _, smallest = np.unique(family[by_size], return_index=True)
    withheld[by_size[smallest]] = True
    return withheld
