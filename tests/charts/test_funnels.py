from __future__ import annotations

from collections.abc import Callable

import duckdb
import numpy as np
import pandas as pd
import pytest

from learnosity_nb.charts import funnel, funnel_limits, funnel_rows, split_chart

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
    assert set(rows["zone"]) == {"within 95 %"}
    assert split_chart(funnel(alone))[1]["limit_names"] == []


def test_of_2410_schools_a_fair_selection_is_drawn(authorities: pd.DataFrame) -> None:
    spec, datasets = split_chart(funnel(authorities, measure="score"))
    drawn = pd.DataFrame(datasets["groups"])
    assert 150 <= len(drawn) <= 200
    assert spec["title"]["subtitle"][1] == f"{len(drawn)} of 2,410 groups drawn"
    outside = (funnel_rows(authorities, "score")["zone"] == "beyond 99.8 %").sum()
    assert spec["title"]["subtitle"][0] == f"{outside} of 2,410 groups outside the limits of 99.8 %"
    assert (drawn["population"].median()) == pytest.approx(authorities["population"].median(), abs=2)
    assert 1 <= (drawn["label"] != "").sum() <= 6


def test_an_empty_funnel_says_so(classes: pd.DataFrame) -> None:
    _, datasets = split_chart(funnel(classes.head(0)))
    assert datasets["message"] == [{"text": "No scores"}]
