"""What an explorer shows and gives away: no figure of a small group, no learner, no name that a page would run."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import learnosity_nb as lnb
from learnosity_nb.explorers.explore import explore
from learnosity_nb.explorers.group_explorer import GroupExplorer

SMALL = {"Ash": 30, "Birch": 12, "Cedar": 3}
SECRET = 77.125
"""The mean of the small group: no other figure is like it."""


def shown_texts(explorer: GroupExplorer) -> str:
    """Return everything an explorer shows, as one text."""
    drawn = explorer._faces._drawn
    parts = [explorer.value.to_csv(), explorer.code(), repr(explorer), str(explorer.state_dict())]
    return "\n".join([*parts, str(drawn.table), str(drawn.chart), drawn.comparison, str(explorer._repr_mimebundle_())])


def all_texts(explorer: GroupExplorer, folder: Path) -> str:
    """Return everything an explorer shows or gives away, as one text."""
    explorer.to_csv(folder / "view.csv")
    explorer.to_csv(folder / "below.csv", subtree=True)
    explorer.to_html(folder / "page.html")
    files = (file.read_text(encoding="utf-8") for file in sorted(folder.iterdir()))
    return "\n".join([shown_texts(explorer), *files])


@pytest.fixture(scope="module")
def school() -> Any:
    """Three classes, one of three learners whose scores nobody else has; Birch is the next smallest."""
    rows = []
    for name, size in SMALL.items():
        rows += [(name, f"{name}-learner-{at}", SECRET if name == "Cedar" else float(at)) for at in range(size)]
    frame = pd.DataFrame(rows, columns=["class", "pupil", "mark"])
    explorer = explore(frame, levels=["class"], user="pupil", score="mark", max_score=100, progress=False)
    yield explorer.dataset
    explorer.close()


@pytest.fixture
def private(school: lnb.Dataset) -> Any:
    explorer = GroupExplorer(school, strict=True)
    yield explorer
    explorer.close()


def test_a_small_group_and_its_next_smallest_sibling_are_withheld(private: GroupExplorer) -> None:
    withheld = private.value.set_index("group_name")["withheld"]
    assert withheld.to_dict() == {"Ash": False, "Birch": True, "Cedar": True}
    rows = {row["id"]: row for row in private._faces.table.view["rows"]}
    assert [rows["Cedar"]["opens"], rows["Ash"]["opens"]] == [False, True]
    assert rows["Cedar"]["cells"][1:] == [None] * (len(rows["Cedar"]["cells"]) - 1)
    assert rows["Cedar"]["note"] == rows["Birch"]["note"]
    assert rows["Cedar"]["note"] == "withheld"
    assert any("fewer than 5" in note for note in private._faces.table.view["notes"])


@pytest.mark.parametrize("kind", ["distribution", "ecdf", "percentiles", "ranking", "funnel", "attempted"])
def test_no_figure_of_a_small_group_leaves_the_explorer(private: GroupExplorer, kind: str, tmp_path: Path) -> None:
    private.chart = kind

    def texts(name: str) -> str:
        if kind != "distribution":
            return shown_texts(private)  # files are the same whatever chart is shown
        (tmp_path / name).mkdir()
        return all_texts(private, tmp_path / name)

    for path in [("Cedar",), ("Birch",)]:
        private.group_path = path
        assert private.value.empty
        said = texts(path[0])
        assert str(SECRET) not in said
        assert "learner-" not in said
        assert any("Nothing of this group is shown" in note for note in private._faces.table.view["notes"])
    private.group_path = ()
    private.selection = ("Ash", "Cedar")
    assert not re.search(r"learner-\d", texts("all"))
    compared = private.comparison().set_index("group_name")
    assert compared.loc["Cedar", ["n", "mean", "median", "mean_difference"]].isna().all()


def test_order_tells_nothing_of_withheld_groups(private: GroupExplorer) -> None:
    private.sort_field = "mean_percent"
    assert private.value["group_name"].tolist() == ["Ash", "Birch", "Cedar"]
    private.sort_order = "asc"
    assert private.value["group_name"].tolist() == ["Ash", "Birch", "Cedar"]


def test_learners_appear_by_the_same_pseudonyms_everywhere(private: GroupExplorer, tmp_path: Path) -> None:
    private.group_path = ("Ash",)
    said = all_texts(private, tmp_path)
    assert not re.search(r"learner-\d", said)
    assert private.value["user_id"].str.fullmatch("[A-Z2-7]{10}").all()
    assert "pseudonym" in str(private._faces.table.view["notes"])
    assert private._faces.table.view["filter_label"] == "Filter learners by pseudonym"


def test_names_are_shown_when_they_are_asked_for(school: lnb.Dataset, tmp_path: Path) -> None:
    explorer = GroupExplorer(school, show_names=True, min_population=0)
    explorer.group_path = ("Cedar",)
    assert "Cedar-learner-1" in (said := all_texts(explorer, tmp_path))
    assert str(SECRET) in said
    explorer.close()


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.handlers: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        self.handlers |= {
            name for name, value in attrs if name.startswith("on") or (value or "").startswith("javascript")
        }


def test_no_name_becomes_markup(make: Any, dataset: lnb.Dataset) -> None:
    explorer = make()
    explorer.group_path = ("district 0",)
    names = explorer.value.loc[~explorer.value["withheld"], "group_name"].tolist()
    assert any("<script>" in name for name in names)
    for kind in ("distribution", "ranking"):
        explorer.chart = kind
        for marked in [(), tuple(names[:5])]:
            explorer.selection = marked
            bundle = explorer._repr_mimebundle_()
            for text in (bundle["text/html"], explorer._faces._comparison.value):
                tags = Tags()
                tags.feed(text)
                assert not tags.found & {"script", "b", "iframe", "object", "image", "foreignobject"}
                assert not tags.handlers
            assert len(bundle["text/html"].encode()) <= 64 * 1024
            assert len(json.dumps(bundle["text/plain"])) < 80
    explorer.group_path = ("district 0", names[0])
    assert explorer.group_path == ("district 0", names[0])


def test_a_fallback_of_2410_schools_stays_small(make: Any, counties: lnb.Dataset) -> None:
    explorer = make(counties)
    explorer.group_path = ("Kent",)
    html = explorer._repr_mimebundle_()["text/html"]
    assert len(html.encode()) <= 64 * 1024
    assert "50 of 2,410 schools" in html
    assert "<script" not in html
