"""The end of a local connection: closed by hand, or forgotten."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import learnosity_nb as lnb
from learnosity_nb.local.state import directory

LEVELS = ["district", "school", "class"]
Crowd = tuple[pd.DataFrame, pd.DataFrame]


@pytest.fixture
def traces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """Name what the services of this test hold: their state directories and their threads."""
    monkeypatch.setattr(directory.tempfile, "tempdir", str(tmp_path))
    before = set(threading.enumerate())

    def held() -> list[str]:
        threads = [thread.name for thread in threading.enumerate() if thread not in before]
        return [path.name for path in tmp_path.iterdir()] + [name for name in threads if "learnosity_nb" in name]

    return held


def wait_for(condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + 30
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    return condition()


def test_a_dataset_alone_keeps_its_service_and_without_it_the_service_ends(
    crowd: Crowd, traces: Callable[[], list[str]]
) -> None:
    dataset = lnb.connect_local(sessions=crowd[0]).build_dataset(crowd[1], LEVELS)
    gc.collect()
    assert len(dataset.walk()) > 1
    assert "learnosity_nb jobs" in traces()
    del dataset
    gc.collect()
    assert wait_for(lambda: not traces()), traces()


def test_a_connection_that_is_replaced_ends_its_service(crowd: Crowd, traces: Callable[[], list[str]]) -> None:
    lrn = lnb.connect_local(sessions=crowd[0])
    assert len(traces()) >= 1
    lrn = lnb.connect_local(sessions=crowd[0])
    lrn.build_dataset(crowd[1], LEVELS)
    gc.collect()
    assert wait_for(lambda: len(traces()) == 2), traces()  # one directory, one worker
    lrn.close()
    assert traces() == []


def test_a_closed_local_connection_says_so_and_its_datasets_too(crowd: Crowd) -> None:
    with lnb.connect_local(sessions=crowd[0]) as lrn:
        dataset = lrn.build_dataset(crowd[1], LEVELS)
    for call in (lrn.jobs, dataset.walk, dataset.group, lambda: lrn.learners("c"), lambda: lrn.wait("a-b")):
        with pytest.raises(lnb.TransportError, match=r"^This connection was closed\. Connect again\.$"):
            call()


def test_a_closed_hosted_connection_opens_no_other(crowd: Crowd) -> None:
    lrn = lnb.connect(lnb.Consumer("key", "secret"), url="http://127.0.0.1:1")
    lrn.close()
    with pytest.raises(lnb.TransportError, match="was closed") as caught:
        lrn.build_dataset(crowd[1], LEVELS)
    assert not isinstance(caught.value, lnb.ConnectionFailed)
