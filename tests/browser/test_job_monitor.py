"""The job monitor in JupyterLab: it stays live while another cell keeps the kernel busy."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

SERVICE = """
import threading, time, pathlib
import learnosity_nb as lnb
from learnosity_nb.local.datasets import compiling
turns, compiled = threading.Semaphore(0), compiling.summarize

def in_turn(*given, **options):
    turns.acquire()
    return compiled(*given, **options)

compiling.summarize = in_turn
world = lnb.sample_world()
lrn = lnb.connect_local(sessions=world.sessions, progress=False)
monitor = lnb.JobMonitor(lrn, interval=0.1)
monitor
"""
BUSY = """
for _ in range(2):
    try:
        lrn.build_dataset(world.roster, ["district", "school", "class"], timeout=0)
    except lnb.JobTimeout:
        pass
for name in ("one", "two", "end"):
    while not pathlib.Path(f"monitor-{name}").exists():
        time.sleep(0.05)
    turns.release()
print("the cell has ended")
"""


def test_jobs_go_from_queued_to_completed_while_another_cell_runs(desk: Any) -> None:
    desk.lab.write("monitor.ipynb", SERVICE.strip(), BUSY.strip(), "print(monitor)")
    desk.open("monitor.ipynb")
    page = desk.page
    desk.run(0)
    page.get_by_text("There are no jobs here.").wait_for()
    busy = desk.run(1)
    running = busy.locator(".jp-InputPrompt", has_text="[*]:")
    statuses = page.locator("tbody tr td:nth-child(2)")
    for name, seen in (
        (None, ["queued", "running"]),
        ("one", ["completed", "running"]),
        ("two", ["completed", "completed"]),
    ):
        if name is not None:
            (desk.lab.folder / f"monitor-{name}").touch()
        page.wait_for_function(
            "seen => JSON.stringify([...document.querySelectorAll('tbody tr td:nth-child(2)')]"
            ".map(cell => cell.textContent).sort()) === JSON.stringify(seen)",
            arg=seen,
        )
        assert running.count() == 1, "the other cell has ended"
    expect(statuses).to_have_count(2)
    (desk.lab.folder / "monitor-end").touch()
    page.get_by_text("the cell has ended").wait_for()
    assert desk.printed(2).strip() == "JobMonitor(2 jobs: 2 completed)"
    assert desk.complaints == []


HALTED = """
import learnosity_nb as lnb
world = lnb.sample_world()
folder = __import__("pathlib").Path("halting")
folder.mkdir()
files = world.write(folder)
lrn = lnb.connect_local(folder, progress=False)
build = lambda: lrn.build_dataset(world.roster, ["district", "school", "class"])
build()
typed = world.sessions.astype({"score": "object"})
typed.loc[[3, 57], "score"] = ["eleven", "<b>nine</b>"]
typed.to_csv(files["sessions"], index=False)
try:
    build()
except lnb.JobHalted:
    pass
monitor = lnb.JobMonitor(lrn)
monitor
"""


def test_a_halted_job_opens_to_its_faults_by_keyboard(desk: Any) -> None:
    desk.lab.write(
        "halted.ipynb", HALTED.strip(), "print(list(monitor.status), monitor.value['status'].tolist())", "lrn.close()"
    )
    desk.open("halted.ipynb")
    page = desk.page
    desk.run(0)
    page.get_by_role("group", name="Status").get_by_role("button", name="halted 1").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    assert desk.printed(1).strip() == "['halted'] ['halted']"
    page.locator("tbody tr").first.focus()
    page.keyboard.press("Enter")
    page.get_by_role("cell", name="sessions.csv", exact=True).first.wait_for()
    faults = page.locator("tbody tr").all_inner_texts()
    assert [fault.split("\t")[1:4] for fault in faults] == [
        ["sessions.csv", "5", "score"],
        ["sessions.csv", "59", "score"],
    ]
    assert "<b>nine</b>" in faults[1]
    page.keyboard.press("Backspace")
    page.locator(".lnb-place", has_text="1 job").wait_for()
    page.get_by_role("button", name="halted 1", pressed=True).wait_for()
    desk.run(2)
    page.get_by_role("alert").filter(has_text="closed").wait_for()
    assert page.locator("tbody tr").count() == 1
    assert desk.complaints == []
