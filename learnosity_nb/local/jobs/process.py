"""Worker processes: children of a server that run its jobs, and end when it does.

A child is started as ``python -m learnosity_nb.local.jobs.process``, never
forked. Its standard input is a pipe from the server: a byte on it says that
there may be a job, and when the server dies, in whatever way, the pipe ends and
the child ends with it.
"""

from __future__ import annotations

import argparse
import importlib
import logging
import math
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from .queue import JobQueue
from .worker import Handler, ThreadWorker

__all__ = ["ProcessWorkers", "main", "worker_command"]

_log = logging.getLogger(__name__)

STOP_SECONDS = 10.0
"""How long a child may take to end when told to."""

_PATIENCE = 5.0  # what a child leaves its running job of those seconds
_FACTORY = "learnosity_nb.local.service:open_service"
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
_LONG_LIFE = 60.0


class WorkerService(Protocol):
    """What a worker process needs of the service."""

    queue: JobQueue
    owners: Path
    handlers: Mapping[str, Handler]

    def close(self) -> None:
        """Close the service's database and state directory."""


def worker_command(data: Path, state: Path, server: str, factory: str = _FACTORY) -> list[str]:
    """Return the command that starts a worker process.

    Parameters
    ----------
    data, state
        The data directory and the state directory.
    server
        The owner id of the server.
    factory
        ``module:function`` that opens the service from the two directories.
    """
    options = {"--data": str(data), "--state": str(state), "--server": server, "--factory": factory}
    return [sys.executable, "-m", __name__, *(part for option in options.items() for part in option)]


class ProcessWorkers:
    """Child processes that run jobs, each started again when it dies.

    Parameters
    ----------
    count
        How many.
    command
        What starts one; see `worker_command`.
    pause
        Waits that many seconds before a start that follows a death: 0.5 s at first, twice as long each time, at
        most 30 s. By default a wait that `close` ends.
    clock
        Seconds, to see how long a child lived: after a minute of life the pauses begin anew.
    """

    def __init__(
        self,
        count: int,
        command: Sequence[str],
        *,
        pause: Callable[[float], object] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._command = list(command)
        self._closing = threading.Event()
        self._pause = pause or self._closing.wait
        self._clock = clock
        self._lock = threading.Lock()
        self._children: dict[int, subprocess.Popen[bytes]] = {}
        self._keepers = [
            threading.Thread(target=self._keep, args=(place,), name=f"worker process {place}", daemon=True)
            for place in range(count)
        ]
        for keeper in self._keepers:
            keeper.start()

    @property
    def process_ids(self) -> list[int]:
        """The ids of the children that live."""
        with self._lock:
            return [child.pid for child in self._children.values() if child.poll() is None]

    def wake(self) -> None:
        """Say that there may be a job."""
        with self._lock:
            for child in self._children.values():
                # One that has just died is started again, and looks for jobs by itself.
                with suppress(OSError, ValueError):
                    assert child.stdin is not None
                    child.stdin.write(b"\n")

    def close(self, patience: float = STOP_SECONDS) -> None:
        """Tell the children to end, and kill those that have not after `patience` seconds."""
        with self._lock:
            self._closing.set()
            children = list(self._children.values())
        for child in children:
            child.terminate()
        deadline = time.monotonic() + patience
        for child in children:
            try:
                child.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
        for keeper in self._keepers:
            keeper.join()

    def _keep(self, place: int) -> None:
        deaths = 0
        while not self._closing.is_set():
            started = self._clock()
            end = self._run_child(place)
            if not self._closing.is_set():
                deaths = 1 if self._clock() - started >= _LONG_LIFE else deaths + 1
                pause = min(_FIRST_PAUSE * 2 ** (deaths - 1), _LONGEST_PAUSE)
                _log.warning("A worker process ended (%s); another starts in %s s", end, pause)
                self._pause(pause)

    def _run_child(self, place: int) -> str:
        """Start a child and wait for its end; return what that end was."""
        try:
            with self._lock:
                if self._closing.is_set():
                    return "not started"
                child = subprocess.Popen(  # noqa: S603
                    self._command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, bufsize=0
                )
                self._children[place] = child
        except OSError as error:
            return str(error)
        with child:
            return f"exit code {child.wait()}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run jobs until told to stop (SIGTERM) or until the server that started this process dies.

    Parameters
    ----------
    arguments
        ``--data DIR --state DIR --server OWNER_ID``; ``--factory module:function`` opens another service, and
        ``--patience SECONDS`` leaves the running job that long once told to stop.
    """
    options = _options(arguments)
    told: queue.SimpleQueue[None] = queue.SimpleQueue()  # an Event may hang when a signal comes while it is set
    signal.signal(signal.SIGTERM, lambda *_: told.put(None))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the server too, and it stops its children
    module, _, function = options.factory.partition(":")
    service: WorkerService = getattr(importlib.import_module(module), function)(options.data, options.state)
    worker = ThreadWorker(service.queue, service.owners, service.handlers, server=options.server, idle_looks=math.inf)
    threading.Thread(target=_follow_parent, args=(worker,), name="parent's pipe", daemon=True).start()
    worker.wake()
    told.get()
    worker.close(options.patience)
    service.close()
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=f"python -m {__name__}")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--server", required=True)
    parser.add_argument("--factory", default=_FACTORY)
    parser.add_argument("--patience", type=float, default=_PATIENCE)
    return parser.parse_args(arguments)


def _follow_parent(worker: ThreadWorker) -> None:
    while os.read(sys.stdin.fileno(), 1024):
        worker.wake()
    os._exit(1)


if __name__ == "__main__":
    os._exit(main())  # a job that was given up may still run in its thread: do not wait for it
