from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from learnosity_nb.pages.scripts import chart_source, page_program, script, style, table_module


@pytest.mark.parametrize("source", [table_module(), chart_source(), page_program()])
def test_no_text_is_ever_read_as_markup_or_code_and_nothing_is_fetched(source):
    forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|\bfetch\(|XMLHttpRequest|https?://|\bimport\("
    assert re.findall(forbidden, source) == []


def test_the_faces_import_nothing_and_export_render():
    for source in (table_module(), chart_source()):
        assert "import " not in re.sub(r"/\*.*?\*/|//.*", "", source, flags=re.S)
        assert source.rstrip().endswith("export default { render };")
        assert "export function render({ model, el })" in source


def test_a_pages_program_has_no_imports_and_exports_left():
    assert re.findall(r"^\s*(?:import|export)\b.*", page_program(), re.M) == []


def test_every_rule_of_the_style_is_under_our_class():
    rules = re.sub(r"/\*.*?\*/", "", style(), flags=re.S)
    selectors = [
        one.strip() for one in re.findall(r"([^{}@;]+)\{", rules) if one.strip() and not one.strip().startswith("(")
    ]
    stray = [
        part
        for one in selectors
        for part in re.split(r",(?![^(]*\))", one)
        if ".lnb" not in part and "prefers" not in part and "forced" not in part
    ]
    assert stray == []


@pytest.mark.parametrize(
    "name", ["elements.js", "explorer.js", "chart.js", "static_model.js", "chart_rows.js", "page.js"]
)
def test_the_scripts_are_javascript(name, tmp_path):
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed; the browser tests run these scripts")
    module = tmp_path / f"{name.removesuffix('.js')}.mjs"
    module.write_text(script(name), encoding="utf-8")
    assert subprocess.run([node, "--check", module], capture_output=True, timeout=60).returncode == 0
