"""The search through all that tests show finds a secret wherever one is shown, and none where it is hidden."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
SECRETS = ["AbCdEfGhIjKlMnOp", "a secret of a leaking test"]
BEGINNING = f"""
import logging
from learnosity_nb.credentials import Consumer
one, other = [Consumer("key", secret).secret for secret in {SECRETS}]
"""
LEAKS = """
def test_log():
    logging.getLogger("x").debug("with %s", one.reveal())

def test_phrase():
    logging.info(other.reveal())

def test_traceback():
    try:
        1 / 0
    except ArithmeticError as error:
        error.add_note(one.reveal())
        logging.exception("x")

def test_output():
    print(other.reveal())

def test_signature():
    print("$02$0123456789abcdef")

def test_address():
    logging.info("PUT https://x.test/?Expires=1&Signature=abcdefgh%2B")
"""
QUIET = """
def test_repr():
    print(one, other)

def test_log():
    logging.info("%r", other)

def test_words():
    print("a secret, Signature=… and $02$…")
"""


def run(folder: Path, tests: str) -> tuple[int, str, int]:
    """Run tests under the plugin; return their exit code, what was said, and how many texts were counted."""
    (folder / "test_it.py").write_text(BEGINNING + tests, encoding="utf-8")
    figures = folder / "figures.json"
    figures.write_text("{}", encoding="utf-8")
    paths = os.pathsep.join([str(HERE), str(HERE.parents[1])])
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "canaries", "-p", "no:cacheprovider", "test_it.py"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": paths, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "LNB_FIGURES": str(figures)},
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.returncode, ended.stdout, sum(json.loads(figures.read_text(encoding="utf-8")).values())


def test_each_leak_fails_the_run_and_is_named_by_its_test(tmp_path) -> None:
    code, said, counted = run(tmp_path, LEAKS)
    assert (code, counted) == (1, 0)
    for leak in ("log", "phrase", "traceback", "output", "signature", "address"):
        assert f"test_it.py::test_{leak}: " in said
    assert not [secret for secret in SECRETS if secret in said]


def test_what_is_hidden_is_no_leak(tmp_path) -> None:
    code, said, counted = run(tmp_path, QUIET)
    assert (code, counted) == (0, 3), said
