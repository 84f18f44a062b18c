"""Random walks through a learner explorer: its code gives its value, and its state gives both again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from pandas.testing import assert_frame_equal

import learnosity_nb as lnb
from learnosity_nb.explorers.learner_chart import CHARTS
from learnosity_nb.explorers.learner_explorer import LearnerExplorer

COURSE = "course-v1:Tests+T1+2026"
ORDERS = st.sampled_from(["asc", "desc"])
SEARCHES = st.sampled_from(["", "a", "A", "q2", "  ", "<", "secret1", "O'Brien", "zeile", "Ä"])
SEGMENTS = ["highly_engaged", "disengaging", "struggling", "inactive", "unenrolled"]


class Walk(RuleBasedStateMachine):
    """Clicks and settings in any order; `browser` decides which of the two each is."""

    school: lnb.Connection
    options: dict[str, Any]

    def __init__(self) -> None:
        super().__init__()
        self.explorer = LearnerExplorer(self.school, COURSE, strict=True, page_size=7, **self.options)
        self.explorer.settle(60)

    def teardown(self) -> None:
        self.explorer.close()

    @property
    def view(self) -> dict[str, Any]:
        shown: dict[str, Any] = self.explorer._faces.table.view
        return shown

    def click(self, **values: Any) -> None:
        self.explorer._faces.table.set_state(values)
        self.explorer.settle(60)

    @rule(at=st.integers(0, 6), browser=st.booleans())
    def open(self, at: int, browser: bool) -> None:
        rows = self.view["rows"]
        if self.explorer.learner is not None or not rows:
            return
        learner = rows[at % len(rows)]["id"]
        if browser:
            self.click(path=[learner])
        else:
            self.explorer.learner = learner
        assert (self.explorer.learner, self.explorer.page) == (learner, 1)

    @rule(browser=st.booleans())
    def go_back(self, browser: bool) -> None:
        learner = self.explorer.learner
        if browser:
            self.click(path=[])
        else:
            self.explorer.learner = None
        if learner is not None and learner in set(self.explorer.value["username"]):
            assert learner in [row["id"] for row in self.view["rows"]]

    @rule(at=st.integers(0, 20), order=ORDERS, browser=st.booleans())
    def sort(self, at: int, order: str, browser: bool) -> None:
        columns = [column["key"] for column in self.view["columns"] if column["sortable"]]
        if not columns:
            return
        field = columns[at % len(columns)]
        if browser:
            self.click(sort={"field": field, "order": order})
            return
        with self.explorer.hold_trait_notifications():
            self.explorer.sort_order, self.explorer.sort_field = order, field

    @rule(text=SEARCHES, browser=st.booleans())
    def find(self, text: str, browser: bool) -> None:
        if browser and self.explorer.learner is None:
            self.click(filter=text)
        else:
            self.explorer.filter = text

    @rule(at=st.integers(0, 30))
    def toggle_a_chip(self, at: int) -> None:
        chips = self.view["chips"]
        if not chips:
            return
        chip = chips[at % len(chips)]
        self.click(chips=[one["key"] for one in chips if one["on"] != (one is chip)])
        assert next(one["on"] for one in self.view["chips"] if one["key"] == chip["key"]) is not chip["on"]
        if chip["group"] != "Segment" and not chip["on"]:
            assert len(self.explorer.value) == chip["count"]

    @rule(chosen=st.lists(st.sampled_from(SEGMENTS), unique=True), hide=st.booleans())
    def choose(self, chosen: list[str], hide: bool) -> None:
        self.explorer.segments = tuple(chosen)
        self.explorer.hide_inactive = hide

    @rule(page=st.integers(1, 30), browser=st.booleans())
    def turn(self, page: int, browser: bool) -> None:
        if browser:
            self.click(page=page)
        else:
            self.explorer.page = page

    @rule(kind=st.sampled_from(CHARTS))
    def draw(self, kind: str) -> None:
        self.explorer.chart = kind

    @invariant()
    def code_gives_the_value(self) -> None:
        scope: dict[str, Any] = {"lrn": self.school}
        exec(self.explorer.code(), scope)
        assert_frame_equal(scope["frame"], self.explorer.value)

    @invariant()
    def the_page_is_a_part_of_the_value(self) -> None:
        view, value = self.view, self.explorer.value
        at = value["username"] if "username" in value else pd.Series(value.index.strftime("%Y-%m-%d"))
        assert view["total"] == len(at)
        assert [row["id"] for row in view["rows"]] == at.tolist()[view["first"] - 1 :][:7]
        assert view["error"] is None

    @rule()
    def the_state_gives_the_value_again(self) -> None:
        state = self.explorer.state_dict()
        other = LearnerExplorer.from_state(self.school, COURSE, state, page_size=7, **self.options)
        assert_frame_equal(other.value, self.explorer.value)
        assert other.state_dict() == state
        other.close()


@pytest.mark.parametrize("options", [{}, {"show_names": True}], ids=["private", "open"])
def test_code_and_state_give_the_value_wherever_one_walks(school: lnb.Connection, options: dict[str, Any]) -> None:
    walk: Callable[[], Walk] = type("CourseWalk", (Walk,), {"school": school, "options": options})
    run_state_machine_as_test(
        walk, settings=settings(max_examples=4, stateful_step_count=8, deadline=None, print_blob=True)
    )
