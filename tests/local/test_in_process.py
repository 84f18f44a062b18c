from __future__ import annotations

import time

import pandas as pd
import pytest

from learnosity_nb.credentials import Secret
from learnosity_nb.domain.policy import DATASET_JOB_TYPE
from learnosity_nb.files.access import Access, ConsumerAccess
from learnosity_nb.local import in_process
from learnosity_nb.local.in_process import open_in_process
from learnosity_nb.local.service import Service
from learnosity_nb.local.state.directory import open_state
from learnosity_nb.local.tables import DirectoryTables, FrameTables

ACCESS = Access({"local": ConsumerAccess("local", Secret("secret"))})


@pytest.fixture
def data(tmp_path):
    (tmp_path / "sessions.csv").write_text("session_id,user_id,score,max_score\ns,u,1,2\n", encoding="utf-8")
    return tmp_path


def test_jobs_that_an_earlier_process_left_are_run(data) -> None:
    first = Service(DirectoryTables(data), open_state(None, data=data), ACCESS)  # runs no jobs
    payload = {"dataset_id": "none"}
    reference = first.queue.add(DATASET_JOB_TYPE, consumer="local", organisation=None, payload=payload)
    first.close()
    second = open_in_process(DirectoryTables(data), ACCESS, state=None, data=data)
    queue = second.app.service.queue
    deadline = time.monotonic() + 60
    while queue.status(reference) in {"queued", "running"}:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    [job], _ = queue.records("local", references=[reference])
    assert (job.status, job.error["code"]) == ("halted", 20004)
    assert "Build it again" in job.error["message"]
    second.close()
    second.close()
    assert list((second.state / "owners").iterdir()) == []


def test_the_state_of_frames_goes_with_the_service() -> None:
    frame = pd.DataFrame({"session_id": ["s"], "user_id": ["u"], "score": [1], "max_score": [2]})
    opened = open_in_process(FrameTables({"sessions": frame}), ACCESS, state=None, data=None)
    assert opened.state.is_dir()
    opened.close()
    assert not opened.state.exists()


def test_a_worker_that_cannot_start_leaves_no_service_open(data, monkeypatch) -> None:
    closed: list[Service] = []
    close = Service.close
    monkeypatch.setattr(Service, "close", lambda service: (closed.append(service), close(service)))
    with monkeypatch.context() as patch:
        patch.setattr(in_process, "ThreadWorker", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            open_in_process(DirectoryTables(data), ACCESS, state=data / "state", data=data)
    assert len(closed) == 1
    assert list((data / "state" / "owners").iterdir()) == []


def test_the_service_can_be_called_at_once(data) -> None:
    opened = open_in_process(DirectoryTables(data), ACCESS, state=data / "state", data=data)
    said: list[str] = []
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/status", "wsgi.url_scheme": "http", "HTTP_HOST": "h"}
    body = b"".join(opened.app(environ, lambda status, headers: said.append(status)))
    opened.close()
    assert said == ["200 OK"]
    assert b"OK" in body
