"""Clicks that fail, clicks that overtake each other, and buttons pressed meanwhile."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import learnosity_nb as lnb
from learnosity_nb.explorers.loading import Loader

DISTRICT = ["district 0"]


def browser_sets(explorer: Any, **values: Any) -> None:
    explorer._faces.table.set_state(values)


def test_a_click_that_fails_while_all_is_at_hand_is_said_and_can_be_tried_again(
    make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    explorer = make(strict=False)
    with monkeypatch.context() as broken:
        broken.setattr(explorer, "_prepare", lambda _: 1 / 0)
        browser_sets(explorer, filter="district 1")
    assert "ZeroDivisionError" in explorer.error
    assert explorer._faces.table.view["error"] == explorer.error
    browser_sets(explorer, filter="district 1")
    assert (explorer.filter, explorer.error) == ("district 1", None)


def test_a_choice_of_figures_that_fails_is_said_and_taken_back(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    explorer = make(strict=False)
    choice = explorer._faces.figures
    before = choice.value
    with monkeypatch.context() as broken:
        broken.setattr(explorer, "_prepare", lambda _: 1 / 0)
        choice.set_state({"index": [0]})
    assert "ZeroDivisionError" in explorer.error
    assert choice.value == before
    assert explorer.fields == before


def test_two_questions_in_a_row_are_both_answered(make: Any, by_hand: Any, sent: list[dict[str, Any]]) -> None:
    explorer = make(executor=by_hand)
    browser_sets(explorer, ask=[{"n": 1, "what": "csv"}])
    browser_sets(explorer, ask=[{"n": 2, "what": "code"}])
    by_hand.run()
    explorer.settle(60)
    replies = [message["reply"] for message in sent if "reply" in message]
    assert [(reply["n"], reply["what"]) for reply in replies] == [(1, "csv"), (2, "code")]


def test_questions_that_arrive_as_one_value_are_answered_once_each(
    make: Any, by_hand: Any, sent: list[dict[str, Any]]
) -> None:
    explorer = make(executor=by_hand)
    names = ["csv", "subtree", "code", "csv"]
    asked = [{"n": number, "what": what} for number, what in enumerate(names, 1)]
    browser_sets(explorer, ask=asked[:3])
    browser_sets(explorer, ask=asked)
    by_hand.run()
    explorer.settle(60)
    replies = [message["reply"] for message in sent if "reply" in message]
    assert [(reply["n"], reply["what"]) for reply in replies] == list(enumerate(names, 1))


def test_a_mark_on_the_rows_that_are_left_does_not_stop_a_drill(make: Any, by_hand: Any) -> None:
    explorer = make(executor=by_hand)
    browser_sets(explorer, path=DISTRICT)
    browser_sets(explorer, marked=["district 1"])
    browser_sets(explorer, filter="d")
    by_hand.run()
    explorer.settle(60)
    assert (explorer.group_path, explorer.selection, explorer.filter) == (("district 0",), (), "")
    assert explorer._faces.table.marked == []


def test_a_question_that_fails_leaves_a_view_that_is_on_its_way(make: Any, by_hand: Any) -> None:
    explorer = make(executor=by_hand, strict=False)
    browser_sets(explorer, path=DISTRICT)
    browser_sets(explorer, ask=[{"n": 1, "what": "secrets"}])
    drill = by_hand.waiting.pop(0)
    by_hand.run()
    explorer._loader.deliver()
    table = explorer._faces.table
    assert "secrets" in table.view["error"]
    assert explorer.error == table.view["error"]
    assert table.view["busy"]
    assert table.path == DISTRICT
    by_hand.waiting.append(drill)
    by_hand.run()
    explorer.settle(60)
    assert (explorer.group_path, explorer.error, table.view["error"]) == (("district 0",), None, None)


def test_closing_leaves_an_executor_that_was_passed_in_open() -> None:
    with ThreadPoolExecutor(1) as mine:
        loader = Loader(mine)
        loader.start("view", lambda: 1, lambda _: None, lambda _: None)
        loader.close()
        assert mine.submit(lambda: "open").result(30) == "open"


def test_closing_ends_a_thread_of_its_own() -> None:
    loader = Loader()
    loader.close()
    with pytest.raises(RuntimeError):
        loader.start("view", lambda: 1, lambda _: None, lambda _: None)


def test_an_error_of_a_question_is_raised_when_strict(make: Any) -> None:
    explorer = make()
    browser_sets(explorer, ask=[{"n": 1, "what": "secrets"}])
    with pytest.raises(lnb.InputError, match="secrets"):
        explorer.settle(60)
