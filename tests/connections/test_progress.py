"""The progress bar: seen by people, absent from files and stored notebooks."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from io import StringIO
from queue import Empty
from typing import Any

import pytest
from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import KernelManager, start_new_kernel

from learnosity_nb.connections.progress import Progress

PATIENCE = 240

BUILD = """
import pandas as pd, learnosity_nb as lnb
frame = pd.DataFrame({"user_id": ["a"], "session_id": ["s"], "class": ["7a"], "score": [1.0], "max_score": [2.0]})
with lnb.connect_local(sessions=frame) as lrn:
    lrn.build_dataset(frame, ["class"], ["population"])
"""


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def drawn(shown: bool, stream: StringIO, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(sys, "stderr", stream)
    with Progress(3, shown=shown) as progress:
        progress.say("uploading 1 of 2")
        progress.step()
    return stream.getvalue()


def test_a_terminal_sees_the_bar_and_keeps_nothing_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = drawn(True, Terminal(), monkeypatch)
    assert "uploading 1 of 2" in seen
    assert seen.endswith("\r")


@pytest.mark.parametrize(("shown", "stream"), [(False, Terminal()), (True, StringIO())])
def test_nothing_is_drawn_into_a_file_or_when_not_wanted(
    shown: bool, stream: StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert drawn(shown, stream, monkeypatch) == ""


@pytest.fixture(scope="module")
def kernel() -> Iterator[BlockingKernelClient]:
    manager: KernelManager
    manager, client = start_new_kernel(startup_timeout=PATIENCE)
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def outputs(client: BlockingKernelClient, code: str, *, attended: bool) -> list[dict[str, Any]]:
    """Return what a cell puts on the page; `attended` as when a person runs it."""
    sent = client.execute(code, allow_stdin=attended)
    found = []
    while True:
        try:
            message = client.get_iopub_msg(timeout=PATIENCE)
        except Empty:
            raise TimeoutError("the kernel fell silent") from None
        if message["parent_header"].get("msg_id") != sent:
            continue
        if message["header"]["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
            return found
        if message["header"]["msg_type"] not in {"status", "execute_input"}:
            found.append({"type": message["header"]["msg_type"], **message["content"]})


def test_a_person_at_a_notebook_sees_the_bar_and_it_ends_empty(kernel: BlockingKernelClient) -> None:
    shown = outputs(kernel, BUILD, attended=True)
    assert {one["type"] for one in shown} == {"display_data", "update_display_data"}
    texts = [one["data"]["text/plain"] for one in shown]
    assert any("completed" in text for text in texts)
    assert texts[-1] == ""
    assert len({one["transient"]["display_id"] for one in shown}) == 1


def test_a_notebook_that_runs_by_itself_stores_nothing(kernel: BlockingKernelClient) -> None:
    assert outputs(kernel, BUILD, attended=False) == []
