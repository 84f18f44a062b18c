from __future__ import annotations

from pathlib import Path

import pytest

from learnosity_nb.errors import InputError
from learnosity_nb.files.replacing import replacing


def test_what_is_written_takes_the_place_at_the_end(tmp_path: Path) -> None:
    target = tmp_path / "a.csv"
    target.write_text("old")
    with replacing(target) as temporary:
        temporary.write_text("new")
        assert target.read_text() == "old"
        assert temporary.parent == tmp_path
    assert target.read_text() == "new"
    assert list(tmp_path.iterdir()) == [target]


def write_half(target: Path) -> None:
    with replacing(target) as temporary:
        temporary.write_text("half")
        raise ZeroDivisionError


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "a.csv"
    target.write_text("old")
    with pytest.raises(ZeroDivisionError):
        write_half(target)
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_full_disk_is_an_input_error_with_the_path(tmp_path: Path) -> None:
    target = tmp_path / "a.csv"
    with pytest.raises(InputError, match=r"a\.csv cannot be written: No space left on device"), replacing(target):
        raise OSError(28, "No space left on device")


def test_a_directory_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no directory"), replacing(tmp_path / "gone" / "a.csv"):
        pytest.fail("never entered")
