"""CONTRIBUTING's path for a new figure, walked on a copy of the package; and its table of rooms."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import learnosity_nb

PACKAGE = Path(learnosity_nb.__file__).parent
TEXT = (Path(__file__).parent.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
EDITS = re.findall(r"^```diff\n--- (\S+)\n(.*?)^```", TEXT, flags=re.MULTILINE | re.DOTALL)

CHECK = """
import sys
import pandas as pd
import learnosity_nb as lnb
from learnosity_nb.charts.words import field_title
from learnosity_nb.frames.columns import figure_column

assert lnb.__file__.startswith(sys.argv[1]), lnb.__file__
world = lnb.sample_world(learners=80)
sessions = world.sessions.assign(score=world.sessions["score"] / 3)  # so that there are decimals to cut
levels, fields = ["district", "school", "class"], ["iqr_score", "p25_score", "p75_score", "iqr_percent"]
exact = lnb.summarize_groups(sessions, world.roster, levels, fields)
pd.testing.assert_series_equal(exact["iqr_score"], exact["p75_score"] - exact["p25_score"], check_names=False)
with lnb.connect_local(sessions=sessions, progress=False) as lrn:
    dataset = lrn.build_dataset(world.roster, levels, fields, sort_field="iqr_score")
    served, children = dataset.walk(), dataset.groups()
pd.testing.assert_frame_equal(served, lnb.truncate_summary(exact), check_like=True)
assert (served["iqr_score"] != exact["iqr_score"]).any(), "some figure is cut"
assert children["iqr_score"].is_monotonic_decreasing
assert exact["iqr_score"].dtype == figure_column("iqr_score").dtype == "float64"
assert figure_column("iqr_score").meaning.startswith("points")
assert figure_column("iqr_percent").meaning.startswith("percent")
assert "score" in field_title("iqr_score")
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package with the edits that CONTRIBUTING shows."""
    root = tmp_path_factory.mktemp("clone")
    shutil.copytree(PACKAGE, root / "learnosity_nb")  # with the bytecode, good for what is not edited
    for name, hunks in EDITS:
        apply(root / name, hunks)
    return root


def apply(path: Path, hunks: str) -> None:
    """Apply the hunks of a diff; one without context or removed lines is a new file."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    for hunk in filter(None, re.split(r"^@@\n", hunks, flags=re.MULTILINE)):
        lines = hunk.splitlines(keepends=True)
        before = "".join(line[1:] for line in lines if line[0] in " -")
        after = "".join(line[1:] for line in lines if line[0] in " +")
        assert text.count(before) == 1 if before else not text, f"{path.name} has changed: {before!r}"
        text = text.replace(before, after) if before else after
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def run(copy: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    bare = {"PYTHONDONTWRITEBYTECODE": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    environment = {**os.environ, "PYTHONPATH": str(copy), **bare}
    command = [sys.executable, "-W", "error", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=copy, env=environment)


def test_a_new_figure_takes_at_most_three_files() -> None:
    assert 0 < len({name for name, _ in EDITS}) <= 3


def test_summaries_the_service_columns_and_truncation_know_the_new_figure(copy: Path) -> None:
    done = run(copy, "-c", CHECK, str(copy))
    assert done.returncode == 0, done.stderr


def test_the_contributors_own_test_passes(copy: Path) -> None:
    done = run(copy, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(copy), "tests")
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout


def test_the_table_of_rooms_names_every_room() -> None:
    table = re.findall(r"^\| (`.*?`) \|", TEXT, flags=re.MULTILINE)
    named = {room for cell in table for room in re.findall(r"`(\w+)`", cell)}
    packages = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    modules = {path.stem for path in PACKAGE.glob("*.py") if not path.stem.startswith("_")}
    assert named == packages | modules
