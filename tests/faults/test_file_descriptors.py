"""C10: without free file descriptors calls end in errors of ours, nothing is lost, and later all is as before."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack, closing
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pandas as pd
import pytest

import learnosity_nb as lnb

HERE = Path(__file__).parent
PATIENCE = 120
FEW = 48
CALLERS = 80

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts descriptors in /proc")


def test_calls_without_free_descriptors_end_in_the_right_result_or_an_error_of_ours(tmp_path, figures) -> None:
    environment = {**os.environ, "PYTHONPATH": str(HERE.parents[1])}
    run = subprocess.run(
        [sys.executable, str(HERE / "crowded.py"), str(tmp_path)],
        capture_output=True,
        check=True,
        timeout=PATIENCE,
        env=environment,
    )
    told = json.loads(run.stdout)
    crowded = [call for call in told["calls"] if call["free"] < 10]
    after = [call for call in told["calls"] if call["free"] > 10]
    assert [call for call in told["calls"] if "foreign" in call or call.get("right") is False] == []
    failed = [call for call in crowded if "error" in call]
    assert {"build", "connect"} <= {call["call"] for call in failed}
    assert any("raise the limit (ulimit -n)" in call["message"] for call in failed)
    assert [call for call in after if call.get("right") is not True] == []
    assert set(told["statuses"]) <= {"completed", "halted"}
    assert told["descriptors"] < 30
    figures["calls without free file descriptors that ended well or in an error of ours"] += len(crowded)


def test_a_server_whose_descriptors_are_all_taken_by_callers_answers_when_they_are_gone(tmp_path) -> None:
    users = [f"u{number}" for number in range(9)]
    pd.DataFrame({"session_id": users, "user_id": users, "score": 1.0, "max_score": 2.0}).to_csv(
        tmp_path / "sessions.csv", index=False
    )
    (tmp_path / "access.toml").write_text('[consumers.key]\nsecret = "a secret of this test"\n', encoding="utf-8")
    limit = f"import resource; resource.setrlimit(resource.RLIMIT_NOFILE, ({FEW}, {FEW}))"
    arguments = ["serve", "--data", str(tmp_path), "--port", "0", "--workers", "1"]
    program = subprocess.Popen(
        [sys.executable, "-c", f"{limit}\nfrom learnosity_nb.cli import main; main({arguments})"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONPATH": str(HERE.parents[1])},
    )
    try:
        url = program.stdout.readline().split()[-1]
        place = (urlsplit(url).hostname, urlsplit(url).port)
        descriptors = Path(f"/proc/{program.pid}/fd")
        roster = pd.DataFrame({"user_id": users, "session_id": users, "school": [*"xyz"] * 3})
        with lnb.connect(lnb.Consumer("key", "a secret of this test"), url=url, progress=False) as lrn:
            dataset = lrn.build_dataset(roster, levels=["school"])
            walked = dataset.walk()
            with ExitStack() as callers:
                for _ in range(CALLERS):
                    callers.enter_context(closing(socket.create_connection(place, timeout=PATIENCE)))
                wait_until(lambda: len(list(descriptors.iterdir())) >= FEW - 1)
            wait_until(lambda: answers(url))
            assert lrn.open_dataset(dataset.dataset_id).walk().equals(walked)
            again = lrn.build_dataset(roster, levels=["school"], timeout=PATIENCE)
            assert again.walk()["population"].tolist() == walked["population"].tolist()
            assert Counter(lrn.jobs()["status"]) == {"completed": 2}
        wait_until(lambda: sockets(descriptors) < CALLERS / 10)
    finally:
        program.terminate()
        program.communicate(timeout=PATIENCE)
    assert program.returncode == 0


def sockets(descriptors: Path) -> int:
    return sum("socket:" in os.path.realpath(each) for each in descriptors.iterdir())


def wait_until(done) -> None:
    deadline = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/status", timeout=PATIENCE, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False
