"""Many clients at once against one served directory with two workers: each job once, and no server error."""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import numpy as np
import pytest

from learnosity_nb.credentials import Consumer
from learnosity_nb.wire.client import DataApi
from learnosity_nb.wire.datasets import group_files, initialise, start
from learnosity_nb.wire.jobs import find_jobs
from learnosity_nb.wire.polling import poll
from learnosity_nb.wire.session_jobs import update_statuses
from learnosity_nb.wire.sockets import Network
from learnosity_nb.wire.transfer import Transfers

TYPE = "sessions-summary-by-group"
USERS = 40
PATIENCE = 120
WARM_UP = 0.3  # of the time that is looked at
MOST_GROWTH = 1.0  # MB a minute
MOST_FILES_APART = 30
PROGRAM = [sys.executable, "-c", "from learnosity_nb.cli import main; main()"]


class Counting(httpx.BaseTransport):
    """Counts the statuses of answers on their way from the network."""

    def __init__(self, network: httpx.BaseTransport) -> None:
        self.network = network
        self.statuses: Counter[int] = Counter()
        self._lock = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self.network.handle_request(request)
        with self._lock:
            self.statuses[response.status_code] += 1
        return response

    def close(self) -> None:
        self.network.close()


class Served:
    """A ``learnosity-nb serve`` process over a small directory."""

    def __init__(self, folder: Path, clients: int, workers: int = 2) -> None:
        self.data = folder / "data"
        self.data.mkdir()
        access = [f'[consumers.c{number}]\nsecret = "secret of client {number}"\n' for number in range(clients)]
        (self.data / "access.toml").write_text("".join(access), encoding="utf-8")
        rows = "".join(f"s{user},u{user},{user % 21},20\n" for user in range(USERS))
        (self.data / "sessions.csv").write_text("session_id,user_id,score,max_score\n" + rows, encoding="utf-8")
        self.program = subprocess.Popen(
            [*PROGRAM, "serve", "--data", str(self.data), "--port", "0", "--workers", str(workers)],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )
        said = self.program.stdout.readline()
        assert "http://" in said, said
        self.url = said.split()[-1]

    def client(self, number: int, network: httpx.BaseTransport) -> tuple[DataApi, Transfers]:
        consumer = Consumer(f"c{number}", f"secret of client {number}")
        return DataApi(self.url, "v1", consumer, network), Transfers(network)

    def close(self) -> int:
        self.program.terminate()
        self.program.communicate(timeout=PATIENCE)
        return self.program.returncode


def content(seed: int) -> bytes:
    dice = random.Random(seed)
    lines = [
        {"user_id": f"u{user}", "session_id": [f"s{user}"], "group_path": [f"g{dice.randrange(4)}"]}
        for user in range(USERS)
    ]
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


def build(api: DataApi, files: Transfers, seed: int) -> tuple[str, list]:
    """Build one data set and return its job, and the rows of its groups without their hashes."""
    made = initialise(api, {"dataset_type": TYPE, "file_count": 1, "groups": [{"key": "group"}]})
    body = content(seed)
    files.put(made.input_urls[0], lambda: [body], len(body))
    reference = start(api, TYPE, made.dataset_id)
    [state] = poll(api, reference, timeout=PATIENCE)
    assert state.status == "completed"
    assert start(api, TYPE, made.dataset_id) == reference
    [root] = group_files(api, files, TYPE, made.dataset_id, [[]])
    return reference, root["rows"]


def load(folder: Path, clients: int, each: int) -> tuple[Counter[int], int]:
    """Let clients build data sets at once; return the statuses of all answers, and how many jobs were done."""
    served = Served(folder, clients)
    networks = [Counting(Network()) for _ in range(clients)]

    def work(number: int) -> list[str]:
        api, files = served.client(number, networks[number])
        built = [build(api, files, seed) for seed in range(each)]
        listed = [job["reference"] for job in find_jobs(api)]
        assert sorted(listed) == sorted(reference for reference, _ in built)
        results[number] = [rows for _, rows in built]
        return listed

    results: dict[int, list] = {}
    try:
        with ThreadPoolExecutor(clients) as pool:
            references = [reference for listed in pool.map(work, range(clients)) for reference in listed]
    finally:
        for network in networks:
            network.close()
        assert served.close() == 0
    assert len(set(references)) == clients * each
    assert all(rows == results[0] for rows in results.values())
    outputs = list((served.data / ".learnosity_nb" / "datasets").glob("*/outfiles/*"))
    assert len(outputs) == clients * each  # each compiled once
    return sum((network.statuses for network in networks), Counter()), len(references)


def test_ten_clients_at_once_have_each_job_done_once(tmp_path, figures) -> None:
    statuses, jobs = load(tmp_path, clients=10, each=3)
    assert set(statuses) == {200}
    figures["jobs of ten clients at once, each done once"] += jobs


@pytest.mark.soak
def test_fifty_clients_with_twenty_data_sets_each_have_each_job_done_once(tmp_path, figures) -> None:
    statuses, jobs = load(tmp_path, clients=50, each=20)
    assert not [status for status in statuses if status >= 500]
    figures["jobs of fifty clients at once, each done once"] += jobs
    figures["answers to fifty clients, none of them a server error"] += sum(statuses.values())


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Served]:
    served = Served(folder, 4)
    try:
        yield served
    finally:
        assert served.close() == 0


def memory_and_files(server: int) -> tuple[float, int]:
    """Return resident megabytes and open files of a server and its workers."""
    children = [listed.read_text().split() for listed in Path(f"/proc/{server}/task").glob("*/children")]
    processes = [str(server), *(child for listed in children for child in listed)]
    assert len(processes) == 3
    statuses = [Path(f"/proc/{process}/status").read_text() for process in processes]
    kilobytes = [int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) for status in statuses]
    files = [len(list(Path(f"/proc/{process}/fd").iterdir())) for process in processes]
    return sum(kilobytes) / 1024, sum(files)


def work_once(api: DataApi, files: Transfers, seed: int) -> None:
    """Do some of everything: build a data set and read it, change a status, look at the jobs."""
    build(api, files, seed)
    change = {"session_id": f"s{seed % USERS}", "user_id": f"u{seed % USERS}", "status": "Completed"}
    [state] = poll(api, update_statuses(api, [change]), timeout=PATIENCE)
    assert state.status == "completed"
    assert len(list(find_jobs(api, limit=20))) > 1


@pytest.mark.soak
def test_ten_minutes_of_work_leave_memory_and_files_flat(tmp_path, figures) -> None:
    """Ten minutes by the clock, after a warm-up: what grows shows only with time, so this one test looks at it."""
    minutes = float(os.environ.get("LNB_SOAK_MINUTES", "10"))
    samples: list[tuple[float, float, int]] = []
    done = 0
    with running(tmp_path) as served, contextlib.closing(Network()) as network:
        apis, transfers = zip(*(served.client(number, network) for number in range(4)), strict=True)
        began = time.monotonic() + minutes * 60 * WARM_UP
        with ThreadPoolExecutor(4) as pool:
            while (passed := time.monotonic() - began) < minutes * 60:
                done += len(list(pool.map(work_once, apis, transfers, range(done % 50, done % 50 + 4))))
                if passed > 0:
                    samples.append((passed / 60, *memory_and_files(served.program.pid)))
    times, memory, files = map(np.array, zip(*samples, strict=True))
    slope = np.polyfit(times, memory, 1)[0]
    told = f"{slope:.2f} MB a minute from {memory[0]:.0f} MB, {files.min()} to {files.max()} files, {done} rounds"
    print(told)
    assert slope < MOST_GROWTH, told
    assert files.max() - files.min() < MOST_FILES_APART, told
    assert done > 4
    figures["minutes of mixed work with flat memory and open files"] += round(minutes)
