"""The funnel in a group explorer: of all groups in view, whatever the page."""

from __future__ import annotations

from typing import Any

import learnosity_nb as lnb


def test_a_funnel_is_of_all_groups_and_draws_200_at_most(make: Any, counties: lnb.Dataset) -> None:
    explorer = make(counties)
    explorer.group_path = ("Kent",)
    explorer.chart = "funnel"
    explorer.settle(60)
    shown = explorer._faces._drawn.chart
    explorer.page, explorer.filter = 3, "0001"
    again = explorer._faces._drawn.chart
    assert (shown["message"], shown["title"]) == (None, "Funnel: Kent")
    assert shown["summary"].startswith("2,410 groups; ")
    assert 150 < len(shown["datasets"]["groups"]) <= 200
    assert again["datasets"] == shown["datasets"]
    assert again["spec"] == shown["spec"]


def test_a_funnel_names_the_fields_it_lacks(make: Any) -> None:
    explorer = make()
    explorer.chart = "funnel"
    assert "`stddev_percent`" in explorer._faces._drawn.chart["message"]
