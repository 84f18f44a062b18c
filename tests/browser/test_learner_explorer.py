"""The learner explorer as an analyst meets it: in JupyterLab, by mouse and by keyboard."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

pytestmark = pytest.mark.browser

WORLD = """
import pandas as pd
import learnosity_nb as lnb
world = lnb.sample_world()
lrn = lnb.connect_local(learners=world.learners, engagement=world.engagement, progress=False)
explorer = lnb.LearnerExplorer(lrn, world.course_id, strict=True)
explorer
"""
STATE = "explorer.settle(60); print(explorer.state_dict())"


def explore(desk: Any, name: str, *more: str, first: str = WORLD) -> None:
    desk.lab.write(f"{name}.ipynb", first.strip(), *more)
    desk.open(f"{name}.ipynb")
    desk.run(0)
    desk.page.locator("tbody tr .lnb-open").first.wait_for()


def chip(desk: Any, label: str) -> Any:
    return desk.page.locator(".lnb-chip").filter(has=desk.page.get_by_text(label, exact=True))


def press(desk: Any, label: str) -> int:
    """Press a chip and return the number on it."""
    found = chip(desk, label)
    count = int(found.locator(".lnb-count").inner_text().replace(",", ""))
    found.click()
    desk.page.locator(f'.lnb-chip[aria-pressed="true"]:has-text("{label}")').wait_for()
    return count


def test_filter_search_sort_and_a_learners_days_by_mouse(desk: Any) -> None:
    explore(desk, "roster", STATE)
    page = desk.page
    page.locator(".lnb-canvas svg").wait_for()
    count = press(desk, "hide inactive")
    page.get_by_text(f"1–50 of {count} learners").wait_for()
    count = press(desk, "Group A")
    page.get_by_text(f"of {count} learners").first.wait_for()
    page.get_by_role("button", name="Problems attempted").click()
    page.locator('th[aria-sort="descending"]:has-text("Problems attempted")').wait_for()
    cells = page.locator("tbody tr td:nth-child(2)")
    values = [int(text.split()[0]) for text in cells.all_inner_texts()]
    assert values == sorted(values, reverse=True)
    assert "▲ above" in cells.first.inner_text()
    wanted = page.locator("tbody .lnb-open").nth(2).inner_text()
    page.get_by_role("searchbox").fill(wanted[:6].lower())
    page.get_by_text("1 learners").first.wait_for()
    page.locator("tbody .lnb-open").first.click()
    page.locator(f'.lnb-crumbs [aria-current="page"] .lnb-name:text-is("{wanted}")').wait_for()
    page.locator(".lnb-own", has_text="The week").wait_for()
    for kind in ("Week over week", "Days"):
        page.locator(".lnb-kinds").get_by_text(kind, exact=True).click()
        page.locator(".lnb-title", has_text=kind).wait_for()
    page.locator(".lnb-canvas svg").wait_for()
    assert page.get_by_role("searchbox").count() == 0
    page.locator(".lnb-crumbs button").first.click()
    page.get_by_role("searchbox").wait_for()
    chip(desk, "Group A").click()
    page.locator('.lnb-chip[aria-pressed="false"]:has-text("Group A")').wait_for()
    said = desk.printed(1)
    assert "'cohort': None" in said
    assert "'hide_inactive': True" in said
    assert f"'filter': '{wanted[:6].lower()}'" in said
    assert desk.complaints == []


def test_the_same_by_keyboard_alone(desk: Any) -> None:
    explore(desk, "learner keys", STATE)
    page = desk.page
    page.locator("tbody tr").first.focus()
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    wanted = page.evaluate("document.activeElement.querySelector('.lnb-name').textContent")
    page.keyboard.press("Enter")
    page.locator(f'.lnb-crumbs [aria-current="page"] .lnb-name:text-is("{wanted}")').wait_for()
    page.keyboard.press("Backspace")
    page.locator(".lnb-crumbs li").nth(1).wait_for(state="detached")
    page.wait_for_function("document.activeElement.matches('tbody tr')")
    assert page.evaluate("document.activeElement.querySelector('.lnb-name').textContent") == wanted
    page.keyboard.press("/")
    page.keyboard.type("no such learner")
    page.get_by_text("No learners match “no such learner”.").wait_for()
    page.keyboard.press("Escape")
    page.locator("tbody tr .lnb-open").first.wait_for()
    assert page.locator(".jp-Notebook .jp-Cell").count() == 2, "a key reached JupyterLab's command mode"
    assert "'learner': None" in desk.printed(1)


def test_csv_and_page_come_out_of_the_browser(desk: Any, tmp_path: Path) -> None:
    explore(
        desk,
        "learner exports",
        "explorer.segments = ('struggling',)\nexplorer.sort_field = 'videos_viewed'\n"
        "print(explorer.value[['username', 'videos_viewed', 'cohort']].to_json(orient='values'))",
        "scope = dict(lrn=lrn)\nexec(explorer.code(), scope)\nprint(scope['frame'].equals(explorer.value))",
    )
    shown = json.loads(desk.printed(1))
    desk.page.locator('.lnb-chip[aria-pressed="true"]:has-text("struggling")').wait_for()
    with desk.page.expect_download() as got:
        desk.page.locator('[data-key="ask:csv"]').click()
    text = Path(got.value.path()).read_text(encoding="utf-8")
    table = pd.read_csv(io.StringIO(text))
    assert json.loads(table[["username", "videos_viewed", "cohort"]].to_json(orient="values")) == shown
    assert "@" not in text
    assert desk.printed(2).strip() == "True"
    with desk.page.expect_download() as got:
        desk.page.locator('[data-key="ask:html"]').click()
    page = tmp_path / "learners.html"
    got.value.save_as(page)
    alone = desk.page.context.new_page()
    alone.goto(page.as_uri())
    alone.get_by_text(f"{len(shown)} learners").first.wait_for()
    alone.locator(".lnb-zone", has_text="above").first.wait_for()
    assert alone.locator("tbody tr").count() == len(shown)


MANY = """
import numpy as np
import pandas as pd
import learnosity_nb as lnb
names = [f"learner-{at:06d}" for at in range(100_000)]
people = pd.DataFrame({"course_id": "X/Y/Z", "username": names, "cohort": np.resize(["A", "B", "C"], len(names))})
deeds = people.iloc[::3][["course_id", "username"]].assign(
    date="2026-02-15", entity_type="video", event="viewed", count=1,
    entity_id=[f"v{at % 9}" for at in range(len(people.iloc[::3]))],
)
lrn = lnb.connect_local(learners=people, engagement=deeds)
explorer = lnb.LearnerExplorer(lrn, "X/Y/Z", strict=True)
explorer
"""


def test_100_000_learners_come_page_by_page_while_the_kernel_is_free(desk: Any) -> None:
    desk.lab.write("many learners.ipynb", MANY.strip(), "print('free')", STATE)
    desk.open("many learners.ipynb")
    desk.run(0)
    page = desk.page
    assert desk.printed(1).strip() == "free"
    page.get_by_text("1–50 of 100,000 learners").wait_for()
    page.get_by_role("button", name="Next page").click()
    page.get_by_text("51–100 of 100,000 learners").wait_for()
    count = press(desk, "B")
    page.get_by_text(f"1–50 of {count:,} learners").wait_for()
    page.get_by_role("button", name="Videos viewed").click()
    page.locator('th[aria-sort="descending"]:has-text("Videos viewed")').wait_for()
    page.locator("tbody .lnb-open").first.click()
    page.locator(".lnb-own", has_text="The week").wait_for()
    assert "'cohort': 'B'" in desk.printed(2)


HOSTILE = r"""
import pandas as pd
import learnosity_nb as lnb
names = ["<script>window.hurt=1</script>", "\"><img src=x onerror=window.hurt=1>", "constructor", "__proto__",
         "{{7*7}}",
         "=HYPERLINK(\"http://x\")", "a\u2028b", "\u202eright", "$\\alpha$", "&lt;b&gt;"]
people = pd.DataFrame({"course_id": "X/Y/Z", "username": names, "name": names, "email": names, "cohort": names})
deeds = people[["course_id", "username"]].assign(
    date="2026-02-15", entity_type="video", event="viewed", entity_id="v", count=1)
lrn = lnb.connect_local(learners=people, engagement=deeds)
explorer = lnb.LearnerExplorer(lrn, "X/Y/Z", show_names=True, strict=True)
explorer
"""


def test_hostile_names_are_only_text(desk: Any) -> None:
    explore(desk, "hostile learners", first=HOSTILE)
    page = desk.page
    page.locator(".lnb-canvas svg").wait_for()
    for name in ("<script>window.hurt=1</script>", '"><img src=x onerror=window.hurt=1>', "__proto__", "&lt;b&gt;"):
        page.locator("tbody tr .lnb-open", has_text=name).first.click()
        page.wait_for_function(
            "name => document.querySelector('.lnb-crumbs [aria-current] .lnb-name').textContent === name", arg=name
        )
        page.locator(".lnb-title", has_text=f"Days: {name}").wait_for()
        page.locator(".lnb-crumbs button").first.click()
        page.locator(".lnb-crumbs li").nth(1).wait_for(state="detached")
    assert page.evaluate("window.hurt") is None
    assert page.locator(".lnb script, .lnb img").count() == 0
