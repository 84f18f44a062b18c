"""The demo: files laid out for a newcomer, and JupyterLab started on the first notebook."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

import learnosity_nb as lnb
from learnosity_nb.demo import FIRST_NOTEBOOK, check_lab, prepare

DEADLINE = 240.0


def test_the_notebooks_and_the_sample_world_are_laid_out(tmp_path: Path) -> None:
    written = prepare(tmp_path / "demo")
    names = {path.name for path in written}
    assert {FIRST_NOTEBOOK, "sessions.csv", "roster.csv"} <= names
    assert all(path.exists() for path in written)
    with lnb.connect_local(tmp_path / "demo" / "data") as lrn:
        assert len(lrn.jobs()) == 0


def test_files_of_the_analyst_stay_as_they_are(tmp_path: Path) -> None:
    prepare(tmp_path)
    (tmp_path / FIRST_NOTEBOOK).write_text("my notes", encoding="utf-8")
    assert prepare(tmp_path) == []
    assert (tmp_path / FIRST_NOTEBOOK).read_text(encoding="utf-8") == "my notes"


def test_a_sample_world_that_was_not_finished_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "data.part").mkdir()
    (tmp_path / "data.part" / "sessions.csv").write_text("half a fi", encoding="utf-8")
    whole = prepare(tmp_path / "other")
    prepare(tmp_path)
    assert not (tmp_path / "data.part").exists()
    assert {path.name for path in (tmp_path / "data").iterdir()} == {
        path.name for path in whole if path.parent.name == "data"
    }


def test_a_directory_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("", encoding="utf-8")
    with pytest.raises(lnb.InputError, match="Name another directory"):
        prepare(tmp_path / "taken")


def test_without_jupyterlab_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(lnb.MissingExtra, match=r"learnosity-nb\[lab\]"):
        check_lab()


def test_demo_serves_the_first_notebook(tmp_path: Path) -> None:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    folders = {name: str(tmp_path / name) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR")}
    command = [sys.executable, "-m", "learnosity_nb.cli", "demo", str(tmp_path / "demo"), "--no-browser"]
    with (tmp_path / "log").open("wb") as log:
        running = subprocess.Popen(
            [*command, "--port", str(port)],
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, **folders, "JUPYTER_TOKEN": "token"},
            start_new_session=True,
        )
    try:
        page = _wait_for(f"http://127.0.0.1:{port}/api/contents/{FIRST_NOTEBOOK}?token=token&content=0", running)
        assert json.loads(page)["name"] == FIRST_NOTEBOOK
    finally:
        os.killpg(running.pid, signal.SIGTERM)
        running.wait(60)
        shutil.rmtree(tmp_path / "demo")


def _wait_for(url: str, running: subprocess.Popen[bytes]) -> bytes:
    ending = time.monotonic() + DEADLINE
    while time.monotonic() < ending:
        assert running.poll() is None, "the demo ended by itself"
        try:
            with urllib.request.urlopen(url) as answer:
                return bytes(answer.read())
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    raise TimeoutError(url)
