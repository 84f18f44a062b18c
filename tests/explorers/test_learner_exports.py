"""The charts of a learner explorer's pages: those of its own chart face, as far as they can be had."""

from __future__ import annotations

import gzip
import json
import re
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

import learnosity_nb as lnb
from learnosity_nb.explorers.learner_columns import METRIC_ORDER
from learnosity_nb.explorers.learner_explorer import LearnerExplorer

Look = Callable[..., LearnerExplorer]


def charts_of(explorer: LearnerExplorer, folder: Path) -> dict[str, Any]:
    text = explorer.to_html(folder / "page.html").read_text(encoding="utf-8")
    form, data = re.findall(r'id="data"(.*?)>(.*?)</script>', text, re.DOTALL)[0]
    carried = json.loads(gzip.decompress(b64decode(data)) if "gzip" in form else data)
    return {kind["key"]: kind for kind in carried["chart"]["kinds"]} | {"metrics": carried["chart"].get("metrics")}


def test_a_roster_page_has_the_charts_of_the_explorer(look: Look, tmp_path: Path) -> None:
    explorer = look()
    kinds = charts_of(explorer, tmp_path)
    assert list(kinds) == [*METRIC_ORDER, "segments", "weeks", "metrics"]
    assert kinds["weeks"]["title"] == "Week over week: the first 50 of 130 learners"
    explorer.chart = "weeks"
    shown = explorer._faces.drawn.chart
    assert (kinds["weeks"]["datasets"], kinds["weeks"]["spec"]) == (shown["datasets"], shown["spec"])
    assert [len(metric["bins"]) for metric in kinds["metrics"]] == [131] * len(METRIC_ORDER)


def test_a_page_of_few_learners_has_the_weeks_of_all(look: Look, tmp_path: Path) -> None:
    explorer = look(page_size=2)
    explorer.segments = ("struggling",)
    explorer.page = 2
    count = len(explorer.value)
    assert 2 < count <= 50
    assert charts_of(explorer, tmp_path)["weeks"]["title"] == f"Week over week: {count} learners"
    assert explorer.page == 2


def test_a_page_of_days_has_the_days_and_the_weeks(look: Look, tmp_path: Path) -> None:
    explorer = look()
    explorer.learner = explorer.value["username"].iloc[5]
    kinds = charts_of(explorer, tmp_path)
    assert list(kinds) == ["timeline", "weeks", "metrics"]
    for key in ("timeline", "weeks"):
        explorer.chart = key
        assert kinds[key]["title"] == explorer._faces.drawn.chart["title"]
        assert kinds[key]["datasets"] == explorer._faces.drawn.chart["datasets"]


def test_a_course_without_data_has_no_weeks(look: Look, tmp_path: Path) -> None:
    learners = pd.DataFrame({"course_id": "a/b/c", "username": ["anna", "ben"]})
    with lnb.connect_local(learners=learners, progress=False) as quiet:
        assert list(charts_of(look(quiet, "a/b/c"), tmp_path)) == [*METRIC_ORDER, "segments", "metrics"]
