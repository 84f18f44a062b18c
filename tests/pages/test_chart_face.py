from __future__ import annotations

import pytest

from learnosity_nb.pages.vega_bundle import chart_module

pytestmark = pytest.mark.browser

KINDS = [{"key": "bars", "label": "Bars"}, {"key": "dots", "label": "Dots"}]
ROWS = [{"id": "n", "name": "North", "value": 3}, {"id": "s", "name": "South", "value": 5}]
CONFIGS = {"light": {"bar": {"color": "#112233"}}, "dark": {"bar": {"color": "#ddeeff"}}}
MARKS = "path[aria-roledescription='bar']"


def spec(mark="bar", **more):
    x = {"field": "value", "type": "quantitative"}
    y = {"field": "name", "type": "nominal", "sort": None}
    tips = [{"field": "name", "type": "nominal", "title": "Group"}, x]
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "data": {"name": "groups"},
        "mark": mark,
        "width": "container",
        "height": 120,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "encoding": {"x": x, "y": y, "tooltip": tips},
        **more,
    }


@pytest.fixture
def chart(open_face):
    def open_it(**more):
        values = {
            "kinds": KINDS,
            "kind": "bars",
            "spec": spec(),
            "datasets": {"groups": ROWS},
            "configs": CONFIGS,
            "title": "Schools <b>",
            "summary": "South leads.",
            "message": None,
            "picked": None,
        }
        return open_face(chart_module(), values | more)

    return open_it


def test_the_chart_is_drawn_with_its_title_summary_and_label(chart):
    tab = chart()
    tab.page.wait_for_selector(MARKS)
    assert tab.page.locator(MARKS).count() == 2
    assert tab.page.locator(".lnb-title").inner_text() == "Schools <b>"
    assert tab.page.get_by_role("figure").get_attribute("aria-label") == "South leads."
    assert tab.page.locator("canvas").count() == 0
    assert tab.page.locator("details, .vega-actions").count() == 0


def test_rows_are_swapped_without_a_new_chart(chart):
    tab = chart()
    tab.page.wait_for_selector(MARKS)
    tab.page.evaluate("() => { document.querySelector('svg').dataset.same = 'yes'; }")
    tab.send("datasets", {"groups": [*ROWS, {"id": "e", "name": "East", "value": 9}]})
    tab.page.wait_for_function(f'() => document.querySelectorAll("{MARKS}").length === 3')
    assert tab.page.locator("svg[data-same=yes]").count() == 1
    assert tab.page.evaluate("() => Reflect.ownKeys(model.get('datasets').groups[0]).length") == 3


def test_another_spec_is_another_chart(chart):
    tab = chart()
    tab.page.wait_for_selector(MARKS)
    tab.send("spec", spec("point"))
    tab.page.wait_for_selector("path[aria-roledescription='point']")
    assert tab.page.locator(MARKS).count() == 0
    assert tab.page.locator("svg").count() == 1


def test_of_many_changes_at_once_only_the_last_is_drawn(chart):
    tab = chart()
    tab.page.evaluate(
        "specs => { for (const one of specs) model.send('spec', one); }", [spec("point"), spec("tick"), spec("square")]
    )
    tab.page.wait_for_selector("path[aria-roledescription='square']")
    assert tab.page.locator("svg").count() == 1


def test_a_click_on_a_mark_writes_the_id_of_its_row(chart):
    tab = chart()
    tab.page.locator(MARKS).nth(1).click()
    tab.page.locator(MARKS).nth(0).click()
    assert tab.sets() == [["picked", {"n": 1, "id": "s"}], ["picked", {"n": 2, "id": "n"}]]


def test_the_kind_is_chosen_by_mouse_and_arrow_keys(chart):
    tab = chart()
    assert tab.page.get_by_role("radio", name="Bars").is_checked()
    tab.page.get_by_text("Dots", exact=True).click()
    tab.page.keyboard.press("ArrowLeft")
    assert tab.sets() == [["kind", "dots"], ["kind", "bars"]]
    tab.send("kind", "dots")
    tab.page.wait_for_function("() => document.querySelector('input[value=dots]').checked")


def test_a_message_stands_in_place_of_the_chart(chart):
    tab = chart(message="Build the dataset with fields=['p25_percent'].")
    assert tab.page.locator(".lnb-message").inner_text() == "Build the dataset with fields=['p25_percent']."
    assert not tab.page.locator("figure").is_visible()
    tab.send("message", None)
    tab.page.wait_for_selector(MARKS)


def test_a_spec_that_cannot_be_drawn_says_so(chart):
    tab = chart(spec=spec("no such mark"))
    tab.page.wait_for_function(
        "() => document.querySelector('.lnb-message').textContent.startsWith('The chart could not')"
    )


def test_the_theme_follows_jupyterlab_and_the_system(chart):
    tab = chart()
    tab.page.wait_for_selector(f"{MARKS}[fill='#112233']")
    tab.page.evaluate("() => { document.body.dataset.jpThemeLight = 'false'; }")
    tab.page.wait_for_selector(f"{MARKS}[fill='#ddeeff']")
    tab.page.evaluate("() => { delete document.body.dataset.jpThemeLight; }")
    tab.page.wait_for_selector(f"{MARKS}[fill='#112233']")
    tab.page.emulate_media(color_scheme="dark")
    tab.page.wait_for_selector(f"{MARKS}[fill='#ddeeff']")


def test_the_chart_is_as_wide_as_its_box(chart):
    tab = chart()
    tab.page.wait_for_selector(MARKS)
    for width in (900, 400):
        tab.page.locator("#el").evaluate("(el, width) => { el.style.width = `${width}px`; }", width)
        tab.page.wait_for_function(
            """(width) => {
              const [chart, box] = ['svg', '.lnb-canvas'].map((one) => document.querySelector(one).clientWidth);
              return Math.abs(chart - box) <= 2 && Math.abs(box - width) < 50;
            }""",
            arg=width,
        )


def test_a_tooltip_is_text(chart):
    tab = chart(datasets={"groups": [{"id": "x", "name": "<img src=x onerror=alert(1)>", "value": 3}]})
    tab.page.locator(MARKS).hover()
    tip = tab.page.get_by_role("tooltip")
    assert "<img src=x onerror=alert(1)>" in tip.inner_text()
    assert tab.page.locator("img").count() == 0
    tab.page.mouse.move(5, 5)
    assert not tip.is_visible()


def test_nothing_is_loaded_from_an_address(chart):
    tab = chart(spec=spec(data={"url": "https://example.org/rows.json"}))
    tab.page.wait_for_selector("svg, .lnb-message:not([hidden])")
    assert tab.refused == []


def test_the_clean_up_leaves_nothing_behind(chart):
    tab = chart()
    tab.page.wait_for_selector(MARKS)
    tab.page.evaluate("() => window.close_face()")
    assert tab.page.evaluate("() => [model.listening(), document.getElementById('el').childElementCount]") == [0, 0]
