"""The service on a port: for clients in other processes, also the vendor's own."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, Final, NoReturn

from ..errors import InputError
from ..files.access import Access, create_access, guessable_callers, read_access
from .app import App
from .http.quota import Quota
from .http.sockets import listen
from .http.visitors import HostList, is_loopback
from .jobs.process import ProcessWorkers, worker_command
from .service import Service
from .state.directory import StateDirectory, open_state
from .tables import DirectoryTables

__all__ = ["serve"]

CALLS_IN_FIVE_SECONDS: Final = 5000
ACCESS_FILE: Final = "access.toml"


def serve(
    data: Path,
    *,
    state: Path | None = None,
    host: str = "127.0.0.1",
    port: int = 8080,
    workers: int = 1,
    expose: bool = False,
    allowed_hosts: Sequence[str] = (),
    rate_limit: int = CALLS_IN_FIVE_SECONDS,
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
    expose
        Whether `host` may be an address that other machines reach.
    allowed_hosts
        Names beside `host` and those of this machine by which the service may be called.
    rate_limit
        Calls of one endpoint by one consumer in five seconds; 0 for any number.
    announce
        Told where the access file is, unless it is in the data directory, and
        then, in one line, the URL: from that line on the service answers.

    Raises
    ------
    InputError
        If the data or the access file cannot be used, the port is taken, or other
        machines would reach the service though nobody asked for that, or though a
        secret can be guessed.
    StateError
        If the state directory cannot be used.
    """
    if not expose and not is_loopback(host):
        raise InputError(
            f"Other machines could reach {host}. Use --host 127.0.0.1, or add --expose if that is what you want: "
            "requests then travel without encryption, so put the service behind a proxy that adds it."
        )
    with _sigterm_as_exit():
        tables = DirectoryTables(data)
        directory = open_state(state, data=data)
        access, path = _access(data, directory)
        if expose:
            _refuse_guessable(access, path)
        service = Service(tables, directory, access)
        try:
            app = App(service, HostList(host, allowed_hosts), Quota(rate_limit or None))
            server, port = _listen(app, host, port)
            children = ProcessWorkers(workers, worker_command(data, directory.root, service.owner.id))
            service.wake = children.wake
            try:
                if path.parent != data:
                    announce(f"Consumers and tokens for clients: {path}")
                announce(f"learnosity-nb serves {data} at http://{_url_host(host)}:{port}")
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


def _refuse_guessable(access: Access, path: Path) -> None:
    guessable = guessable_callers(access)
    if guessable:
        raise InputError(
            f"{path} has secrets that can be guessed: {', '.join(guessable)}. A service that other machines reach "
            "needs at least 16 characters, drawn at random and published nowhere."
        )


def _listen(app: App, host: str, port: int) -> tuple[Any, int]:
    try:
        return listen(app, host, port)
    except (OSError, ValueError) as error:  # the latter for a host that does not exist
        reason = getattr(error, "strerror", None) or str(error).rstrip(".")
        raise InputError(
            f"Cannot listen at {host}:{port}: {reason}. Choose another --port; 0 takes a free one."
        ) from None


def _url_host(host: str) -> str:
    return f"[{host}]" if ":" in host else host


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
