from __future__ import annotations

from collections.abc import Callable

import duckdb
import numpy as np
import pandas as pd
import pytest

from learnosity_nb.charts import describe, funnel, funnel_limits, funnel_rows, split_chart

Make = Callable[..., pd.DataFrame]


@pytest.fixture(scope="module")
def authorities(chem97: pd.DataFrame) -> pd.DataFrame:
    """The summaries of Chem97's schools, from SQL."""
    query = """
        select school as group_id, school as group_name, [school] as group_path, count(*) as population,
               avg(score) as mean_score, stddev_samp(score) as stddev_score
        from chem97 group by school order by school
    """
    with duckdb.connect() as database:
        database.register("chem97", chem97)
        return database.execute(query).df()


def test_limits_narrow_with_the_square_root_of_the_size(classes: pd.DataFrame, school: pd.DataFrame) -> None:
    limits = funnel_limits(classes, "percent", school)
    spread = np.sqrt((19 * 100 + 24 * 144 + 2 * 25) / 45)
    last = limits.iloc[-1]
    assert last["population"] == pytest.approx(25)
    assert last["middle"] == 59.0
    assert last["high_95"] - 59 == pytest.approx(1.959964 * spread / 5)
    assert 59 - last["low_998"] == pytest.approx(3.090232 * spread / 5)
    assert limits["high_95"].is_monotonic_decreasing


def test_a_class_of_three_with_the_best_mean_is_within_the_limits(groups: Make) -> None:
    frame = groups(
        ["large", "small", "middling"],
        population=[400, 3, 200],
        mean_score=[56.0, 62.0, 50.0],
        stddev_score=[15.0, 15.0, 15.0],
    )
    above = groups([""], mean_score=[50.0])
    rows = funnel_rows(frame, "score", above).set_index("name")
    assert rows["zone"].to_dict() == {"large": "beyond 99.8 %", "small": "within 95 %", "middling": "within 95 %"}
    assert rows.loc["large", "z"] == pytest.approx(6 * 20 / 15)
    assert rows["label"].tolist() == ["large", "", ""]


def test_without_a_parent_the_middle_is_the_weighted_mean(classes: pd.DataFrame) -> None:
    expected = np.average([50.0, 62.5, 90.0], weights=[20, 25, 3])
    assert funnel_limits(classes, "percent")["middle"].iloc[0] == pytest.approx(expected)
    assert funnel_limits(classes, "percent")["low_998"].between(0, 100).all()


def test_no_limits_without_a_spread(classes: pd.DataFrame) -> None:
    alone = classes.assign(population=1, stddev_percent=np.nan)
    assert not len(funnel_limits(alone, "percent"))
    rows = funnel_rows(alone, "percent")
    assert rows["z"].isna().all()
    assert set(rows["zone"]) == {"no limits"}
    assert split_chart(funnel(alone))[1]["limit_names"] == []
    assert set(funnel_rows(classes.assign(stddev_percent=0.0), "percent")["zone"]) == {"no limits"}


def test_a_group_without_a_standard_deviation_is_in_no_zone(groups: Make) -> None:
    frame = groups(
        ["a", "b", "one"], population=[20, 30, 400], mean_score=[5.0, 6.0, 99.0], stddev_score=[2, 2, np.nan]
    )
    rows = funnel_rows(frame, "score").set_index("name")
    assert rows.loc["one", ["zone", "label"]].tolist() == ["no limits", ""]
    assert np.isnan(rows.loc["one", "z"])
    assert "no limits" not in rows.loc[["a", "b"], "zone"].tolist()
    spec, datasets = split_chart(funnel(frame, measure="score"))
    assert spec["title"]["subtitle"][1] == "no limits for 1 group: fewer than 2 scores, or all the same"
    assert [row["zone"] for row in datasets["groups"] if row["name"] == "one"] == ["no limits"]
    said = describe("funnel", frame.assign(n=frame["population"]), "score")
    assert said.endswith("; no limits for 1 group: fewer than 2 scores, or all the same.")
    assert "no limits" not in describe("funnel", frame.head(2), "score")


@pytest.fixture
def mostly_absent(groups: Make) -> pd.DataFrame:
    """Twelve classes of thirty; in the first only two have a score, 72 and 78."""
    return groups(
        [f"c{at:02d}" for at in range(12)],
        population=[30] * 12,
        mean_percent=[75.0, *[60.0] * 11],
        stddev_percent=[np.sqrt(18.0), *[10.0] * 11],
    )


def test_sizes_are_of_those_who_have_a_score_where_the_groups_say_so(mostly_absent: pd.DataFrame) -> None:
    above = mostly_absent.head(1).assign(mean_percent=60.0)
    told = mostly_absent.assign(n=pd.array([2, *[30] * 10, None], dtype="Int64"))
    spread = np.sqrt((18 + 11 * 29 * 100) / (1 + 11 * 29))
    rows = funnel_rows(told, "percent", above)
    assert rows["population"].tolist() == [2, *[30] * 11]
    assert rows["z"].iloc[0] == pytest.approx(15 * np.sqrt(2) / spread)
    limits = funnel_limits(told, "percent", above)
    assert limits["population"].agg(["min", "max"]).tolist() == pytest.approx([2, 30])
    middle = funnel_limits(told, "percent")["middle"].iloc[0]
    assert middle == pytest.approx((2 * 75 + 11 * 30 * 60) / 332)
    assert funnel_rows(mostly_absent, "percent", above)["z"].iloc[0] > 8


def test_a_funnel_says_whom_its_sizes_count(mostly_absent: pd.DataFrame) -> None:
    note = "sizes count learners without a score too"
    spec, _ = split_chart(funnel(mostly_absent))
    assert spec["title"]["subtitle"][-1] == note
    assert "Learners in the group (square-root scale)" in str(spec)
    told, _ = split_chart(funnel(mostly_absent.assign(n=30)))
    assert note not in str(told)
    assert "Learners with a score in the group (square-root scale)" in str(told)
    level = mostly_absent.assign(n=mostly_absent["group_name"])
    assert funnel_rows(level, "percent")["population"].tolist() == [30] * 12


def test_the_legend_names_every_state(classes: pd.DataFrame) -> None:
    encodings = [layer["encoding"] for layer in split_chart(funnel(classes))[0]["layer"]]
    (shape,) = (one["shape"] for one in encodings if "shape" in one)
    (fill,) = (one["fill"] for one in encodings if "fill" in one)
    assert shape["scale"]["domain"] == fill["scale"]["domain"]
    assert shape["scale"]["domain"] == ["within 95 %", "beyond 95 %", "beyond 99.8 %", "no limits"]
    assert shape["legend"] == fill["legend"] == {"columns": 2}


def test_of_2410_schools_a_fair_selection_is_drawn(authorities: pd.DataFrame) -> None:
    spec, datasets = split_chart(funnel(authorities, measure="score"))
    drawn = pd.DataFrame(datasets["groups"])
    assert 150 <= len(drawn) <= 200
    assert spec["title"]["subtitle"][2] == f"{len(drawn)} of 2,410 groups drawn"
    outside = (funnel_rows(authorities, "score")["zone"] == "beyond 99.8 %").sum()
    alone = authorities["stddev_score"].isna().sum()
    assert spec["title"]["subtitle"][1].startswith(f"no limits for {alone} groups: fewer than 2 scores")
    assert spec["title"]["subtitle"][0] == f"{outside} of 2,410 groups outside the limits of 99.8 %"
    assert (drawn["population"].median()) == pytest.approx(authorities["population"].median(), abs=2)
    assert 1 <= (drawn["label"] != "").sum() <= 6


def test_an_empty_funnel_says_so(classes: pd.DataFrame) -> None:
    _, datasets = split_chart(funnel(classes.head(0)))
    assert datasets["message"] == [{"text": "No scores"}]
