from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from learnosity_nb.errors import ColumnError, InputError
from learnosity_nb.files.session_updates import check_metadata_updates, check_status_updates

TAGS = [{"type": "assignment_type", "name": "homework"}]


def faults(caught: pytest.ExceptionInfo[ColumnError]) -> list[tuple[str, int | None, str | None]]:
    return [(fault.kind, fault.line, fault.key) for fault in caught.value.faults]


def metadata(*values: object, column: str = "metadata") -> pd.DataFrame:
    ids = range(len(values))
    frame = pd.DataFrame({"session_id": [f"s{n}" for n in ids], "user_id": [f"u{n}" for n in ids]})
    frame[column] = pd.Series(list(values), dtype=object)
    return frame


@pytest.mark.parametrize("build", [pd.DataFrame, pa.table])
def test_statuses_are_rows_with_three_texts(build: Any) -> None:
    frame = build({"session_id": ["a", "b"], "user_id": [7, 8], "status": ["Completed", "Discarded"], "note": ["", ""]})
    assert check_status_updates(frame) == [
        {"session_id": "a", "user_id": "7", "status": "Completed"},
        {"session_id": "b", "user_id": "8", "status": "Discarded"},
    ]


def test_every_fault_of_a_frame_of_statuses_is_named_at_once() -> None:
    frame = pd.DataFrame(
        {
            "session_id": ["a", None, "a", " ", "e"],
            "user_id": ["u", "v", "u", "w", None],
            "status": ["completed", "Discarded", "Pending Scoring", "Incomplete", None],
        }
    )
    with pytest.raises(ColumnError, match="No status was changed") as caught:
        check_status_updates(frame)
    assert sorted(faults(caught), key=str) == sorted(
        [
            ("missing_value", 2, "session_id"),
            ("blank_text", 4, "session_id"),
            ("duplicate_session_id", 3, "session_id"),
            ("missing_value", 5, "user_id"),
            ("bad_status", 1, "status"),
            ("bad_status", 3, "status"),
            ("missing_value", 5, "status"),
        ],
        key=str,
    )
    assert "expected Completed, Incomplete or Discarded (found 'completed')" in str(caught.value)
    assert "row 1 names the same session" in str(caught.value)


def test_absent_columns_are_named_with_what_may_be_meant() -> None:
    with pytest.raises(ColumnError) as caught:
        check_status_updates(pd.DataFrame({"session_id": ["a"], "learner": ["u"]}))
    assert faults(caught) == [("missing_column", None, None)] * 2
    assert "did you mean `learner`" in str(caught.value)


def test_an_index_is_no_column() -> None:
    frame = pd.DataFrame({"session_id": ["a"], "user_id": ["u"], "status": ["Completed"]}).set_index("session_id")
    with pytest.raises(ColumnError, match="reset_index") as caught:
        check_status_updates(frame)
    assert len(caught.value.faults) == 1


@pytest.mark.parametrize("check", [check_status_updates, check_metadata_updates])
def test_what_is_no_table_is_refused(check: Any) -> None:
    with pytest.raises(InputError, match="must be a DataFrame"):
        check([{"session_id": "a"}])


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ({"term": "autumn", "year": 2026}, {"term": "autumn", "year": 2026}),
        ('{"a": {"b": [1, 2.5, null, true]}}', {"a": {"b": [1, 2.5, None, True]}}),
        ({}, {}),
        ({"pair": (1, 2)}, {"pair": [1, 2]}),
        ({"Ä": "é😀"}, {"Ä": "é😀"}),
    ],
)
def test_metadata_is_a_dict_or_the_json_text_of_one(value: object, read: dict[str, Any]) -> None:
    (row,) = check_metadata_updates(metadata(value))
    assert row == {"session_id": "s0", "user_id": "u0", "metadata": read}


@pytest.mark.parametrize(
    "value",
    [
        "autumn",
        "[1]",
        "{",
        "null",
        '{"a": NaN}',
        ["a"],
        7,
        {"a": float("nan")},
        {"a": np.int64(1)},
        {"a": {1, 2}},
        {"a": "\ud800"},
    ],
)
def test_metadata_that_is_no_object_is_a_fault_of_its_row(value: object) -> None:
    with pytest.raises(ColumnError) as caught:
        check_metadata_updates(metadata({}, value))
    assert faults(caught) == [("bad_metadata", 2, "metadata")]


def test_metadata_that_holds_itself_is_a_fault() -> None:
    endless: dict[str, Any] = {}
    endless["self"] = endless
    with pytest.raises(ColumnError, match="not JSON"):
        check_metadata_updates(metadata(endless))


def test_rows_without_metadata_are_faults() -> None:
    with pytest.raises(ColumnError) as caught:
        check_metadata_updates(metadata({}, None, "", float("nan")))
    assert faults(caught) == [("missing_value", row, "metadata") for row in (2, 3, 4)]


@pytest.mark.parametrize(
    "value", [TAGS, '[{"type": "assignment_type", "name": "homework"}]', tuple(TAGS), np.array(TAGS)]
)
def test_tags_become_metadata(value: object) -> None:
    (row,) = check_metadata_updates(metadata(value, column="session_tags"))
    assert row["metadata"] == {"session_tags": TAGS}


def test_tags_are_put_beside_other_metadata() -> None:
    frame = metadata({"term": 1}, {"term": 2}, None)
    frame["session_tags"] = pd.Series([TAGS, None, []], dtype=object)
    assert [row["metadata"] for row in check_metadata_updates(frame)] == [
        {"term": 1, "session_tags": TAGS},
        {"term": 2},
        {"session_tags": []},
    ]


@pytest.mark.parametrize(
    "value", ["homework", {"type": "a", "name": "b"}, [{"type": "a"}], [{"type": "a", "name": " "}], ["a"]]
)
def test_tags_have_a_type_and_a_name(value: object) -> None:
    with pytest.raises(ColumnError) as caught:
        check_metadata_updates(metadata(value, column="session_tags"))
    assert faults(caught) == [("bad_session_tags", 1, "session_tags")]


def test_tags_given_twice_are_a_fault() -> None:
    frame = metadata({"session_tags": TAGS})
    frame["session_tags"] = pd.Series([TAGS], dtype=object)
    with pytest.raises(ColumnError) as caught:
        check_metadata_updates(frame)
    assert faults(caught) == [("tags_twice", 1, "session_tags")]


def test_a_row_without_tags_would_lose_its_metadata_and_is_a_fault() -> None:
    with pytest.raises(ColumnError) as caught:
        check_metadata_updates(metadata(TAGS, None, column="session_tags"))
    assert faults(caught) == [("missing_value", 2, "metadata")]


def test_metadata_in_two_columns_is_a_fault() -> None:
    frame = metadata({})
    with pytest.raises(ColumnError) as caught:
        check_metadata_updates(pd.concat([frame, frame[["metadata"]]], axis=1))
    assert ("column_twice", None, "metadata") in faults(caught)


def test_metadata_comes_out_of_an_arrow_table_too() -> None:
    table = pa.table({"session_id": ["a"], "user_id": ["u"], "metadata": [{"term": 1}]})
    assert check_metadata_updates(table) == [{"session_id": "a", "user_id": "u", "metadata": {"term": 1}}]


def test_a_frame_without_metadata_is_a_fault() -> None:
    with pytest.raises(ColumnError, match="no column `metadata`"):
        check_metadata_updates(metadata(column="note"))
