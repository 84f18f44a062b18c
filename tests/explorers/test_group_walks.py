"""Random walks through an explorer: its code gives its value, and its state gives both again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from pandas.testing import assert_frame_equal

import learnosity_nb as lnb
from learnosity_nb.explorers.group_explorer import GroupExplorer

ORDERS = st.sampled_from(["asc", "desc"])
FILTERS = st.sampled_from(["", "c", "O'", "<", "\\", "ß", "zeile\n", ".", "district", "q", "A"])


class Walk(RuleBasedStateMachine):
    """Clicks and settings in any order; `browser` decides which of the two each is."""

    dataset: lnb.Dataset
    options: dict[str, Any]

    def __init__(self) -> None:
        super().__init__()
        self.explorer = GroupExplorer(self.dataset, strict=True, page_size=3, **self.options)

    def teardown(self) -> None:
        self.explorer.close()

    def click(self, **values: Any) -> None:
        self.explorer._faces.table.set_state(values)
        self.explorer.settle(60)

    @rule(at=st.integers(0, 20), browser=st.booleans())
    def drill(self, at: int, browser: bool) -> None:
        if "group_name" not in self.explorer.value or self.explorer.value.empty:
            return
        names = self.explorer.value["group_name"]
        path = (*self.explorer.group_path, names.iloc[at % len(names)])
        if browser:
            self.click(path=list(path))
        else:
            self.explorer.group_path = path
        assert self.explorer.group_path == path
        assert (self.explorer.filter, self.explorer.selection, self.explorer.page) == ("", (), 1)

    @rule(browser=st.booleans())
    def up(self, browser: bool) -> None:
        path = self.explorer.group_path[:-1]
        if browser:
            self.click(path=list(path))
        else:
            self.explorer.group_path = path

    @rule(at=st.integers(0, 20), order=ORDERS, browser=st.booleans())
    def sort(self, at: int, order: str, browser: bool) -> None:
        columns = [one["key"] for one in self.explorer._faces.table.view["columns"]]
        field = columns[at % len(columns)]
        if browser:
            self.click(sort={"field": field, "order": order})
            return
        with self.explorer.hold_trait_notifications():
            self.explorer.sort_order = order
            self.explorer.sort_field = field

    @rule(text=FILTERS, browser=st.booleans())
    def find(self, text: str, browser: bool) -> None:
        if browser:
            self.click(filter=text)
        else:
            self.explorer.filter = text

    @rule(at=st.lists(st.integers(0, 9), max_size=5), browser=st.booleans())
    def mark(self, at: list[int], browser: bool) -> None:
        if "group_name" not in self.explorer.value or self.explorer.value.empty:
            return
        names = self.explorer.value["group_name"]
        chosen = list(dict.fromkeys(names.iloc[one % len(names)] for one in at))
        if browser:
            self.click(marked=chosen)
        else:
            self.explorer.selection = tuple(chosen)
        if len(chosen) > 1:
            assert self.explorer.comparison()["group_name"].tolist() == chosen

    @rule(chosen=st.data())
    def choose(self, chosen: st.DataObject) -> None:
        figures = list(self.explorer._source.figures)
        self.explorer.fields = tuple(chosen.draw(st.lists(st.sampled_from(figures), unique=True, max_size=4)))

    @rule(page=st.integers(1, 6), browser=st.booleans())
    def turn(self, page: int, browser: bool) -> None:
        if browser:
            self.click(page=page)
        else:
            self.explorer.page = page

    @rule(kind=st.sampled_from(["distribution", "ecdf", "percentiles", "ranking", "funnel", "attempted"]))
    def draw(self, kind: str) -> None:
        self.explorer.chart = kind

    @invariant()
    def code_gives_the_value(self) -> None:
        scope: dict[str, Any] = {"dataset": self.dataset}
        exec(self.explorer.code(), scope)
        assert_frame_equal(scope["frame"], self.explorer.value)

    @invariant()
    def the_page_is_a_part_of_the_value(self) -> None:
        view, value = self.explorer._faces.table.view, self.explorer.value
        name = "group_name" if "group_name" in value else "user_id"
        ids = value[name].tolist()
        assert view["total"] == len(ids)
        assert [row["id"] for row in view["rows"]] == ids[view["first"] - 1 :][:3]
        assert view["error"] is None

    @rule()
    def the_state_gives_the_value_again(self) -> None:
        other = GroupExplorer.from_state(self.dataset, self.explorer.state_dict(), page_size=3, **self.options)
        assert_frame_equal(other.value, self.explorer.value)
        assert other.state_dict() == self.explorer.state_dict()
        other.close()


@pytest.mark.parametrize("options", [{}, {"min_population": 0, "show_names": True}], ids=["private", "open"])
def test_code_and_state_give_the_value_wherever_one_walks(dataset: lnb.Dataset, options: dict[str, Any]) -> None:
    walk: Callable[[], Walk] = type("DatasetWalk", (Walk,), {"dataset": dataset, "options": options})
    run_state_machine_as_test(
        walk, settings=settings(max_examples=4, stateful_step_count=8, deadline=None, print_blob=True)
    )
