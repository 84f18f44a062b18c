"""The quick mode of the benchmarks: it fails only where a result is wrong."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


def test_all_libraries_find_the_same_figures() -> None:
    pytest.importorskip("polars")
    command = [sys.executable, str(Path(__file__).with_name("run.py")), "--quick"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
