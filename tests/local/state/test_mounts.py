from __future__ import annotations

from pathlib import Path

import pytest

from learnosity_nb.local.state.mounts import on_network


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs"])
def test_network_file_systems_are_recognised(tmp_path: Path, kind: str) -> None:
    assert on_network(tmp_path, table(tmp_path, ("/", "ext4"), (str(tmp_path), kind)))


@pytest.mark.parametrize("kind", ["ext4", "tmpfs", "fuse.mergerfs", "overlay"])
def test_others_are_local(tmp_path: Path, kind: str) -> None:
    assert not on_network(tmp_path, table(tmp_path, ("/", kind)))


def test_the_innermost_mount_counts(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    mounts = table(tmp_path, (str(inner), "ext4"), (str(tmp_path), "nfs"), ("/", "ext4"))
    assert not on_network(inner, mounts)
    assert on_network(tmp_path, mounts)


def test_a_later_mount_hides_an_earlier_one(tmp_path: Path) -> None:
    assert on_network(tmp_path, table(tmp_path, (str(tmp_path), "ext4"), (str(tmp_path), "nfs")))


def test_a_sibling_with_the_same_beginning_is_another_place(tmp_path: Path) -> None:
    beside = tmp_path / "data2"
    beside.mkdir()
    assert not on_network(beside, table(tmp_path, ("/", "ext4"), (str(tmp_path / "data"), "nfs")))


def test_a_space_in_a_mount_point_is_understood(tmp_path: Path) -> None:
    spaced = tmp_path / "my share"
    spaced.mkdir()
    assert on_network(spaced, table(tmp_path, ("/", "ext4"), (str(spaced).replace(" ", r"\040"), "cifs")))


def test_without_a_table_a_directory_is_local(tmp_path: Path) -> None:
    assert not on_network(tmp_path, tmp_path / "no such table")


def table(folder: Path, *mounts: tuple[str, str]) -> Path:
    path = folder / "mounts"
    path.write_text("".join(f"device {point} {kind} rw 0 0\n" for point, kind in mounts))
    return path
