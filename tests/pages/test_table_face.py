from __future__ import annotations

import re

import pytest

from learnosity_nb.pages.scripts import table_module

pytestmark = pytest.mark.browser

ROWS = [("North", 300, 71.2), ("South", 250, 60.05), ("East", None, None)]
MANY = [(f"School {number:02}", number, float(number)) for number in range(25)]


@pytest.fixture
def table(open_face, faces):
    def open_it(rows=ROWS, path=(), **more):
        return open_face(table_module(), {"view": faces.group_view(rows, path, **more), "reply": None, "ask": None})

    return open_it


def names(tab):
    return tab.page.locator("tbody th[scope=row] .lnb-name").all_inner_texts()


def test_the_table_has_a_caption_scopes_and_the_order_of_its_rows(table):
    tab = table()
    assert tab.page.locator("caption").inner_text() == "Schools"
    assert names(tab) == ["North", "South", "East"]
    assert tab.page.locator("thead th[scope=col]").count() == 3
    assert [one.get_attribute("aria-sort") for one in tab.page.locator("thead th[scope=col]").all()] == [
        "none",
        "none",
        "descending",
    ]


def test_numbers_are_written_by_kind_and_nothing_is_a_dash(table):
    tab = table()
    assert tab.page.locator("tbody tr").nth(1).locator("td:not(.lnb-mark)").all_inner_texts() == ["250", "60.1"]
    assert tab.page.locator("tbody tr").nth(2).locator("td:not(.lnb-mark)").all_inner_texts() == ["–", "–"]
    own = tab.page.locator("thead tr.lnb-own")
    assert own.locator("th").inner_text() == "All"
    assert own.locator("td:not(.lnb-mark)").all_inner_texts() == ["1,204", "61.3"]


def test_the_own_row_and_the_name_stay_in_sight_while_the_table_scrolls(table):
    tab = table(MANY)
    scroller = tab.page.locator(".lnb-scroller")
    scroller.evaluate("box => { box.style.maxHeight = '200px'; box.style.width = '260px'; box.scrollTo(200, 300); }")
    box = scroller.bounding_box()
    own = tab.page.locator("thead tr.lnb-own th").bounding_box()
    assert box["y"] <= own["y"] < box["y"] + 120
    assert box["x"] <= own["x"] <= box["x"] + 40


@pytest.mark.parametrize(
    ("key", "start", "lands"),
    [
        ("ArrowDown", 0, "School 01"),
        ("ArrowUp", 3, "School 02"),
        ("ArrowUp", 0, "School 00"),
        ("PageDown", 2, "School 12"),
        ("PageUp", 20, "School 10"),
        ("End", 0, "School 24"),
        ("ArrowDown", 24, "School 24"),
        ("Home", 24, "School 00"),
    ],
)
def test_keys_move_the_focus_over_rows(table, key, start, lands):
    tab = table(MANY)
    tab.page.locator("tbody tr").nth(start).focus()
    tab.page.keyboard.press(key)
    assert tab.focused().split("\t")[1].strip() == lands
    assert tab.page.locator("tbody tr[tabindex='0']").count() == 1


def test_enter_opens_a_row_and_the_next_view_has_the_focus_on_its_first_row(table, faces):
    tab = table()
    tab.page.locator("tbody tr").nth(1).focus()
    tab.page.keyboard.press("Enter")
    assert tab.sets() == [["path", ["South"]]]
    tab.send("view", faces.group_view([("7a", 20, 50.0), ("7b", 22, 49.0)], ("South",)))
    assert "7a" in tab.focused()


def test_a_click_on_a_row_or_its_name_opens_it(table):
    tab = table()
    tab.page.get_by_role("button", name="North").click()
    tab.page.locator("tbody tr").nth(1).locator("td").nth(2).click()
    assert tab.sets() == [["path", ["North"]], ["path", ["South"]]]


def test_a_row_that_does_not_open_ignores_enter_and_click(table):
    tab = table(path=("A", "B"))
    tab.page.locator("tbody tr").first.focus()
    tab.page.keyboard.press("Enter")
    tab.page.locator("tbody tr").first.locator("td").nth(1).click()
    assert tab.sets() == []


def test_backspace_goes_up_and_the_focus_comes_to_the_row_we_came_from(table, faces):
    tab = table([("7a", 20, 50.0)], ("South",))
    tab.page.locator("tbody tr").first.focus()
    tab.page.keyboard.press("Backspace")
    assert tab.sets() == [["path", []]]
    tab.send("view", faces.group_view(ROWS))
    assert "South" in tab.focused()
    tab.page.keyboard.press("Backspace")
    assert tab.sets() == []


def test_a_crumb_leads_up_and_the_last_one_is_where_we_are(table):
    tab = table(path=("South", "7a"))
    crumbs = tab.page.get_by_role("navigation", name="Path")
    assert crumbs.locator("[aria-current=page]").inner_text().split() == ["Level", "7a"]
    crumbs.get_by_role("button", name="Level South").click()
    assert tab.sets() == [["path", ["South"]]]


def test_slash_comes_to_the_filter_and_escape_clears_it_and_goes_back(table, faces):
    tab = table()
    tab.page.locator("tbody tr").nth(1).focus()
    tab.page.keyboard.press("/")
    assert tab.page.evaluate("() => document.activeElement.type") == "search"
    tab.page.keyboard.type("/Sou")
    tab.page.wait_for_function("() => model.sets.length > 0")
    assert tab.sets() == [["filter", "/Sou"]]
    tab.send("view", faces.group_view(ROWS[1:2], filter="/Sou"))
    assert tab.page.evaluate("() => document.activeElement.value") == "/Sou"
    tab.page.keyboard.press("Escape")
    assert tab.sets() == [["filter", ""]]
    assert "South" in tab.focused()


def test_escape_comes_to_the_rows_also_when_none_had_matched(table, faces):
    tab = table()
    tab.send("view", faces.group_view([], filter="zz"))
    tab.page.get_by_role("searchbox").focus()
    tab.page.get_by_role("searchbox").fill("zz")
    tab.page.keyboard.press("Escape")
    tab.send("view", faces.group_view(ROWS))
    assert "North" in tab.focused()


@pytest.mark.parametrize("key", ["m", "Space"])
def test_m_and_space_mark_a_row_up_to_the_limit(table, key):
    tab = table()
    for row in (0, 1):
        tab.page.locator("tbody tr").nth(row).focus()
        tab.page.keyboard.press(key)
    assert tab.sets() == [["marked", ["North"]], ["marked", ["North", "South"]]]
    tab.page.keyboard.press(key)
    assert tab.sets() == [["marked", ["North"]]]


def test_a_row_beyond_the_limit_cannot_be_marked_and_says_so(table):
    tab = table(marked=["North", "South"])
    assert tab.page.get_by_label("Mark East").is_disabled()
    tab.page.locator("tbody tr").nth(2).focus()
    tab.page.keyboard.press("m")
    assert tab.sets() == []
    assert tab.page.locator("[aria-live]").inner_text() == "At most 2 can be marked"


def test_a_mark_by_mouse_does_not_open_the_row(table):
    tab = table()
    tab.page.get_by_label("Mark South").check()
    assert tab.sets() == [["marked", ["South"]]]


def test_headers_sort_numbers_downward_and_names_upward_first_and_keep_the_focus(table, faces):
    tab = table()
    tab.page.get_by_role("button", name="Mean").click()
    tab.page.get_by_role("button", name="Learners").click()
    tab.page.get_by_role("button", name="School", exact=True).click()
    orders = [["sort", {"field": "mean", "order": "asc"}], ["sort", {"field": "population", "order": "desc"}]]
    assert tab.sets() == [*orders, ["sort", {"field": "group_name", "order": "asc"}]]
    tab.send("view", faces.group_view(ROWS, sort={"field": "group_name", "order": "asc"}))
    assert tab.focused() == "School\n▲"


def test_the_focused_row_keeps_the_focus_when_the_rows_come_in_another_order(table, faces):
    tab = table()
    tab.page.locator("tbody tr").nth(1).focus()
    tab.send("view", faces.group_view(ROWS[::-1][:1] + ROWS))
    assert "South" in tab.focused()
    tab.send("view", faces.group_view(ROWS[:1]))
    assert "North" in tab.focused()


def test_a_view_that_nobody_asked_for_leaves_the_focus_outside_alone(table, faces):
    tab = table()
    tab.send("view", faces.group_view(ROWS, ("A",)))
    assert tab.page.evaluate("() => document.activeElement.tagName") == "BODY"


def test_pages_are_turned_by_absolute_numbers(table, faces):
    tab = table(MANY[:10], page=2, pages=4, first=11, total=38)
    assert tab.page.locator(".lnb-place").inner_text() == "11–20 of 38 schools"
    for _ in range(3):
        tab.page.get_by_role("button", name="Next page").click()
    assert tab.sets() == [["page", 3], ["page", 4]]
    tab.send("view", faces.group_view(MANY[:10], page=1, pages=4, total=38))
    tab.page.get_by_role("button", name="Previous page").click(force=True)
    assert tab.sets() == []


def test_chips_are_counted_buttons_that_send_all_that_are_on(table):
    chips = [
        {"key": "s:a", "group": "Segment", "label": "Struggling", "count": 1204, "on": False},
        {"key": "s:b", "group": "Segment", "label": "Inactive", "count": 3, "on": True},
        {"key": "c:x", "group": "Cohort", "label": "X", "count": None, "on": False},
    ]
    tab = table(chips=chips)
    group = tab.page.get_by_role("group", name="Segment")
    assert re.split(r"\s+", group.get_by_role("button", name="Struggling").inner_text()) == ["Struggling", "1,204"]
    group.get_by_role("button", name="Struggling").click()
    assert tab.sets() == [["chips", ["s:a", "s:b"]]]
    assert group.get_by_role("button", name="Inactive").get_attribute("aria-pressed") == "true"
    group.get_by_role("button", name="Inactive").click()
    assert tab.sets() == [["chips", ["s:a"]]]


def test_an_answer_with_a_name_is_downloaded_and_another_views_answer_is_not(table):
    tab = table()
    tab.send("reply", {"n": 7, "what": "csv", "name": "no.csv", "mime": "text/csv", "text": "no"})
    tab.page.get_by_role("button", name="CSV").click()
    assert tab.sets() == [["ask", [{"n": 1, "what": "csv"}]]]
    with tab.page.expect_download() as download:
        tab.send("reply", {"n": 1, "what": "csv", "name": "a b.csv", "mime": "text/csv", "text": "näme\r\n"})
    assert download.value.suggested_filename == "a b.csv"
    assert download.value.path().read_bytes() == "näme\r\n".encode()


def test_an_answer_without_a_name_is_shown_with_a_copy_button(table):
    tab = table()
    tab.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab.page.get_by_role("button", name="Code").click()
    tab.send("reply", {"n": 1, "what": "code", "name": None, "mime": None, "text": "dataset.groups(['<b>'])\n"})
    assert tab.page.locator("pre").inner_text().strip() == "dataset.groups(['<b>'])"
    assert tab.focused() == "Copy"
    tab.page.get_by_role("button", name="Copy").click()
    tab.page.wait_for_function("() => document.activeElement.innerText === 'Copied'")
    assert tab.page.evaluate("() => navigator.clipboard.readText()") == "dataset.groups(['<b>'])\n"
    tab.page.get_by_role("button", name="Close").click()
    assert not tab.page.locator("pre").is_visible()


def test_errors_notes_and_messages_are_told(table, faces):
    tab = table(error="The service\nanswered 500", notes=["One.", "Two."], busy=True)
    assert tab.page.get_by_role("alert").inner_text() == "The service\nanswered 500"
    assert tab.page.locator(".lnb-notes li").all_inner_texts() == ["One.", "Two."]
    assert tab.page.locator("table").get_attribute("aria-busy") == "true"
    assert tab.page.locator("[aria-live=polite]").inner_text() == "3 schools"
    tab.send("view", faces.group_view(ROWS))
    assert not tab.page.get_by_role("alert").is_visible()


def test_withheld_rows_say_why(table):
    row = {"id": "Tiny", "opens": False, "cells": ["Tiny", None, None], "note": "withheld: fewer than 5 learners"}
    tab = table()
    tab.page.evaluate("row => { const view = {...model.get('view'), rows: [row]}; model.send('view', view); }", row)
    assert tab.page.locator(".lnb-note").inner_text() == "withheld: fewer than 5 learners"
    assert tab.page.locator("tbody td.lnb-count").get_attribute("title") == "withheld: fewer than 5 learners"


def test_zones_are_words_and_signs_beside_the_number(open_face, faces):
    view = faces.group_view([])
    view["columns"] = [
        view["columns"][0],
        faces.column("ratio", "Attempts", "zone"),
        faces.column("at", "Last seen", "time"),
        faces.column("tags", "Tags", "list"),
    ]
    cells = [
        ["Ann", {"value": 12.345, "zone": "below"}, "2026-01-31T08:05:09Z", ["a", "b"]],
        ["Bo", {"value": None, "zone": None}, None, []],
    ]
    view["rows"] = [{"id": row[0], "opens": False, "cells": row, "note": None} for row in cells]
    view |= {"own": None, "markable": False, "crumbs": []}
    tab = open_face(table_module(), {"view": view})
    texts = tab.page.locator("tbody td").all_inner_texts()
    assert [" ".join(text.split()) for text in texts] == ["12.35 ▼ below", "2026-01-31 08:05", "a, b", "–", "–", "–"]
    assert tab.page.locator("tbody td").nth(1).get_attribute("title") == "2026-01-31T08:05:09Z"
    assert not tab.page.get_by_role("navigation").is_visible()


def test_single_keys_do_not_leave_the_face_but_shortcuts_do(table):
    tab = table()
    tab.page.evaluate(
        "() => { window.heard = []; document.addEventListener('keydown', (event) => heard.push(event.key)); }"
    )
    tab.page.locator("tbody tr").first.focus()
    for key in ("d", "m", "/", "x", "Escape"):
        tab.page.keyboard.press(key)
    tab.page.keyboard.press("Control+s")
    assert tab.page.evaluate("() => heard") == ["Control", "s"] or tab.page.evaluate("() => heard") == ["s"]


def test_the_clean_up_leaves_nothing_behind(table):
    tab = table()
    tab.page.evaluate("() => window.close_face()")
    assert tab.page.evaluate("() => [model.listening(), document.getElementById('el').childElementCount]") == [0, 0]


def test_a_model_without_a_view_waits_for_one(open_face, faces):
    tab = open_face(table_module(), {"view": {}})
    tab.send("view", faces.group_view(ROWS))
    assert names(tab) == ["North", "South", "East"]
    tab.send("view", faces.group_view([], filter="zz"))
    assert tab.page.locator("tbody").inner_text() == "No schools match “zz”."


def test_keys_still_reach_a_view_without_rows_and_without_a_filter(table, faces):
    tab = table()
    tab.page.locator("tbody tr").first.focus()
    tab.page.keyboard.press("Enter")
    opened = faces.group_view([], ("a",), filter_label=None, number=2)
    tab.send("view", {**opened, "busy": True})
    tab.send("view", opened)
    tab.sets()
    tab.page.keyboard.press("Backspace")
    assert tab.sets() == [["path", []]]
