"""Names are text wherever they come: nothing of them runs, loads or disappears."""

from __future__ import annotations

import pytest

from learnosity_nb.pages.fallback import fallback_html
from learnosity_nb.pages.page import write_group_page
from learnosity_nb.pages.scripts import table_module
from learnosity_nb.pages.vega_bundle import chart_module

pytestmark = pytest.mark.browser

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</script><script>alert(1)</script>",
    "</SCRIPT ><!--<script>",
    "<!-- ]]> -->",
    "<svg onload=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<style>*{display:none}</style>",
    "</style></title></textarea></noscript><img src=y onerror=alert(1)>",
    "javascript:alert(1)",
    "{{7*7}} ${7*7} #{7*7}",
    "&lt;b&gt; &amp;amp;",
    '=HYPERLINK("http://x","y")',
    "+1+cmd|' /C calc'!A0",
    "@SUM(1)",
    "-2+3",
    "=1",
    "../../etc/passwd",
    "..%2f..%2f",
    "C:\\x",
    "a/b",
    ".",
    "..",
    "con",
    "x" * 300,
    "\u202eevil",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "'; DROP TABLE jobs;--",
    "%s%n%d",
    "__proto__",
    "constructor",
    "toString",
    "hasOwnProperty",
    "__class__",
    "$\\alpha$",
    "\\href{javascript:alert(1)}{x}",
    'datum["a\'b"]',
    "a.b[0]:Q",
    "[link](javascript:alert(1))",
    "u2028 \u2028 u2029 \u2029 end",
    "`${alert(1)}`",
    "' onfocus='alert(1)' autofocus='",
    "\\u003cimg src=z onerror=alert(1)\\u003e",
    "null",
    "0",
    "\uffff\ue000",
]

PLACES = [
    "caption",
    "thead th",
    ".lnb-own th",
    "tbody th .lnb-name",
    "tbody td.lnb-count",
    ".lnb-note",
    ".lnb-crumbs li + li button .lnb-name",
    ".lnb-crumbs .lnb-hint",
    ".lnb-error",
    ".lnb-notes li",
    "[aria-live]",
    ".lnb-chip span",
    ".lnb-asks button",
    ".lnb-reply pre",
]

TOLD = "places => places.map((where) => [where, document.querySelector(where).textContent])"
COUNT_ELEMENTS = "() => document.querySelectorAll('script, img, iframe, style, object, embed, link, base, form').length"


def squeezed(texts):
    """Return texts as a browser lays them out: runs of spaces are one, and ends are cut."""
    return [" ".join(text.replace("\u200b", "").split()) for text in texts]


def test_the_corpus_has_at_least_40_strings():
    assert len(set(HOSTILE)) == len(HOSTILE) >= 40


def test_the_table_shows_every_text_literally_in_every_place(open_face, faces):
    tab = open_face(table_module(), {"view": faces.group_view([]), "reply": None, "ask": None})
    before = tab.page.evaluate(COUNT_ELEMENTS)
    for text in HOSTILE:
        view = faces.group_view(
            [(text, 1, 2.0), ("other", None, None)],
            (text, "x"),
            caption=text,
            unit=text,
            message=text,
            error=text,
            notes=[text],
        )
        view["columns"] = [
            faces.column(text, text, "text", help=text),
            faces.column("count", text, "count", unit=text),
            faces.column("zone", text, "zone"),
        ]
        view["rows"][0]["cells"] = [text, text, {"value": text, "zone": text}]
        view["rows"][1] |= {"cells": [text, [text], {"value": 1, "zone": None}], "note": text}
        view["crumbs"][1] |= {"hint": text}
        chips = [{"key": text, "group": text, "label": text, "count": 1, "on": True}]
        view |= {
            "own": {"label": text, "cells": [text, 1, {"value": 1, "zone": None}]},
            "filter_label": text,
            "filter": text,
            "chips": chips,
            "marked": [text],
            "asks": [{"what": text, "label": text}],
        }
        tab.send("view", view)
        tab.page.evaluate("() => document.querySelector('.lnb-asks button').click()")
        number = tab.page.evaluate("() => model.get('ask').at(-1).n")
        tab.send("reply", {"n": number, "name": None, "text": text})
        shown = tab.page.evaluate(TOLD, PLACES)
        assert all(text in told for _, told in shown), (text, shown)
        assert tab.page.get_by_label(f"Mark {text}", exact=True).count() >= 1 or not text.strip()
        assert tab.page.evaluate(COUNT_ELEMENTS) == before, text


def test_the_chart_shows_every_text_literally(open_face):
    spec = {
        "data": {"name": "groups"},
        "mark": "bar",
        "height": {"step": 16},
        "encoding": {
            "x": {"field": "value", "type": "quantitative"},
            "y": {"field": "name", "type": "nominal", "sort": None, "axis": {"labelLimit": 0}},
            "tooltip": [{"field": "name", "type": "nominal"}],
        },
    }
    rows = [{"id": text, "name": text, "value": 1} for text in HOSTILE]
    given = {
        "kinds": [{"key": text, "label": text} for text in HOSTILE],
        "kind": HOSTILE[0],
        "spec": spec,
        "datasets": {"groups": rows},
    }
    tab = open_face(
        chart_module(), given | {"title": HOSTILE[0], "summary": HOSTILE[1], "message": None, "picked": None}
    )
    tab.page.wait_for_selector("path[aria-roledescription=bar]")
    labels = tab.page.locator(".lnb-canvas .role-axis-label text").all_text_contents()
    assert squeezed(labels[-len(HOSTILE) :]) == squeezed(HOSTILE)
    assert tab.page.evaluate("() => document.querySelectorAll('img, iframe, a').length") == 0
    for text in HOSTILE[:4]:
        tab.page.locator("path[aria-roledescription=bar]").nth(HOSTILE.index(text)).hover()
        assert text in tab.page.get_by_role("tooltip").inner_text()
    assert squeezed(tab.page.locator(".lnb-kinds label").all_text_contents()) == squeezed(HOSTILE)


def test_a_page_shows_every_text_literally_at_every_level(tab, faces, tmp_path):
    groups = {(text, text[::-1] or "x"): [float(at), 50.0] for at, text in enumerate(HOSTILE)}
    frame = faces.tree_frame(groups)
    columns = [
        faces.column("group_name", "Group", "text"),
        faces.column("mean_percent", HOSTILE[1], unit=HOSTILE[2], help=HOSTILE[5]),
    ]
    path = write_group_page(
        tmp_path / "p.html",
        frame,
        title=HOSTILE[2],
        levels=HOSTILE[:2],
        units=HOSTILE[2:4],
        columns=columns,
        field="mean_percent",
        notes=HOSTILE,
        distributions=faces.distributions(groups),
    )
    tab.page.goto(path.as_uri())
    tab.page.wait_for_selector("tbody tr")
    before = tab.page.evaluate(COUNT_ELEMENTS)
    assert set(tab.page.locator("tbody th .lnb-name").all_text_contents()) == set(HOSTILE)
    assert tab.page.locator("h1").text_content() == tab.page.title() == HOSTILE[2]
    for text in HOSTILE[:12]:
        tab.page.evaluate(
            "text => [...document.querySelectorAll('.lnb-open')].find((one) => one.textContent === text).click()", text
        )
        assert tab.page.locator("tbody th .lnb-name").all_text_contents() == [text[::-1]]
        tab.page.locator(".lnb-crumbs button").first.click()
    for kind in ("Percentiles", "Ranking", "Score and attempts"):
        tab.page.get_by_text(kind, exact=True).click()
        tab.page.wait_for_function(
            "kind => document.querySelector('.lnb-title').textContent.startsWith(kind)", arg=kind
        )
        tab.page.wait_for_selector(".lnb-canvas path[aria-roledescription]")
    assert tab.page.evaluate(COUNT_ELEMENTS) == before
    assert not tab.page.evaluate("() => 'polluted' in {} || Object.keys(Object.prototype).length > 0")


def test_the_fallback_shows_every_text_literally(tab, faces):
    view = faces.group_view([(text, 1, None) for text in HOSTILE], caption=HOSTILE[0], notes=HOSTILE)
    tab.page.set_content(f"<main>{fallback_html(view)}</main>")
    assert tab.page.locator("tbody th").all_text_contents()[1:] == HOSTILE
    assert tab.page.locator("script, img, iframe, style, svg").count() == 0
