"""P5 and P7: marked secrets and marked learners, and a search for them in everything that is left behind.

The main flows run with the root logger at DEBUG, in process and against ``serve``; then every log line, everything
printed, every error with the variables of its frames, every repr and pickle, and every file of the state directory
is searched. The committed notebooks are run likewise, with verbose tracebacks.
"""

from __future__ import annotations

import contextlib
import copy
import io
import json
import logging
import os
import pickle
import re
import subprocess
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from nbclient import NotebookClient

import learnosity_nb as lnb
from learnosity_nb.files.exports import write_frame

SECRET = "CANARY-secret-of-the-consumer"
TOKEN = "CANARY-token-of-the-learner-api"
PERSON = "CANARY-person"
COURSE = "course-v1:a+b+c"
MARK = re.compile(rb"CANARY|Signature=[^%s\x00]{0,4}[A-Za-z0-9%+/]{8}|\$02\$[0-9a-f]{8}")
NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
PATIENCE = 120


@pytest.fixture
def data(tmp_path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "access.toml").write_text(f'[consumers.key]\nsecret = "{SECRET}"\n[tokens."{TOKEN}"]\n', encoding="utf-8")
    people = [f"u{number}" for number in range(30)]
    learners = pd.DataFrame({"course_id": COURSE, "username": people})
    learners["name"] = [f"{PERSON} {number}" for number in range(30)]
    learners["email"] = [f"{PERSON}-{number}@school.test" for number in range(30)]
    learners.to_csv(folder / "learners.csv", index=False)
    sessions = pd.DataFrame({"session_id": people, "user_id": people, "score": 1.0, "max_score": 2.0})
    sessions.to_csv(folder / "sessions.csv", index=False)
    event = {"date": "2026-03-01", "entity_type": "problem", "event": "attempted", "entity_id": "p", "count": 1}
    learners[["course_id", "username"]].assign(**event).to_csv(folder / "engagement.csv", index=False)
    return folder


@contextlib.contextmanager
def in_process(data: Path, folder: Path) -> Iterator[tuple[lnb.Connection, list[str]]]:
    with lnb.connect_local(data, state=folder / "state") as lrn:
        yield lrn, []


@contextlib.contextmanager
def over_tcp(data: Path, folder: Path) -> Iterator[tuple[lnb.Connection, list[str]]]:
    said: list[str] = []
    arguments = ["serve", "--data", str(data), "--state", str(folder / "state"), "--port", "0"]
    start = f"import logging; logging.basicConfig(level=10)\nfrom learnosity_nb.cli import main; main({arguments})"
    environment = {**os.environ, "PYTHONPATH": str(Path(lnb.__file__).parents[1])}
    with (folder / "serve.log").open("w+") as log, subprocess.Popen(
        [sys.executable, "-c", start], stdout=subprocess.PIPE, stderr=log, text=True, env=environment
    ) as program:  # fmt: skip
        try:
            while "http://" not in (line := program.stdout.readline()):
                assert line, "serve ended"
            url = line.split()[-1]
            consumer, token = lnb.Consumer("key", SECRET), TOKEN
            with lnb.connect(consumer, url=url, learner_url=url, learner_token=token) as lrn:
                yield lrn, said
        finally:
            program.terminate()
            program.wait(PATIENCE)
            log.seek(0)
            said.append(log.read())


def use(lrn: lnb.Connection, folder: Path) -> list[object]:
    """Do what an analyst does, and return all that was got."""
    people = [f"u{number}" for number in range(30)]
    roster = pd.DataFrame({"user_id": people, "session_id": people, "school": "x", "class": [*"ab"] * 15})
    dataset = lrn.build_dataset(roster, levels=["school", "class"], user_fields=["score"])
    frames = [dataset.groups(), dataset.group(["x"]), dataset.walk(), dataset.users(["x", "a"]), lrn.jobs()]
    write_frame(frames[2], folder / "walk.csv")
    write_frame(frames[2], folder / "walk.html")
    changed = pd.DataFrame({"session_id": ["u1"], "user_id": ["u1"], "status": ["Discarded"]})
    lrn.wait(lrn.update_session_statuses(changed))
    lrn.engagement_timeline(COURSE, "u1")
    return [lrn, dataset, *frames, lrn.course_metadata(COURSE)]


def go_wrong(lrn: lnb.Connection) -> Iterator[str]:
    """Do what an analyst does by mistake, and yield each error with the variables of this package's frames."""
    bad = pd.DataFrame({"user_id": ["u1", None], "session_id": ["s", 5], "school": ["x", ""]})
    mistakes = [
        lambda: lrn.build_dataset(bad, levels=["school"]),
        lambda: lrn.build_dataset(bad, levels=["class"]),
        lambda: lrn.open_dataset("00000000-0000-4000-8000-000000000000").groups(),
        lambda: lrn.wait("00000000-0000-4000-8000-000000000000", timeout=0),
        lambda: lrn.learner(COURSE, "nobody"),
        lambda: lrn.learners("course-v1:x+y+z"),
        lambda: lrn.learners(COURSE, segments=["nonsense"]),
        lambda: lrn.update_session_statuses(pd.DataFrame({"session_id": ["u1"], "user_id": ["u2"], "status": ["x"]})),
        lambda: pickle.dumps(lrn),
        lambda: copy.deepcopy(lrn),
    ]
    for mistake in mistakes:
        try:
            mistake()
        except Exception as error:  # noqa: BLE001  whatever it is, it must not show
            frames = error.__traceback__
            while frames is not None and "learnosity_nb" not in frames.tb_frame.f_code.co_filename:
                frames = frames.tb_next
            told = traceback.TracebackException(type(error), error, frames, capture_locals=True)
            yield "".join(told.format())
        else:
            raise AssertionError("this was to be a mistake")


def hits(what: str, found: bytes) -> list[str]:
    return [f"{what}: …{found[max(0, hit.start() - 60) : hit.end() + 40]!r}…" for hit in MARK.finditer(found)]


@pytest.mark.parametrize("mount", [in_process, over_tcp])
def test_no_secret_and_no_learner_is_left_anywhere(mount, data, tmp_path, caplog, capfd, figures, monkeypatch) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr("secrets.token_urlsafe", lambda _bytes=32: SECRET)
    folder = tmp_path / "left"
    folder.mkdir()
    for name in ("XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(folder / "home"))
    left: dict[str, bytes] = {}
    with mount(data, folder) as (lrn, said):
        got = use(lrn, folder)
        for number, told in enumerate(go_wrong(lrn)):
            left[f"error {number}"] = told.encode()
        for each in got:
            left[f"repr of a {type(each).__name__}"] = (repr(each) + repr(getattr(each, "__dict__", ""))).encode()
            if isinstance(each, pd.DataFrame):
                left[f"pickle of a frame {len(left)}"] = pickle.dumps(each)
                left[f"html of a frame {len(left)}"] = each._repr_html_().encode()
    left["the service's log"] = "".join(said).encode()
    left["log"] = "\n".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records).encode()
    left["output"] = "".join(capfd.readouterr()).encode()
    left |= {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert len(left) > 25
    assert sum(map(len, left.values())) > 50_000
    assert [hit for what, found in left.items() for hit in hits(what, found)] == []
    figures["logs, errors, reprs, pickles and files searched for secrets and learners"] += len(left)


def test_the_search_finds_what_it_looks_for() -> None:
    for told in (SECRET, PERSON, "x?Expires=1&Signature=abcdefgh%2B", "$02$0123456789abcdef"):
        assert hits("x", f"text {told} text".encode())
    assert hits("x", b"Signature=\xe2\x80\xa6 and $02$\xe2\x80\xa6") == []


ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+\.\w+")  # from its first character: pictures are long words


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_committed_notebooks_hold_no_address_and_ask_for_no_names(path, figures) -> None:
    text = path.read_text(encoding="utf-8")
    assert ADDRESS.findall(text) == []
    code = [cell["source"] for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
    assert not [cell for cell in code if "show_names=True" in "".join(cell)]
    assert hits(path.name, text.encode()) == []
    figures["committed notebooks searched"] += 1


VERBOSE = f"""
import logging, secrets
secrets.token_urlsafe = lambda _bytes=32: {SECRET!r}
logging.basicConfig(level=logging.DEBUG, force=True)
%xmode Verbose
"""
MISTAKE = """
import learnosity_nb as _lnb, gc as _gc
_open = [each for each in _gc.get_objects() if isinstance(each, _lnb.Connection)]
_open[0].wait("00000000-0000-4000-8000-000000000000", timeout=0) if _open else 1 / 0
"""


@pytest.mark.soak
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_run_with_everything_logged_show_no_secret_and_no_address(path, tmp_path, figures) -> None:
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = [
        nbformat.v4.new_code_cell(VERBOSE),
        *notebook.cells,
        nbformat.v4.new_code_cell(MISTAKE, metadata={"tags": ["raises-exception"]}),
    ]
    for beside in path.parent.iterdir():
        if beside.is_file():
            (tmp_path / beside.name).symlink_to(beside)
    os.environ.setdefault("PYTHONPATH", str(path.parents[1]))
    with contextlib.redirect_stderr(io.StringIO()):
        NotebookClient(
            notebook, timeout=600, store_widget_state=True, resources={"metadata": {"path": tmp_path}}
        ).execute()
    ran = json.dumps([cell.get("outputs", []) for cell in notebook.cells]) + json.dumps(notebook.metadata)
    assert "Traceback" in ran
    assert hits(path.name, ran.encode()) == []
    assert ADDRESS.findall(ran) == []
    figures["notebooks run with everything logged and searched"] += 1
