from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import learnosity_nb
from learnosity_nb.errors import MissingExtra
from learnosity_nb.pages import vega_bundle
from learnosity_nb.pages.vega_bundle import bundle_in_background, bundled, chart_module

PACKAGE = str(Path(learnosity_nb.__file__).parents[1])
SOURCE = "export default { render: () => vegaEmbed };"


@pytest.fixture
def vl_convert():
    return pytest.importorskip("vl_convert")


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """Put the cache into a directory of the test's own, and forget what this process knows."""
    monkeypatch.setattr(vega_bundle.platformdirs, "user_cache_path", lambda *_, **__: tmp_path / "cache")
    bundled.cache_clear()
    vega_bundle._started.cache_clear()
    yield tmp_path / "cache" / "vega"
    bundled.cache_clear()
    vega_bundle._started.cache_clear()


@pytest.fixture
def counted(vl_convert, monkeypatch):
    """Count how often a bundle is made; the made ones are short."""
    made = []

    def make(source):
        made.append(source)
        return f"// bundle\n{source}"

    monkeypatch.setattr(vl_convert, "javascript_bundle", make)
    return made


def test_a_bundle_is_made_once_and_then_read(cache, counted):
    assert bundled(SOURCE) == bundled(SOURCE) == f"// bundle\n{SOURCE}"
    bundled.cache_clear()
    assert bundled(SOURCE) == f"// bundle\n{SOURCE}"
    assert counted == [SOURCE]
    assert len(list(cache.iterdir())) == 1


def test_another_source_or_version_is_another_bundle(cache, counted, monkeypatch):
    bundled(SOURCE)
    bundled(f"{SOURCE}//")
    bundled.cache_clear()
    monkeypatch.setattr(vega_bundle, "version", lambda _: "99.0")
    bundled(SOURCE)
    assert len(counted) == len(list(cache.iterdir())) == 3


def test_a_cache_that_cannot_be_written_is_done_without(cache, counted):
    cache.parent.write_text("a file where the directory should be")
    assert bundled(SOURCE) == bundled(SOURCE)
    assert counted == [SOURCE]


@pytest.mark.parametrize("damage", [b"", b"// bund", b"\xff\xfe"])
def test_a_damaged_file_is_made_anew(cache, counted, damage):
    bundled(SOURCE)
    (file,) = cache.iterdir()
    whole = file.read_bytes()
    file.write_bytes(damage)
    bundled.cache_clear()
    assert bundled(SOURCE) == f"// bundle\n{SOURCE}"
    assert file.read_bytes() == whole
    assert len(counted) == 2


def test_without_vl_convert_the_error_says_what_to_install(cache, monkeypatch):
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    with pytest.raises(MissingExtra, match=r"pip install 'learnosity-nb\[lab\]'"):
        chart_module()
    with pytest.raises(MissingExtra):
        bundle_in_background().result(30)


def test_the_background_makes_it_once(cache, counted):
    first, second = bundle_in_background(), bundle_in_background()
    assert first is second
    assert first.result(30) == chart_module()
    assert len(counted) == 1


MAKE = """
import sys, pathlib, socket
from learnosity_nb.pages import vega_bundle
def refuse(*_, **__): raise AssertionError('a socket')
socket.socket = socket.create_connection = socket.getaddrinfo = refuse
vega_bundle.platformdirs.user_cache_path = lambda *_, **__: pathlib.Path(sys.argv[1])
made = vega_bundle.bundled(sys.argv[2])
print(len(made), "export" in made[-300:])
"""


@pytest.fixture(scope="module")
def made_together(tmp_path_factory):
    """Let two processes make it, in which every socket is refused, also those of vl-convert's own threads."""
    pytest.importorskip("vl_convert")
    folder = tmp_path_factory.mktemp("together")
    proxied = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), "http://127.0.0.1:9")
    words = [*_without_network(), sys.executable, "-c", MAKE, str(folder), SOURCE]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    started = [subprocess.Popen(words, env={"PYTHONPATH": PACKAGE, **proxied}, **pipes) for _ in range(2)]
    said = [process.communicate(timeout=300) for process in started]
    return folder, [process.returncode for process in started], said


def test_no_network_is_used(made_together):
    _, codes, said = made_together
    assert codes == [0, 0], said
    assert all(out.split()[1] == "True" for out, _ in said)


def _without_network():
    """Return the words that run a command without a network, where the system has them."""
    words = ["unshare", "--user", "--map-root-user", "--net"]
    try:
        tried = subprocess.run([*words, "true"], capture_output=True, timeout=60)
    except FileNotFoundError:
        return []
    return words if tried.returncode == 0 else []


def test_several_processes_may_make_it_together(made_together):
    folder, _, said = made_together
    sizes = {out.split()[0] for out, _ in said}
    assert len(sizes) == 1
    assert int(sizes.pop()) > 500_000
    assert [one.suffix for one in (folder / "vega").iterdir()] == [".js"]
