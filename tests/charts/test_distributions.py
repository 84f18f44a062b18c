from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd
import pytest

from learnosity_nb.charts import score_distribution, split_chart
from learnosity_nb.errors import InputError
from learnosity_nb.frames.origin import with_origin

Spread = Callable[[Sequence[float]], pd.DataFrame]


def test_a_histogram_has_its_bars_and_its_median(spread: Spread) -> None:
    spec, datasets = split_chart(score_distribution(spread([1, 2, 2, 4])))
    assert set(datasets) == {"bars", "middle", "message"}
    assert datasets["middle"] == [{"group": "", "value": 2.0, "label": "median 2"}]
    assert datasets["message"] == []
    assert spec["layer"][0]["encoding"]["x"]["title"] == "Score (points)"


@pytest.mark.parametrize("kind", ["histogram", "ecdf"])
def test_groups_over_each_other_are_named_only_in_the_rows(kind: str, spread: Spread, hostile: list[str]) -> None:
    for start in range(0, len(hostile), 6):
        names = hostile[start : start + 6]
        spec, datasets = split_chart(score_distribution({name: spread([1, 2]) for name in names}, kind=kind))  # type: ignore[arg-type]
        drawn = datasets["outline" if kind == "histogram" else "steps"]
        assert list(dict.fromkeys(row["group"] for row in drawn)) == names
        assert not any(f"'{name}'" in repr(spec) for name in names if name not in {"null", "0"})


@pytest.mark.parametrize("kind", ["histogram", "ecdf"])
def test_nobody_with_a_score_is_said(kind: str, spread: Spread) -> None:
    _, datasets = split_chart(score_distribution(spread([]), kind=kind))  # type: ignore[arg-type]
    assert datasets["message"] == [{"text": "No scores"}]


def test_a_thinned_curve_says_so_under_its_title(spread: Spread) -> None:
    spec, datasets = split_chart(score_distribution(spread(list(range(500))), kind="ecdf", title="Scores"))
    assert spec["title"]["text"] == "Scores"
    assert "200 steps" in spec["title"]["subtitle"][0]
    assert len(datasets["steps"]) == 201


@pytest.mark.parametrize("field", ["score", "percent"])
def test_the_frame_knows_what_its_values_are(field: str, spread: Spread) -> None:
    frame = with_origin(spread([1, 2]), dataset_id="d", call={"method": "distribution", "field": field})
    title = {"score": "Score (points)", "percent": "Percent of maximum"}[field]
    for shown in (frame, {"one": frame, "other": spread([3])}):
        spec, _ = split_chart(score_distribution(shown))
        assert spec["layer"][0]["encoding"]["x"]["title"] == title


def test_an_unknown_kind_is_refused(spread: Spread) -> None:
    with pytest.raises(InputError, match="histogram or ecdf"):
        score_distribution(spread([1]), kind="pie")  # type: ignore[arg-type]
