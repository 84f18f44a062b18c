from __future__ import annotations

import gc
import os
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from learnosity_nb.errors import InputError
from learnosity_nb.local.serving import serve

# waitress leaves sockets to the end of the process: those of open connections, and one it could not bind.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

CONSUMER = '[consumers.mine]\nsecret = "a secret that is long"\n'


@pytest.fixture(scope="module", autouse=True)
def without_left_sockets() -> Iterator[None]:
    yield
    gc.collect()


def harmless(number: int, frame: object) -> None:
    """Take a signal that comes when nothing is served any more."""


@pytest.fixture(autouse=True)
def no_test_ends_pytest() -> Iterator[None]:
    before = signal.signal(signal.SIGTERM, harmless)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "sessions.csv").write_text("session_id,user_id,score,max_score\ns,u,1,2\n", encoding="utf-8")
    return folder


class Visitor:
    """Is told what `serve` announces; asks for its status, and then for its end."""

    def __init__(self, *, signals: int = 1) -> None:
        self.said: list[str] = []
        self.statuses: list[int] = []
        self._signals = signals
        self._visit = threading.Thread(target=self._ask)

    def __call__(self, line: str) -> None:
        self.said.append(line)
        if "http://" in line:
            self._visit.start()

    def _ask(self) -> None:
        try:
            self.statuses.append(httpx.get(f"{self.said[-1].rpartition(' ')[2]}/status", trust_env=False).status_code)
        finally:
            for _ in range(self._signals):
                os.kill(os.getpid(), signal.SIGTERM)


@pytest.mark.parametrize("signals", [1, 2])
def test_serve_answers_from_its_last_line_until_a_signal_and_puts_everything_back(data, signals) -> None:
    visitor = Visitor(signals=signals)
    serve(data, port=0, announce=visitor)
    assert visitor.statuses == [200]
    assert len(visitor.said) == 2
    assert signal.getsignal(signal.SIGTERM) is harmless
    assert list((data / ".learnosity_nb" / "owners").iterdir()) == []


def test_a_signal_before_the_server_runs_ends_it_too(data) -> None:
    """From the first announcement on, a signal is an orderly end."""
    said: list[str] = []

    def end(line: str) -> None:
        said.append(line)
        os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(SystemExit) as raised:
        serve(data, port=0, announce=end)
    assert raised.value.code is None
    assert len(said) == 1
    assert list((data / ".learnosity_nb" / "owners").glob("*")) == []


@pytest.mark.parametrize("place", ["data", "state"])
def test_an_access_file_that_is_there_is_used(data, tmp_path, place) -> None:
    state = tmp_path / "state"
    state.mkdir()
    path = {"data": data, "state": state}[place] / "access.toml"
    path.write_text(CONSUMER, encoding="utf-8")
    visitor = Visitor()
    serve(data, state=state, port=0, announce=visitor)
    told = [] if place == "data" else [f"Consumers and tokens for clients: {path}"]
    assert visitor.said[:-1] == told
    assert path.read_text(encoding="utf-8") == CONSUMER
    assert [found.name for folder in (data, state) for found in folder.glob("*.toml")] == ["access.toml"]


def test_a_port_in_use_and_an_unknown_host_are_said_with_what_to_do(data) -> None:
    (data / "access.toml").write_text(CONSUMER, encoding="utf-8")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match=rf"Cannot listen at 127\.0\.0\.1:{port}: .*; 0 takes a free one"):
            serve(data, port=port, announce=pytest.fail)
    with pytest.raises(InputError, match=r"Cannot listen at no-such-host\.invalid:0: \S"):
        serve(data, host="no-such-host.invalid", expose=True, port=0, announce=pytest.fail)
    assert list((data / ".learnosity_nb" / "owners").iterdir()) == []


def test_a_wrong_access_file_is_said_before_anything_is_served(data) -> None:
    (data / "access.toml").write_text("[consumers.mine]\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"access\.toml"):
        serve(data, port=0, announce=pytest.fail)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "machine.example"])
def test_a_host_that_other_machines_reach_must_be_asked_for(data, host) -> None:
    with pytest.raises(InputError, match=r"Other machines could reach .* --expose"):
        serve(data, host=host, port=0, announce=pytest.fail)
    assert not (data / ".learnosity_nb").exists()


@pytest.mark.parametrize(
    "caller",
    [
        '[consumers.mine]\nsecret = "guess me"\n',
        CONSUMER + "[tokens.short]\n",
        CONSUMER.replace("mine", "yis0TYCu7U9V4o7M"),
    ],
)
def test_an_exposed_service_needs_secrets_that_nobody_guesses(data, caller) -> None:
    """A19."""
    (data / "access.toml").write_text(caller, encoding="utf-8")
    with pytest.raises(InputError, match=r"can be guessed: (consumers|tokens)") as refused:
        serve(data, host="0.0.0.0", expose=True, port=0, announce=pytest.fail)
    assert "guess me" not in str(refused.value)


def test_an_exposed_service_with_a_long_secret_is_served(data) -> None:
    (data / "access.toml").write_text(CONSUMER, encoding="utf-8")
    visitor = Visitor()
    serve(data, host="0.0.0.0", expose=True, port=0, announce=visitor)
    assert visitor.statuses == [200]


@pytest.mark.parametrize("host", ["localhost", "::1"])
def test_this_machine_has_more_names_than_one(data, host) -> None:
    visitor = Visitor()
    serve(data, host=host, port=0, announce=visitor)
    assert visitor.statuses == [200]
