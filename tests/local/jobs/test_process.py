from __future__ import annotations

import importlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from learnosity_nb.local.jobs.process import ProcessWorkers, worker_command
from learnosity_nb.local.jobs.worker import run_next
from learnosity_nb.local.state.owners import is_alive

HERE = Path(__file__).parent
FACTORY = "tiny_service:open_service"
SERVER = """
import pathlib, sys, time
from learnosity_nb.local.jobs.process import ProcessWorkers, worker_command
from learnosity_nb.local.state.owners import Owner
data, state = map(pathlib.Path, sys.argv[1:])
server = Owner.open(state / "owners")
workers = ProcessWorkers(1, worker_command(data, state, server.id, "tiny_service:open_service"))
print(server.id, flush=True)
time.sleep(600)
"""


@pytest.fixture
def bench(live_bench, tmp_path, monkeypatch):
    """A bench on the real clock with a lease that does not run out, shared with worker processes."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(HERE), *filter(None, sys.path)]))
    live_bench.queue.lease = 600
    (tmp_path / "data").mkdir()
    live_bench.data = tmp_path / "data"
    return live_bench


@pytest.fixture
def command(bench) -> list[str]:
    bench.server = bench.owner()
    return worker_command(bench.data, bench.state.root, bench.server.id, FACTORY)


@pytest.fixture
def start(command):
    started = []

    def make(count: int, *more: str, **options) -> ProcessWorkers:
        started.append(ProcessWorkers(count, [*command, *more], **{"pause": lambda seconds: None, **options}))
        return started[-1]

    yield make
    for workers in started:
        workers.close()


def assert_each_completed_once(bench, references) -> None:
    assert {bench.queue.status(reference) for reference in references} == {"completed"}
    done = [row["key"] for row in bench.database.read("SELECT key FROM meta")]
    assert sorted(done) == sorted(references)
    assert bench.database.read("PRAGMA integrity_check")[0][0] == "ok"


def test_children_run_the_jobs_and_end_when_closed(bench, start, until) -> None:
    workers = start(2)
    references = [bench.add() for _ in range(10)]
    until(lambda: not bench.queue.has_open())
    assert_each_completed_once(bench, references)
    until(lambda: len(list(bench.state.owners.iterdir())) == 3)
    assert len(workers.process_ids) == 2
    assert os.getpid() not in workers.process_ids
    workers.close()
    workers.close()
    assert workers.process_ids == []
    assert list(bench.state.owners.iterdir()) == [bench.state.owners / f"{bench.server.id}.lock"]


def test_jobs_survive_the_killing_of_their_workers(bench, start, until) -> None:
    chance = random.Random(20260131)
    references = [bench.add("brief") for _ in range(40)]
    workers = start(2)
    for kill in range(1, 7):
        ended = kill * 5
        until(lambda ended=ended: len(bench.database.read("SELECT 1 FROM meta")) >= ended)
        time.sleep(chance.uniform(0, 0.03))  # anywhere in a job
        until(lambda: workers.process_ids)
        os.kill(chance.choice(workers.process_ids), signal.SIGKILL)
    until(lambda: not bench.queue.has_open())
    assert_each_completed_once(bench, references)


def test_a_job_that_kills_its_workers_is_halted_after_three_and_the_next_one_runs(bench, start, until) -> None:
    pauses = []
    deadly = bench.add("deadly")
    start(1, pause=pauses.append)
    until(lambda: bench.queue.status(deadly) == "halted")
    assert bench.record(deadly).error["code"] == "poison"
    assert bench.deaths(deadly) == 3
    assert pauses[:3] == [0.5, 1.0, 2.0]
    quick = bench.add()
    until(lambda: bench.queue.status(quick) == "completed")


def test_a_stopped_worker_gives_its_job_back_uncounted(bench, start, until) -> None:
    reference = bench.add("gated")
    workers = start(1, "--patience", "0.2")
    until(lambda: bench.queue.status(reference) == "running")
    workers.close()
    assert bench.queue.status(reference) == "queued"
    assert bench.deaths(reference) == 0
    (bench.data / "open").touch()
    start(1)
    until(lambda: bench.queue.status(reference) == "completed")
    assert_each_completed_once(bench, [reference])


def test_a_worker_told_to_stop_again_and_again_finishes_a_job_that_is_nearly_done(bench, start, until) -> None:
    reference = bench.add("gated")
    workers = start(1)
    until(lambda: bench.queue.status(reference) == "running")
    [child] = workers.process_ids
    for _ in range(50):
        os.kill(child, signal.SIGTERM)
    (bench.data / "open").touch()
    workers.close()
    assert bench.queue.status(reference) == "completed"
    assert_each_completed_once(bench, [reference])


def test_a_worker_ends_when_its_server_is_killed_and_the_job_is_not_blamed(bench, until) -> None:
    reference = bench.add("gated")
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(bench.data), str(bench.state.root)], stdout=subprocess.PIPE
    )
    server_id = server.stdout.readline().decode().strip()
    until(lambda: bench.queue.status(reference) == "running")
    [row] = bench.database.read("SELECT owner, server FROM jobs")
    assert row["server"] == server_id != row["owner"]
    server.kill()
    server.communicate()
    until(lambda: not is_alive(bench.state.owners, row["owner"]))
    claim = bench.queue.claim(bench.owner())
    assert claim.reference == reference
    assert bench.deaths(reference) == 0


@pytest.mark.parametrize(
    ("point", "job_type", "deaths"),
    [("after_claim", "quick", 1), ("in_heartbeat:2", "gated", 1), ("after_completion", "quick", 0)],
)
def test_a_worker_killed_at_a_crash_point_loses_no_job(bench, command, monkeypatch, point, job_type, deaths) -> None:
    references = [bench.add(job_type), bench.add()]
    environment = {**os.environ, "LNB_CRASH_AT": point, "TINY_LEASE": "0.3"}
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE) as child:
        assert child.wait(120) == -signal.SIGKILL
    (bench.data / "open").touch()
    monkeypatch.syspath_prepend(HERE)
    service = importlib.import_module("tiny_service").open_service(bench.data, bench.state.root)
    worker = bench.owner(bench.server)
    while run_next(service.queue, worker, service.handlers):
        pass
    service.close()
    assert_each_completed_once(bench, references)
    assert bench.deaths(references[0]) == deaths


def test_a_child_that_cannot_be_started_is_tried_again(tmp_path, until) -> None:
    pauses = []
    workers = ProcessWorkers(1, [str(tmp_path / "nothing")], pause=pauses.append)
    until(lambda: len(pauses) > 8)
    workers.close()
    assert pauses[:8] == [0.5, 1, 2, 4, 8, 16, 30, 30]


def test_after_a_long_life_the_pauses_begin_anew(tmp_path, until) -> None:
    pauses, times = [], iter([0, 1, 2, 3, 4, 100])
    workers = ProcessWorkers(1, [str(tmp_path / "nothing")], pause=pauses.append, clock=lambda: next(times, 1000))
    until(lambda: len(pauses) > 3)
    workers.close()
    assert pauses[:4] == [0.5, 1, 0.5, 1]


def test_a_child_that_does_not_end_is_killed(tmp_path, until) -> None:
    deaf = (
        "import pathlib, signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "pathlib.Path(sys.argv[1]).touch(); time.sleep(600)"
    )
    workers = ProcessWorkers(1, [sys.executable, "-c", deaf, str(tmp_path / "deaf")])
    until((tmp_path / "deaf").exists)
    workers.close(patience=0.5)
    assert workers.process_ids == []


def test_closing_ends_a_pause(tmp_path, caplog, until) -> None:
    workers = ProcessWorkers(1, [str(tmp_path / "nothing")])
    until(lambda: "No such file" in caplog.text)
    workers.close()
    assert not workers._keepers[0].is_alive()
