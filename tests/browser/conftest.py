"""A real JupyterLab and a real Chromium, with every request off loopback aborted and written down."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import nbformat
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Route

TOKEN = "tests"
PATIENCE = 300  # seconds; a shared machine can be ten times slower than an idle one


@dataclass(frozen=True, slots=True)
class Lab:
    """A running JupyterLab and the folder it shows."""

    url: str
    folder: Path

    def write(self, name: str, *cells: str) -> None:
        """Write a notebook of code cells into the folder."""
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(notebook, self.folder / name)


@dataclass(slots=True)
class Desk:
    """A notebook open in a browser."""

    page: Page
    lab: Lab
    refused: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, name: str) -> None:
        """Open a notebook and wait until its kernel is idle."""
        self.page.goto(f"{self.lab.url}/doc/tree/{name}?token={TOKEN}", wait_until="domcontentloaded")
        self.page.wait_for_selector(".jp-Notebook .jp-Cell")
        self.wait_idle()

    def wait_idle(self) -> None:
        """Wait until the kernel has nothing to do."""
        self.page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()

    def run(self, cell: int) -> Locator:
        """Run a code cell and return it; what it shows is for the caller to wait for."""
        found = self.page.locator(".jp-CodeCell").nth(cell)
        found.locator(".cm-content").click()
        self.page.keyboard.press("Shift+Enter")
        return found

    def printed(self, cell: int) -> str:
        """Run a code cell and return the text it prints."""
        found = self.run(cell)
        output = found.locator(".jp-OutputArea-output")
        output.first.wait_for()
        return output.first.inner_text()


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("lab")
    home = tmp_path_factory.mktemp("jupyter")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # The popup that asks about Jupyter's news would lie over the notebook, and ask the network.
    settings = home / "config" / "labconfig"
    settings.mkdir(parents=True)
    disabled = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
    (settings / "page_config.json").write_text(json.dumps(disabled), encoding="utf-8")
    environment = os.environ | {
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "JUPYTER_PLATFORM_DIRS": "1",
    }
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", f"--port={port}"]
    command += ["--allow-root", f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={folder}"]
    log = home / "lab.log"
    with log.open("w") as output:
        server = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_until_ready(server, f"{url}/api/status?token={TOKEN}", log)
        yield Lab(url, folder)
    finally:
        server.terminate()
        server.wait(PATIENCE)


@pytest.fixture
def desk(lab: Lab, chromium: Browser) -> Iterator[Desk]:
    """A page on the JupyterLab. When the test ends, nothing may have been asked for off loopback."""
    context = chromium.new_context(viewport={"width": 1280, "height": 1000}, accept_downloads=True)
    context.set_default_timeout(PATIENCE * 1000)
    desk = Desk(context.new_page(), lab)

    def guard(route: Route) -> None:
        url = route.request.url
        if url.startswith(("data:", "blob:", "file:")) or urlsplit(url).hostname == "127.0.0.1":
            route.continue_()
        else:
            desk.refused.append(url)
            route.abort()

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error":
            desk.complaints.append(message.text)

    context.route("**/*", guard)
    desk.page.on("console", listen)
    yield desk
    context.close()
    assert desk.refused == []


def _wait_until_ready(server: subprocess.Popen[Any], url: str, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(url, timeout=10):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text()[-4000:]}")
