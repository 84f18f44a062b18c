"""A plain frame of scores becomes an explorer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import learnosity_nb as lnb
from learnosity_nb.explorers.explore import explore


@pytest.fixture
def marks() -> pd.DataFrame:
    """Two schools of two classes; whole numbers as ids; a second result of some pupils, and missing marks."""
    rows = 60
    frame = pd.DataFrame(
        {
            "school": np.arange(rows) % 2 + 101,
            "class": ["a" if row % 4 < 2 else "b" for row in range(rows)],
            "pupil": np.arange(rows) % 40 + 2**53 + 1,
            "mark": np.arange(rows) % 21 * 1.0,
            "of": 20,
        },
        index=np.arange(rows) * 3,
    )
    frame.loc[[0, 9], "mark"] = np.nan
    return frame


def opened(*args: Any, **options: Any) -> lnb.GroupExplorer:
    return explore(*args, **{"progress": False} | options)


def test_one_line_gives_an_explorer(marks: pd.DataFrame) -> None:
    explorer = opened(marks, levels=["school", "class"], user="pupil", score="mark", max_score="of")
    assert explorer.value["group_name"].tolist() == ["101", "102"] or explorer.value["group_name"].tolist() == [
        "102",
        "101",
    ]
    assert explorer.fields[:2] == ("population", "mean_percent")
    by_pupil = marks.groupby(["school", "pupil"])["mark"].sum(min_count=1).groupby("school").mean()
    found = explorer.dataset.groups().set_index("group_name")
    assert found["mean_score"].round(2).to_dict() == pytest.approx({str(k): v for k, v in by_pupil.items()}, abs=0.01)
    assert found["population"].to_dict() == {"101": 20, "102": 20}
    explorer.close()


def test_whole_numbers_as_ids_stay_exact(marks: pd.DataFrame) -> None:
    explorer = opened(
        marks, levels=["school"], user="pupil", score="mark", max_score=20, show_names=True, min_population=0
    )
    explorer.group_path = ("101",)
    assert set(explorer.value["user_id"]) == {str(pupil) for pupil in marks.loc[marks["school"] == 101, "pupil"]}
    explorer.close()


def test_without_a_maximum_there_are_points_only(marks: pd.DataFrame) -> None:
    explorer = opened(marks, levels={"school": "Schule"}, user="pupil", score="mark")
    assert explorer.fields[:2] == ("population", "mean_score")
    assert not any("percent" in name for name in explorer.value.columns)
    assert explorer._faces.table.view["columns"][0]["label"] == "Schule"
    assert explorer._faces._drawn.chart["message"] is None
    explorer.close()


def test_session_ids_are_the_same_on_every_run(marks: pd.DataFrame) -> None:
    from learnosity_nb.explorers.explore import _session_ids

    ids = list(_session_ids(["a", "b", "a"]))
    assert ids == list(_session_ids(["a", "b", "a"]))
    assert len(set(ids)) == 3
    assert ids[0] == next(iter(_session_ids(["a"])))


def test_sessions_of_ones_own_may_stand_in_two_groups(marks: pd.DataFrame) -> None:
    twice = pd.concat([marks.assign(id=range(len(marks)))] * 2, ignore_index=True)
    twice.loc[len(marks) :, "class"] = "c"
    explorer = opened(twice, levels=["school", "class"], user="pupil", score="mark", max_score=20, session="id")
    own = explorer.dataset.group()
    single = marks.groupby("pupil")["mark"].sum(min_count=1)
    assert own["mean_score"].iloc[0] == pytest.approx(single.mean(), abs=0.01)
    assert own["highest_score"].iloc[0] == single.max()
    explorer.close()


def test_figures_to_show_are_also_built(marks: pd.DataFrame) -> None:
    explorer = opened(
        marks, levels=["school"], user="pupil", score="mark", max_score=20, fields=["p33_percent", "population"]
    )
    assert explorer.fields == ("p33_percent", "population")
    explorer.close()


def test_every_wrong_column_is_named_with_near_ones(marks: pd.DataFrame) -> None:
    with pytest.raises(lnb.ColumnError) as caught:
        opened(marks, levels=["schol", "class"], user="pupl", score="marks", max_score="off", session="nothing alike")
    said = str(caught.value)
    assert caught.value.count == 5
    for name in ("`school`", "`pupil`", "`mark`", "`of`"):
        assert name in said
    assert "It has school, class, pupil, mark, of" in said


def test_every_wrong_value_is_counted_without_an_id(marks: pd.DataFrame) -> None:
    bad = marks.astype({"pupil": object, "mark": object, "of": object})
    bad.iloc[3, 2] = "  "
    bad.iloc[5, 2] = 1.5
    bad.iloc[7, 3] = "ten"
    bad["of"] = True
    with pytest.raises(lnb.ColumnError) as caught:
        opened(bad, levels=["school"], user="pupil", score="mark", max_score="of")
    said = str(caught.value)
    assert "pupil: 2 of 60 rows hold neither a text nor a whole number; the first is row 4" in said
    assert "mark: 1 of 60 rows hold no number; the first is row 8" in said
    assert "of: 60 of 60 rows hold no number" in said


def test_a_column_that_comes_twice_is_a_fault(marks: pd.DataFrame) -> None:
    twice = pd.concat([marks, marks[["mark"]]], axis=1)
    with pytest.raises(lnb.ColumnError, match="2 columns are called 'mark'"):
        opened(twice, levels=["school"], user="pupil", score="mark")


@pytest.mark.parametrize("max_score", [0, -1, float("nan"), float("inf"), 1e101, True, [1]])
def test_a_maximum_is_above_zero(marks: pd.DataFrame, max_score: Any) -> None:
    with pytest.raises(lnb.InputError, match="max_score"):
        opened(marks, levels=["school"], user="pupil", score="mark", max_score=max_score)


def test_what_is_no_frame_or_has_no_rows_is_refused(marks: pd.DataFrame) -> None:
    with pytest.raises(lnb.InputError, match="not dict"):
        opened({"mark": [1]}, levels=["school"], user="pupil", score="mark")
    with pytest.raises(lnb.InputError, match="no rows"):
        opened(marks.iloc[:0], levels=["school"], user="pupil", score="mark")


def test_closing_removes_what_was_written(marks: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    explorer = opened(marks, levels=["school"], user="pupil", score="mark")
    assert list(tmp_path.iterdir())
    explorer.close()
    assert not list(tmp_path.iterdir())
    with pytest.raises(lnb.LearnosityError):
        explorer.dataset.group()


def test_a_dataset_that_cannot_be_built_leaves_nothing(
    marks: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(lnb.ColumnError, match="school"):
        opened(marks.assign(school=None), levels=["school"], user="pupil", score="mark")
    assert not list(tmp_path.iterdir())


def test_code_of_the_explorer_runs_on_its_dataset(marks: pd.DataFrame) -> None:
    explorer = opened(marks, levels=["school", "class"], user="pupil", score="mark", max_score=20)
    scope: dict[str, Any] = {"dataset": explorer.dataset}
    exec(explorer.code(), scope)
    assert_frame_equal(scope["frame"], explorer.value)
    explorer.close()


def test_whole_numbers_that_pandas_made_floats_are_names_and_empty_rows_are_said(marks: pd.DataFrame) -> None:
    floats = marks.assign(school=marks["school"].astype(float))
    explorer = opened(floats, levels=["school"], user="pupil", score="mark")
    assert sorted(explorer.value["group_name"]) == ["101", "102"]
    explorer.close()
    floats.iloc[4, 0] = np.nan
    with pytest.raises(lnb.ColumnError) as caught:
        opened(floats, levels=["school"], user="pupil", score="mark")
    assert "school: 1 of 60 rows hold neither a text nor a whole number; the first is row 5" in str(caught.value)
    assert "frame.dropna(subset=['school'])" in str(caught.value)


def test_a_swapped_column_shows_no_name(marks: pd.DataFrame) -> None:
    with pytest.raises(lnb.ColumnError) as caught:
        opened(marks.assign(who="Anna Smith"), levels=["school"], user="mark", score="who")
    assert "Anna" not in str(caught.value)


@pytest.mark.parametrize(
    ("fields", "max_score", "said"),
    [(["mean_percent"], None, "percents need max_score"), (["mean_attempted_percent"], 20, "build a dataset")],
)
def test_a_figure_that_cannot_be_had_is_refused(marks: pd.DataFrame, fields: Any, max_score: Any, said: str) -> None:
    with pytest.raises(lnb.InputError, match=said):
        opened(marks, levels=["school"], user="pupil", score="mark", max_score=max_score, fields=fields)


def test_results_above_the_maximum_are_counted(marks: pd.DataFrame) -> None:
    with pytest.warns(UserWarning, match="2 of 60 results are above max_score"):
        opened(marks, levels=["school"], user="pupil", score="mark", max_score=19).close()


def test_only_charts_that_can_be_drawn_are_offered() -> None:
    marks = pd.DataFrame({"school": ["A", "B"] * 6, "pupil": range(12), "mark": [float(one) for one in range(12)]})
    explorer = lnb.explore(marks, levels=["school"], user="pupil", score="mark", max_score=20, progress=False)
    kinds = [kind["key"] for kind in explorer._faces._drawn.chart["kinds"]]
    explorer.close()
    assert kinds == ["distribution", "ecdf", "percentiles", "ranking", "funnel"]


@pytest.mark.parametrize(
    "values",
    [
        pd.to_timedelta([None, *range(59)], unit="min"),
        pd.date_range("2026-01-01", periods=60),
        pd.date_range("2026-01-01", periods=60, tz="UTC"),
        pd.period_range("2026-01-01", periods=60),
        np.arange(60) + 0j,
        pd.array([None, *[True] * 59], dtype="boolean"),
        pd.Series([None, *[True] * 59], dtype="object"),
        pd.Series(pd.to_timedelta([None, *range(59)], unit="min")).astype("duration[ns][pyarrow]"),
    ],
    ids=lambda values: str(values.dtype),
)
@pytest.mark.parametrize("role", ["score", "max_score"])
def test_durations_dates_complex_and_truth_values_are_no_points(marks: pd.DataFrame, values: Any, role: str) -> None:
    columns = {"score": "mark", "max_score": "of"} | {role: "other"}
    with pytest.raises(lnb.ColumnError, match=r"other: (59|60) of 60 rows hold no number; the first is row [12]"):
        opened(marks.assign(other=pd.Series(values).array), levels=["school"], user="pupil", **columns)


@pytest.mark.parametrize("dtype", ["Int64", "Float64", "int64[pyarrow]", "double[pyarrow]", "object", "str"])
def test_numbers_of_every_dtype_are_points(marks: pd.DataFrame, dtype: str) -> None:
    plain = opened(marks, levels=["school"], user="pupil", score="mark", max_score="of")
    other = opened(marks.astype({"mark": dtype}), levels=["school"], user="pupil", score="mark", max_score="of")
    assert_frame_equal(other.value, plain.value)
    plain.close()
    other.close()


def test_an_infinite_mark_is_named_by_the_frames_own_row_and_column(marks: pd.DataFrame) -> None:
    twice = pd.concat([marks.head(1)] * 3 + [marks.iloc[1:]]).assign(id=lambda rows: rows.index)
    twice.iloc[5, 3] = np.inf
    with pytest.raises(lnb.ColumnError) as caught:
        opened(twice, levels=["school"], user="pupil", score="mark", session="id")
    assert str(caught.value).endswith("mark: 1 of 62 rows hold an infinite number; the first is row 6")


def test_an_id_of_several_results_is_refused_without_showing_it(marks: pd.DataFrame) -> None:
    ids = pd.Series(range(len(marks)), index=marks.index).astype(str)
    ids.iloc[[4, 10]] = "Anna Smith"
    with pytest.raises(lnb.ColumnError) as caught:
        opened(marks.assign(test=ids), levels=["school"], user="pupil", score="mark", session="test")
    said = "test: must be an id of each result: that of row 5 stands in 2 rows of other users or points. Leave session"
    assert said in str(caught.value)
    assert "Anna" not in str(caught.value)


@pytest.mark.parametrize(
    ("role", "name"), [("user", None), ("user", 7), ("score", ["mark"]), ("score", None), ("session", 3)]
)
def test_a_role_takes_the_name_of_one_column(marks: pd.DataFrame, role: str, name: Any) -> None:
    with pytest.raises(lnb.ColumnError) as caught:
        opened(marks, **{"levels": ["schol"], "user": "pupil", "score": "mark"} | {role: name})
    assert caught.value.count == 2
    assert f"{role}: must be one column's name, as text (found {name!r})" in str(caught.value)
    assert "It has school, class, pupil, mark, of" in str(caught.value)


def test_a_columns_name_that_is_a_number_is_told_how_to_become_text(marks: pd.DataFrame) -> None:
    numbered = marks.rename(columns={"pupil": 2})
    with pytest.raises(lnb.ColumnError, match=r"user: must be .*; frame\.rename\(columns=str\) makes texts of names"):
        opened(numbered, levels=["school"], user=2, score="mark")
    opened(numbered.rename(columns=str), levels=["school"], user="2", score="mark").close()


def test_numbers_that_repeat_from_class_to_class_are_said_once_at_the_analysts_line() -> None:
    marks = pd.DataFrame({"class": ["a"] * 6 + ["b"] * 6, "pupil": [*range(6)] * 2, "mark": [1.0] * 12})
    with pytest.warns(UserWarning, match="6 of 6 users stand in more than one class and count once") as caught:
        opened(marks, levels=["class"], user="pupil", score="mark").close()
    assert [warning.filename for warning in caught] == [__file__]
    assert "If a pupil repeats from one class to the next, make it unique." in str(caught[0].message)


def test_a_few_who_changed_class_are_not_worth_a_warning() -> None:
    marks = pd.DataFrame({"class": ["a"] * 6 + ["b"] * 6, "pupil": [*range(6), *range(4, 10)], "mark": [1.0] * 12})
    opened(marks, levels=["class"], user="pupil", score="mark").close()


@pytest.mark.parametrize("chart", ["distribution", "ecdf", "percentiles", "ranking", "funnel"])
def test_the_largest_marks_are_written_with_an_exponent(marks: pd.DataFrame, chart: str) -> None:
    large = marks.assign(mark=marks["mark"] * 1e98)
    explorer = opened(large, levels=["school"], user="pupil", score="mark")
    explorer.chart = chart
    assert "e+99" in explorer._repr_mimebundle_()["text/html"]
    explorer.close()
    with pytest.raises(lnb.ColumnError, match=r"mark: \d+ of 60 rows hold a number beyond 1e\+100; the first is row 2"):
        opened(large.assign(mark=marks["mark"] * 1e301), levels=["school"], user="pupil", score="mark")
