from __future__ import annotations

import tracemalloc

import pandas as pd
import pyarrow as pa

from learnosity_nb.compute.roster import encode_roster
from learnosity_nb.compute.summary import summarize
from learnosity_nb.frames.users import summary_users_frame, users_frame


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


def test_users_of_a_summary_come_by_path_and_id_and_keep_their_ids_whole() -> None:
    ids = ["b", "a\0", "é", "a", "Z" * 30_000, "\U0001f600", "\uffff"]
    roster = pa.table(
        {"user_id": [*ids, "a"], "session_id": [[user] for user in ids] + [["a"]], "class": ["7b"] * 7 + ["7a"]},
        pa.schema({"user_id": pa.string(), "session_id": pa.list_(pa.string()), "class": pa.string()}),
    )
    points = pa.array(range(7), pa.float64())
    sessions = pa.table({"session_id": ids, "user_id": ids, "score": points, "max_score": points})
    frame = summary_users_frame(summarize(encode_roster(roster, ["class"]), sessions, ()), ["score"], ["class"])
    expected = sorted(ids)
    assert frame["user_id"].tolist() == ["a", *expected]
    assert frame["class"].tolist() == ["7a"] + ["7b"] * 7
    assert frame["score"].tolist() == [3, *map(ids.index, expected)]


def test_a_long_id_costs_its_own_length_only() -> None:
    """A fixed width for every id would take 4 bytes x 100,000 x 2,000 here."""
    ids = [*map(str, range(1_999)), "Z" * 100_000]
    roster = pa.table({"user_id": ids, "session_id": pa.nulls(2_000, pa.list_(pa.string())), "class": ["7a"] * 2_000})
    no_text = pa.array([], pa.string())
    no_points = pa.array([], pa.float64())
    sessions = pa.table({"session_id": no_text, "user_id": no_text, "score": no_points, "max_score": no_points})
    summary = summarize(encode_roster(roster, ["class"]), sessions, ())
    tracemalloc.start()
    try:
        summary_users_frame(summary, ["score"], ["class"])
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()
