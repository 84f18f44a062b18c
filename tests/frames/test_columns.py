from __future__ import annotations

import pandas as pd
import pytest

from learnosity_nb.domain.fields import GROUP_FIELDS, USER_FIELDS
from learnosity_nb.frames.columns import USER_FIELD_COLUMNS, Column, figure_column, typed_frame


@pytest.mark.parametrize(
    ("name", "dtype", "meaning"),
    [
        ("population", "Int64", "users"),
        ("group_count", "Int64", "direct child groups"),
        ("mean_score", "float64", "points"),
        ("p05_percent", "float64", "percent"),
        ("mean_attempted_percent", "float64", "percent"),
        ("mean_seen_activities", "float64", "activities"),
        ("something_new", "float64", "as the service defines it"),
    ],
)
def test_a_figures_column_has_its_dtype_and_unit(name: str, dtype: str, meaning: str) -> None:
    column = figure_column(name)
    assert (column.name, column.dtype) == (name, dtype)
    assert column.meaning.startswith(meaning)


def test_every_field_has_a_column() -> None:
    assert all(figure_column(name).meaning for name in GROUP_FIELDS)
    assert set(USER_FIELD_COLUMNS) == {"user_id", *USER_FIELDS}
    assert all(name == column.name for name, column in USER_FIELD_COLUMNS.items())


@pytest.mark.parametrize(
    ("dtype", "values"),
    [
        ("str", ["a", None]),
        ("int64", [1, 2]),
        ("Int64", [1, None]),
        ("float64", [1.5, None]),
        ("object", [("a", "b"), None]),
        ("datetime64[us, UTC]", [pd.Timestamp("2026-01-01", tz="UTC"), None]),
    ],
)
def test_a_column_has_its_dtype_whatever_its_rows(dtype: str, values: list[object]) -> None:
    column = Column("x", dtype, "a test")
    for rows in (values, values[:1], []):
        frame = typed_frame([column], {"x": rows})
        assert str(frame["x"].dtype) == dtype
        assert len(frame) == len(rows)
    if values[-1] is None:
        assert typed_frame([column], {"x": values})["x"].isna().tolist() == [False, True]


def test_columns_come_in_the_order_of_the_table_and_no_others() -> None:
    columns = [Column("b", "int64", ""), Column("a", "str", "")]
    frame = typed_frame(columns, {"a": ["x"], "b": [1], "c": [None]})
    assert list(frame.columns) == ["b", "a"]


def test_tuples_of_one_length_stay_tuples_in_their_cells() -> None:
    paths = [("a", "b"), ("c", "d")]
    assert typed_frame([Column("path", "object", "")], {"path": paths})["path"].tolist() == paths
