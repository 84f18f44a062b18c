from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from learnosity_nb.errors import StateError
from learnosity_nb.local.state.owners import Owner, is_alive, owner_of, remove_dead


def test_an_owner_lives_until_it_is_closed(tmp_path: Path) -> None:
    owner = Owner.open(tmp_path)
    assert is_alive(tmp_path, owner.id)  # the lock is another object of this process
    assert is_alive(tmp_path, owner.id)
    owner.close()
    owner.close()
    assert not is_alive(tmp_path, owner.id)
    assert list(tmp_path.iterdir()) == []


def test_an_owner_is_its_own_server_unless_it_has_one(tmp_path: Path) -> None:
    server = Owner.open(tmp_path)
    worker = Owner.open(tmp_path, server.id)
    assert server.server == server.id
    assert worker.server == server.id != worker.id
    worker.close()
    server.close()


def test_looking_for_an_unknown_owner_makes_no_file(tmp_path: Path) -> None:
    assert not is_alive(tmp_path, "0" * 32)
    assert list(tmp_path.iterdir()) == []


def test_an_owner_in_another_process_lives_until_it_is_killed(tmp_path: Path) -> None:
    script = (
        "import sys, pathlib; from learnosity_nb.local.state.owners import Owner;"
        f"owner = Owner.open(pathlib.Path({str(tmp_path)!r})); print(owner.id, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        owner_id = child.stdout.readline().decode().strip()
        assert is_alive(tmp_path, owner_id)
        assert remove_dead(tmp_path) == []
        child.kill()
        child.wait()
        assert not is_alive(tmp_path, owner_id)
        assert remove_dead(tmp_path) == [tmp_path / f"{owner_id}.lock"]
    assert list(tmp_path.iterdir()) == []


def test_only_the_files_of_dead_owners_are_removed(tmp_path: Path) -> None:
    alive = Owner.open(tmp_path)
    dead = tmp_path / f"{'d' * 32}.lock"
    dead.touch()
    assert remove_dead(tmp_path) == [dead]
    assert is_alive(tmp_path, alive.id)
    alive.close()


def test_the_name_of_an_attempt_tells_its_owner_and_is_new_each_time(tmp_path: Path) -> None:
    owner = Owner.open(tmp_path)
    names = {owner.new_attempt() for _ in range(100)}
    assert len(names) == 100
    assert {owner_of(name) for name in names} == {owner.id}
    owner.close()


def test_a_folder_that_is_not_there_is_a_state_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StateError):
        Owner.open(tmp_path / "file")
