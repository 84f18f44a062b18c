"""``learnosity-nb serve`` from its first line to its end, whichever end that is."""

from __future__ import annotations

import os
import random
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest

import learnosity_nb as lnb

DATASETS = 6
USERS = 2500
CONSUMER = '[consumers.consumer-0]\nsecret = "secret of consumer-0"\n'
FIELDS = ["population", "mean_score", "stddev_score", "p75_percent"]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_data(tmp_path / "data")


def write_data(folder: Path) -> Path:
    folder.mkdir()
    (folder / "access.toml").write_text(CONSUMER, encoding="utf-8")
    draw = random.Random(7)
    rows = "".join(f"s{user},u{user},{draw.randint(0, 200) / 10},20\n" for user in range(USERS))
    (folder / "sessions.csv").write_text("session_id,user_id,score,max_score\n" + rows, encoding="utf-8")
    return folder


def roster(number: int) -> list[tuple[str, str, str, str]]:
    """Return user, session, school and class of a dataset's users, other ones for each dataset."""
    draw = random.Random(number)
    return [(f"u{user}", f"s{user}", f"school {user % 7}", f"class {draw.randint(0, 30)}") for user in range(USERS)]


def upload(api, number: int) -> str:
    lines = [api.line(user, [session], school, name) for user, session, school, name in roster(number)]
    return api.upload(api.ndjson(lines), options={"fields": FIELDS})


def results(api, dataset_id: str) -> list:
    root = api.file(dataset_id, include=["distribution"])
    return [root, *(api.file(dataset_id, row[2]) for row in root["rows"])]


def children_of(process: int) -> list[int]:
    threads = Path(f"/proc/{process}/task").glob("*/children")
    return [int(child) for thread in threads for child in thread.read_text().split()]


def is_gone(process: int) -> bool:
    try:
        return "State:\tZ" in Path(f"/proc/{process}/status").read_text()
    except FileNotFoundError:
        return True


def until(reached) -> None:
    deadline = time.monotonic() + 120
    while not reached():
        assert time.monotonic() < deadline, "not reached in time"
        time.sleep(0.01)


@pytest.fixture(scope="module")
def undisturbed(start_serve, caller, tmp_path_factory) -> list:
    """The results of all datasets from a server that nobody disturbs."""
    data = write_data(tmp_path_factory.mktemp("undisturbed") / "data")
    api = caller(start_serve(data), data)
    datasets = [upload(api, number) for number in range(DATASETS)]
    for reference in [api.start(dataset_id).data["job_reference"] for dataset_id in datasets]:
        assert api.wait(reference)["status"] == "completed"
    return [results(api, dataset_id) for dataset_id in datasets]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at processes in /proc")
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM], ids=lambda end: end.name)
def test_every_job_is_completed_once_after_a_restart(serve, caller, data, undisturbed, end) -> None:
    """P1: the server ends, however, while jobs are queued and running."""
    served = serve(data)
    api = caller(served, data)
    datasets = [upload(api, number) for number in range(DATASETS)]
    references = [api.start(dataset_id).data["job_reference"] for dataset_id in datasets]
    until(lambda: any(api.job(reference)["status"] != "queued" for reference in references))
    children = children_of(served.process.pid)
    assert len(children) == 1
    began = time.monotonic()
    os.kill(served.process.pid, end)
    code = served.wait()
    assert code == (0 if end == signal.SIGTERM else -end)
    assert time.monotonic() - began < 10
    until(lambda: all(is_gone(child) for child in children))
    with closing(sqlite3.connect(data / ".learnosity_nb" / "state.sqlite3")) as database:
        [left] = database.execute("SELECT count(*) FROM jobs WHERE status IN ('queued', 'running')").fetchone()
        assert left > 0, "the jobs were done too soon for this test"

    api = caller(serve(data), data)
    assert [api.wait(reference)["status"] for reference in references] == ["completed"] * DATASETS
    assert [api.start(dataset_id).data["job_reference"] for dataset_id in datasets] == references
    listed = api.call("jobs", {"status": api.statuses}).data
    assert sorted(job["reference"] for job in listed) == sorted(references)
    for dataset_id in datasets:  # what the first server left unfinished is gone
        assert len(list((data / ".learnosity_nb" / "datasets" / dataset_id / "outfiles").iterdir())) == 1
    assert [results(api, dataset_id) for dataset_id in datasets] == undisturbed


def test_two_notebooks_and_a_server_share_one_data_directory(serve, caller, data) -> None:
    """C08: each builds its own; every result is what the pure summary gives."""
    api = caller(serve(data), data)
    with (
        lnb.connect_local(data, progress=False) as first,
        lnb.connect_local(data, progress=False) as second,
        ThreadPoolExecutor(3) as pool,
    ):
        frames = [pd.DataFrame(roster(n), columns=["user_id", "session_id", "school", "class"]) for n in range(3)]
        built = [
            pool.submit(connection.build_dataset, frame, ["school", "class"], FIELDS)
            for connection, frame in zip((first, second), frames, strict=False)
        ]
        dataset_id = upload(api, 2)
        assert api.wait(api.start(dataset_id).data["job_reference"])["status"] == "completed"
        walked = [future.result().walk() for future in built]
    sessions = data / "sessions.csv"
    expected = [lnb.summarize_groups(sessions, frame, ["school", "class"], fields=FIELDS) for frame in frames]
    for walk, summary in zip(walked, expected, strict=False):
        assert walk["group_id"].tolist() == summary["group_id"].tolist()
        assert walk["population"].tolist() == summary["population"].tolist()
        assert ((summary["mean_score"] - walk["mean_score"]).between(-1e-9, 0.01)).all()
    rows = {row[2]: row[3] for row in api.file(dataset_id)["rows"]}
    schools = expected[2].query("level == 1")
    assert rows == dict(zip(schools["group_name"], schools["population"], strict=True))


def test_an_access_file_is_made_for_its_owner_alone_and_kept(serve, caller, data) -> None:
    (data / "access.toml").unlink()
    served = serve(data)
    path = data / ".learnosity_nb" / "access.toml"
    assert served.said == [
        f"Consumers and tokens for clients: {path}",
        f"learnosity-nb serves {data} at {served.url}",
    ]
    made = path.read_bytes()
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    [(key, consumer)] = tomllib.loads(made.decode())["consumers"].items()
    api = caller(served, data)
    api.consumer, api.secret = key, consumer["secret"]
    assert api.call("jobs", {}).status == 200
    assert served.stop() == 0
    again = serve(data)
    assert again.said[0] == served.said[0]
    assert path.read_bytes() == made


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    package = str(Path(lnb.__file__).parents[1])
    command = [sys.executable, "-c", "from learnosity_nb.cli import main; main()", "serve", *arguments]
    environment = {**os.environ, "PYTHONPATH": package}
    return subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment, check=False)


def test_a_port_in_use_gives_a_message_and_no_more(data) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = run("--data", str(data), "--port", str(port))
    assert (ended.returncode, ended.stdout) == (1, "")
    said = f"Error: Cannot listen at 127.0.0.1:{port}: Address already in use. Choose another --port"
    assert ended.stderr.startswith(said)
    assert len(ended.stderr.splitlines()) == 1
    assert list((data / ".learnosity_nb" / "owners").iterdir()) == []


def test_a_host_or_data_directory_that_does_not_exist_gives_a_message(data, tmp_path) -> None:
    ended = run("--data", str(data), "--port", "0", "--host", "no-such-host.invalid", "--expose")
    assert (ended.returncode, ended.stderr.startswith("Error: Cannot listen at no-such-host.invalid")) == (1, True)
    ended = run("--data", str(tmp_path / "nowhere"), "--port", "0")
    assert (ended.returncode, ended.stderr) == (1, f"Error: There is no data directory {tmp_path / 'nowhere'}.\n")
    assert not (tmp_path / "nowhere").exists()


def files_under(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


@pytest.mark.parametrize("named", [True, False])
def test_nothing_is_written_outside_the_data_and_state_directories(serve, caller, data, tmp_path, named) -> None:
    state = tmp_path / "a" / "state" if named else data / ".learnosity_nb"
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    names = ["HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"]
    environment = {**dict.fromkeys(names, str(elsewhere)), "PYTHONDONTWRITEBYTECODE": "1"}
    before = {path: path.read_bytes() for path in data.iterdir()}
    served = serve(data, *(["--state", str(state)] if named else []), environment=environment, folder=elsewhere)
    api = caller(served, data)
    dataset_id = upload(api, 0)
    assert api.wait(api.start(dataset_id).data["job_reference"])["status"] == "completed"
    assert served.stop() == 0
    assert files_under(elsewhere) == set()
    assert {path: path.read_bytes() for path in data.iterdir() if path != state} == before
    assert {name.split("/")[0] for name in files_under(state)} <= {
        *(".gitignore", "datasets", "owners", "janitor.lock"),
        *(name for name in files_under(state) if name.startswith("state.sqlite3")),
    }
    assert not any("/.tmp-" in name for name in files_under(state))
    if os.name == "posix":
        assert stat.S_IMODE(state.stat().st_mode) == 0o700
        assert stat.S_IMODE((state / "state.sqlite3").stat().st_mode) == 0o600


def test_a_worker_that_dies_is_replaced_and_its_jobs_are_done(serve, caller, data) -> None:
    """The second job that each worker takes kills it: one job is done for each life."""
    api = caller(serve(data, environment={"LNB_CRASH_AT": "after_claim:2"}), data)
    references = [api.start(upload(api, number)).data["job_reference"] for number in range(3)]
    assert [api.wait(reference)["status"] for reference in references] == ["completed"] * 3
