"""PySpark frames give what pandas frames give."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from learnosity_nb import ColumnError, InputError, summarize_groups, summarize_users
from learnosity_nb.domain.fields import DEFAULT_FIELDS

pytestmark = [
    pytest.mark.spark,
    pytest.mark.filterwarnings("ignore:.*(do not count|sessions counts):UserWarning"),
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
]

LEVELS = ["district", "school", "class"]
FIELDS = [*DEFAULT_FIELDS, "p00_score", "p05_score", "p95_percent", "p99_percent"]
BOUNDS = {"mintime": "2026-01-05T00:00:00Z", "maxtime": datetime(2026, 1, 20, tzinfo=UTC)}
ToSpark = Callable[[pd.DataFrame | pa.Table], Any]


def assert_same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    """All is the same but percents: of these 13 digits, for whether all are decimals is asked part by part."""
    percents = [name for name in expected if "percent" in name]
    pd.testing.assert_frame_equal(found.drop(columns=percents), expected.drop(columns=percents), check_exact=True)
    pd.testing.assert_frame_equal(found[percents], expected[percents], rtol=1e-13, atol=1e-13)
    assert list(found) == list(expected)


@pytest.fixture
def tiny() -> tuple[pd.DataFrame, pd.DataFrame]:
    sessions = pd.DataFrame(
        {"session_id": ["s1", "s2", "s3"], "user_id": ["ann", "bob", "cy"], "score": [1, 2, 4], "max_score": [5, 5, 5]}
    )
    roster = pd.DataFrame(
        {"user_id": ["ann", "bob", "cy"], "session_id": ["s1", "s2", "s3"], "school": ["A", "A", "B"]}
    )
    return sessions, roster


@pytest.mark.parametrize(("seed", "bounds"), [(1, {}), (2, BOUNDS), (3, {"maxtime": 1768000000})])
def test_random_worlds_have_the_figures_of_pandas(
    seed: int, bounds: dict[str, Any], made_up_world: Any, to_spark: ToSpark
) -> None:
    world = made_up_world(seed)
    with pytest.warns(UserWarning, match="listed sessions") as by_pandas:
        expected = summarize_groups(world.sessions, world.roster, LEVELS, FIELDS, **bounds)
    sessions, roster = to_spark(world.sessions), to_spark(world.roster)
    with pytest.warns(UserWarning, match="listed sessions") as by_spark:
        found = summarize_groups(sessions, roster, LEVELS, FIELDS, **bounds)
    assert_same(found, expected)
    assert [one.filename for one in by_spark] == [__file__]  # and no warning of PySpark's
    numbers = [str(caught[0].message).partition(" (such as")[0] for caught in (by_pandas, by_spark)]
    assert numbers[0] == numbers[1]


def test_parts_of_a_deeper_level_give_the_same_figures(
    made_up_world: Any, to_spark: ToSpark, monkeypatch: pytest.MonkeyPatch
) -> None:
    from learnosity_nb.scale import spark_summary

    world = made_up_world(4)
    expected = summarize_groups(world.sessions, world.roster, LEVELS, FIELDS)
    frames = to_spark(world.sessions).cache(), to_spark(world.roster).cache()
    for largest in (60, 1):  # lines: the second level's groups are small enough, then none are
        monkeypatch.setattr(spark_summary, "LARGEST_PART", largest)
        assert_same(summarize_groups(*frames, LEVELS, FIELDS), expected)
    for frame in frames:
        frame.unpersist()


def test_the_figures_are_those_of_sql(
    made_up_world: Any, to_spark: ToSpark, sql_summary: Callable[..., pd.DataFrame]
) -> None:
    world = made_up_world(5)
    world.roster["class"] = world.roster["class"].replace("\x00nul", "nul")  # DuckDB ends a name at a NUL
    found = summarize_groups(to_spark(world.sessions), to_spark(world.roster), LEVELS, FIELDS)
    tables = [pa.Table.from_pandas(frame, preserve_index=False) for frame in (world.sessions, world.roster)]
    expected = sql_summary(*tables, LEVELS, FIELDS).set_index("group_path").reindex(found["group_path"])
    for name in FIELDS:
        figures = [frame[name].to_numpy("float64", na_value=np.nan) for frame in (found, expected)]
        np.testing.assert_allclose(*figures, rtol=1e-9, atol=1e-9, err_msg=name)


def test_the_same_tables_in_any_form_give_the_same_summary(made_up_world: Any, to_spark: ToSpark) -> None:
    world = made_up_world(6, users=40, leaves=12)
    numbered = world.roster.assign(user_id=world.roster["user_id"].str[1:].astype("int64"))
    by_number = world.sessions.assign(user_id=world.sessions["user_id"].str[1:].astype("int64"))
    listed = numbered.groupby(["user_id", *LEVELS], as_index=False).agg(
        session_id=("session_id", lambda ids: ids.dropna().tolist())
    )
    by_path = listed.assign(group_path=[list(path) for path in listed[LEVELS].to_numpy()]).drop(columns=LEVELS)
    plain = by_number.drop(columns=["activity_id", "attempted_max_score"]).assign(Score="no column of ours")
    expected = summarize_groups(plain, by_path, LEVELS, FIELDS, **BOUNDS)
    with_text = to_spark(plain.assign(dt_completed=plain["dt_completed"].dt.strftime("%Y-%m-%d %H:%M:%S")))
    for kind in ("timestamp_ntz", "date"):  # without a zone: UTC, in whatever zone the engine lives
        sessions = with_text.withColumn("dt_completed", with_text["dt_completed"].cast(kind))
        assert_same(summarize_groups(sessions, to_spark(by_path), LEVELS, FIELDS, **BOUNDS), expected)


def test_the_order_of_rows_and_the_number_of_parts_do_not_matter(
    made_up_world: Any, to_spark: ToSpark, monkeypatch: pytest.MonkeyPatch
) -> None:
    from learnosity_nb.scale import spark_summary

    world = made_up_world(7)
    expected = summarize_groups(world.sessions, world.roster, LEVELS)
    monkeypatch.setattr(spark_summary, "PARTS", (1, 1))
    other = world.shuffled(seed=1)
    assert_same(summarize_groups(to_spark(other.sessions), to_spark(other.roster), LEVELS), expected)


@pytest.mark.parametrize("empty", ["sessions", "roster"])
def test_an_empty_table_is_summarised(empty: str, tiny: Any, to_spark: ToSpark, spark: Any) -> None:
    sessions, roster = tiny
    kept = {"sessions": sessions[:0] if empty == "sessions" else sessions}
    kept["roster"] = roster[:0] if empty == "roster" else roster
    frames = {
        name: spark.createDataFrame(pa.Table.from_pandas(given, preserve_index=False, schema=schema(full)))
        for (name, given), full in zip(kept.items(), tiny, strict=True)
    }
    assert_same(summarize_groups(**frames, levels=["school"]), summarize_groups(**kept, levels=["school"]))


def schema(frame: pd.DataFrame) -> pa.Schema:
    return pa.Schema.from_pandas(frame, preserve_index=False)


def test_a_level_may_have_a_dot_in_its_name_and_names_that_differ_in_case(tiny: Any, to_spark: ToSpark) -> None:
    sessions, roster = tiny
    roster = roster.rename(columns={"school": "the.school"}).assign(School="other", **{"THE.school": "other"})
    found = summarize_groups(to_spark(sessions), to_spark(roster), ["the.school"], ["mean_score", "group_count"])
    assert found["group_path"].tolist() == [(), ("A",), ("B",)]
    assert found["mean_score"].tolist() == [7 / 3, 1.5, 4]
    assert found["group_count"].tolist() == [2, 0, 0]


def test_the_users_session_is_left_as_it_was(tiny: Any, to_spark: ToSpark, spark: Any) -> None:
    before = dict(spark.conf.getAll)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        summarize_groups(*[to_spark(frame) for frame in tiny], ["school"], ["population"])
    assert dict(spark.conf.getAll) == before
    assert spark._jsparkSession.sharedState().cacheManager().isEmpty()
    assert spark.range(3).count() == 3


def test_all_missing_and_foreign_columns_of_a_table_are_one_error(tiny: Any, to_spark: ToSpark) -> None:
    sessions, roster = tiny
    wrong = sessions.rename(columns={"score": "mark"}).assign(max_score="5", user_id=1.5)
    with pytest.raises(ColumnError) as caught:
        summarize_groups(to_spark(wrong), to_spark(roster), ["school"])
    assert {(fault.kind, fault.key) for fault in caught.value.faults} == {
        ("missing_column", None),
        ("bad_number", "max_score"),
        ("bad_text", "user_id"),
    }
    assert "`score`; did you mean `mark`" in str(caught.value)
    assert "type string: convert it with .cast('double')" in str(caught.value)
    foreign = roster.assign(session_id=[[1.5]] * 3, group_path="x").drop(columns="school")
    with pytest.raises(ColumnError) as caught:
        summarize_groups(to_spark(sessions), to_spark(foreign), ["school"])
    assert {fault.key for fault in caught.value.faults} == {"session_id", "group_path"}


def test_bad_values_are_told_with_their_number_and_one_of_them(tiny: Any, to_spark: ToSpark) -> None:
    sessions, roster = tiny
    wrong = sessions.assign(score=[1, np.inf, 2], status=["Done", "Done", None], session_id=["s1", None, "\u2003"])
    with pytest.raises(ColumnError) as caught:
        summarize_groups(to_spark(wrong), to_spark(roster), ["school"])
    said = {fault.kind: str(fault) for fault in caught.value.faults}
    assert said.keys() == {"bad_number", "unknown_status", "missing_value", "blank_text"}
    assert "in 2 rows (found 'Done')" in said["unknown_status"]
    listed = roster.assign(session_id=["[1]", " ", "s3"], school=["A", "", "B"])
    with pytest.raises(ColumnError) as caught:
        summarize_groups(to_spark(sessions), to_spark(listed), ["school"])
    assert {(fault.kind, fault.key) for fault in caught.value.faults} == {
        ("bad_session_id", "session_id"),
        ("missing_value", "school"),
    }


def test_a_session_of_two_users_or_recorded_twice_is_an_error(tiny: Any, to_spark: ToSpark) -> None:
    sessions, roster = tiny
    with pytest.raises(ColumnError, match=r"2 rows have the same session_id.*'s1'"):
        summarize_groups(to_spark(sessions.assign(session_id=["s1", "s1", "s3"])), to_spark(roster), ["school"])
    with pytest.raises(InputError, match="session 's1' is listed for more than one user; a session belongs to one"):
        summarize_groups(to_spark(sessions), to_spark(roster.assign(session_id=["s1", "s1", "s3"])), ["school"])


def test_what_spark_cannot_do_is_an_error_that_says_what_to_do(tiny: Any, to_spark: ToSpark) -> None:
    sessions, roster = tiny
    given: Sequence[Any] = (to_spark(sessions), roster)
    with pytest.raises(InputError, match=r"roster is a pandas DataFrame. Make it one with spark.createDataFrame"):
        summarize_groups(*given, ["school"])
    with pytest.raises(InputError, match="sessions is a pandas DataFrame"):
        summarize_groups(sessions, to_spark(roster), ["school"])
    with pytest.raises(InputError, match="Use summarize_groups"):
        summarize_users(*given, ["school"])
