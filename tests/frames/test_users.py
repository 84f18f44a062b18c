from __future__ import annotations

import pandas as pd

from learnosity_nb.frames.users import users_frame


def test_user_rows_become_typed_columns_in_the_order_of_the_fields() -> None:
    frame = users_frame([["u2", 1, 5, None], ["u1", None, None, 2.5]], ["seen_activities", "score", "max_score"])
    assert {name: str(kind) for name, kind in frame.dtypes.items()} == {
        "user_id": "str",
        "seen_activities": "Int64",
        "score": "float64",
        "max_score": "float64",
    }
    assert frame["user_id"].tolist() == ["u2", "u1"]
    assert frame["seen_activities"].tolist() == [1, pd.NA]
    assert frame["score"].isna().tolist() == [False, True]
    assert frame["max_score"].isna().tolist() == [True, False]


def test_no_users_are_a_frame_of_the_same_dtypes() -> None:
    frame = users_frame([], ["score", "seen_activities"])
    assert {name: str(kind) for name, kind in frame.dtypes.items()} == {
        "user_id": "str",
        "score": "float64",
        "seen_activities": "Int64",
    }
