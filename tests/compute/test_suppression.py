from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learnosity_nb.compute.suppression import withhold_siblings, withhold_tree

Path = tuple[str, ...]
floors = st.integers(0, 8)


@st.composite
def hierarchies(draw: st.DrawFn) -> dict[Path, int]:
    """Draw the population of every group of up to three levels, where each learner is in one group of the last."""
    depth = draw(st.integers(1, 3))
    leaf = st.tuples(*[st.sampled_from("abcd")] * depth)
    leaves: dict[Path, int] = draw(st.dictionaries(leaf, st.integers(1, 12), min_size=1, max_size=20))
    found: dict[Path, int] = {}
    for path, count in sorted(leaves.items()):
        for level in range(depth + 1):
            found[path[:level]] = found.get(path[:level], 0) + count
    return found


def tree_of(populations: dict[Path, int]) -> tuple[list[Path], np.ndarray, np.ndarray]:
    paths = sorted(populations, key=lambda path: (len(path), path))
    parents = [paths.index(path[:-1]) if path else -1 for path in paths]
    return paths, np.array([populations[path] for path in paths]), np.array(parents)


def children_of(paths: list[Path], parent: Path) -> list[int]:
    return [row for row, path in enumerate(paths) if path and path[:-1] == parent]


@pytest.mark.parametrize(
    ("population", "floor", "expected"),
    [
        ([], 5, ""),
        ([5, 6, 7], 5, "..."),
        ([4, 6, 7], 5, "##."),
        ([7, 6, 4], 5, ".##"),
        ([4, 3, 7], 5, "##."),
        ([9, 9, 4, 9], 5, "#.#."),  # equal ones: the first by path
        ([4], 5, "#"),
        ([4, 100], 5, "##"),
        ([0, 0], 0, ".."),
        ([0, 9, 8], 1, "#.#"),
    ],
)
def test_the_children_of_one_group(population: list[int], floor: int, expected: str) -> None:
    found = withhold_siblings(np.array(population, dtype=np.int64), floor)
    assert "".join("#" if withheld else "." for withheld in found) == expected


def test_everything_below_a_withheld_group_is_withheld_however_large_it_is() -> None:
    #                     root  a   b  c  a/x a/y  b/x c/x
    population = np.array([30, 12, 15, 3, 6, 6, 15, 3])
    parents = np.array([-1, 0, 0, 0, 1, 1, 2, 3])
    assert withhold_tree(population, parents, 5).tolist() == [False, True, False, True, True, True, False, True]


def test_a_root_under_the_floor_withholds_all() -> None:
    assert withhold_tree(np.array([4, 4, 4]), np.array([-1, 0, 1]), 5).all()


@given(hierarchies(), floors)
@settings(deadline=None)
def test_no_group_under_the_floor_is_shown(populations: dict[Path, int], floor: int) -> None:
    _, population, parents = tree_of(populations)
    assert withhold_tree(population, parents, floor)[population < floor].all()


@given(hierarchies(), floors)
@settings(deadline=None)
def test_the_tree_and_the_rule_for_siblings_agree(populations: dict[Path, int], floor: int) -> None:
    paths, population, parents = tree_of(populations)
    withheld = withhold_tree(population, parents, floor)
    for row, path in enumerate(paths):
        children = children_of(paths, path)
        expected = np.ones(len(children), bool) if withheld[row] else withhold_siblings(population[children], floor)
        assert withheld[children].tolist() == expected.tolist()


@given(hierarchies(), floors)
@settings(deadline=None)
def test_the_siblings_shown_and_their_parent_do_not_give_a_withheld_population(
    populations: dict[Path, int], floor: int
) -> None:
    paths, population, parents = tree_of(populations)
    withheld = withhold_tree(population, parents, floor)
    for row in np.flatnonzero(~withheld):
        hidden = [child for child in children_of(paths, paths[row]) if withheld[child]]
        assert len(hidden) != 1


@given(hierarchies(), floors)
@settings(deadline=None)
def test_no_sum_or_difference_of_shown_populations_gives_a_withheld_one(
    populations: dict[Path, int], floor: int
) -> None:
    """Each parent is the sum of its children: a withheld group is safe if it can change while all that is shown stays.

    That is so where some solution of the equations, homogeneous and without the shown groups, has it other than 0.
    """
    paths, population, parents = tree_of(populations)
    withheld = withhold_tree(population, parents, floor)
    if withheld[0]:
        return  # nothing is shown
    equations = []
    for row, path in enumerate(paths):
        children = children_of(paths, path)
        if children:
            equation = np.zeros(len(paths))
            equation[row], equation[children] = -1, 1
            equations.append(equation)
    unknown = np.flatnonzero(withheld)
    system = np.array(equations)[:, unknown]
    for column in range(len(unknown)):
        pinned = np.vstack([system, np.eye(len(unknown))[column]])
        assert np.linalg.matrix_rank(pinned) > np.linalg.matrix_rank(system)


@given(hierarchies(), floors)
@settings(deadline=None)
def test_no_more_is_withheld_than_the_rule_asks_for(populations: dict[Path, int], floor: int) -> None:
    paths, population, parents = tree_of(populations)
    withheld = withhold_tree(population, parents, floor)
    for row in np.flatnonzero(~withheld):
        children = children_of(paths, paths[row])
        large = [child for child in children if withheld[child] and population[child] >= floor]
        assert len(large) <= 1
        if large:
            shown = [child for child in children if not withheld[child]]
            assert sum(bool(population[child] < floor) for child in children) == 1
            assert all((population[large[0]], large[0]) < (population[child], child) for child in shown)
