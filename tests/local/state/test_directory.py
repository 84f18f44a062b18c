from __future__ import annotations

import errno
import gc
import os
from collections.abc import Iterator
from pathlib import Path

import platformdirs
import pytest

from learnosity_nb.errors import StateError
from learnosity_nb.local.state import directory
from learnosity_nb.local.state.directory import DiskFull, durable_write, open_state, state_errors


def test_a_named_directory_is_made_with_its_parents_and_is_private(tmp_path: Path) -> None:
    state = open_state(tmp_path / "a" / "b", data=tmp_path)
    assert state.root == tmp_path / "a" / "b"
    assert state.datasets.is_dir()
    assert state.owners.is_dir()
    assert state.database.parent == state.root
    if os.name == "posix":
        assert [path.stat().st_mode & 0o777 for path in (state.root, state.datasets, state.owners)] == [0o700] * 3


def test_by_default_the_state_is_beside_the_data_and_git_ignores_it(tmp_path: Path) -> None:
    first = open_state(None, data=tmp_path)
    again = open_state(None, data=tmp_path)
    assert first.root == again.root == tmp_path / ".learnosity_nb"
    assert (first.root / ".gitignore").read_text() == "*\n"
    first.close()
    assert first.root.is_dir()


def test_read_only_data_keeps_its_state_in_the_users_cache_with_one_notice(
    unwritable: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda *_, **__: tmp_path / "cache")
    with pytest.warns(UserWarning, match="cannot be written") as notices:
        state = open_state(None, data=unwritable)
    assert len(notices) == 1
    assert notices[0].filename == __file__
    assert state.root.parent == tmp_path / "cache" / "state"
    with pytest.warns(UserWarning, match="cannot be written"):
        assert open_state(None, data=unwritable).root == state.root
    (tmp_path / "other").mkdir()
    assert state.root != open_state(None, data=tmp_path / "other").root


def test_a_named_directory_that_cannot_be_written_is_refused_with_advice(unwritable: Path) -> None:
    with pytest.raises(StateError, match=r"kernel.*state=|read-only.*state="):
        open_state(unwritable / "state", data=None)


def test_a_file_in_the_place_of_the_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StateError, match="file"):
        open_state(tmp_path / "file", data=None)


def test_a_data_directory_that_is_not_there_is_refused_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="Check that the directory exists"):
        open_state(None, data=tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_without_data_the_state_is_temporary_and_gone_at_close() -> None:
    state = open_state(None, data=None)
    assert state.datasets.is_dir()
    state.close()
    state.close()
    assert not state.root.exists()


def test_a_temporary_state_that_nobody_holds_is_removed() -> None:
    root = open_state(None, data=None).root
    gc.collect()
    assert not root.exists()


def test_a_network_file_system_is_used_with_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "on_network", lambda path: True)
    with pytest.warns(UserWarning, match="network file system"):
        state = open_state(tmp_path, data=None)
    assert state.network


def test_a_durable_write_replaces_the_file_and_leaves_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "part.ndjson"
    assert durable_write(path, [b"first"]) == 5
    assert durable_write(path, iter([b"se", b"", b"cond"])) == 6
    assert path.read_bytes() == b"second"
    assert list(tmp_path.iterdir()) == [path]


def test_a_source_that_breaks_off_leaves_the_earlier_file(tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield b"half"
        raise ValueError("the client went away")

    path = tmp_path / "part.ndjson"
    durable_write(path, [b"first"])
    with pytest.raises(ValueError, match="went away"):
        durable_write(path, broken())
    assert path.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_said_and_leaves_the_earlier_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    path = tmp_path / "part.ndjson"
    durable_write(path, [b"first"])
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(DiskFull, match=r"part.ndjson.*Free some space"):
            durable_write(path, [b"second"])
    assert path.read_bytes() == b"first"
    assert durable_write(path, [b"third"]) == 5
    assert list(tmp_path.iterdir()) == [path]


def test_a_really_full_device_is_said() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    with pytest.raises(DiskFull), state_errors(Path("/dev/full")):
        Path("/dev/full").write_bytes(b"x")


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE])
def test_too_many_open_files_are_said_with_what_helps(tmp_path: Path, number: int) -> None:
    with pytest.raises(StateError, match=r"files.*raise the limit \(ulimit -n\)"), state_errors(tmp_path):
        raise OSError(number, os.strerror(number))


def test_a_directory_that_cannot_be_synced_is_no_fault(tmp_path: Path) -> None:
    directory.sync_directory(tmp_path / "nowhere")


def test_a_directory_is_synced_to_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr(directory.os, "fsync", synced.append)
    directory.sync_directory(tmp_path)
    assert len(synced) == 1
