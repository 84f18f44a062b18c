"""What `summarize_groups` and `summarize_users` take and refuse; their figures are checked beside this file."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from learnosity_nb import ColumnError, InputError, summarize_groups, summarize_users, truncate_summary
from learnosity_nb.domain.fields import DEFAULT_FIELDS, USER_FIELDS

LEVELS = ["school", "class"]


@pytest.fixture
def sessions() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "session_id": ["s1", "s2", "s3", "s4"],
            "user_id": ["ann", "ann", "bob", "cy"],
            "score": [3, 4, 10, None],
            "max_score": [10, 10, 10, 10],
            "dt_completed": pd.to_datetime(["2026-01-01", "2026-01-02", "2026-01-03", None], utc=True),
            "colour": "red",
        }
    )


@pytest.fixture
def roster() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "user_id": ["ann", "ann", "bob", "cy", "di"],
            "session_id": ["s1", "s2", "s3", "s4", None],
            "school": ["A", "A", "A", "B", "B"],
            "class": ["1", "1", "2", "1", "1"],
        }
    )


def figures(frame: pd.DataFrame) -> dict[tuple[str, ...], list[Any]]:
    names = [name for name in frame.columns if name not in ("group_id", "level", "group_name", "group_path", *LEVELS)]
    return {row["group_path"]: [row[name] for name in names] for row in frame.to_dict("records")}


def test_groups_have_exactly_the_promised_columns(sessions: pd.DataFrame, roster: pd.DataFrame) -> None:
    found = summarize_groups(sessions, roster, LEVELS)
    assert list(found.columns) == ["group_id", "level", "group_name", "group_path", *LEVELS, *DEFAULT_FIELDS]
    kinds = {name: str(kind) for name, kind in found.dtypes.items()}
    assert {name: kinds.pop(name) for name in ("group_id", "level", "group_name", "group_path", *LEVELS)} == {
        "group_id": "str",
        "level": "int64",
        "group_name": "str",
        "group_path": "object",
        "school": "str",
        "class": "str",
    }
    assert kinds == {name: "Int64" if name in ("population", "group_count") else "float64" for name in DEFAULT_FIELDS}
    assert found["group_path"].tolist() == [(), ("A",), ("B",), ("A", "1"), ("A", "2"), ("B", "1")]
    assert found.index.equals(pd.RangeIndex(6))


def test_a_small_summary_by_hand(sessions: pd.DataFrame, roster: pd.DataFrame) -> None:
    fields = ["population", "group_count", "mean_score", "mean_percent", "mean_seen_activities", "stddev_score"]
    found = summarize_groups(sessions, roster, LEVELS, fields)
    null = pytest.approx(float("nan"), nan_ok=True)
    assert figures(found) == {
        (): [4, 2, 8.5, 67.5, 1.0, pytest.approx(4.5**0.5)],
        ("A",): [2, 2, 8.5, 67.5, 1.5, pytest.approx(4.5**0.5)],
        ("B",): [2, 1, null, null, 0.5, null],
        ("A", "1"): [1, 0, 7.0, 35.0, 2.0, null],
        ("A", "2"): [1, 0, 10.0, 100.0, 1.0, null],
        ("B", "1"): [2, 0, null, null, 0.5, null],
    }


def test_a_level_mapping_is_the_same_hierarchy_with_labels(sessions: pd.DataFrame, roster: pd.DataFrame) -> None:
    by_list = summarize_groups(sessions, roster, LEVELS)
    by_mapping = summarize_groups(sessions, roster, {"school": "School of", "class": "Form"})
    pd.testing.assert_frame_equal(by_list, by_mapping)


def test_the_same_tables_in_any_form_give_the_same_summary(sessions: pd.DataFrame, roster: pd.DataFrame) -> None:
    plain = summarize_groups(sessions, roster, LEVELS)
    arrow = [pa.Table.from_pandas(frame, preserve_index=False) for frame in (sessions, roster)]
    readers = [table.to_reader() for table in arrow]
    listed = roster.groupby(["user_id", *LEVELS], as_index=False).agg(
        session_id=("session_id", lambda s: s.dropna().tolist())
    )
    by_path = listed.assign(group_path=[list(path) for path in listed[LEVELS].to_numpy()]).drop(columns=LEVELS)
    whole_numbers = roster.astype({"class": "int64"})
    for given in (
        arrow,
        readers,
        (sessions, listed),
        (sessions, by_path),
        (sessions[::-1], roster),
        (sessions, whole_numbers),
    ):
        pd.testing.assert_frame_equal(summarize_groups(*given, LEVELS), plain)


def test_the_given_frames_are_not_changed(sessions: pd.DataFrame, roster: pd.DataFrame) -> None:
    kept = sessions.copy(), roster.copy()
    summarize_groups(sessions, roster, LEVELS)
    pd.testing.assert_frame_equal(sessions, kept[0])
    pd.testing.assert_frame_equal(roster, kept[1])


@pytest.mark.parametrize(
    ("bounds", "mean"),
    [
        ({"mintime": "2026-01-02T00:00:00Z"}, 7.0),
        ({"maxtime": datetime(2026, 1, 2, tzinfo=UTC)}, 7.0),
        ({"mintime": 1767312000, "maxtime": "1767312000"}, 4.0),
        ({"mintime": pd.Timestamp("2026-01-03 00:00:00.000000001")}, 10.0),
    ],
)
def test_time_bounds_are_taken_in_every_form(
    sessions: pd.DataFrame, roster: pd.DataFrame, bounds: dict[str, Any], mean: float
) -> None:
    found = summarize_groups(sessions, roster, LEVELS, ["population", "mean_score"], **bounds)
    assert figures(found)[()] == [4, mean]


def test_an_empty_roster_is_the_root_without_users(sessions: pd.DataFrame, roster: pd.DataFrame) -> None:
    found = summarize_groups(sessions, roster[:0], LEVELS)
    assert found["group_path"].tolist() == [()]
    assert (found["population"][0], found["group_count"][0]) == (0, 0)
    assert found[["mean_score", "mean_seen_activities", "p25_percent"]].isna().all(axis=None)
    assert summarize_users(sessions, roster[:0], LEVELS).empty


def test_without_sessions_there_is_population_alone(sessions: pd.DataFrame, roster: pd.DataFrame) -> None:
    with pytest.warns(UserWarning, match="None of the 4 listed sessions is in sessions"):
        found = summarize_groups(sessions[:0], roster, LEVELS, ["population", "highest_score", "mean_seen_activities"])
    assert found["population"].tolist() == [4, 2, 2, 1, 1, 2]
    assert found["highest_score"].isna().all()
    assert found["mean_seen_activities"].tolist() == [0] * 6


def test_users_have_exactly_the_promised_columns(sessions: pd.DataFrame, roster: pd.DataFrame) -> None:
    found = summarize_users(sessions, roster, LEVELS)
    assert {name: str(kind) for name, kind in found.dtypes.items()} == {
        "group_path": "object",
        "school": "str",
        "class": "str",
        "user_id": "str",
        **{name: "Int64" if name == "seen_activities" else "float64" for name in USER_FIELDS},
    }
    assert found["group_path"].tolist() == [("A", "1"), ("A", "2"), ("B", "1"), ("B", "1")]
    assert found["user_id"].tolist() == ["ann", "bob", "cy", "di"]
    assert found["score"].tolist() == pytest.approx([7, 10, np.nan, np.nan], nan_ok=True)
    assert found["seen_activities"].tolist() == [2, 1, 1, 0]


def test_user_fields_come_as_asked(sessions: pd.DataFrame, roster: pd.DataFrame) -> None:
    found = summarize_users(sessions, roster, LEVELS, ["max_score", "score"])
    assert list(found.columns) == ["group_path", *LEVELS, "user_id", "max_score", "score"]
    assert list(summarize_users(sessions, roster, LEVELS, []).columns) == ["group_path", *LEVELS, "user_id"]


def test_users_of_one_group_stand_by_id(sessions: pd.DataFrame, roster: pd.DataFrame) -> None:
    shuffled = roster.assign(school="A", **{"class": "1"})[::-1]
    assert summarize_users(sessions, shuffled, LEVELS)["user_id"].tolist() == ["ann", "bob", "cy", "di"]


def test_truncated_figures_are_those_the_service_would_give(sessions: pd.DataFrame, roster: pd.DataFrame) -> None:
    found = truncate_summary(
        summarize_groups(sessions, roster, LEVELS, ["stddev_score", "stddev_percent", "population"])
    )
    assert found["stddev_score"][0] == 2.12
    assert found["stddev_percent"][0] == 45.96194077712
    assert found["population"].tolist() == [4, 2, 2, 1, 1, 2]


@pytest.mark.parametrize("summarise", [summarize_groups, summarize_users])
def test_all_missing_columns_of_a_table_are_one_error(
    summarise: Any, sessions: pd.DataFrame, roster: pd.DataFrame
) -> None:
    with pytest.raises(ColumnError) as caught:
        summarise(sessions.rename(columns={"score": "mark", "max_score": "out_of"}), roster, LEVELS)
    assert [(fault.kind, fault.key is not None) for fault in caught.value.faults] == [("missing_column", False)] * 2
    assert "`score`; did you mean `mark`" in str(caught.value)
    assert "`max_score`; did you mean `out_of`" in str(caught.value)
    with pytest.raises(ColumnError) as caught:
        summarise(sessions, roster.drop(columns=["school", "session_id"]), LEVELS)
    assert "`school`" in str(caught.value)
    assert "`session_id`" in str(caught.value)


def test_every_bad_value_of_a_table_is_told_with_its_row(sessions: pd.DataFrame, roster: pd.DataFrame) -> None:
    bad = sessions.astype({"score": object})
    bad.loc[1, "score"] = "many"
    bad.loc[2, "session_id"] = None
    with pytest.raises(ColumnError) as caught:
        summarize_groups(bad, roster, LEVELS)
    assert {(fault.line, fault.key) for fault in caught.value.faults} == {(2, "score"), (3, "session_id")}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"fields": ["mean_scor"]}, "did you mean `mean_score`"),
        ({"fields": "population"}, "must be a list of field names, not 'population'"),
        ({"levels": []}, "name at least one level"),
        ({"levels": ["school", "school"]}, "listed twice"),
        ({"levels": ["school", "mean_score"]}, "taken by another column"),
        ({"levels": "school"}, "such as \\['district', 'school'\\], not 'school'"),
        ({"mintime": "soon"}, "mintime"),
        ({"mintime": 2, "maxtime": 1}, "mintime is after maxtime"),
        ({"sessions": [1, 2]}, "must be a DataFrame or an Arrow table, not list"),
        ({"roster": None}, "must be a DataFrame or an Arrow table, not NoneType"),
    ],
)
def test_a_wrong_parameter_is_an_input_error_that_says_what_to_change(
    sessions: pd.DataFrame, roster: pd.DataFrame, change: dict[str, Any], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        summarize_groups(**{"sessions": sessions, "roster": roster, "levels": LEVELS, **change})


def test_a_wrong_user_field_is_an_input_error(sessions: pd.DataFrame, roster: pd.DataFrame) -> None:
    with pytest.raises(InputError, match="did you mean `score`"):
        summarize_users(sessions, roster, LEVELS, ["scor"])


def test_a_session_of_two_users_is_an_input_error(sessions: pd.DataFrame, roster: pd.DataFrame) -> None:
    with pytest.raises(InputError, match="'s1' is listed for 2 users"):
        summarize_groups(sessions, roster.assign(session_id=["s1", "s2", "s1", "s4", None]), LEVELS)


@pytest.mark.parametrize("summarise", [summarize_groups, summarize_users])
def test_sessions_that_cannot_be_found_are_told_once_at_the_callers_line(
    summarise: Any, sessions: pd.DataFrame, roster: pd.DataFrame
) -> None:
    listed = roster.assign(user_id=["ann", "ann", "bo", "cy", "di"], session_id=["s1", "gone", "s3", "s4", "s99"])
    said = "2 of 5 listed sessions are not in sessions (such as 'gone'); 1 is recorded for another user (such as 's3')."
    with pytest.warns(UserWarning, match="listed sessions") as caught:
        summarise(sessions, listed, LEVELS)
    assert [str(warning.message) for warning in caught] == [f"{said} They do not count."]
    assert caught[0].filename == __file__


def test_sessions_none_of_which_is_found_are_told_with_an_id_of_each_side(
    sessions: pd.DataFrame, roster: pd.DataFrame
) -> None:
    listed = roster.assign(session_id="x-" + roster["session_id"])
    said = "None of the 4 listed sessions is in sessions: the roster lists 'x-s1', sessions has 's1'"
    with pytest.warns(UserWarning, match=said):
        summarize_groups(sessions, listed, LEVELS)
    with pytest.warns(UserWarning, match="the roster lists 'x-s1'. They"):
        summarize_groups(sessions[:0], listed, LEVELS)


def test_some_sessions_left_out_for_status_or_time_are_as_asked_for(
    sessions: pd.DataFrame, roster: pd.DataFrame
) -> None:
    discarded = sessions.assign(status=["Discarded", *["Completed"] * 3])
    found = summarize_groups(discarded, roster, LEVELS, ["mean_seen_activities"], mintime="2026-01-02T00:00:00Z")
    assert found["mean_seen_activities"].max() == 1  # and no warning


@pytest.mark.parametrize("changed", [{"status": "Discarded"}, {"dt_completed": None}])
def test_that_no_session_counts_is_told(sessions: pd.DataFrame, roster: pd.DataFrame, changed: dict[str, Any]) -> None:
    given = sessions.assign(**changed)
    with pytest.warns(UserWarning, match="None of the 4 listed sessions counts: 4 are left out by status or time"):
        found = summarize_groups(given, roster, LEVELS, ["mean_seen_activities"], mintime="2026-01-01T00:00:00Z")
    assert found["mean_seen_activities"].tolist() == [0] * 6


@pytest.mark.parametrize("summarise", [summarize_groups, summarize_users])
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("dt_complete", "; did you mean `dt_complete`\\?"),
        ("finished", "; did you mean `finished`\\?"),
        ("q", ", which sessions lacks\\."),
    ],
)
@pytest.mark.parametrize("bound", ["mintime", "maxtime"])
def test_a_bound_without_completion_times_is_refused(
    summarise: Any, name: str, said: str, bound: str, sessions: pd.DataFrame, roster: pd.DataFrame
) -> None:
    without = sessions.rename(columns={"dt_completed": name})
    summarise(without, roster, LEVELS)
    with pytest.raises(InputError, match=f"^{bound} needs the column dt_completed{said}"):
        summarise(without, roster, LEVELS, **{bound: 5})


@pytest.mark.parametrize("summarise", [summarize_groups, summarize_users])
def test_names_that_look_the_same_are_told_once_at_the_callers_line(
    summarise: Any, sessions: pd.DataFrame, roster: pd.DataFrame
) -> None:
    names = ["x", "x ", "e\u0301", "\u00e9", "y"]
    odd = roster.assign(school=names, **{"class": "1"})
    with pytest.warns(UserWarning, match="look the same") as caught:
        found = summarise(sessions, odd, LEVELS)
    said = (
        "school: the names 'e\\u0301' and '\u00e9' look the same; each is a group of its own. "
        "school: the names 'x' and 'x ' look the same; each is a group of its own."
    )
    assert [str(warning.message) for warning in caught] == [said]
    assert caught[0].filename == __file__
    assert set(found["school"].dropna()) == set(names)


def test_of_many_names_that_look_the_same_the_first_are_told(sessions: pd.DataFrame) -> None:
    names = [name for number in range(5) for name in (f"{number}", f"{number} ")]
    users = [f"u{number}" for number in range(10)]
    listed = pd.DataFrame({"user_id": users, "session_id": None, "school": names})
    with pytest.warns(UserWarning, match=r"school: the names '2' and '2 ' .* its own\. and 2 more\.$"):
        summarize_groups(sessions, listed, ["school"])
