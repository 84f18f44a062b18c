"""The texts that a browser runs, as they lie beside this file, and how a page's modules become one."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Final

__all__ = ["chart_source", "enclosed", "page_program", "script", "style", "table_module"]

FOLDER: Final = files(__package__) / "js"

PAGE_MODULES: Final = ("static_model", "chart_rows", "learner_rows", "elements", "explorer", "chart", "page")
"""The modules of a page, each after those it imports."""

IMPORT: Final = re.compile(r'^import \{ (.+) \} from "\./(\w+)\.js";$', re.MULTILINE)
EXPORT: Final = re.compile(r"^export (?=(?:function|class) (\w+))", re.MULTILINE)
DEFAULT_EXPORT: Final = re.compile(r"^export default .*$", re.MULTILINE)


def table_module() -> str:
    """Return the table face: an ES module without imports that exports ``render({model, el})``."""
    return _face("explorer")


def chart_source() -> str:
    """Return the chart face, an ES module that expects `vegaEmbed` in scope; `chart_module` puts it there."""
    return _face("chart")


def style() -> str:
    """Return the CSS of both faces; every rule is under the class ``lnb``."""
    return script("style.css")


def page_program() -> str:
    """Return the program of a page: its modules in one text without imports and exports.

    Charts are drawn only where `vegaEmbed` is in scope.
    """
    return "\n".join(enclosed(name) for name in PAGE_MODULES)


@cache
def script(name: str) -> str:
    """Return one of the texts of the folder ``js``."""
    return (FOLDER / name).read_text(encoding="utf-8")


def enclosed(name: str) -> str:
    """Return a module as a constant with what it exports; what it imports it takes from the constants before."""
    source = DEFAULT_EXPORT.sub("", _without_imports(name))
    exported = ", ".join(EXPORT.findall(source))
    return f"const {name} = (() => {{\n{EXPORT.sub('', source)}\nreturn {{ {exported} }};\n}})();"


def _face(name: str) -> str:
    """Return a module with what it is made of in front of it, and its own exports."""
    return f"{enclosed('elements')}\n{_without_imports(name)}"


def _without_imports(name: str) -> str:
    return IMPORT.sub(lambda found: f"const {{ {found[1].replace(' as ', ': ')} }} = {found[2]};", script(f"{name}.js"))
