from __future__ import annotations

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from learnosity_nb.compute.group_tree import GroupTree, grow_tree
from learnosity_nb.domain.group_paths import group_id

NAMES = st.sampled_from(["a", "b", "B", "", "é", "\uff5e", "\U0001d11e", "10", "9"])
PATHS = st.integers(1, 4).flatmap(lambda depth: st.lists(st.tuples(*[NAMES] * depth), min_size=1, max_size=25))


def tree_of(paths: list[tuple[str, ...]]) -> tuple[GroupTree, list[int]]:
    tree, leaves = grow_tree([pa.array(list(column), pa.string()) for column in zip(*paths, strict=True)])
    return tree, leaves.tolist()


@settings(deadline=None)
@given(PATHS)
def test_the_table_holds_every_prefix_once_by_level_and_code_point(paths: list[tuple[str, ...]]) -> None:
    tree, leaves = tree_of(paths)
    expected = sorted({path[:depth] for path in paths for depth in range(len(path) + 1)}, key=lambda p: (len(p), p))
    assert tree.paths() == expected
    assert tree.name_column.to_pylist() == [path[-1] if path else "" for path in expected]
    assert tree.parent_rows.tolist() == [expected.index(path[:-1]) if path else -1 for path in expected]
    assert tree.child_counts.tolist() == [
        sum(len(other) == len(path) + 1 and other[:-1] == path for other in expected) for path in expected
    ]
    last = expected[tree.offsets[-2] :]
    assert [last[leaf] for leaf in leaves] == paths


@settings(deadline=None)
@given(PATHS)
def test_ancestors_are_the_prefixes_of_the_last_level(paths: list[tuple[str, ...]]) -> None:
    tree, _ = tree_of(paths)
    table = tree.paths()
    last = table[tree.offsets[-2] :]
    for level in range(tree.depth + 1):
        groups = table[tree.offsets[level] : tree.offsets[level + 1]]
        assert [groups[code] for code in tree.ancestors(level)] == [path[:level] for path in last]


def test_one_name_under_two_parents_is_two_groups() -> None:
    tree, leaves = tree_of([("Oregon", "Springfield"), ("Ohio", "Springfield"), ("Oregon", "Springfield")])
    assert tree.sizes == (1, 2, 2)
    assert leaves == [1, 0, 1]


def test_a_tree_without_rows_is_the_root_alone() -> None:
    tree, leaves = grow_tree([pa.array([], pa.string()), pa.array([], pa.string())])
    assert tree.sizes == (1, 0, 0)
    assert tree.paths() == [()]
    assert tree.child_counts.tolist() == [0]
    assert leaves.tolist() == []


def test_a_name_with_the_separator_of_another_stays_its_own() -> None:
    tree, _ = tree_of([("a", "b/c"), ("a/b", "c"), ("a", "b")])
    assert tree.sizes == (1, 2, 3)


def test_ids_are_those_of_the_paths() -> None:
    names = ['"quoted"', "é\\", "\U0001d11e"]
    tree, _ = grow_tree([pa.array(names), pa.array(names[::-1])])
    assert tree.ids() == [group_id(path) for path in tree.paths()]
