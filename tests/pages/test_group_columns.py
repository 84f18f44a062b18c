"""Labels and units of the columns of groups."""

from __future__ import annotations

import pytest

from learnosity_nb.domain.group_paths import Level
from learnosity_nb.pages.group_columns import figure_label, group_columns, level_label, plural


@pytest.mark.parametrize(
    ("label", "expected"),
    [("School", "schools"), ("Class", "classes"), ("County", "counties"), ("Key", "keys"), ("LEA", "LEAs")],
)
def test_a_level_has_a_plural(label: str, expected: str) -> None:
    assert plural(label) == expected


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("population", "Learners"),
        ("p25_percent", "P25 percent"),
        ("stddev_score", "Std. dev. score"),
        ("mean_score", "Mean score"),
        ("odd", "Odd"),
    ],
)
def test_a_figure_has_a_label(name: str, label: str) -> None:
    assert figure_label(name) == label


def test_a_level_that_is_not_known_is_a_group() -> None:
    levels = (Level("school", "School"),)
    assert [level_label(levels, 1), level_label(levels, 2), level_label(None, 1)] == ["School", "Group", "Group"]


@pytest.mark.parametrize(
    ("name", "kind", "unit", "places"),
    [
        ("population", "count", "", 0),
        ("mean_percent", "percent", "%", 1),
        ("mean_attempted_percent", "percent", "%", 1),
        ("p05_score", "number", "points", 2),
        ("mean_seen_activities", "number", "", 2),
        ("of_the_service", "number", "", 2),
    ],
)
def test_a_figure_has_its_unit_and_decimals(name: str, kind: str, unit: str, places: int) -> None:
    first, column = group_columns("School", [name])
    assert (first["key"], first["label"], first["kind"]) == ("group_name", "School", "text")
    assert (column["key"], column["kind"], column["unit"], column["places"]) == (name, kind, unit, places)
    assert column["help"]
