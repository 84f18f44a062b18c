"""What a page's charts say of groups that are withheld."""

from __future__ import annotations

from typing import Any

import pytest

from learnosity_nb.pages.scripts import enclosed

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("kind", ["distribution", "percentiles", "ranking", "funnel", "attempted"])
@pytest.mark.parametrize(("withheld", "said"), [(1, "Withheld"), (0, "No scores")])
def test_a_chart_without_rows_says_whether_they_are_withheld(tab: Any, kind: str, withheld: int, said: str) -> None:
    scene = {
        "chart": {"measure": "percent", "statistics": [["median", "median_percent"]], "field": "mean_percent"},
        "names": ["All", "7a"],
        "withheld": [withheld, withheld],
        "rows": [1],
        "siblings": [1],
        "here": 0,
        "name": "All",
        "distribution": None if withheld else {"values": [], "counts": [], "edges": [], "bars": [], "labels": []},
    }
    program = "\n".join(enclosed(name) for name in ("static_model", "chart_rows"))
    tab.page.set_content("<!doctype html><title>Rows</title>")
    drawn = "chart_rows.rowsOf(kind, { ...scene, figures: new Map() })"
    found = tab.page.evaluate(f"([kind, scene]) => {{ {program}; return {drawn}; }}", [kind, scene])
    assert found["datasets"]["message"] == [{"text": said}]
    assert found["summary"] == f"{said}."
