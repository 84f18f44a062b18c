from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from learnosity_nb import charts
from learnosity_nb.charts.attempts import largest
from learnosity_nb.charts.group_rows import MOST_POINTS, MOST_ROWS, said_of_missing, shown_groups
from learnosity_nb.errors import ColumnError, InputError

Make = Callable[..., pd.DataFrame]


def test_rows_of_percentiles_have_the_statistics_in_order(classes: pd.DataFrame) -> None:
    rows = charts.percentile_rows(classes, "percent")
    assert [*rows.columns] == ["id", "name", "population", "lowest", "p25", "median", "p75", "highest"]
    assert rows["name"].tolist() == ["7a", "7b", "8a"]
    assert rows["id"].tolist() == classes["group_id"].tolist()
    assert rows["p75"].tolist() == [57.0, 70.0, 92.0]


def test_p50_is_the_median(classes: pd.DataFrame) -> None:
    rows = charts.percentile_rows(classes.rename(columns={"median_percent": "p50_percent"}), "percent")
    assert rows["median"].tolist() == [51.0, 62.0, 90.0]


@pytest.mark.parametrize("draw", [charts.percentile_box, charts.percentile_fan])
def test_a_chart_of_percentiles_names_the_fields_it_lacks(draw: Callable[..., object], classes: pd.DataFrame) -> None:
    with pytest.raises(ColumnError) as failure:
        draw(classes, measure="score")
    said = str(failure.value)
    assert "`median_score` and `p25_score` and `p75_score`" in said
    assert "build_dataset(roster, levels=…, fields=['population', 'mean_percent'" in said
    assert said.endswith("'median_score', 'p25_score', 'p75_score'])")


def test_a_box_and_a_fan_draw_each_pair(classes: pd.DataFrame) -> None:
    wide = classes.assign(p05_percent=25.0, p95_percent=99.0, p90_percent=98.0)
    for draw, bands in ((charts.percentile_fan, 3), (charts.percentile_box, 3)):
        spec, datasets = charts.split_chart(draw(wide))
        drawn = [part for part in spec["layer"] if "x2" in part["encoding"]]
        assert len(drawn) == bands
        assert [(part["encoding"]["x"]["field"], part["encoding"]["x2"]["field"]) for part in drawn] == [
            ("lowest", "highest"),
            ("p05", "p95"),
            ("p25", "p75"),
        ]
        assert len(datasets["groups"]) == 3


def test_lowest_to_highest_alone_is_enough(classes: pd.DataFrame) -> None:
    few = classes.drop(columns=["p25_percent", "p75_percent"])
    for draw in (charts.percentile_fan, charts.percentile_box):
        spec, _ = charts.split_chart(draw(few))
        assert "lowest–highest" in spec["layer"][-2]["encoding"]["x"]["title"][-1]


def test_no_more_groups_get_a_row_than_can_be_read(groups: Make) -> None:
    many = groups(
        [f"{number:03}" for number in range(60)], median_score=range(60), p25_score=range(60), p75_score=range(60)
    )
    spec, datasets = charts.split_chart(charts.percentile_box(many, measure="score"))
    assert len(datasets["groups"]) == MOST_ROWS
    assert spec["title"]["subtitle"] == ["50 of 60 groups drawn"]


def test_a_ranking_is_by_value_then_name_without_missing_ones(groups: Make) -> None:
    frame = groups(["b", "a", "c", "d"], mean_score=[2.0, 2.0, 5.0, np.nan])
    assert charts.ranking_rows(frame, "mean_score")["name"].tolist() == ["c", "a", "b"]
    spec, datasets = charts.split_chart(charts.ranking(frame, "mean_score"))
    assert spec["title"]["subtitle"] == ["1 group without a value left out"]
    assert len(datasets["groups"]) == 3


def test_intervals_of_a_ranking_are_scipys(classes: pd.DataFrame) -> None:
    rows = charts.ranking_rows(classes, "mean_percent").set_index("name")
    for name, n, mean, spread in (("7a", 20, 50.0, 10.0), ("8a", 3, 90.0, 5.0)):
        expected = stats.t.interval(0.95, n - 1, mean, spread / np.sqrt(n))
        assert (rows.loc[name, "low"], rows.loc[name, "high"]) == pytest.approx(expected)


def test_intervals_are_of_those_who_have_a_score_where_the_groups_say_so(classes: pd.DataFrame) -> None:
    told = classes.assign(n=[2, 25, 3], mean_percent=[75.0, 62.5, 90.0], stddev_percent=[np.sqrt(18.0), 12.0, 5.0])
    row = charts.ranking_rows(told, "mean_percent").set_index("name").loc["7a"]
    expected = stats.t.interval(0.95, 1, 75.0, 3.0)
    assert (row["low"], row["high"]) == pytest.approx(expected)
    assert row["population"] == 20


def test_columns_low_and_high_win(classes: pd.DataFrame) -> None:
    given = classes.assign(low=1.0, high=99.0)
    assert charts.ranking_rows(given, "mean_percent")["low"].tolist() == [1.0] * 3
    assert charts.ranking_rows(given, "mean_percent", intervals=False)["low"].isna().all()


def test_no_interval_without_a_spread_or_for_other_figures(classes: pd.DataFrame) -> None:
    bare = classes.drop(columns="stddev_percent")
    assert charts.ranking_rows(bare, "mean_percent")["low"].isna().all()
    assert charts.ranking_rows(classes, "median_percent")["high"].isna().all()


def test_a_ranking_holds_groups_against_the_group_above(classes: pd.DataFrame, school: pd.DataFrame) -> None:
    _, datasets = charts.split_chart(charts.ranking(classes, parent=school))
    assert datasets["own"] == [{"value": 59.0, "label": "Oregon 59"}]


def test_a_ranking_by_counts_has_bars_from_zero_and_no_reference(classes: pd.DataFrame, school: pd.DataFrame) -> None:
    spec, datasets = charts.split_chart(charts.ranking(classes, "population", parent=school))
    assert spec["layer"][0]["mark"]["type"] == "bar"
    assert datasets["own"] == []
    assert [row["value"] for row in datasets["groups"]] == [25, 20, 3]


def test_a_long_ranking_shows_the_highest_and_says_so(groups: Make) -> None:
    many = groups([f"{number:04}" for number in range(300)], mean_score=range(300))
    spec, datasets = charts.split_chart(charts.ranking(many, "mean_score", limit=10))
    assert [row["value"] for row in datasets["groups"]] == [*range(299, 289, -1)]
    assert spec["title"]["subtitle"] == ["The 10 highest of 300 groups"]


def test_withheld_groups_are_left_out_and_counted(classes: pd.DataFrame, school: pd.DataFrame) -> None:
    hidden = classes.assign(withheld=[False, False, True])
    for chart in (
        charts.ranking(hidden),
        charts.percentile_box(hidden),
        charts.score_against_attempted(hidden),
        charts.funnel(hidden),
    ):
        spec, datasets = charts.split_chart(chart)
        assert [row["name"] for row in datasets["groups"]] != []
        assert "8a" not in {row["name"] for row in datasets["groups"]}
        assert "1 group withheld" in spec["title"]["subtitle"]
    assert not len(charts.reference_rows(school.assign(withheld=True), "mean_percent"))


def test_groups_with_the_same_name_show_their_path(groups: Make) -> None:
    both = pd.concat([groups(["7a"], ("Oregon",), mean_score=[1.0]), groups(["7a"], ("Kestrel",), mean_score=[2.0])])
    assert charts.ranking_rows(both, "mean_score")["name"].tolist() == ["Kestrel › 7a", "Oregon › 7a"]


def test_the_root_is_called_all(groups: Make) -> None:
    rows = charts.reference_rows(groups([""], mean_score=[1204.256]), "mean_score")
    assert rows["label"].tolist() == ["All 1,204.26"]


def test_scores_against_attempts(classes: pd.DataFrame, school: pd.DataFrame) -> None:
    spec, datasets = charts.split_chart(charts.score_against_attempted(classes, parent=school))
    assert [(row["attempted"], row["value"], row["population"]) for row in datasets["groups"]] == [
        (80.0, 50.0, 20),
        (90.0, 62.5, 25),
        (99.0, 90.0, 3),
    ]
    assert datasets["own"][0]["name"] == "Oregon"
    assert spec["layer"][3]["encoding"]["size"]["field"] == "population"


def test_the_largest_groups_are_drawn(groups: Make) -> None:
    many = groups(
        [f"{number:03}" for number in range(250)],
        population=range(250),
        mean_score=range(250),
        mean_attempted_percent=range(250),
    )
    _, datasets = charts.split_chart(charts.score_against_attempted(many, measure="score"))
    assert [row["population"] for row in datasets["groups"]] == [*range(50, 250)]
    few = charts.attempted_rows(many, "score").head(2)
    assert largest(few) is few


@pytest.mark.parametrize(
    ("draw", "missing"),
    [
        (charts.ranking, "mean_percent"),
        (charts.score_against_attempted, "mean_attempted_percent"),
        (charts.funnel, "stddev_percent"),
    ],
)
def test_a_missing_field_is_named(draw: Callable[..., object], missing: str, classes: pd.DataFrame) -> None:
    with pytest.raises(ColumnError, match=f"`{missing}`.*build_dataset"):
        draw(classes.drop(columns=missing))


def test_reasons_for_leaving_out_are_counted_apart(classes: pd.DataFrame) -> None:
    frame = classes.assign(withheld=[True, False, False], mean_percent=[np.nan, np.nan, 3.0])
    shown = shown_groups(frame, ["mean_percent"])
    assert said_of_missing(frame, shown) == [
        "1 group withheld",
        "1 group without a value left out",
    ]
    assert MOST_POINTS == 200


GROUP_CHARTS = {
    "A ranking": charts.ranking,
    "A funnel": charts.funnel,
    "A chart of percentiles": charts.percentile_box,
    "A chart of scores against what was attempted": charts.score_against_attempted,
}


@pytest.mark.parametrize("name", GROUP_CHARTS)
@pytest.mark.parametrize("given", [None, [1, 2], {"mean_percent": [1.0]}, pd.Series([1.0], name="mean_percent")])
def test_what_is_no_frame_is_refused_by_its_type(name: str, given: Any) -> None:
    with pytest.raises(InputError) as caught:
        GROUP_CHARTS[name](given)
    assert str(caught.value) == f"{name} takes the frame of dataset.groups(path), not {type(given).__name__}."


@pytest.mark.parametrize("name", GROUP_CHARTS)
def test_rows_of_no_groups_are_refused_by_what_they_lack(name: str, classes: pd.DataFrame) -> None:
    users = classes.drop(columns=["group_id", "group_name"])
    with pytest.raises(ColumnError) as caught:
        GROUP_CHARTS[name](users)
    said = f"{name} takes the frame of dataset.groups(path): this one has no `group_id` and `group_name`."
    assert str(caught.value) == said


@pytest.mark.parametrize("given", [None, [1, 2], pd.Series([1.0])])
@pytest.mark.parametrize("draw", [charts.comparison, charts.score_distribution])
def test_other_charts_refuse_what_is_no_frame_too(draw: Callable[..., object], given: Any) -> None:
    with pytest.raises(ColumnError, match=r"dataset\.(compare|distribution)"):
        draw(given)
