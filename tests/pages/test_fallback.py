from __future__ import annotations

import base64
import re

import pytest

from learnosity_nb.pages.fallback import fallback_html, written

SVG = "<svg><title>Chart</title></svg>"


def column(kind="number", places=None):
    return {"key": "x", "label": "X", "kind": kind, "places": places}


@pytest.mark.parametrize(
    ("value", "kind", "places", "text"),
    [
        (1204567, "count", None, "1,204,567"),
        (62.25, "percent", None, "62.3"),
        (62.0, "percent", None, "62.0"),
        (62.0, "number", None, "62"),
        (0.125, "number", None, "0.13"),
        (-1234.5, "number", 2, "-1,234.50"),
        (1.005, "number", 2, "1.01"),
        (-4.25e301, "number", 2, "-4.25e+301"),
        (None, "number", 2, "–"),
        ("inf", "number", 2, "inf"),
        (7, "text", None, "7"),
        (["a", "b"], "list", None, "a, b"),
        ({"value": 2.5, "zone": "below"}, "zone", 1, "2.5 below"),
        ({"value": None, "zone": None}, "zone", 1, "–"),
    ],
)
def test_cells_are_written_by_kind_and_places(value, kind, places, text):
    assert written(value, column(kind, places)) == text


@pytest.mark.browser
def test_numbers_are_written_as_the_table_face_writes_them(open_face, faces):
    from learnosity_nb.pages.scripts import table_module

    numbers = [0, 1.005, 0.125, 62.25, -2.5, 1e6, 123456.789, 99.95, 1e-9, 0.615]
    kinds = [("number", None), ("number", 2), ("percent", None), ("count", None)]
    columns = [
        faces.column("name", "Name", "text"),
        *(faces.column(f"c{at}", "C", kind, places=places) for at, (kind, places) in enumerate(kinds)),
    ]
    view = faces.group_view([]) | {"columns": columns, "own": None, "markable": False}
    view["rows"] = [
        {"id": str(one), "opens": False, "cells": ["a", *[one] * len(kinds)], "note": None} for one in numbers
    ]
    tab = open_face(table_module(), {"view": view})
    expected = [written(one, shown) for one in numbers for shown in columns[1:]]
    assert tab.page.locator("tbody td").all_inner_texts() == expected


def test_it_is_a_table_with_a_caption_the_own_row_and_a_chart(faces):
    html = fallback_html(faces.group_view([("A & B", 3, 50.5), ("C", None, None)], notes=["x < y"]), SVG, "a < b")
    assert "<caption>Schools</caption>" in html
    assert '<th scope="row">All</th><td>1,204</td><td>61.3</td>' in html
    assert '<th scope="row">A &amp; B</th><td>3</td><td>50.5</td>' in html
    assert "<p>x &lt; y</p>" in html
    picture = re.search(r'<img alt="a &lt; b" src="data:image/svg\+xml;base64,([^"]+)"></div>$', html)
    assert picture is not None
    assert base64.b64decode(picture[1]).decode() == SVG


def test_it_shows_at_most_50_rows_and_says_of_how_many(faces):
    html = fallback_html(faces.group_view([(str(at), at, None) for at in range(80)], total=2410))
    assert html.count("<tr>") == 52
    assert "<p>50 of 2,410 schools</p>" in html


@pytest.mark.parametrize(("width", "rows"), [(2_000, 25), (30_000, 1)])
def test_long_names_make_it_shorter_never_larger_than_64_kb(faces, width, rows):
    html = fallback_html(faces.group_view([("ä" * width, at, None) for at in range(50)]))
    assert len(html.encode()) <= 64 * 1024
    assert len(re.findall("ä{100}", html)) == 0 or html.count('<th scope="row">ä') <= rows


def test_a_caption_that_is_too_long_leaves_a_sentence(faces):
    html = fallback_html(faces.group_view([("a", 1, None)], caption="x" * 70_000))
    assert html == "<p>schools: 1 rows, too long to be shown here.</p>"


def test_a_chart_that_is_too_large_is_left_out(faces):
    html = fallback_html(faces.group_view([("a", 1, None)]), f"<svg>{'x' * 70_000}</svg>")
    assert "<img" not in html
    assert "<table" in html


def test_a_withheld_row_says_so(faces):
    view = faces.group_view([("a", None, None)])
    view["rows"][0]["note"] = "withheld"
    assert '<th scope="row">a (withheld)</th><td>–</td><td>–</td>' in fallback_html(view)
