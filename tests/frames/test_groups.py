from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from learnosity_nb.domain.group_paths import group_id
from learnosity_nb.frames.groups import distribution_frame, groups_frame, truncate_summary

FIELDS = ["population", "mean_score", "a_new_field"]
ROWS: list[list[Any]] = [
    ["id0", [], "", 3, 2.5, 1],
    ["id1", ["Oregon"], "Oregon", 2, None, None],
    ["id2", ["Oregon", "Salem"], "Salem", None, 4, 0.5],
]
DTYPES = {
    "group_id": "str",
    "level": "int64",
    "group_name": "str",
    "group_path": "object",
    "district": "str",
    "school": "str",
    "population": "Int64",
    "mean_score": "float64",
    "a_new_field": "float64",
}


def dtypes(frame: pd.DataFrame) -> dict[str, str]:
    return {name: str(kind) for name, kind in frame.dtypes.items()}


def test_rows_of_group_files_become_typed_columns() -> None:
    frame = groups_frame(ROWS, FIELDS, ["district", "school"])
    assert dtypes(frame) == DTYPES
    assert frame["group_id"].tolist() == ["id0", "id1", "id2"]
    assert frame["level"].tolist() == [0, 1, 2]
    assert frame["group_name"].tolist() == ["", "Oregon", "Salem"]
    assert frame["group_path"].tolist() == [(), ("Oregon",), ("Oregon", "Salem")]
    assert frame["population"].tolist() == [3, 2, pd.NA]
    assert frame["mean_score"].tolist() == pytest.approx([2.5, np.nan, 4], nan_ok=True)


def test_level_columns_are_null_below_the_groups_own_level() -> None:
    frame = groups_frame(ROWS, FIELDS, ["district", "school"])
    assert frame["district"].isna().tolist() == [True, False, False]
    assert frame["school"].isna().tolist() == [True, True, False]
    assert frame["school"][2] == "Salem"


def test_no_rows_are_a_frame_of_the_same_dtypes() -> None:
    frame = groups_frame([], FIELDS, ["district", "school"])
    assert dtypes(frame) == DTYPES
    assert len(frame) == 0


def test_a_distribution_has_its_columns_also_when_it_is_empty() -> None:
    frame = distribution_frame([0, 2.5], [3, 1])
    assert dtypes(frame) == dtypes(distribution_frame([], [])) == {"value": "float64", "count": "int64"}
    assert frame.to_numpy().tolist() == [[0, 3], [2.5, 1]]


@pytest.fixture
def summary() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "group_id": [group_id(())],
            "group_path": pd.Series([()], dtype=object),
            "population": pd.array([9], "Int64"),
            "mean_score": [134 / 9],
            "p25_percent": [200 / 3],
            "lowest_score": [2.12345],
            "highest_percent": [0.1 + 0.2],
            "stddev_score": [np.nan],
            "my_ratio": [1 / 3],
            7: ["seven"],
        },
        index=["kept"],
    )


def test_truncation_cuts_the_figures_and_leaves_other_columns_alone(summary: pd.DataFrame) -> None:
    before = summary.copy()
    served = truncate_summary(summary)
    assert served.loc["kept", ["mean_score", "p25_percent", "lowest_score", "highest_percent"]].tolist() == [
        14.88,
        66.66666666666,
        2.12345,
        0.3,
    ]
    others = ["group_id", "group_path", "population", "my_ratio", 7, "stddev_score"]
    pd.testing.assert_frame_equal(served[others], before[others])
    assert list(served.columns) == list(before.columns)
    pd.testing.assert_frame_equal(summary, before)


def test_truncation_takes_nullable_columns_too(summary: pd.DataFrame) -> None:
    nullable = summary.assign(stddev_score=pd.array([None], "Float64"), mean_score=pd.array([48 / 7], "Float64"))
    served = truncate_summary(nullable)
    assert served["mean_score"].tolist() == [6.85]
    assert served["stddev_score"].isna().all()


def test_truncating_again_changes_nothing(summary: pd.DataFrame) -> None:
    once = truncate_summary(summary)
    pd.testing.assert_frame_equal(truncate_summary(once), once, check_exact=True)
