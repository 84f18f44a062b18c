from __future__ import annotations

import pytest

from learnosity_nb.files.columns import LEARNERS, TABLES, suggest_column


def test_the_tables_are_those_of_a_data_directory() -> None:
    assert list(TABLES) == ["sessions", "learners", "engagement", "roster", "responses", "items"]


def test_the_required_columns_of_each_table() -> None:
    required = {name: [c.name for c in table.columns if c.required] for name, table in TABLES.items()}
    assert required == {
        "sessions": ["session_id", "user_id", "score", "max_score"],
        "learners": ["course_id", "username"],
        "engagement": ["course_id", "username", "date", "entity_type", "event", "entity_id", "count"],
        "roster": ["user_id", "session_id"],
        "responses": ["session_id", "response_id", "score", "max_score"],
        "items": ["activity_id", "item_reference", "subscore_id", "subscore_title"],
    }


def test_columns_are_named_once_and_explained() -> None:
    for table in TABLES.values():
        assert len(set(table.names)) == len(table.names)
        assert all(column.meaning for column in table.columns)
        assert set(table.identity) <= set(table.names)


def test_columns_that_name_a_person_are_private() -> None:
    assert [column.name for column in LEARNERS.columns if column.private] == ["name", "email"]


@pytest.mark.parametrize(
    ("missing", "found", "said"),
    [
        ("user_id", ["pupil", "weight"], "; did you mean `pupil`?"),
        ("user_id", ["Student ID"], "; did you mean `Student ID`?"),
        ("score", ["mark", "points"], "; did you mean `mark` or `points`?"),
        ("max_score", ["out_of"], "; did you mean `out_of`?"),
        ("session_id", ["sesion_id"], "; did you mean `sesion_id`?"),
        ("score", ["weather"], ""),
        ("activity_id", [], ""),
    ],
)
def test_a_missing_column_is_answered_with_usual_or_near_names(missing: str, found: list[str], said: str) -> None:
    assert suggest_column(missing, found) == said
