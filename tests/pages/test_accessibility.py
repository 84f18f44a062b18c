from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from learnosity_nb.pages.page import write_group_page
from learnosity_nb.pages.scripts import table_module

pytestmark = pytest.mark.browser


@pytest.fixture
def findings():
    axe = Axe()

    def run(tab):
        found = axe.run(tab.page).response["violations"]
        return [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in found]

    return run


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_has_no_findings(tab, faces, tmp_path, findings, scheme):
    groups = {("Oregon", "Salem"): [50.0, 60.0], ("Nevada", "Reno"): [90.0]}
    columns = [faces.column("group_name", "Group", "text"), faces.column("mean_percent", "Mean", unit="%")]
    path = write_group_page(
        tmp_path / "p.html",
        faces.tree_frame(groups),
        title="Reading",
        levels=["District", "School"],
        columns=columns,
        field="mean_percent",
        distributions=faces.distributions(groups),
        sort={"field": "mean_percent", "order": "desc"},
        notes=["A note."],
    )
    tab.page.emulate_media(color_scheme=scheme)
    tab.page.goto(path.as_uri())
    tab.page.wait_for_selector(".lnb-canvas svg")
    assert findings(tab) == []
    tab.page.get_by_role("button", name="Oregon").click()
    tab.page.get_by_text("Percentiles", exact=True).click()
    tab.page.wait_for_selector(".lnb-canvas svg")
    assert findings(tab) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_table_with_all_it_can_show_has_no_findings(open_face, faces, findings, scheme):
    chips = [{"key": str(on), "group": "Segment", "label": f"On {on}", "count": 3, "on": on} for on in (True, False)]
    rows = [("North", 300, 71.2), ("South", None, None)]
    view = faces.group_view(
        rows, ("A",), chips=chips, error="It failed.", notes=["A note."], page=1, pages=3, total=120
    )
    view["columns"][2]["kind"] = "zone"
    view["rows"] = [
        {"id": zone, "opens": True, "cells": [zone, 5, {"value": 1.5, "zone": zone}], "note": "withheld"}
        for zone in ("below", "average", "above")
    ]
    view |= {"own": None, "marked": ["below", "above"]}
    tab = open_face(table_module(), {"view": view, "reply": None, "ask": None})
    tab.page.emulate_media(color_scheme=scheme)
    tab.page.evaluate("scheme => { document.documentElement.style.colorScheme = scheme; }", scheme)
    tab.page.get_by_role("button", name="Code").click()
    tab.send("reply", {"n": 1, "name": None, "text": "dataset.groups()"})
    assert findings(tab) == []
