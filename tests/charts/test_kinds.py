from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
import pytest

from learnosity_nb.charts import KINDS, describe, kind_chart, palette_config, split_chart
from learnosity_nb.errors import ColumnError, InputError, NotOffered

Make = Callable[..., pd.DataFrame]
Spread = Callable[[Sequence[float]], pd.DataFrame]

DATASETS = {
    "distribution": {"bars", "middle", "message"},
    "ecdf": {"steps", "middle", "message"},
    "percentiles": {"groups", "own", "message"},
    "ranking": {"groups", "own", "message"},
    "funnel": {"groups", "limits", "limit_names", "middle", "message"},
    "attempted": {"groups", "own", "message"},
}
ALL = [kind["key"] for kind in KINDS]


@pytest.mark.parametrize("kind", ALL)
def test_only_the_rows_differ_from_group_to_group(
    kind: str, classes: pd.DataFrame, school: pd.DataFrame, spread: Spread, hostile: list[str]
) -> None:
    spec, datasets = split_chart(kind_chart(kind, classes, school, spread([1, 2, 2]), "mean_percent"))
    assert set(datasets) == DATASETS[kind]
    renamed = classes.iloc[:2].assign(group_name=hostile[:2], median_percent=[1.0, 2.0])
    others = [
        (renamed, school.assign(group_name=hostile[2]), spread([0.123, 40.0, 41.5])),
        (classes.head(0), None, spread([])),
        (classes.assign(withheld=True), school.assign(withheld=True), spread([])),
    ]
    for children, own, distribution in others:
        assert split_chart(kind_chart(kind, children, own, distribution, "mean_percent"))[0] == spec


@pytest.mark.parametrize("kind", ALL)
def test_nothing_to_draw_is_said_and_is_no_error(kind: str, classes: pd.DataFrame, spread: Spread) -> None:
    _, datasets = split_chart(kind_chart(kind, classes.head(0), None, spread([]), "mean_percent"))
    assert datasets["message"] == [{"text": "No scores"}]


@pytest.mark.parametrize("kind", ["percentiles", "ranking", "funnel", "attempted"])
def test_every_mark_of_a_group_carries_its_id_and_its_name_as_it_is(
    kind: str, groups: Make, classes: pd.DataFrame, hostile: list[str]
) -> None:
    figures = {
        name: [float(classes[name].iloc[0])] * len(hostile) for name in classes.columns if "percent" in str(name)
    }
    many = groups(hostile, population=[9] * len(hostile), **figures)
    spec, datasets = split_chart(kind_chart(kind, many, None, None, "percent"))
    assert {row["name"]: row["id"] for row in datasets["groups"]} == dict(zip(hostile, many["group_id"], strict=True))
    used = {name for name in hostile if f"'{name}'" in repr(spec)}
    assert used <= {"null", "0"}
    drawn = {name for rows in datasets.values() for row in rows[:1] for name in row}
    assert _fields(spec) <= {"id", "text", "label", "value", "key", *drawn}
    own_ids = split_chart(kind_chart(kind, many.assign(id=hostile), None, None, "percent"))[1]["groups"]
    assert {row["id"] for row in own_ids} == set(hostile)


def test_a_bare_measure_is_ranked_by_its_mean_or_else_its_median(classes: pd.DataFrame) -> None:
    _, datasets = split_chart(kind_chart("ranking", classes, None, None, "percent"))
    assert datasets["groups"][1]["value"] == 62.5
    _, datasets = split_chart(kind_chart("ranking", classes.drop(columns="mean_percent"), None, None, "percent"))
    assert datasets["groups"][1]["value"] == 62.0
    with pytest.raises(ColumnError, match="`mean_score`"):
        kind_chart("ranking", classes, None, None, "score")


def test_without_distributions_percentiles_are_named(classes: pd.DataFrame) -> None:
    with pytest.raises(NotOffered, match="`p25_percent`, `median_percent`, `p75_percent`"):
        kind_chart("ecdf", classes, None, None, "population")


def test_an_unknown_kind_is_refused_with_a_near_one(classes: pd.DataFrame) -> None:
    with pytest.raises(InputError, match="did you mean `ranking`"):
        kind_chart("rankings", classes, None, None, "percent")


@pytest.mark.parametrize("kind", ALL)
def test_colours_are_only_in_the_config(kind: str, classes: pd.DataFrame, school: pd.DataFrame, spread: Spread) -> None:
    specs = [
        split_chart(kind_chart(kind, classes, school, spread([1, 2]), "percent", dark=dark))[0]
        for dark in (None, False, True)
    ]
    for spec, dark in zip(specs, (None, False, True), strict=True):
        config = spec.pop("config")
        config["view"] = {"stroke": config["view"]["stroke"]}  # Altair's own theme adds sizes
        assert config == palette_config(dark)
    assert specs[0] == specs[1] == specs[2]
    assert "#" not in repr(specs[0]).replace("'$schema'", "")


def _fields(part: Any) -> set[str]:
    if isinstance(part, list):
        return {name for one in part for name in _fields(one)}
    if not isinstance(part, dict):
        return set()
    own = {part["field"]} if isinstance(part.get("field"), str) else set()
    return own | {name for one in part.values() for name in _fields(one)}


@pytest.mark.parametrize("kind", ["percentiles", "ranking"])
def test_a_chart_of_withheld_groups_only_says_withheld(kind: str) -> None:
    columns = ["population", "mean_percent", "p25_percent", "median_percent", "p75_percent"]
    figures = {name: pd.Series([float("nan")]) for name in columns}
    hidden = pd.DataFrame(
        {"group_id": ["x"], "group_name": ["7a"], "group_path": [("7a",)], **figures, "withheld": [True]}
    )
    _, datasets = split_chart(kind_chart(kind, hidden, None, None, "mean_percent"))
    assert datasets["message"] == [{"text": "Withheld"}]
    assert describe(kind, hidden, "mean_percent") == "Withheld; 1 group withheld."
