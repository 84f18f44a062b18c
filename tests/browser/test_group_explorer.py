"""The group explorer as an analyst meets it: in JupyterLab, by mouse and by keyboard."""

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
lrn = lnb.connect_local(sessions=world.sessions, progress=False)
dataset = lrn.build_dataset(
    world.roster, levels={"district": "District", "school": "School", "class": "Class"},
    fields=["population", "mean_percent", "stddev_percent", "p25_percent", "median_percent", "p75_percent"],
    user_fields=["score", "max_score"], sort_field="mean_percent",
)
explorer = lnb.GroupExplorer(dataset, strict=True)
explorer
"""
HERE = ".lnb-crumbs [aria-current] .lnb-name"
STATE = "explorer.settle(60); print(list(explorer.group_path), len(explorer.value))"


def explore(desk: Any, name: str, *more: str, first: str = WORLD) -> None:
    desk.lab.write(f"{name}.ipynb", first.strip(), *more)
    desk.open(f"{name}.ipynb")
    desk.run(0)
    desk.page.get_by_role("table").wait_for()


def row(desk: Any, name: str):
    return desk.page.locator("tbody tr").filter(has=desk.page.get_by_role("button", name=name, exact=True))


def names(desk: Any) -> list[str]:
    return desk.page.locator("tbody th .lnb-name").all_inner_texts()


def here(desk: Any, name: str) -> None:
    desk.page.locator(f'.lnb-crumbs [aria-current="page"] .lnb-name:text-is("{name}")').wait_for()


def test_three_levels_by_mouse_then_sort_filter_and_charts(desk: Any) -> None:
    explore(desk, "mouse", STATE)
    page = desk.page
    page.locator(".lnb-canvas svg").wait_for()
    row(desk, "Oregon").click()
    here(desk, "Oregon")
    row(desk, "Springfield").get_by_role("button").click()
    here(desk, "Springfield")
    page.get_by_role("button", name="Learners").click()
    page.locator('th[aria-sort="descending"]:has-text("Learners")').wait_for()
    counts = [int(text) for text in page.locator("tbody td.lnb-count").all_inner_texts() if text != "–"]
    assert counts == sorted(counts, reverse=True)
    page.get_by_role("searchbox").fill("8a")
    page.get_by_text("1 class").first.wait_for()
    row(desk, "8a").click()
    here(desk, "8a")
    page.get_by_role("button", name="District Oregon").wait_for()
    for kind in ("Percentiles", "Ranking", "Distribution"):
        page.locator(".lnb-kinds").get_by_text(kind, exact=True).click()
    page.locator(".lnb-canvas svg").wait_for()
    assert desk.printed(1).startswith("['Oregon', 'Springfield', '8a']")
    assert desk.complaints == []


def test_the_same_by_keyboard_alone(desk: Any) -> None:
    explore(desk, "keys", STATE)
    page = desk.page
    page.locator("tbody tr").first.focus()
    for _ in range(3):
        before = page.locator(".lnb-crumbs li").count()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.locator(".lnb-crumbs li").nth(before).wait_for()
    assert page.locator(".lnb-crumbs li").count() == 4
    page.keyboard.press("Backspace")
    page.locator(".lnb-crumbs li").nth(3).wait_for(state="detached")
    came_from = page.evaluate("document.activeElement.querySelector('.lnb-name').textContent")
    page.keyboard.press("/")
    page.keyboard.type("no such class")
    page.get_by_text("No classes match “no such class”.").wait_for()
    page.keyboard.press("Escape")
    page.locator("tbody tr .lnb-open").first.wait_for()
    page.keyboard.press("m")
    page.locator("tbody input:checked").wait_for()
    assert came_from in names(desk)
    assert page.locator(".jp-Notebook .jp-Cell").count() == 2, "a key reached JupyterLab's command mode"
    path, rows = desk.printed(1).rsplit(maxsplit=1)
    assert (path.count("'"), int(rows)) == (4, len(names(desk)))


def test_marked_groups_stand_side_by_side(desk: Any) -> None:
    explore(desk, "compare", "print(explorer.comparison()['group_name'].tolist())")
    for name in ("Oregon", "Kestrel Coast"):
        row(desk, name).get_by_role("checkbox").check()
    desk.page.get_by_role("table").nth(1).get_by_text("Kestrel Coast").wait_for()
    assert desk.printed(1).strip() == "['Oregon', 'Kestrel Coast']"


def test_csv_code_and_page_come_out_of_the_browser(desk: Any, tmp_path: Path) -> None:
    explore(
        desk,
        "exports",
        "explorer.group_path = ('Oregon',)\nprint(explorer.value.drop(columns='group_path').to_json(orient='values'))",
        "dataset_names = dict(dataset=dataset)\nexec(explorer.code(), dataset_names)\n"
        "print(dataset_names['frame'].equals(explorer.value))",
    )
    shown = json.loads(desk.printed(1))
    here(desk, "Oregon")
    with desk.page.expect_download() as got:
        desk.page.locator('[data-key="ask:csv"]').click()
    table = pd.read_csv(io.StringIO(Path(got.value.path()).read_text(encoding="utf-8")))
    assert json.loads(table.drop(columns="group_path").to_json(orient="values")) == shown
    desk.page.locator('[data-key="ask:code"]').click()
    code = desk.page.locator(".lnb-reply pre").inner_text()
    assert code.startswith("frame = dataset.groups(['Oregon']")
    assert desk.printed(2).strip() == "True"
    with desk.page.expect_download() as got:
        desk.page.locator('[data-key="ask:html"]').click()
    page = tmp_path / "oregon.html"
    got.value.save_as(page)
    alone = desk.page.context.new_page()
    alone.goto(page.as_uri())
    alone.locator("tbody tr", has_text="Springfield").click()
    alone.locator('.lnb-crumbs [aria-current="page"]:has-text("Springfield")').wait_for()
    alone.locator(".lnb-canvas svg").wait_for()
    alone.get_by_role("button", name="Learners").click()
    alone.locator('th[aria-sort="descending"]').wait_for()


BUSY = """
import time
from pathlib import Path
while not Path("go").exists():
    time.sleep(0.05)
"""


def test_every_button_pressed_while_a_cell_runs_is_answered(desk: Any) -> None:
    explore(desk, "busy", BUSY.strip())
    downloads: list[str] = []
    desk.page.on("download", lambda found: downloads.append(found.suggested_filename))
    desk.run(1)
    desk.page.get_by_text("Python 3 (ipykernel) | Busy").wait_for()
    for what in ("csv", "subtree", "code"):
        desk.page.locator(f'[data-key="ask:{what}"]').click()
    (desk.lab.folder / "go").touch()
    desk.page.locator(".lnb-reply pre").wait_for()
    desk.wait_idle()
    desk.page.wait_for_function("() => document.querySelector('.lnb-reply pre').innerText.startsWith('frame = ')")
    assert sorted(downloads) == ["groups-below.csv", "groups.csv"]


def test_python_moves_the_view_and_a_failing_click_is_an_alert(desk: Any) -> None:
    explore(desk, "python", "explorer.group_path = ('Oregon', 'Springfield')", "lrn.close()", "print(explorer.error)")
    desk.run(1)
    here(desk, "Springfield")
    desk.run(2)
    row(desk, "8a").click()
    desk.page.get_by_role("alert").filter(has_text="closed").wait_for()
    here(desk, "Springfield")
    assert "closed" in desk.printed(3)


HOSTILE = r"""
import pandas as pd
import learnosity_nb as lnb
names = ["<script>window.hurt=1</script>", "\"><img src=x onerror=window.hurt=1>", "constructor", "__proto__",
         "{{7*7}}", "datum['x']", "=HYPERLINK(\"http://x\")", "a\u2028b", "\u202eright", "$\\alpha$", "&lt;b&gt;"]
frame = pd.DataFrame([{"school": name, "class": f"{name} {at}", "pupil": f"{number}-{at}-{pupil}", "mark": pupil}
                      for number, name in enumerate(names) for at in range(2) for pupil in range(6)])
explorer = lnb.explore(frame, levels=["school", "class"], user="pupil", score="mark", max_score=10)
explorer
"""


def test_hostile_names_are_only_text(desk: Any) -> None:
    explore(desk, "hostile", "print(len(explorer.value))", first=HOSTILE)
    page = desk.page
    page.locator(".lnb-canvas svg").wait_for()
    for name in ("<script>window.hurt=1</script>", '"><img src=x onerror=window.hurt=1>', "__proto__", "&lt;b&gt;"):
        page.locator("tbody tr .lnb-open", has_text=name).first.click()
        here_now = page.locator('.lnb-crumbs [aria-current="page"] .lnb-name')
        page.wait_for_function(
            "name => document.querySelector('.lnb-crumbs [aria-current] .lnb-name').textContent === name", arg=name
        )
        assert here_now.text_content() == name
        for kind in ("Ranking", "Percentiles"):
            page.locator(".lnb-kinds").get_by_text(kind, exact=True).click()
        page.locator(".lnb-canvas svg").wait_for()
        page.locator(".lnb-crumbs button").first.click()
        page.locator(".lnb-crumbs li").nth(1).wait_for(state="detached")
    assert page.evaluate("window.hurt") is None
    assert page.locator(".lnb script, .lnb img").count() == 0


MANY = """
import pandas as pd
import learnosity_nb as lnb
frame = pd.DataFrame([{"school": f"School {at:04d}", "pupil": f"{at}-{one}", "mark": (at * 7 + one) % 11}
                      for at in range(2410) for one in range(6)])
explorer = lnb.explore(frame, levels=["school"], user="pupil", score="mark", max_score=10)
explorer
"""


def test_a_level_of_2410_schools_comes_page_by_page(desk: Any) -> None:
    explore(desk, "many", "explorer.page = 49", first=MANY)
    page = desk.page
    page.get_by_text("1–50 of 2,410 schools").wait_for()
    page.get_by_role("button", name="Next page").click()
    page.get_by_text("51–100 of 2,410 schools").wait_for()
    desk.run(1)
    page.get_by_text("2,401–2,410 of 2,410 schools").wait_for()
    assert page.locator("tbody tr").count() == 10
