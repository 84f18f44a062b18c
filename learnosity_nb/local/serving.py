"""The service on a port: for clients in other processes, also the vendor's own."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Final, NoReturn

import waitress
import waitress.server

from ..errors import InputError
from ..files.access import Access, create_access, read_access
from .app import App
from .datasets.uploads import MAX_FILE_BYTES
from .jobs.process import ProcessWorkers, worker_command
from .service import Service
from .state.directory import StateDirectory, open_state
from .tables import DirectoryTables

__all__ = ["serve"]

THREADS: Final = 8
ACCESS_FILE: Final = "access.toml"


def serve(
    data: Path,
    *,
    state: Path | None = None,
    host: str = "127.0.0.1",
    port: int = 8080,
    workers: int = 1,
    announce: Callable[[str], None] = print,
) -> None:
    """Serve a data directory until SIGTERM or Ctrl-C.

    Parameters
    ----------
    data
        The data directory. Its ``access.toml`` says who may call; without one,
        one is made in the state directory.
    state
        The state directory; chosen as for `open_state` when omitted.
    host, port
        Where to listen; port 0 takes a free one.
    workers
        How many processes run jobs.
    announce
        Told where the access file is, unless it is in the data directory, and
        then, in one line, the URL: from that line on the service answers.

    Raises
    ------
    InputError
        If the data or the access file cannot be used, or the port is taken.
    StateError
        If the state directory cannot be used.
    """
    with _sigterm_as_exit():
        tables = DirectoryTables(data)
        directory = open_state(state, data=data)
        access, path = _access(data, directory)
        service = Service(tables, directory, access)
        try:
            server = _listen(App(service), host, port)
            children = ProcessWorkers(workers, worker_command(data, directory.root, service.owner.id))
            service.wake = children.wake
            try:
                if path.parent != data:
                    announce(f"Consumers and tokens for clients: {path}")
                announce(f"learnosity-nb serves {data} at http://{host}:{server.effective_port}")
                server.run()  # returns on SystemExit and KeyboardInterrupt, after the running requests
            finally:
                children.close()
                server.close()
        finally:
            service.close()


def _access(data: Path, state: StateDirectory) -> tuple[Access, Path]:
    """Return who may call, and the file that says so: made now where there is none."""
    for path in (data / ACCESS_FILE, state.root / ACCESS_FILE):
        if path.exists():
            return read_access(path), path
    return create_access(path), path


def _listen(app: App, host: str, port: int) -> waitress.server.BaseWSGIServer:
    try:
        return waitress.create_server(
            app, host=host, port=port, threads=THREADS, max_request_body_size=MAX_FILE_BYTES + 1, ident=None
        )
    except (OSError, ValueError) as error:  # the latter for a host that does not exist
        reason = getattr(error, "strerror", None) or str(error).rstrip(".")
        raise InputError(
            f"Cannot listen at {host}:{port}: {reason}. Choose another --port; 0 takes a free one."
        ) from None


@contextmanager
def _sigterm_as_exit() -> Iterator[None]:
    before = signal.signal(signal.SIGTERM, _stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    # A second one must not break off the clean-up. SIG_IGN would do so too, but children inherit it.
    signal.signal(signal.SIGTERM, lambda *_: None)
    raise SystemExit
