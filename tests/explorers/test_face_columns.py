"""The columns of users, and a page's cells as JSON."""

from __future__ import annotations

import json

import pandas as pd

from learnosity_nb.explorers.face_columns import page_cells, user_columns


def test_users_have_their_fields_as_columns() -> None:
    frame = pd.DataFrame({"user_id": ["u"], "score": [1.0], "seen_activities": [1], "odd": [2.0]})
    kinds = {column["key"]: column["kind"] for column in user_columns(frame)}
    assert kinds == {"user_id": "text", "score": "number", "seen_activities": "count", "odd": "number"}


def test_cells_are_plain_json_with_null_for_missing() -> None:
    frame = pd.DataFrame(
        {
            "name": pd.Series(["a", None], dtype="str"),
            "count": pd.Series([1, None], dtype="Int64"),
            "mean": [0.1, float("nan")],
        }
    )
    cells = page_cells(frame, ["name", "mean", "count"])
    assert json.loads(json.dumps(cells, allow_nan=False)) == [["a", 0.1, 1], [None, None, None]]
    assert page_cells(frame.iloc[:0], ["name"]) == []
