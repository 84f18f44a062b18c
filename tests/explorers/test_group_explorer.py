"""A group explorer driven from Python: traits, refusals, state, repr."""

from __future__ import annotations

from typing import Any

import ipywidgets
import pandas as pd
import pytest
import traitlets
from pandas.testing import assert_frame_equal

import learnosity_nb as lnb
from learnosity_nb.explorers.group_explorer import GroupExplorer

DISTRICT = ("district 0",)


def names(explorer: GroupExplorer) -> list[str]:
    return explorer.value["group_name"].tolist()


def run(code: str, dataset: lnb.Dataset) -> pd.DataFrame:
    scope: dict[str, Any] = {"dataset": dataset}
    exec(code, scope)
    frame: pd.DataFrame = scope["frame"]
    return frame


def test_it_opens_on_the_groups_of_the_top_level(make: Any, dataset: lnb.Dataset) -> None:
    explorer = make()
    assert repr(explorer) == "GroupExplorer([], 2 districts)"
    assert explorer.dataset is dataset
    assert_frame_equal(explorer.value, dataset.groups(min_population=5))
    assert explorer.code() == "frame = dataset.groups([], min_population=5)"
    assert (explorer.chart, explorer.error, explorer.page) == ("distribution", None, 1)


def test_every_setting_is_in_value_and_code(make: Any, dataset: lnb.Dataset) -> None:
    explorer = make()
    explorer.group_path = DISTRICT
    explorer.sort_field, explorer.sort_order = "p25_percent", "asc"
    explorer.filter = "O'"
    explorer.fields = ("mean_percent", "population")
    assert list(explorer.value.columns)[-3:] == ["mean_percent", "population", "withheld"]
    assert len(explorer.value) == 1
    assert_frame_equal(run(explorer.code(), dataset), explorer.value)


def test_users_appear_by_pseudonyms_unless_names_are_wanted(make: Any, dataset: lnb.Dataset) -> None:
    classes = dataset.walk(min_population=5).query("level == 3 and not withheld")
    path = classes["group_path"].iloc[0]
    explorer = make()
    explorer.group_path = path
    assert not explorer.value["user_id"].str.startswith("learner").any()
    assert "pseudonyms=True" in explorer.code()
    explorer.sort_field, explorer.filter = "user_id", "a"
    assert_frame_equal(run(explorer.code(), dataset), explorer.value)
    named = make(show_names=True, min_population=0)
    named.group_path = path
    assert named.code() == f"frame = dataset.users({list(path)!r})"
    assert named.value["user_id"].str.startswith("learner").all()


def test_an_unknown_group_is_refused_with_near_names_and_all_stays(make: Any) -> None:
    explorer = make()
    before = explorer.state_dict()
    with pytest.raises(lnb.GroupNotFound, match="district 0"):
        explorer.group_path = ("district O",)
    assert explorer.state_dict() == before
    assert explorer.group_path == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("group_path", ("nowhere",)),
        ("group_path", (1,)),
        ("sort_field", "mean_percnt"),
        ("sort_order", "up"),
        ("fields", ("population", "population")),
        ("fields", ("mean",)),
        ("selection", ("nowhere",)),
        ("selection", (["district 0"],)),
        ("selection", tuple("abcdef")),
        ("chart", "pie"),
        ("page", 0),
    ],
)
def test_what_cannot_be_shown_is_refused(make: Any, name: str, value: Any) -> None:
    explorer = make()
    before, shown = getattr(explorer, name), explorer.value
    with pytest.raises((lnb.InputError, lnb.GroupNotFound)):
        setattr(explorer, name, value)
    assert getattr(explorer, name) == before
    assert explorer.value is shown
    with pytest.raises(traitlets.TraitError), explorer.hold_trait_notifications():  # noqa: PT012
        explorer.filter = "something else"
        setattr(explorer, name, value)
    assert (getattr(explorer, name), explorer.filter, explorer.value is shown) == (before, "", True)


def test_several_changes_are_made_at_once(make: Any) -> None:
    explorer = make()
    seen = []
    explorer.observe(lambda change: seen.append(list(change.new["group_name"])), "value")
    with explorer.hold_trait_notifications():
        explorer.group_path = DISTRICT
        explorer.filter = "c"
        explorer.sort_field = "group_name"
    assert seen == [names(explorer)]
    assert (explorer.filter, explorer.sort_field) == ("c", "group_name")


def test_observers_see_the_view_that_belongs_to_a_change(make: Any) -> None:
    explorer = make()
    seen = []
    explorer.observe(lambda change: seen.append((change.new, len(explorer.value))), "group_path")
    explorer.group_path = DISTRICT
    assert seen == [(DISTRICT, len(explorer.value))]


def test_an_observer_may_change_the_view_again(make: Any) -> None:
    explorer = make()
    explorer.observe(lambda change: setattr(explorer, "filter", "constructor"), "group_path")
    explorer.group_path = DISTRICT
    assert names(explorer) == ["constructor"]
    assert explorer._faces.table.view["filter"] == "constructor"


def test_a_page_that_is_not_there_is_the_last_one(make: Any) -> None:
    explorer = make(page_size=3)
    explorer.group_path = DISTRICT
    explorer.page = 99
    view = explorer._faces.table.view
    assert (explorer.page, view["pages"], view["first"], len(view["rows"])) == (3, 3, 7, len(explorer.value) - 6)
    explorer.filter = "o"
    assert explorer.page == 1


def test_the_value_cannot_be_set_and_changing_it_changes_nothing_else(make: Any, dataset: lnb.Dataset) -> None:
    explorer = make()
    with pytest.raises(traitlets.TraitError):
        explorer.value = pd.DataFrame()
    explorer.value["population"] = 0
    del explorer.value["group_name"]
    explorer.filter = "district"
    assert_frame_equal(explorer.value, dataset.groups(min_population=5))


def test_a_state_is_restored_in_another_explorer(make: Any, dataset: lnb.Dataset) -> None:
    explorer = make(page_size=2)
    explorer.group_path = DISTRICT
    explorer.sort_field, explorer.chart, explorer.page = "population", "ranking", 2
    explorer.selection = tuple(names(explorer)[:2])
    other = GroupExplorer.from_state(dataset, explorer.state_dict(), page_size=2)
    assert other.state_dict() == explorer.state_dict()
    assert_frame_equal(other.value, explorer.value)
    other.close()


def test_a_group_that_is_gone_gives_way_to_the_nearest_above_it(dataset: lnb.Dataset) -> None:
    state = {"version": 1, "group_path": ["district 0", "gone", "7a"], "filter": "x", "selection": ["y"]}
    explorer = GroupExplorer.from_state(dataset, state)
    assert (explorer.group_path, explorer.filter, explorer.selection) == (DISTRICT, "", ())
    assert any("nearest group" in note for note in explorer._faces.table.view["notes"])
    explorer.close()


def test_marked_groups_that_are_gone_are_left_out(dataset: lnb.Dataset) -> None:
    explorer = GroupExplorer.from_state(dataset, {"version": 1, "selection": ["district 1", "gone"]})
    assert explorer.selection == ("district 1",)
    assert any("marked groups" in note for note in explorer._faces.table.view["notes"])
    explorer.close()


@pytest.mark.parametrize("state", [{}, {"version": 1, "fields": ["odd"]}, {"version": 1, "sort_field": "odd"}])
def test_a_state_that_does_not_fit_is_refused(dataset: lnb.Dataset, state: dict[str, Any]) -> None:
    before = len(ipywidgets.widgets.widget._instances)
    with pytest.raises(lnb.InputError):
        GroupExplorer.from_state(dataset, state)
    assert len(ipywidgets.widgets.widget._instances) == before


@pytest.mark.parametrize("options", [{"page_size": 0}, {"page_size": True}, {"min_population": -1}, {"fields": ["x"]}])
def test_options_that_cannot_be_used_are_refused(make: Any, options: dict[str, Any]) -> None:
    with pytest.raises(lnb.InputError):
        make(**options)


def test_closing_closes_every_widget_and_may_be_done_again(dataset: lnb.Dataset) -> None:
    before = set(ipywidgets.widgets.widget._instances)
    closed = []
    explorer = GroupExplorer(dataset, on_close=lambda: closed.append(1))
    explorer.settle(120)
    made = len(set(ipywidgets.widgets.widget._instances) - before)
    for path in [DISTRICT, (), DISTRICT]:
        explorer.group_path = path
        explorer.chart = "ecdf" if explorer.chart == "distribution" else "distribution"
    assert len(set(ipywidgets.widgets.widget._instances) - before) == made
    explorer.close()
    explorer.close()
    assert set(ipywidgets.widgets.widget._instances) - before == set()
    assert closed == [1]


def test_a_dataset_without_population_needs_the_rule_off() -> None:
    roster = pd.DataFrame({"user_id": ["a"], "session_id": ["s"], "school": ["x"]})
    sessions = pd.DataFrame({"session_id": ["s"], "user_id": ["a"], "score": [1.0], "max_score": [2.0]})
    with lnb.connect_local(sessions=sessions, progress=False) as connection:
        dataset = connection.build_dataset(roster, ["school"], fields=["mean_score"])
        with pytest.raises(lnb.NotOffered, match="population"):
            GroupExplorer(dataset)
        explorer = GroupExplorer(dataset, min_population=0, strict=True)
        explorer.group_path = ("x",)
        assert any("user_fields" in note for note in explorer._faces.table.view["notes"])
        assert explorer.value.empty
        assert_frame_equal(run(explorer.code(), dataset), explorer.value)
        explorer.close()
