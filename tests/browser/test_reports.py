"""A group's page as it arrives by e-mail: opened from a file, without a network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import learnosity_nb as lnb

pytestmark = pytest.mark.browser


def test_a_page_drills_down_sorts_and_draws_without_a_network(chromium: Any, tmp_path: Path) -> None:
    world = lnb.sample_world()
    levels = {"district": "District", "school": "School", "class": "Class"}
    with lnb.connect_local(sessions=world.sessions, progress=False) as connection:
        index = connection.build_dataset(world.roster, levels).report(tmp_path, "district")
    context = chromium.new_context(offline=True)
    context.set_default_timeout(120_000)
    asked, complaints = [], []
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto((tmp_path / "index.html").as_uri())
    page.get_by_role("link", name="Oregon").click()
    page.locator(".lnb-canvas svg").wait_for()
    page.get_by_role("button", name="Springfield").click()
    page.locator('.lnb-crumbs [aria-current="page"]:has-text("Springfield")').wait_for()
    page.get_by_role("button", name="Learners").click()
    page.locator('th[aria-sort="ascending"]:has-text("Learners")').wait_for()  # it came with the largest first
    for kind in page.locator(".lnb-kinds label, .lnb-kinds button").all():
        kind.click()
        page.locator(".lnb-canvas svg").wait_for()
    names = page.locator("tbody th .lnb-name").all_inner_texts()
    expected = world.roster.query("district == 'Oregon' and school == 'Springfield'")["class"].unique()
    assert sorted(names) == sorted(expected)
    context.close()
    assert all(url.startswith(("file:", "data:", "blob:")) for url in asked)
    assert complaints == []
    assert index["file"].notna().all()
