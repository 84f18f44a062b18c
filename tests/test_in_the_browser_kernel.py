"""A kernel inside a browser (Pyodide, as in JupyterLite) has no sockets, threads or processes, and no vl-convert."""

from __future__ import annotations

import json
import subprocess
import sys

BROWSER = """
import json, sys, threading

ABSENT = ("socket.__new__", "socket.connect", "socket.bind", "socket.getaddrinfo", "subprocess.", "os.fork")
asked = []

def browser(event, arguments):
    if event.startswith(ABSENT):
        asked.append(event)
        raise RuntimeError(f"{event} is not there in a browser")

def start(thread):
    asked.append("thread")
    raise RuntimeError("can't start new thread")

sys.addaudithook(browser)
threading.Thread.start = start
sys.modules["vl_convert"] = None  # it cannot be imported
"""

JOB = """
import learnosity_nb as lnb

levels = ["district", "school", "class"]
world = lnb.sample_world(learners=60)
with lnb.connect_local(sessions=world.sessions) as lrn:
    dataset = lrn.build_dataset(world.roster, levels, ["population", "mean_score"], user_fields=["score"])
    children, every = dataset.groups(), dataset.walk()
    learners = dataset.users(every["group_path"].iloc[-1])
    jobs = lrn.jobs()
figures = lnb.truncate_summary(lnb.summarize_groups(world.sessions, world.roster, levels, ["population", "mean_score"]))
print(json.dumps({
    "statuses": jobs["status"].tolist(),
    "children": children["group_name"].tolist(),
    "same": figures["mean_score"].equals(every["mean_score"]),
    "rows": [len(figures), len(every)],
    "learners": len(learners),
    "asked": sorted(set(asked)),
}))
"""

GUARDS = """
import socket
for start in (socket.socket, threading.Thread(target=print).start):
    try:
        start()
    except RuntimeError:
        continue
    raise SystemExit(f"{start} went through")
"""


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-W", "error", "-c", BROWSER + code], capture_output=True, text=True)


def test_the_stand_in_refuses_sockets_and_threads() -> None:
    done = run(GUARDS)
    assert done.returncode == 0, done.stderr


def test_datasets_are_built_and_read_without_sockets_threads_processes_and_vl_convert() -> None:
    done = run(JOB)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["statuses"] == ["completed"]
    assert found["children"]
    assert found["same"]
    assert found["rows"][0] == found["rows"][1] > len(found["children"])
    assert found["learners"] > 0
    assert found["asked"] == ["thread"], "threads are tried, nothing else is"
