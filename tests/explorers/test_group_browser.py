"""A group explorer driven from the browser: what its faces write, and what they are told."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from pandas.testing import assert_frame_equal

import learnosity_nb as lnb
from learnosity_nb.explorers.group_explorer import GroupExplorer

DISTRICT = ["district 0"]


def browser_sets(explorer: GroupExplorer, **values: Any) -> None:
    """Let the browser write values of the table's face, as one message."""
    explorer._faces.table.set_state(values)


def view(explorer: GroupExplorer) -> dict[str, Any]:
    shown: dict[str, Any] = explorer._faces.table.view
    return shown


def test_a_click_on_a_row_drills_down(make: Any, dataset: lnb.Dataset) -> None:
    explorer = make()
    browser_sets(explorer, path=DISTRICT)
    explorer.settle(60)
    assert explorer.group_path == ("district 0",)
    assert_frame_equal(explorer.value, dataset.groups(DISTRICT, min_population=5))
    assert [crumb["to"] for crumb in view(explorer)["crumbs"]] == [[], DISTRICT]
    assert (view(explorer)["caption"], view(explorer)["unit"]) == ("Schools of district 0", "schools")


def test_a_view_says_busy_until_its_answer_came(make: Any, by_hand: Any) -> None:
    explorer = make(executor=by_hand)
    browser_sets(explorer, path=DISTRICT)
    assert view(explorer)["busy"]
    assert explorer.group_path == ()
    by_hand.run()
    explorer.settle(60)
    assert not view(explorer)["busy"]
    assert explorer.group_path == ("district 0",)


def test_a_late_answer_is_dropped(make: Any, by_hand: Any) -> None:
    explorer = make(executor=by_hand)
    browser_sets(explorer, path=DISTRICT)
    late = by_hand.waiting.pop()
    late[0].set_running_or_notify_cancel()
    browser_sets(explorer, path=["district 1"])
    by_hand.run()
    late[0].set_result(late[1]())
    explorer.settle(60)
    assert explorer.group_path == ("district 1",)


def test_what_python_sets_wins_over_a_click_under_way(make: Any, by_hand: Any) -> None:
    explorer = make(executor=by_hand)
    browser_sets(explorer, path=DISTRICT)
    late = by_hand.waiting.pop()
    late[0].set_running_or_notify_cancel()
    explorer.group_path = ("district 1",)
    late[0].set_result(late[1]())
    explorer.settle(60)
    assert explorer.group_path == ("district 1",)
    assert explorer._faces.table.path == ["district 1"]
    assert not view(explorer)["busy"]


def test_going_back_while_reading_takes_the_click_back(make: Any, by_hand: Any) -> None:
    explorer = make(executor=by_hand)
    browser_sets(explorer, path=DISTRICT)
    browser_sets(explorer, path=[])
    by_hand.run()
    explorer.settle(60)
    assert explorer.group_path == ()
    assert not view(explorer)["busy"]


def test_what_is_at_hand_needs_no_thread(make: Any, by_hand: Any) -> None:
    explorer = make(executor=by_hand)
    explorer.group_path = ("district 0",)
    by_hand.waiting.clear()
    browser_sets(explorer, sort={"field": "population", "order": "asc"})
    browser_sets(explorer, filter="O")
    browser_sets(explorer, path=[])
    assert not by_hand.waiting
    assert (explorer.sort_field, explorer.sort_order, explorer.filter) == ("population", "asc", "")


def test_a_click_comes_back_through_the_running_loop(make: Any) -> None:
    async def kernel() -> tuple[str, ...]:
        explorer = make()
        came = asyncio.Event()
        explorer.observe(lambda _: came.set(), "group_path")
        browser_sets(explorer, path=DISTRICT)
        await asyncio.wait_for(came.wait(), 60)
        path: tuple[str, ...] = explorer.group_path
        return path

    assert asyncio.run(kernel()) == ("district 0",)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"path": ["district O"]}, "`district 0`"),
        ({"sort": {"field": "odd", "order": "asc"}}, "no column 'odd'"),
        ({"marked": ["nowhere"]}, "no group 'nowhere'"),
        ({"page": 0}, "Pages count from 1"),
        ({"sort": {"field": "population", "order": "up"}}, "desc or asc"),
    ],
)
def test_a_click_that_cannot_be_shown_is_said_and_all_stays(make: Any, asked: dict[str, Any], said: str) -> None:
    explorer = make()
    before = explorer.state_dict()
    browser_sets(explorer, **asked)
    with pytest.raises(lnb.LearnosityError, match=said):
        explorer.settle(60)
    assert said in view(explorer)["error"]
    assert explorer.error == view(explorer)["error"]
    assert explorer.state_dict() == before
    table = explorer._faces.table
    assert (table.path, table.sort, table.page, table.marked) == ([], None, 1, [])
    explorer.filter = "district 1"
    assert (explorer.error, view(explorer)["error"]) == (None, None)


def test_an_explorer_that_is_not_strict_only_shows_the_error(make: Any) -> None:
    explorer = make(strict=False)
    browser_sets(explorer, path=["nowhere"])
    explorer.settle(60)
    assert "nowhere" in explorer.error


def test_an_error_that_nobody_foresaw_is_logged(
    make: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    explorer = make()
    monkeypatch.setattr(type(explorer.dataset), "groups", lambda *_, **__: 1 / 0)
    browser_sets(explorer, path=["district 1"])
    with pytest.raises(ZeroDivisionError):
        explorer.settle(60)
    assert "ZeroDivisionError" in explorer.error
    assert caplog.records[0].exc_info is not None


def test_what_python_sets_is_written_back_to_the_browser(make: Any) -> None:
    explorer = make()
    explorer.group_path = ("district 0",)
    first = explorer.value["group_name"].iloc[0]
    explorer.sort_field, explorer.selection = "mean_percent", (first,)
    table = explorer._faces.table
    assert (table.path, table.sort) == (DISTRICT, {"field": "mean_percent", "order": "desc"})
    assert (table.marked, table.view["marked"]) == ([first], [first])


def test_a_sort_that_learners_lack_is_there_again_above_them(make: Any) -> None:
    explorer = make(min_population=0)
    explorer.sort_field = "mean_percent"
    path = list(explorer.dataset.walk().query("level == 3")["group_path"].iloc[0])
    browser_sets(explorer, path=path)
    explorer.settle(60)
    assert (view(explorer)["sort"], explorer.sort_field) == (None, "mean_percent")
    browser_sets(explorer, path=path[:2])
    explorer.settle(60)
    assert view(explorer)["sort"] == {"field": "mean_percent", "order": "desc"}


def test_a_click_on_a_mark_marks_its_row_and_the_next_takes_that_back(make: Any) -> None:
    explorer = make()
    explorer.chart = "ranking"
    explorer.settle(120)
    chart = explorer._faces.chart
    chart.set_state({"picked": {"n": 1, "id": "district 1"}})
    assert explorer.selection == ("district 1",)
    chart.set_state({"picked": {"n": 2, "id": "district 1"}})
    assert explorer.selection == ()


def test_the_kind_of_chart_is_chosen_in_the_browser(make: Any) -> None:
    explorer = make()
    explorer.settle(120)
    explorer._faces.chart.set_state({"kind": "percentiles"})
    explorer.settle(60)
    assert explorer.chart == "percentiles"
    assert explorer._faces.chart.title == "Percentiles: All"


def test_the_chart_has_no_data_of_its_own_in_its_spec(make: Any) -> None:
    explorer = make()
    explorer.group_path = ("district 0",)
    for kind in ("distribution", "ecdf", "percentiles", "ranking"):
        explorer.chart = kind
        drawn = explorer._faces._drawn.chart
        assert drawn["message"] is None
        assert "district" not in json.dumps(drawn["spec"])
        assert "values" not in json.dumps(drawn["spec"].get("data", {}))


def test_a_drill_changes_the_charts_rows_only(make: Any) -> None:
    explorer = make()
    before = explorer._faces._drawn.chart
    explorer.group_path = ("district 0",)
    after = explorer._faces._drawn.chart
    assert before["spec"] == after["spec"]
    assert before["datasets"] != after["datasets"]


def test_figures_are_chosen_in_the_list_beside_the_table(make: Any) -> None:
    explorer = make(fields=["mean_percent", "population"])
    choice = explorer._faces.figures
    assert set(choice.value) == {"population", "mean_percent"}
    choice.set_state({"index": [0, 2, 3]})
    assert explorer.fields == ("mean_percent", "population", "p25_percent")
    explorer.fields = ("group_count",)
    assert choice.value == ("group_count",)
    choice.set_state({"index": []})
    assert explorer.fields == ()
    assert [column["key"] for column in view(explorer)["columns"]] == ["group_name"]


@pytest.mark.parametrize("what", ["csv", "subtree", "html", "code"])
def test_a_button_is_answered(make: Any, what: str) -> None:
    explorer = make()
    explorer.group_path = ("district 0",)
    explorer._faces.table.set_state({"ask": [{"n": 4, "what": what}]})
    explorer.settle(120)
    reply = explorer._faces.table.reply
    assert (reply["n"], reply["what"]) == (4, what)
    assert (reply["name"] is None) == (what == "code")
    if what == "code":
        assert reply["text"] == explorer.code()
    if what == "csv":
        assert reply["name"] == "district-0.csv"
        assert reply["text"].count("\n") >= len(explorer.value)


def test_a_button_that_is_not_there_is_an_error(make: Any) -> None:
    explorer = make()
    explorer._faces.table.set_state({"ask": [{"n": 1, "what": "secrets"}]})
    with pytest.raises(lnb.InputError, match="secrets"):
        explorer.settle(60)


def test_charts_wait_until_vega_is_there_and_the_pane_says_what_lacks(
    make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from concurrent.futures import Future

    bundle: Future[str] = Future()
    monkeypatch.setattr("learnosity_nb.explorers.explorer.bundle_in_background", lambda: bundle)
    explorer = make()
    assert explorer._faces.chart is None
    bundle.set_exception(lnb.MissingExtra("vl-convert-python", "lab", "Drawing charts"))
    explorer.settle(60)
    assert "pip install &#x27;learnosity-nb[lab]&#x27;" in explorer._faces._waiting.value
    assert explorer._faces.chart is None


def test_a_drill_among_2410_schools_sends_less_than_64_kb(
    make: Any, counties: lnb.Dataset, sent: list[dict[str, Any]]
) -> None:
    explorer = make(counties)
    explorer.settle(120)
    for kind in ("distribution", "ranking", "percentiles"):
        explorer.chart = kind
        explorer.group_path = ()
        sent.clear()
        browser_sets(explorer, path=["Kent"])
        explorer.settle(120)
        assert len(explorer.value) == 2410
        assert len(view(explorer)["rows"]) == 50
        assert len(json.dumps(sent)) < 64 * 1024, kind
    sent.clear()
    browser_sets(explorer, page=49)
    assert (view(explorer)["first"], len(view(explorer)["rows"])) == (2401, 10)
    assert len(json.dumps(sent)) < 64 * 1024
