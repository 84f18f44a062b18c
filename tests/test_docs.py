"""The documentation names what there is, its code runs, and what it shows is what comes out."""

from __future__ import annotations

import json
import re
import shlex
import signal
import subprocess
import sys
import tomllib
import urllib.request
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import learnosity_nb as lnb
from learnosity_nb.domain import policy
from learnosity_nb.local.http.data_api import ENDPOINTS
from learnosity_nb.local.learners.openapi import description

ROOT = Path(__file__).parent.parent
PAGES = ROOT / "notebooks"
CHOICES = (PAGES / "choices.md").read_text(encoding="utf-8")
NEEDS = (PAGES / "learner_needs.md").read_text(encoding="utf-8")
COVERAGE = (PAGES / "api_coverage.md").read_text(encoding="utf-8")
REFERENCE = (PAGES / "reference.md").read_text(encoding="utf-8")
SETUP, *QUESTIONS = re.split(r"^## ", (PAGES / "how_to.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
TITLES = [question.splitlines()[0] for question in QUESTIONS]
SERVED = "http://127.0.0.1:8080"
RUN_HERE = [sys.executable, "-m", "learnosity_nb.cli"]


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


def test_every_choice_of_policy_is_documented_and_every_documented_one_exists() -> None:
    constants = {name for name in vars(policy) if name.isupper()}
    named = set(re.findall(r"`([A-Z][A-Z_]+)`", CHOICES))
    assert named == constants


def test_the_calls_that_answer_a_need_exist() -> None:
    calls = re.findall(r"(lrn|lnb)\.(\w+)\(", NEEDS)
    assert len(calls) > 8
    for home, name in calls:
        assert callable(getattr({"lrn": lnb.Connection, "lnb": lnb}[home], name))


@pytest.mark.parametrize("page", [CHOICES, NEEDS, COVERAGE])
def test_tables_are_whole(page: str) -> None:
    for table in re.findall(r"(?:^\|.*\n)+", page, flags=re.MULTILINE):
        widths = {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}
        assert len(widths) == 1, table


def test_every_public_name_is_in_the_reference() -> None:
    named = set(re.findall(r"learnosity_nb\.(\w+)", REFERENCE))
    of_rooms = {*lnb.errors.__all__, *lnb.charts.__all__}  # listed there as whole modules
    assert {"errors", "charts"} <= named
    assert set(lnb.__all__) - of_rooms - {"__version__"} <= named
    assert all(hasattr(lnb, name) for name in named)


def test_the_coverage_table_names_every_endpoint_with_its_actions_and_parameters() -> None:
    for endpoint, actions in ENDPOINTS.items():
        for action in actions:
            assert re.search(rf"`{endpoint}`[^|]* {action} ", COVERAGE), f"{endpoint} {action}"
    for path, methods in description()["paths"].items():
        assert f"`{path.strip('/')}`" in COVERAGE, path
        for parameter in methods["get"]["parameters"]:
            assert re.search(rf"\b{parameter['name']}\b", COVERAGE), parameter["name"]


def test_the_tests_of_the_coverage_table_exist() -> None:
    named = set(re.findall(r"`(tests/[\w/.]+)`", COVERAGE))
    assert len(named) > 10
    for path in named:
        assert (ROOT / path).exists(), path


@pytest.mark.parametrize("question", QUESTIONS, ids=TITLES)
def test_a_how_to_runs_and_prints_what_it_shows(
    question: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    with serving(question) as url, warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="requests")  # which learnosity-sdk imports
        for block in [*blocks(SETUP, "python"), *blocks(question, "python")]:
            exec(compile(block.replace(SERVED, url), "how_to.md", "exec"), names)
    for value in names.values():
        if isinstance(value, lnb.Connection | lnb.GroupExplorer):
            value.close()
    assert capsys.readouterr().out == "".join(blocks(question, "text"))


@contextmanager
def serving(question: str) -> Iterator[str]:
    """Run the commands of a question as they stand there, on a free port; give the service's address."""
    commands = [shlex.split(line) for block in blocks(question, "sh") for line in block.splitlines()]
    if not commands:
        yield SERVED
        return
    sample, serve, (_, flag, header, address) = commands
    assert (serve[-2:], flag) == (["--port", "8080"], "-H")
    subprocess.run([*RUN_HERE, *sample[1:]], check=True, stdout=subprocess.DEVNULL)
    with service([*serve[1:-1], "0"]) as (access, url):
        name, _, value = header.replace("$TOKEN", next(iter(access["tokens"]))).partition(": ")
        request = urllib.request.Request(address.replace(SERVED, url), headers={name: value})
        with urllib.request.urlopen(request) as answer:
            assert answer.status == 200
        yield url


@contextmanager
def service(command: list[str]) -> Iterator[tuple[dict[str, Any], str]]:
    """Run ``learnosity-nb serve`` as a process; give who may call, and its address."""
    with subprocess.Popen([*RUN_HERE, *command], stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        try:
            access, url = (running.stdout.readline().split()[-1] for _ in range(2))
            yield tomllib.loads(Path(access).read_text(encoding="utf-8")), url
        finally:
            running.send_signal(signal.SIGTERM)


NOTEBOOKS = sorted(PAGES.glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_is_saved_small_and_without_widget_state(path: Path) -> None:
    saved = json.loads(path.read_text(encoding="utf-8"))
    assert path.stat().st_size < 300_000
    assert "widgets" not in saved["metadata"]
    for cell in saved["cells"]:
        assert cell["cell_type"] != "code" or cell["execution_count"], "a cell was not run"
        assert not [output for output in cell.get("outputs", ()) if output["output_type"] == "error"]


def test_all_notebooks_together_are_small() -> None:
    assert sum(path.stat().st_size for path in NOTEBOOKS) < 1_000_000


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_is_part_of_the_wheel_and_of_the_site(path: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    included = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert included[f"notebooks/{path.name}"] == f"learnosity_nb/notebooks/{path.name}"
    assert re.search(rf"^{path.stem}$", (PAGES / "index.md").read_text(encoding="utf-8"), flags=re.MULTILINE)


def test_pictures_are_small() -> None:
    pictures = list((PAGES / "pictures").iterdir())
    assert pictures
    assert all(picture.suffix == ".png" and picture.stat().st_size < 150_000 for picture in pictures)


@pytest.mark.parametrize("page", sorted(PAGES.glob("*.md")), ids=lambda page: page.name)
def test_links_of_pages_lead_to_files(page: Path) -> None:
    for target in re.findall(r"\]\((?!http|#)([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert (PAGES / target).exists(), target


def test_the_notebook_on_hosted_accounts_runs_with_keys_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    lnb.sample_world(learners=120).write("data")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))  # where hosted datasets are remembered
    saved = json.loads((PAGES / "05_hosted_account.ipynb").read_text(encoding="utf-8"))
    cells = ["".join(cell["source"]) for cell in saved["cells"] if cell["cell_type"] == "code"]
    connect = lnb.connect
    with service(["serve", "--data", "data", "--port", "0"]) as (access, url):
        [(key, caller)] = access["consumers"].items()
        monkeypatch.setenv("LEARNOSITY_CONSUMER_KEY", key)
        monkeypatch.setenv("LEARNOSITY_CONSUMER_SECRET", caller["secret"])
        monkeypatch.setenv("LEARNOSITY_ACTIVITY", "number-check")
        monkeypatch.setattr(lnb, "connect", lambda: connect(url=url, progress=False))
        names: dict[str, Any] = {}
        exec(compile("\n".join(cells), "05_hosted_account.ipynb", "exec"), names)
        shown = capsys.readouterr().out + "".join(map(repr, names.values()))
        for opened in ("explorer", "copy", "lrn"):  # a notebook leaves them open, to go on by click
            names[opened].close()
        names["folder"].cleanup()
    assert names["hosted"]
    assert len(pd.read_csv("hosted_groups.csv")) == len(names["groups"]) > 2
    assert caller["secret"] not in shown


def test_a_notebook_as_html_shows_the_still_table_and_its_chart() -> None:
    from nbconvert import HTMLExporter

    page, _ = HTMLExporter().from_filename(str(PAGES / "02_explore_groups.ipynb"))
    assert "<caption>Districts</caption>" in page
    assert re.search(r'<img[^>]+alt="451 learners[^>]+src="data:image/svg\+xml;base64,', page)


OFF_SITE = re.compile(
    r"""<(?:script|link|img|iframe)[^>]+(?:src|href)=["']?(?:https?:)?//[^>]+>|url\(["']?https?://|import\("""
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("myst_nb")
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-d", folder / "trees"]
    done = subprocess.run([*command, PAGES, folder / "html"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder / "html"


@pytest.mark.site
def test_the_site_asks_nothing_of_other_sites(site: Path) -> None:
    pages = [*site.glob("*.html"), *site.glob("_static/*.css")]
    assert len(pages) > len(NOTEBOOKS)
    found = {page.name: OFF_SITE.findall(page.read_text(encoding="utf-8")) for page in pages}
    assert {name: asked for name, asked in found.items() if asked} == {}


@pytest.mark.site
def test_the_site_shows_columns_signatures_and_the_explorers_still_table(site: Path) -> None:
    reference = (site / "reference.html").read_text(encoding="utf-8")
    for name in ("mean_difference_low", "problem_attempts_per_completed", "learnosity_nb.charts.funnel"):
        assert name in reference
    assert "<caption>Districts</caption>" in (site / "01_group_summaries.html").read_text(encoding="utf-8")
