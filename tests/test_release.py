"""What a release rests on: one version, whole packages, floors and pins that agree."""

from __future__ import annotations

import json
import re
import stat
import subprocess
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

import learnosity_nb

ROOT = Path(__file__).parent.parent
PACKAGE = Path(learnosity_nb.__file__).parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = PROJECT["project"]["optional-dependencies"]
NEEDED = [Requirement(line) for line in [*PROJECT["project"]["dependencies"], *EXTRAS["lab"], *EXTRAS["excel"]]]
PINS = {
    pin.name.lower(): pin
    for pin in map(Requirement, (ROOT / "binder" / "requirements.txt").read_text(encoding="utf-8").split())
}


def test_the_version_stands_in_one_place_and_the_changelog_names_it() -> None:
    assert PROJECT["project"]["dynamic"] == ["version"]
    assert PROJECT["tool"]["hatch"]["version"]["path"] == "learnosity_nb/__init__.py"
    assert version("learnosity-nb") == learnosity_nb.__version__
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert newest is not None
    assert newest[1] == learnosity_nb.__version__


def test_the_marker_of_type_hints_is_in_the_package() -> None:
    assert (PACKAGE / "py.typed").is_file()
    assert "Typing :: Typed" in PROJECT["project"]["classifiers"]


def test_the_wheel_has_every_notebook() -> None:
    shipped = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    notebooks = {f"notebooks/{path.name}" for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert set(shipped) == notebooks
    assert all(target == f"learnosity_nb/{source}" for source, target in shipped.items())


def test_every_extra_that_an_error_names_exists() -> None:
    calls = re.compile(r'MissingExtra\(\s*"[^"]+",\s*"(\w+)"')
    named = {extra for path in PACKAGE.rglob("*.py") for extra in calls.findall(path.read_text(encoding="utf-8"))}
    assert named
    assert named <= set(EXTRAS)


@pytest.mark.parametrize("needed", NEEDED, ids=lambda needed: needed.name)
def test_binder_pins_what_the_notebooks_need(needed: Requirement) -> None:
    pin = PINS[needed.name.lower()]
    (exact,) = pin.specifier
    assert exact.operator == "=="
    assert needed.specifier.contains(Version(exact.version))
    assert len(needed.specifier) == 1, "a floor and no ceiling"


def test_binder_pins_and_does_nothing_else() -> None:
    for pin in PINS.values():
        assert str(pin) == f"{pin.name}=={next(iter(pin.specifier)).version}"
    python = (ROOT / "binder" / "runtime.txt").read_text(encoding="utf-8").strip().removeprefix("python-")
    assert f"Programming Language :: Python :: {python}" in PROJECT["project"]["classifiers"]


def test_binder_opens_the_first_notebook() -> None:
    config = json.loads((ROOT / "binder" / "jupyter_server_config.json").read_text(encoding="utf-8"))
    for app in ("ServerApp", "LabApp"):
        notebook = config[app]["default_url"].removeprefix("/lab/tree/")
        assert (ROOT / notebook).is_file()


def test_binders_start_runs_the_command_it_is_given() -> None:
    start = ROOT / "binder" / "start"
    assert start.read_text(encoding="utf-8").rstrip().endswith('exec "$@"')
    command = ["bash", str(start), "bash", "-c", 'echo "$1:$JUPYTER_CONFIG_PATH"', "-", "two words"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, env={"PATH": "/usr/bin:/bin"})
    assert done.stdout == f"two words:{ROOT / 'binder'}\n"


@pytest.mark.parametrize("name", ["start", "postBuild"])
def test_binders_scripts_can_be_run(name: str) -> None:
    script = ROOT / "binder" / name
    assert script.stat().st_mode & stat.S_IXUSR
    subprocess.run(["bash", "-n", str(script)], check=True)
