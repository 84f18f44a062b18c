"""Vega in front of a script: a bundle made once for each machine, from vl-convert's own copy, without a network."""

from __future__ import annotations

import hashlib
import secrets
from concurrent.futures import Future
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from threading import Lock, Thread
from typing import Final

import platformdirs

from ..errors import MissingExtra
from .scripts import chart_source

__all__ = ["bundle_in_background", "bundled", "chart_module"]

PURPOSE: Final = "Drawing charts in the browser"

_lock = Lock()


def chart_module() -> str:
    """Return the chart face with Vega in front of it: an ES module that exports ``render({model, el})``.

    Raises
    ------
    MissingExtra
        If vl-convert, which brings Vega, is not installed.
    """
    return bundled(chart_source())


def bundle_in_background() -> Future[str]:
    """Return the text of `chart_module` as a future, from a thread; the first call in a process starts it.

    Making the bundle takes seconds the first time on a machine, then it is read from the user's cache.
    """
    with _lock:
        return _started()


@cache
def bundled(source: str) -> str:
    """Return `source` with Vega, Vega-Lite and `vegaEmbed` in front of it.

    Parameters
    ----------
    source
        An ES module without imports that uses `vegaEmbed`.

    Raises
    ------
    MissingExtra
        If vl-convert is not installed.
    """
    try:
        import vl_convert
    except ImportError:
        raise MissingExtra("vl-convert-python", "lab", PURPOSE) from None
    place = _place(version("vl-convert-python"), source)
    kept = _kept(place)
    if kept is not None:
        return kept
    text: str = vl_convert.javascript_bundle(source)
    with suppress(OSError):  # a cache that cannot be written: the text lives in this process only
        _keep(place, text)
    return text


def _place(release: str, source: str) -> Path:
    digest = hashlib.sha256(source.encode()).hexdigest()[:16]
    return platformdirs.user_cache_path("learnosity_nb", appauthor=False) / "vega" / f"{release}-{digest}.js"


def _kept(path: Path) -> str | None:
    """Return the text of a file that `_keep` wrote; None where it is not there, or not as it was written."""
    try:
        first, _, text = path.read_bytes().partition(b"\n")
    except OSError:
        return None
    return text.decode("utf-8") if first == _first_line(text) else None


def _keep(path: Path, text: str) -> None:
    """Write the file whole, under a first line that vouches for it: whoever reads meanwhile finds all of it or none."""
    content = text.encode("utf-8")
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
    try:
        temporary.write_bytes(_first_line(content) + b"\n" + content)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _first_line(content: bytes) -> bytes:
    return b"// " + hashlib.sha256(content).hexdigest().encode()


@cache
def _started() -> Future[str]:
    future: Future[str] = Future()
    Thread(target=_fulfil, args=(future,), name="learnosity_nb vega", daemon=True).start()
    return future


def _fulfil(future: Future[str]) -> None:
    try:
        future.set_result(chart_module())
    except BaseException as error:  # noqa: BLE001  (it is raised to whoever waits)
        future.set_exception(error)
