"""The documentation site: `sphinx-build -W notebooks site`, without a network."""

from __future__ import annotations

from collections.abc import Sequence

from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.application import Sphinx

import learnosity_nb
from learnosity_nb.frames import columns, comparison, learner_columns, session_columns

project = "learnosity_nb"
author = "The learnosity_nb authors"
version = release = learnosity_nb.__version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["data", "learnosity-nb-data", "**.ipynb_checkpoints", "site", "_build"]
html_theme = "alabaster"
html_theme_options = {
    "description": "Group summaries, jobs and learner analytics as DataFrames",
    "page_width": "1100px",
    "show_powered_by": False,
}
html_sidebars = {"**": ["about.html", "navigation.html", "searchbox.html"]}
html_show_sphinx = html_show_copyright = False

nb_execution_mode = "off"  # the notebooks are saved with their outputs, and run as tests
nb_output_stderr = "remove"
# A page has no kernel: the still table in place of the widget, and none of the widgets' scripts from a CDN.
nb_mime_priority_overrides = [("html", "application/vnd.jupyter.widget-view+json", None)]
nb_ipywidgets_js: dict[str, dict[str, str]] = {}
myst_heading_anchors = 3
default_role = "literal"  # names in docstrings stand in single backticks
autodoc_typehints = "none"  # the docstrings say the types
autodoc_member_order = "bysource"
napoleon_google_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False

TABLES = {
    "groups": columns.GROUP_COLUMNS,
    "users": tuple(columns.USER_FIELD_COLUMNS.values()),
    "distribution": columns.DISTRIBUTION_COLUMNS,
    "datasets": comparison.DATASETS_COLUMNS,
    "compared_groups": comparison.GROUPS_COLUMNS,
    "jobs": columns.JOB_COLUMNS,
    "sessions": session_columns.SESSION_COLUMNS,
    "responses": session_columns.RESPONSE_COLUMNS,
    "learners": learner_columns.LEARNER_COLUMNS,
    "timeline": learner_columns.TIMELINE_COLUMNS,
    "ranges": learner_columns.RANGE_COLUMNS,
    "reasons": learner_columns.REASON_COLUMNS,
    "averages": learner_columns.AVERAGE_COLUMNS,
}


class Columns(Directive):
    """The columns of a result, from the table that the frame itself is built from."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the table called by the directive's argument."""
        rows = [[column.name, column.dtype, column.meaning] for column in TABLES[self.arguments[0]]]
        return [_table(("column", "dtype", "meaning"), rows)]


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> nodes.table:
    group = nodes.tgroup(cols=len(header))
    group += [nodes.colspec(colwidth=width) for width in (24, 16, 60)]
    group += nodes.thead("", _row([nodes.Text(text) for text in header]))
    body = [_row([nodes.literal("", name), nodes.Text(dtype), nodes.Text(said)]) for name, dtype, said in rows]
    group += nodes.tbody("", *body)
    return nodes.table("", group)


def _row(cells: Sequence[nodes.Node]) -> nodes.row:
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", "", cell)) for cell in cells))


def setup(app: Sphinx) -> None:
    """Add the directive to Sphinx."""
    app.add_directive("columns", Columns)
