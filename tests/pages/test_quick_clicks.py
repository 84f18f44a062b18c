"""Clicks faster than the answers: each adds to what was asked for before."""

from __future__ import annotations

import pytest

from learnosity_nb.pages.scripts import table_module

pytestmark = pytest.mark.browser

ROWS = [("North", 300, 71.2), ("South", 250, 60.05), ("East", None, None)]
CHIPS = [{"key": key, "group": "Segment", "label": key.upper(), "count": 3, "on": False} for key in ("a", "b")]


@pytest.fixture
def table(open_face, faces):
    def open_it(**more):
        return open_face(table_module(), {"view": faces.group_view(ROWS, (), **more), "reply": None, "ask": None})

    return open_it


def test_chips_toggled_before_the_answer_add_up(table):
    tab = table(chips=CHIPS)
    for name in ("A", "B", "A"):
        tab.page.locator(".lnb-chip", has_text=name).click()
    assert tab.sets() == [["chips", ["a"]], ["chips", ["a", "b"]], ["chips", ["b"]]]


def test_a_filter_that_is_deleted_before_the_answer_is_asked_away(table):
    tab = table()
    field = tab.page.locator(".lnb-filter")
    field.fill("a")
    field.press("Enter")
    field.fill("")
    field.press("Enter")
    assert tab.sets() == [["filter", "a"], ["filter", ""]]


def test_a_second_click_on_a_header_reverses_the_first(table):
    tab = table()
    for _ in range(2):
        tab.page.get_by_role("button", name="Learners").click()
    orders = [value["order"] for _, value in tab.sets()]
    assert orders == ["desc", "asc"]


def test_a_busy_view_keeps_what_was_asked_and_the_next_one_says_what_is(table, faces):
    tab = table(chips=CHIPS)
    first, second = (tab.page.locator(".lnb-chip", has_text=name) for name in ("A", "B"))
    first.click()
    tab.send("view", faces.group_view(ROWS, (), chips=CHIPS, busy=True))
    second.click()
    assert tab.sets() == [["chips", ["a"]], ["chips", ["a", "b"]]]
    tab.send("view", faces.group_view(ROWS, (), chips=CHIPS, error="It failed."))
    second.click()
    assert tab.sets() == [["chips", ["b"]]]


def test_every_question_gets_its_own_reply(table):
    tab = table(asks=[{"what": "csv", "label": "CSV"}, {"what": "below", "label": "Below"}])
    downloads = []
    tab.page.on("download", lambda one: downloads.append(one.suggested_filename))
    for name in ("CSV", "Below"):
        tab.page.get_by_role("button", name=name).click()
    asked = [value for _, value in tab.sets()]
    questions = asked[-1]
    assert asked == [questions[:1], [{"n": 1, "what": "csv"}, {"n": 2, "what": "below"}]]
    for one in questions:
        tab.send("reply", {**one, "name": f"{one['what']}.csv", "mime": "text/csv", "text": "a"})
        tab.page.wait_for_timeout(200)
    assert downloads == ["csv.csv", "below.csv"]
    tab.send("reply", {**questions[0], "name": None, "mime": "text/plain", "text": "again"})
    assert not tab.page.locator(".lnb-reply").is_visible()


def test_the_last_twenty_questions_are_kept_for_a_busy_kernel(table):
    tab = table(asks=[{"what": "csv", "label": "CSV"}])
    for _ in range(22):
        tab.page.get_by_role("button", name="CSV").click()
    assert [one["n"] for one in tab.sets()[-1][1]] == list(range(3, 23))
