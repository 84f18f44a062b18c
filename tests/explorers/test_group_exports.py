"""Files that an explorer writes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import learnosity_nb as lnb


def test_csv_holds_the_rows_in_view_of_every_page(make: Any, tmp_path: Path) -> None:
    explorer = make(page_size=2)
    explorer.group_path = ("district 0",)
    explorer.fields = ("population",)
    file = explorer.to_csv(tmp_path / "rows.csv")
    read = pd.read_csv(file)
    assert len(read) == len(explorer.value) > 2
    assert list(read.columns) == list(explorer.value.columns)


def test_csv_of_a_subtree_holds_every_group_below(make: Any, tmp_path: Path, dataset: lnb.Dataset) -> None:
    explorer = make()
    explorer.group_path = ("district 0",)
    read = pd.read_csv(explorer.to_csv(tmp_path / "below.csv", subtree=True))
    assert len(read) == len(dataset.walk(["district 0"]))
    assert read["level"].tolist()[0] == 1


@pytest.mark.parametrize("change", [{}, {"sort_field": "population"}, {"filter": "c"}, {"fields": ("population",)}])
def test_an_export_can_be_verified_or_says_that_it_cannot(
    make: Any, tmp_path: Path, dataset: lnb.Dataset, change: dict[str, Any]
) -> None:
    from learnosity_nb.domain.origin import parse_origin

    explorer = make()
    explorer.group_path = ("district 0",)
    for name, value in change.items():
        setattr(explorer, name, value)
    origin = parse_origin(explorer.value.attrs["learnosity_nb"])
    assert origin is not None
    assert origin.dataset_id == dataset.dataset_id
    if origin.call is None:
        assert "filter" in change
        return
    assert lnb.verify(explorer.to_csv(tmp_path / "rows.csv"), dataset=dataset)
    call = dict(origin.call)
    again = getattr(dataset, call.pop("method"))(**call)
    pd.testing.assert_frame_equal(again[explorer.value.columns], explorer.value)


def test_the_provenance_holds_the_code(make: Any, tmp_path: Path) -> None:
    explorer = make()
    explorer.filter = "district 1"
    explorer.to_csv(tmp_path / "rows.csv")
    said = (tmp_path / "rows.csv.provenance.json").read_text(encoding="utf-8")
    assert "str.contains" in said


def test_a_page_drills_down_without_a_kernel(make: Any, tmp_path: Path) -> None:
    explorer = make()
    explorer.sort_field = "population"
    file = explorer.to_html(tmp_path / "page.html")
    text = file.read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>")
    assert "fewer than 5 learners" in text
    assert "learner-0" not in text


def test_a_file_name_of_a_download_is_plain_whatever_the_group_is_called(make: Any) -> None:
    from learnosity_nb.explorers.group_exports import answer

    explorer = make(min_population=0)
    for path in explorer.dataset.walk()["group_path"]:
        name = answer("csv", explorer._gathered(group_path=path), explorer._source, 50)["name"]
        assert name == "groups.csv" or all(one.isascii() and (one.isalnum() or one in "-_.") for one in name)


def carried(page: Path) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page.read_text(encoding="utf-8"))
    assert found is not None
    data: dict[str, Any] = json.loads(found[1])
    return data


@pytest.mark.parametrize(
    ("chosen", "fields", "sort"),
    [
        ({"sort_field": "group_name", "sort_order": "asc"}, None, {"field": "group_name", "order": "asc"}),
        ({}, None, {"field": "mean_percent", "order": "desc"}),
        ({}, ["population"], None),
    ],
)
def test_a_page_has_the_order_of_the_screen(
    make: Any, tmp_path: Path, chosen: dict[str, str], fields: Any, sort: Any
) -> None:
    explorer = make(fields=fields)
    explorer.group_path = ("district 0",)
    for name, value in chosen.items():
        setattr(explorer, name, value)
    data = carried(explorer.to_html(tmp_path / "page.html"))
    assert data["sort"] == sort
    top = [name for name, parent in zip(data["names"], data["parents"], strict=True) if parent == 0]
    assert top == explorer.value["group_name"].tolist()


def test_a_page_stands_with_its_provenance_and_the_distributions_of_every_shown_group(
    make: Any, tmp_path: Path, dataset: lnb.Dataset
) -> None:
    explorer = make()
    page = explorer.to_html(tmp_path / "page.html")
    found = lnb.verify(page)
    assert found
    assert found.provenance.code == "frame = dataset.walk([], min_population=5)"
    assert found.provenance.tables[0].origin.call["method"] == "walk"
    data = carried(page)
    held = [one is None for one in data["chart"]["distributions"]]
    assert held == [bool(hidden) for hidden in data["withheld"]]


def test_one_row_is_counted_in_the_singular(make: Any, counties: lnb.Dataset) -> None:
    assert repr(make(counties)) == "GroupExplorer([], 1 county)"
    assert "1 county" in make(counties)._faces.table.view["message"]


def test_a_withheld_groups_chart_says_withheld(make: Any, dataset: lnb.Dataset) -> None:
    walked = dataset.walk(min_population=60)
    path = walked.loc[walked["withheld"], "group_path"].iloc[0]
    explorer = make(min_population=60)
    explorer.group_path = path
    for kind in ("distribution", "ranking"):
        explorer.chart = kind
        assert "withheld" in explorer._faces._drawn.chart["message"]
