from __future__ import annotations

import os
import subprocess
import sys

import pytest

SCRIPT = """
from learnosity_nb.local.state.crash_points import crash_point
for number in range(4):
    crash_point("here")
    crash_point("there")
    print(number, flush=True)
"""


@pytest.mark.parametrize(
    ("setting", "printed"),
    [("", "0123"), ("elsewhere", "0123"), ("here", ""), ("here:3", "01"), ("there:4", "012"), ("here:9", "0123")],
)
def test_a_process_dies_at_the_passing_that_the_environment_names(setting: str, printed: str) -> None:
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT], env={**os.environ, "LNB_CRASH_AT": setting}, capture_output=True, timeout=60
    )
    assert run.stdout.decode().split() == list(printed)
    assert (run.returncode == 0) == (printed == "0123")
