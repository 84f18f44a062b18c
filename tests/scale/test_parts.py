"""A part's groups have their figures, and the groups above get counts."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from learnosity_nb.domain.fields import parse_fields
from learnosity_nb.scale.parts import PART_SCHEMA, summarize_part

FIELDS = parse_fields(["population", "mean_score", "highest_score"])
ENTRIES = pa.schema({"level": pa.int32(), "path": pa.list_(pa.string()), "score": pa.float64()})


def entries(*rows: tuple[int | None, list[str], float | None]) -> pa.Table:
    names = ("level", "path", "score")
    return pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows], ENTRIES)


ONE_PLACE = [(None, ["A", "1"], 2.0), (None, ["A", "1"], None), (None, ["A", "2"], 4.0), (None, ["B", "1"], 4.0)]
TWO_PLACES = [(2, ["A", "1"], 1.0), (2, ["B", "1"], 8.0), (1, ["A"], 1.0), (1, ["B"], 8.0), (0, [], 9.0)]


def groups(found: pa.Table) -> dict[tuple[str, ...], list[Any]]:
    return {tuple(row["path"]): row["figures"] for row in found.to_pylist() if row["measure"] is None}


def counts(found: pa.Table) -> dict[tuple[Any, ...], int]:
    rows = [row for row in found.to_pylist() if row["measure"] is not None]
    names = ("measure", "value", "spread")
    return {(tuple(row["path"]), *(row[name] for name in names)): row["count"] for row in rows}


def test_a_part_has_the_figures_of_its_groups_on_every_level() -> None:
    found = summarize_part(entries(*ONE_PLACE, *TWO_PLACES), FIELDS, depth=2, split=1)
    assert groups(found) == {
        ("A",): [4, 7 / 3, 4],
        ("B",): [2, 6, 8],
        ("A", "1"): [3, 1.5, 2],
        ("A", "2"): [1, 4, 4],
        ("B", "1"): [2, 6, 8],
    }


def test_the_group_above_gets_each_user_once() -> None:
    found = summarize_part(entries(*ONE_PLACE, *TWO_PLACES), FIELDS, depth=2, split=1)
    assert counts(found) == {
        ((), "users", 0.0, True): 4,
        ((), "score", 2.0, True): 1,
        ((), "score", 4.0, True): 2,
        ((), "users", 0.0, False): 1,
        ((), "score", 9.0, False): 1,
    }


def test_a_part_of_last_level_groups_counts_for_the_level_above() -> None:
    found = summarize_part(entries(*ONE_PLACE), FIELDS, depth=2, split=2)
    assert groups(found).keys() == {("A", "1"), ("A", "2"), ("B", "1")}
    assert counts(found)[("A",), "users", 0.0, True] == 3
    assert counts(found)[("B",), "score", 4.0, True] == 1


@pytest.mark.parametrize("rows", [[], [(0, [], 9.0)]])
def test_a_part_without_groups_of_its_own(rows: list[Any]) -> None:
    found = summarize_part(entries(*rows), FIELDS, depth=2, split=1)
    assert found.schema == PART_SCHEMA
    assert groups(found) == {}
    assert sum(counts(found).values()) == 2 * len(rows)
