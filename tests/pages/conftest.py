"""A browser without a network, and pages that hold a face over a model of the test's own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from learnosity_nb.pages import scripts

LOCAL = ("file:", "blob:", "data:")

MODEL = """
class TestModel {
  constructor(values) {
    this.values = new Map(Object.entries(values));
    this.listeners = new Map();
    this.sets = [];
    this.saves = 0;
  }
  get(key) { return this.values.get(key); }
  set(key, value) { this.sets.push([key, value]); this.values.set(key, value); }
  on(event, callback) { this.listeners.set(event, [...(this.listeners.get(event) ?? []), callback]); }
  off(event, callback) {
    this.listeners.set(event, (this.listeners.get(event) ?? []).filter((one) => one !== callback));
  }
  save_changes() { this.saves += 1; }
  send(key, value) { this.values.set(key, value); for (const one of this.listeners.get(`change:${key}`) ?? []) one(); }
  listening() { return [...this.listeners.values()].flat().length; }
}
"""


class Tab:
    """A page of the browser, and what it did that it should not: requests, dialogs, errors on the console."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.refused: list[str] = []
        self.dialogs: list[str] = []
        self.errors: list[str] = []
        page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))
        page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.route("**/*", self._route)

    def _route(self, route: Any) -> None:
        if route.request.url.startswith(LOCAL):
            route.continue_()
        else:
            self.refused.append(route.request.url)
            route.abort()

    def sets(self) -> list[list[Any]]:
        """Return what the face has written since the last call."""
        return self.page.evaluate("() => model.sets.splice(0)")

    def send(self, key: str, value: Any) -> None:
        """Give the model a value as Python would, and tell the face."""
        self.page.evaluate("([key, value]) => model.send(key, value)", [key, value])

    def focused(self) -> str:
        """Return the text of the element with the focus."""
        return self.page.evaluate("() => document.activeElement.innerText || document.activeElement.tagName")


@pytest.fixture
def tab(chromium: Any) -> Iterator[Tab]:
    """Open a page; when the test is over nothing may have asked the network, opened a dialog or failed."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    opened = Tab(context.new_page())
    yield opened
    context.close()
    assert (opened.refused, opened.dialogs, opened.errors) == ([], [], [])


@pytest.fixture
def open_face(tab: Tab, tmp_path: Path) -> Callable[..., Tab]:
    """Return a function that opens a module's face over a model with these values."""

    def open_it(module: str, values: dict[str, Any]) -> Tab:
        given = json.dumps(values).replace("<", "\\u003c")
        code = f"{MODEL}\nwindow.model = new TestModel({given});"
        place = "{ model: window.model, el: document.getElementById('el') }"
        html = (
            f"<!doctype html><html lang=en><meta charset=utf-8><title>Face</title><style>{scripts.style()}</style>"
            f"<body><main><h1>Face</h1><div id=el></div></main><script type=module>{module}\n"
            f"{code}\nwindow.close_face = render({place});window.ready = true;</script>"
        )
        page = tmp_path / "face.html"
        page.write_text(html, encoding="utf-8")
        tab.page.goto(page.as_uri())
        tab.page.wait_for_function("() => window.ready")
        return tab

    return open_it


def column(key: str, label: str, kind: str = "percent", **more: Any) -> dict[str, Any]:
    """Return a column as the table face takes it."""
    return {"key": key, "label": label, "kind": kind, "unit": "", "places": None, "help": "", "sortable": True, **more}


def group_view(rows: list[tuple[str, Any, Any]], path: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    """Return a view of groups with two figures; the rows open down to level 2."""
    crumbs = [{"label": "All", "hint": "", "to": []}]
    crumbs += [{"label": name, "hint": "Level", "to": list(path[: at + 1])} for at, name in enumerate(path)]
    view = {
        "number": 1,
        "caption": "Schools",
        "crumbs": crumbs,
        "columns": [
            column("group_name", "School", "text"),
            column("population", "Learners", "count"),
            column("mean", "Mean", unit="%"),
        ],
        "own": {"label": crumbs[-1]["label"], "cells": [None, 1204, 61.25]},
        "rows": [{"id": row[0], "opens": len(path) < 2, "cells": list(row), "note": None} for row in rows],
        "first": 1,
        "total": len(rows),
        "page": 1,
        "pages": 1,
        "unit": "schools",
        "sort": {"field": "mean", "order": "desc"},
        "filter": "",
        "filter_label": "Filter schools by name",
        "markable": True,
        "marked": [],
        "mark_limit": 2,
        "chips": [],
        "notes": [],
        "message": f"{len(rows)} schools",
        "error": None,
        "busy": False,
        "asks": [{"what": "csv", "label": "CSV"}, {"what": "code", "label": "Code"}],
    }
    return view | more


def tree_frame(groups: dict[tuple[str, ...], list[float]]) -> pd.DataFrame:
    """Return a frame as of `Dataset.walk` for the percents of each leaf group's learners."""
    learners: dict[tuple[str, ...], list[float]] = {}
    for path, values in groups.items():
        for depth in range(len(path) + 1):
            learners.setdefault(path[:depth], []).extend(values)
    rows = []
    for path, values in sorted(learners.items(), key=lambda one: (len(one[0]), one[0])):
        percents = pd.Series(values, dtype="float64")
        rows.append(
            {
                "group_id": "/".join(path),
                "level": len(path),
                "group_name": path[-1] if path else "",
                "group_path": path,
                "population": len(percents),
                "mean_percent": percents.mean(),
                "median_percent": percents.median(),
                "p25_percent": percents.quantile(0.25),
                "p75_percent": percents.quantile(0.75),
                "stddev_percent": percents.std(),
                "mean_attempted_percent": percents.max(),
            }
        )
    return pd.DataFrame(rows).astype({"population": "Int64"})


def distributions(groups: dict[tuple[str, ...], list[float]]) -> dict[tuple[str, ...], pd.DataFrame]:
    """Return the counts of each value for every group of `tree_frame`."""
    found: dict[tuple[str, ...], list[float]] = {}
    for path, values in groups.items():
        for depth in range(len(path) + 1):
            found.setdefault(path[:depth], []).extend(values)
    counted = {path: pd.Series(values, dtype="float64").value_counts().sort_index() for path, values in found.items()}
    return {path: pd.DataFrame({"value": one.index, "count": one.to_numpy()}) for path, one in counted.items()}


@pytest.fixture
def faces() -> Any:
    """Return the makers of views, frames and distributions."""
    from types import SimpleNamespace

    return SimpleNamespace(column=column, group_view=group_view, tree_frame=tree_frame, distributions=distributions)
