"""The funnel of a page with more groups than it draws, against the one that Python draws."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from learnosity_nb.charts import kind_chart, split_chart
from learnosity_nb.pages.scripts import enclosed

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("size", [1, 199, 640])
def test_the_same_groups_are_chosen_and_named(tab: Any, size: int) -> None:
    draw = np.random.default_rng(size)
    frame = pd.DataFrame(
        {
            "group_id": [f"id {at}" for at in range(size)],
            "group_name": [f"group {at}" for at in range(size)],
            "group_path": [(f"group {at}",) for at in range(size)],
            "population": draw.integers(1, 400, size),
            "mean_score": draw.normal(50, 6, size),
            "stddev_score": np.where(draw.random(size) < 0.1, np.nan, draw.uniform(5, 20, size)),
            "withheld": draw.random(size) < 0.1 if size > 1 else [False],
        }
    )
    _, expected = split_chart(kind_chart("funnel", frame.assign(id=frame["group_name"]), None, None, "score"))
    columns = ["population", "mean_score", "stddev_score"]
    scene = {
        "chart": {"measure": "score"},
        "names": ["All", *frame["group_name"]],
        "figures": [[name, [None, *frame[name].astype(object).where(frame[name].notna(), None)]] for name in columns],
        "withheld": [0, *frame["withheld"].astype(int).tolist()],
        "siblings": list(range(1, size + 1)),
        "here": 0,
        "name": "All",
    }
    program = "\n".join(enclosed(name) for name in ("static_model", "chart_rows"))
    tab.page.set_content("<!doctype html><title>Rows</title>")
    drawn = "chart_rows.rowsOf('funnel', { ...scene, figures: new Map(scene.figures) })"
    answer = tab.page.evaluate(f"scene => {{ {program}; return {drawn}; }}", scene)
    found = answer["datasets"]
    chosen, wanted = ({row["name"]: row for row in rows["groups"]} for rows in (found, expected))
    assert chosen.keys() == wanted.keys()
    assert len(chosen) <= 200
    for name, row in wanted.items():
        assert (chosen[name]["label"], chosen[name]["zone"]) == (row["label"], row["zone"])
        assert chosen[name]["z"] == (None if row["z"] is None else pytest.approx(row["z"]))
    assert ("have no limits" in answer["summary"]) == ("no limits" in {row["zone"] for row in chosen.values()})
    assert size == 1 or "no limits" in {row["zone"] for row in chosen.values()}
    assert [row["high_998"] for row in found["limits"]] == pytest.approx(
        [row["high_998"] for row in expected["limits"]]
    )
