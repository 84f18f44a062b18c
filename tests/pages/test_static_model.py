"""What a page computes without a kernel equals what Python computes."""

from __future__ import annotations

import json
import random

import numpy as np
import pandas as pd
import pytest

from learnosity_nb.charts.kinds import KINDS, kind_chart
from learnosity_nb.charts.records import split_chart
from learnosity_nb.files.exports import to_csv
from learnosity_nb.frames.sorting import sort_frame
from learnosity_nb.pages.page_charts import chart_data
from learnosity_nb.pages.page_data import ROOT_LABEL, group_data, plain_values, tree_of
from learnosity_nb.pages.scripts import enclosed

pytestmark = pytest.mark.browser

EVERY_VIEW = """data => data.names.flatMap((_, at) => {
  const drawn = (kind, scene) => ({ datasets: rowsOf(kind, scene).datasets, summary: "" });
  const model = new StaticModel(structuredClone(data), drawn);
  const path = [];
  for (let up = at; up > 0; up = data.parents[up]) path.unshift(data.names[up]);
  model.set("path", path);
  return data.chart.kinds.map(({ key }) => {
    model.set("kind", key);
    model.save_changes();
    return [at, key, model.get("datasets")];
  });
})"""

LETTERS = ["a", "B", "b", "é", "ß", "\ue000", "\uffee", "\U0001f600", "\U00010000", "", "aa", "a b", "10", "9"]


@pytest.fixture
def run(tab, tmp_path):
    """Return a function that calls a JavaScript function with the modules of a page in scope."""
    program = "\n".join(enclosed(name) for name in ("static_model", "chart_rows"))
    page = tmp_path / "modules.html"
    code = f"{program}\nObject.assign(window, static_model, chart_rows);"
    page.write_text(f"<!doctype html><meta charset=utf-8><script type=module>{code}</script>", encoding="utf-8")
    tab.page.goto(page.as_uri())
    return tab.page.evaluate


def random_frame(draw):
    size = draw.randrange(0, 40)
    names = ["".join(draw.choices(LETTERS, k=draw.randrange(1, 4))) for _ in range(size)]
    values = [draw.choice([None, 0.0, -1.5, 2.5, 10.0, 1e9]) for _ in range(size)]
    texts = [draw.choice([None, *LETTERS]) for _ in range(size)]
    columns = {"group_name": pd.Series(names, dtype="str"), "value": pd.Series(values, dtype="float64")}
    return pd.DataFrame({**columns, "text": pd.Series(texts, dtype="str"), "at": range(size)})


def test_rows_are_sorted_as_python_sorts_them(run):
    draw = random.Random(11)
    cases, expected = [], []
    for _ in range(150):
        frame = random_frame(draw)
        field, order = draw.choice(["value", "text", "group_name"]), draw.choice(["asc", "desc"])
        expected.append(sort_frame(frame, field, order)["at"].tolist())
        cases.append([plain_values(frame[field]), order, frame["group_name"].tolist()])
    sort = "cases => cases.map(([values, order, names]) => sorted([...names.keys()], values, order, names))"
    assert run(sort, cases) == expected


def test_texts_are_compared_by_code_point(run):
    texts = sorted(LETTERS + [one + other for one in LETTERS for other in LETTERS])
    shuffled = random.Random(5).sample(texts, len(texts))
    assert run("texts => texts.sort(byCodePoint)", shuffled) == texts


def test_csv_reads_back_as_pandas_writes_it(run, tmp_path):
    draw = np.random.default_rng(3)
    texts = [
        "=1+1",
        "'=x",
        "＋x",
        "a,b",
        'say "hi"',
        "line\r\nend",
        "\ttab",
        "@x",
        "-",
        "plain",
        "'plain",
        "\U0001f600",
        None,
    ]
    frame = pd.DataFrame(
        {
            "=group_name": pd.Series(texts, dtype="str"),
            "mean": [*draw.normal(0, 1e3, 9), 0.1 + 0.2, 1e-7, -2.5, None],
            "count": pd.array([*range(12), None], dtype="Int64"),
        }
    )
    rows = [list(frame.columns), *zip(*(plain_values(frame[name]) for name in frame), strict=True)]
    written = run("rows => csvText(rows)", [list(row) for row in rows])
    ours, theirs = tmp_path / "ours.csv", tmp_path / "theirs.csv"
    ours.write_bytes(written.encode())
    to_csv(frame, theirs)
    read = [pd.read_csv(one, keep_default_na=False, na_values=[""]) for one in (ours, theirs)]
    pd.testing.assert_frame_equal(*read, check_exact=True)


def random_groups(seed):
    draw = np.random.default_rng(seed)
    groups = {}
    for district in ("Nord", "\U0001f600 <b>", "a"):
        for school in range(draw.integers(2, 6)):
            values = (
                draw.integers(0, 41, draw.integers(1, 60)) * 2.5
                if seed % 2
                else draw.uniform(0, 100, draw.integers(1, 300))
            )
            groups[district, f"S{school}"] = values.tolist()
    return groups


@pytest.mark.parametrize(("seed", "field"), [(1, "mean_percent"), (2, "population"), (2, "percent")])
def test_the_rows_of_every_chart_equal_pythons(run, faces, seed, field):
    groups = random_groups(seed)
    frame, counted = tree_of(faces.tree_frame(groups), []), faces.distributions(groups)
    frame["withheld"] = (frame["population"] < 12).to_numpy(bool)
    frame = frame.assign(id=frame["group_name"].replace("", ROOT_LABEL))
    chart = chart_data(frame, field, counted)
    data = group_data(
        frame,
        title="T",
        levels=["D", "S"],
        units=["ds", "ss"],
        columns=[{"key": "group_name"}],
        sort=None,
        notes=[],
        page_size=50,
    )
    data["figures"] = chart.pop("figures")
    data["chart"] = chart
    scenes = run(EVERY_VIEW, data)
    assert {kind for _, kind, _ in scenes} == {one["key"] for one in KINDS}
    few = {0, 1, 2, len(frame) - 1}  # building a chart in Python takes long
    for at, kind, datasets in [scene for scene in scenes if scene[0] in few]:
        path = frame["group_path"][at]
        children = frame[[other[:-1] == path and len(other) > 0 for other in frame["group_path"]]]
        spec, expected = split_chart(kind_chart(kind, children, frame.iloc[[at]], counted[path], field))
        assert near(datasets, expected), (path, kind, datasets, expected)
        known = next(one["spec"] for one in chart["kinds"] if one["key"] == kind)
        assert json.dumps(known, sort_keys=True) == json.dumps(spec, sort_keys=True)


def near(one, other):
    """Say whether two pieces of JSON are equal, numbers to 12 digits."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(near(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(near, one, other))
    if isinstance(one, int | float) and isinstance(other, int | float):
        return one == pytest.approx(other, rel=1e-12, abs=1e-12)
    return one == other
