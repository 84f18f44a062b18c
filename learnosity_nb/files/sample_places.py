"""The people and the places of the sample world."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from .sample_draws import Draws, Whole

__all__ = ["People", "Places", "make_people", "make_places"]

DISTRICTS: Final = ("Oregon", "Kestrel Coast", "Côte d'Ambre")
FIRST_SCHOOL: Final = "Springfield"
TREES: Final = ("Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Ginkgo", "Hazel", "Ivy", "Juniper")
GROUNDS: Final = ("Bank", "Bridge", "Court", "Field", "Gate", "Hill", "Park", "Row", "Water", "Wood")
CLASSES: Final = ("7a", "7b", "8a", "8b", "9a", "9b")
LONE_CLASS: Final = "9c"
FEWEST_SCHOOLS = 7
LEARNERS_PER_SCHOOL = 90


@dataclass(frozen=True, slots=True)
class People:
    """The learners.

    Attributes
    ----------
    numbers
        Their numbers as text, from ``"0001"``.
    ability
        A bell-shaped latent ability: mean 0, standard deviation 1000.
    """

    numbers: list[str]
    ability: Whole

    @property
    def user_ids(self) -> pd.Index[str]:
        """Their names in both systems, such as ``"learner0042"``."""
        return pd.Index([f"learner{number}" for number in self.numbers], dtype="str")

    def __len__(self) -> int:
        return len(self.numbers)


@dataclass(frozen=True, slots=True)
class Places:
    """The classes, and who is in which.

    Attributes
    ----------
    classes
        ``district``, ``school`` and ``class`` of each class.
    first
        Each learner's class, as a row of `classes`.
    second
        The class of each learner's second activity: another one for the few who changed.
    """

    classes: pd.DataFrame
    first: Whole
    second: Whole


def make_people(seed: int, learners: int) -> People:
    """Return `learners` synthetic people."""
    width = max(4, len(str(learners)))
    numbers = [str(number).zfill(width) for number in range(1, learners + 1)]
    return People(numbers, Draws(seed, "ability").bell(learners))


def make_places(seed: int, learners: int) -> Places:
    """Return schools and classes of uneven size for `learners`; the last class has one learner only."""
    schools = max(FEWEST_SCHOOLS, learners // LEARNERS_PER_SCHOOL)
    draws = Draws(seed, "places")
    per_school = 2 + draws.below(len(CLASSES) - 1, schools)
    school = np.append(np.repeat(np.arange(schools), per_school), 0)
    rank = np.arange(len(school) - 1) - np.repeat(np.cumsum(per_school) - per_school, per_school)
    ends = np.cumsum(8 + draws.below(28, len(school) - 1))
    ends = ends * (learners - 1) // ends[-1]
    seats = np.append(np.searchsorted(ends, np.arange(learners - 1), side="right"), len(school) - 1)
    first = np.empty(learners, np.int64)
    first[draws.shuffled(learners)] = seats
    return Places(_class_table(school, rank), first, _second_class(draws, school, first))


def _class_table(school: Whole, rank: npt.NDArray[np.int64]) -> pd.DataFrame:
    names = [_school_name(number) for number in range(int(school.max()) + 1)]
    return pd.DataFrame(
        {
            "district": [DISTRICTS[number % len(DISTRICTS)] for number in school],
            "school": [names[number] for number in school],
            "class": [*(CLASSES[number] for number in rank), LONE_CLASS],
        }
    )


def _school_name(number: int) -> str:
    if number == 0:
        return FIRST_SCHOOL
    turn, place = divmod(number - 1, len(TREES) * len(GROUNDS))
    tree = place % len(TREES)
    name = f"{TREES[tree]} {GROUNDS[(place // len(TREES) + tree) % len(GROUNDS)]}"
    return f"{name} {turn + 1}" if turn else name


def _second_class(draws: Draws, school: Whole, first: Whole) -> Whole:
    """Move a few learners to the next class of their school; nobody leaves or joins the class of one."""
    last = len(school) - 1
    following = np.minimum(first + 1, last)
    moves = draws.happens(15, len(first)) & (school[following] == school[first]) & (following < last)
    return np.where(moves, following, first)
