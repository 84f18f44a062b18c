"""The charts of a page of learners: what the browser counts equals what Python counts, and follows the table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from learnosity_nb import charts
from learnosity_nb.charts.records import records
from learnosity_nb.frames.learner_columns import SEGMENTS
from learnosity_nb.frames.learners import label_engagement
from learnosity_nb.pages.learner_charts import drawn_charts, learner_charts
from learnosity_nb.pages.page import write_table_page
from learnosity_nb.pages.page_data import table_data
from learnosity_nb.pages.scripts import enclosed

METRICS = ("videos_viewed", "problem_attempts_per_completed")
WEEKS = {"key": "weeks", "label": "Week over week", "title": "Two weeks", "datasets": {"weeks": [], "message": []}}

DRAWN = """([data, found]) => data.chart.kinds.map(({ key }) => learner_rows.learnerRowsOf(key, {
  data, found, figures: new Map(data.figures.map((one) => [one.key, one.values])),
}))"""


def course(size: int, seed: int = 3) -> pd.DataFrame:
    """Learners with values in every zone, on its borders, and without."""
    draw = np.random.default_rng(seed)
    videos = pd.array(draw.integers(0, 7, size), dtype="Int64")
    videos[draw.random(size) < 0.1] = pd.NA
    ratios = np.where(draw.random(size) < 0.2, np.nan, draw.choice([1.0, 2.25, 3.7, 40.0, np.inf], size))
    segments = [[name for name in SEGMENTS if draw.random() < 0.3] for _ in range(size)]
    return pd.DataFrame(
        {
            "username": [f"learner {number}" for number in range(size)],
            **dict(zip(METRICS, (videos, ratios), strict=True)),
            "segments": segments,
        }
    )


@pytest.fixture
def ranges() -> pd.DataFrame:
    rows = [
        ("videos_viewed", "below_average", 0.0, 1.0),
        ("videos_viewed", "average", 1.0, 4.0),
        ("videos_viewed", "above_average", 4.0, np.inf),
        ("problem_attempts_per_completed", "below_average", np.nan, np.nan),
        ("problem_attempts_per_completed", "average", 0.0, 2.25),
        ("problem_attempts_per_completed", "above_average", 2.25, np.inf),
    ]
    return pd.DataFrame(rows, columns=["metric", "range", "low", "high"])


def table(faces: Any, learners: pd.DataFrame, ranges: pd.DataFrame) -> dict[str, Any]:
    """Return what a page of learners is written of."""
    words = [[name.replace("_", " ") for name in each] for each in learners["segments"]]
    columns = [faces.column("username", "Learner", "text")]
    columns += [faces.column(name, name, "zone") for name in METRICS]
    columns.append(faces.column("segments", "Segments", "list"))
    frame = label_engagement(learners, ranges).assign(segments=pd.Series(words, dtype=object))
    return {"frame": frame, "title": "Learners", "columns": columns, "unit": "learners"}


@pytest.mark.browser
@pytest.mark.parametrize("size", [0, 1, 60, 400])
def test_what_the_browser_counts_equals_what_python_counts(
    tab: Any, faces: Any, ranges: pd.DataFrame, size: int
) -> None:
    learners = course(size)
    given = table(faces, learners, ranges)
    options = {"chips": {}, "sort": None, "notes": (), "page_size": 50}
    data = table_data(given.pop("frame"), **given, **options) | {"chart": learner_charts(learners, ranges, METRICS)}
    tab.page.set_content("<!doctype html><title>Rows</title>")
    program = f"{enclosed('learner_rows')}\nreturn ({DRAWN})(given);"
    for step in (1, 3):  # all learners, and every third of them
        found = list(range(1, size + 1, step))
        *engaged, mixed = tab.page.evaluate(f"given => {{ {program} }}", [data, found])
        some = learners.iloc[::step].reset_index(drop=True)
        for metric, drawn in zip(METRICS, engaged, strict=True):
            bars = records(charts.engagement_rows(some, ranges, metric))  # every value occurs: they have all bins
            zones = records(charts.zone_rows(some, ranges, metric))
            assert drawn["datasets"]["bars"] == bars
            assert drawn["datasets"]["zones"] == zones
            assert drawn["datasets"]["message"] == ([] if bars else [{"text": "No learners"}])
            assert all(zone["label"] in drawn["summary"] for zone in zones)
        counts = [int(some["segments"].map(lambda each, name=name: name in each).sum()) for name in SEGMENTS]
        segments = pd.DataFrame({"name": SEGMENTS, "learners": counts})
        assert near(mixed["datasets"]["segments"], records(charts.segment_rows(segments, len(some))))
        assert mixed["title"] == f"Segments: {len(found)} learner{'' if len(found) == 1 else 's'}"


def near(one: list[dict[str, Any]], other: list[dict[str, Any]]) -> bool:
    return [{**row, "share": pytest.approx(row["share"])} for row in other] == one


@pytest.fixture
def opened(tab: Any, faces: Any, ranges: pd.DataFrame, tmp_path: Path) -> Any:
    learners = course(40)
    spec = charts.split_chart(charts.week_over_week(*[pd.DataFrame({"metric": [], "mean": []})] * 2))[0]
    drawn = [WEEKS | {"spec": spec, "summary": "nothing"}]
    given = table(faces, learners, ranges) | {"chips": {"segments": "Segment"}}
    given["charts"] = learner_charts(learners, ranges, METRICS, drawn)
    tab.page.goto(write_table_page(tmp_path / "page.html", **given).as_uri())
    tab.page.wait_for_selector(".lnb-canvas svg")
    return tab


@pytest.mark.browser
def test_the_charts_follow_the_filters_of_the_table(opened: Any) -> None:
    title = opened.page.locator(".lnb-title")
    assert title.inner_text() == "Videos viewed: 40 learners"
    opened.page.locator(".lnb-chip", has_text="struggling").click()
    count = opened.page.locator(".lnb-place").inner_text().split()[0]
    assert 0 < int(count) < 40
    assert title.inner_text() == f"Videos viewed: {count} learners"
    opened.page.check("input[value=segments]", force=True)
    assert title.inner_text() == f"Segments: {count} learners"
    assert (
        opened.page.locator(".lnb-summary").inner_text().startswith(f"Of {count} learners: struggling {count} (100 %)")
    )
    opened.page.fill("input[type=search]", "nobody")
    opened.page.wait_for_function("() => document.querySelector('.lnb-title').innerText === 'Segments: 0 learners'")


@pytest.mark.browser
def test_a_chart_that_python_drew_stays_as_it_is(opened: Any) -> None:
    opened.page.check("input[value=weeks]", force=True)
    opened.page.locator(".lnb-chip", has_text="struggling").click()
    assert opened.page.locator(".lnb-title").inner_text() == "Two weeks"
    assert opened.page.locator(".lnb-summary").inner_text() == "nothing"


def test_a_figure_without_ranges_has_no_chart(ranges: pd.DataFrame) -> None:
    learners = course(9)
    found = learner_charts(learners, ranges.query("metric == 'videos_viewed'"), METRICS)
    assert [kind["key"] for kind in found["kinds"]] == ["videos_viewed", "segments"]
    assert [kind["key"] for kind in learner_charts(learners, ranges.head(0), METRICS)["kinds"]] == ["segments"]


def test_the_specs_hold_no_row_and_drawn_charts_are_taken_as_they_are(ranges: pd.DataFrame) -> None:
    found = learner_charts(course(30), ranges, METRICS, [WEEKS])
    assert found["kinds"][-1] == WEEKS
    assert all("datasets" not in kind for kind in found["kinds"][:-1])
    assert drawn_charts([WEEKS])["kinds"] == [WEEKS]
    assert set(drawn_charts([])["configs"]) == {"light", "dark"}
