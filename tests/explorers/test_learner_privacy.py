"""What a learner explorer shows and gives away: nobody by name unless names are wanted, and no small cohort."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from pandas.testing import assert_frame_equal

import learnosity_nb as lnb
from learnosity_nb.explorers.learner_chart import CHARTS
from learnosity_nb.explorers.learner_explorer import LearnerExplorer

COURSE = "course-v1:Tests+T1+2026"
NAMED = re.compile(r"[Ss]ecret(name)?\d|mail\.test|constructor-\d|owl-\d")

Look = Callable[..., LearnerExplorer]


def shown_texts(explorer: LearnerExplorer) -> str:
    """Return everything an explorer shows, as one text."""
    drawn = explorer._faces.drawn
    parts = [explorer.value.to_csv(), explorer.code(), repr(explorer), str(explorer.state_dict())]
    return "\n".join([*parts, str(drawn.table), str(drawn.chart), str(explorer._repr_mimebundle_())])


def all_texts(explorer: LearnerExplorer, folder: Path) -> str:
    """Return everything an explorer shows or gives away, as one text."""
    folder.mkdir()
    explorer.to_csv(folder / "view.csv")
    explorer.to_html(folder / "page.html")
    files = (file.read_text(encoding="utf-8") for file in sorted(folder.iterdir()))
    return "\n".join([shown_texts(explorer), *files])


def test_nobody_is_named_anywhere(look: Look, tmp_path: Path, sent: list[dict[str, Any]]) -> None:
    explorer = look()
    said = [all_texts(explorer, tmp_path / "roster")]  # files are the same whatever chart is shown
    for kind in CHARTS:
        explorer.chart = kind
        said.append(shown_texts(explorer))
    explorer.sort_field = "cohort"
    explorer.learner = explorer.value["username"].iloc[5]
    said.append(all_texts(explorer, tmp_path / "learner"))
    explorer.reasons()
    assert explorer.value is not None
    explorer.settle(60)
    assert not NAMED.search("\n".join([*said, json.dumps(sent)]))


@pytest.mark.parametrize("text", ["Secretname12", "secret12@mail.test", "constructor-5", "Secretname"])
def test_a_search_does_not_tell_whose_name_it_is(look: Look, text: str) -> None:
    explorer = look()
    explorer.filter = text
    assert explorer.value.empty
    assert "matched" in explorer.value
    named = look(show_names=True)
    named.filter = text
    assert len(named.value) > 0


def test_names_are_in_the_browser_only_for_the_page_in_view(look: Look, sent: list[dict[str, Any]]) -> None:
    explorer = look(show_names=True, page_size=5)
    explorer.settle(60)
    shown = set(re.findall(r"secret\d+@mail.test", json.dumps(sent)))
    assert shown == set(explorer.value["email"].head(5).dropna())
    assert [column["key"] for column in explorer._faces.table.view["columns"]][:3] == ["username", "name", "email"]


def test_names_are_written_only_when_they_are_shown(look: Look, tmp_path: Path) -> None:
    explorer = look(show_names=True)
    explorer.filter = "secret12@"
    assert explorer.value["username"].str.endswith("-12").all()
    assert "secret12@mail.test" in all_texts(explorer, tmp_path / "named")
    explorer.learner = explorer.value["username"].iloc[0]
    assert "secret12@mail.test" in str(explorer._faces.table.view["notes"])


def test_pseudonyms_are_those_of_the_connection(look: Look, school: lnb.Connection) -> None:
    explorer = look()
    again = school.learners(COURSE, pseudonyms=True, min_population=5)
    assert_frame_equal(explorer.value, again)
    assert explorer.value["username"].is_monotonic_increasing
    assert explorer.value["username"].str.fullmatch("[A-Z2-7]{10}").all()
    learner = explorer.value["username"].iloc[3]
    assert school.why(COURSE, learner, pseudonyms=True).shape[1] == 5


def test_small_cohorts_and_modes_are_withheld_everywhere(look: Look, tmp_path: Path) -> None:
    explorer = look()
    # "two" has 2 learners, so the next smallest cohort goes with it; "scholarship" has 1
    assert explorer.value["cohort"].nunique() == 2
    assert explorer.value["enrollment_mode"].nunique() == 1
    labels = {chip["label"] for chip in explorer._faces.table.view["chips"]}
    assert not labels & {"two", "scholarship"}
    assert "fewer than 5 learners are withheld" in " ".join(explorer._faces.table.view["notes"])
    said = all_texts(explorer, tmp_path / "all")
    assert '"two"' not in said
    assert "scholarship" not in said
    all_shown = look(min_population=0)
    assert {"two", "scholarship"} <= {*all_shown.value["cohort"].dropna(), *all_shown.value["enrollment_mode"]}
    assert "min_population" not in all_shown.code()
    named = look(show_names=True)
    assert "two" in set(named.value["cohort"])


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        assert not [name for name, _ in attrs if name.startswith("on")]


def test_no_name_becomes_markup(look: Look) -> None:
    explorer = look(show_names=True)
    learners = explorer.value["username"]
    for learner in [
        None,
        *(next(one for one in learners if mark in one) for mark in ("<script", "HYPERLINK", "\u202e")),
    ]:
        explorer.learner = learner
        html = explorer._repr_mimebundle_()["text/html"]
        tags = Tags()
        tags.feed(html)
        assert not tags.found & {"script", "b", "iframe", "object", "image", "foreignobject"}
        assert len(html.encode()) <= 64 * 1024
