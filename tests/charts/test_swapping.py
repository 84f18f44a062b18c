"""Only in a browser: a drawn chart whose rows are swapped, as a face does on a drill."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import vl_convert

from learnosity_nb.charts import KINDS, kind_chart, split_chart

pytestmark = pytest.mark.browser

Make = Callable[..., pd.DataFrame]

PAGE = """<!doctype html><body><div id="chart" style="width:600px"></div><script type="module">
{bundle}
try {{
  const {{ spec, views }} = {payload};
  const drawn = await vegaEmbed("#chart", {{ ...spec, datasets: views[0] }}, {{ actions: false, renderer: "svg" }});
  window.show = async (number) => {{
    for (const [name, rows] of Object.entries(views[number])) drawn.view.data(name, rows);
    await drawn.view.runAsync();
  }};
  document.title = "ready";
}} catch (error) {{ document.title = String(error); }}
</script>"""


@pytest.mark.parametrize("kind", [kind["key"] for kind in KINDS])
def test_rows_are_swapped_without_an_error(
    kind: str,
    tmp_path: Path,
    classes: pd.DataFrame,
    groups: Make,
    hostile: list[str],
    spread: Callable[[Sequence[float]], pd.DataFrame],
    chromium: Any,
) -> None:
    figures = {name: [50.0] * len(hostile) for name in classes.columns if str(name).endswith("_percent")}
    many = groups(hostile, population=[9] * len(hostile), **figures)
    drawn = [
        split_chart(kind_chart(kind, children, None, spread(values), "percent"))
        for children, values in ((classes, [1, 2]), (many, [3]), (classes.head(0), []), (many.iloc[::-1], [4]))
    ]
    payload = json.dumps({"spec": drawn[0][0], "views": [rows for _, rows in drawn]}).replace("<", "\\u003c")
    bundle = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;").replace("</script", "<\\/script")
    page_file = tmp_path / "chart.html"
    page_file.write_text(PAGE.format(bundle=bundle, payload=payload), encoding="utf-8")
    errors: list[str] = []
    page = chromium.new_page()
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(page_file.as_uri())
    page.wait_for_function("document.title !== ''", timeout=120_000)
    assert page.title() == "ready"
    for number, empty in ((1, False), (2, True), (3, False)):
        page.evaluate("number => window.show(number)", number)
        assert (page.get_by_text("No scores").count() == 1) is empty
    if kind in {"percentiles", "ranking"}:
        assert page.get_by_text("__proto__", exact=True).count() == 1
    assert page.locator("img").count() == 0
    page.close()
    assert errors == []
