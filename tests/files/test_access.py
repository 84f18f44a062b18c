from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from learnosity_nb.credentials import Secret
from learnosity_nb.errors import InputError
from learnosity_nb.files.access import Access, ConsumerAccess, TokenAccess, create_access, read_access

CANARY = "CANARY-7f3a"
GOOD = f"""
[consumers.first]
secret = "{CANARY}-1"
organisations = [1, 7]

[consumers."second key"]
secret = "{CANARY}-2"

[tokens.{CANARY}-3]
courses = ["course-v1:a+b+c"]

[tokens."{CANARY}-4"]

[service]
account_url_base = "https://lms.example/accounts/"
"""
File = Callable[[str, str | bytes], Path]


def refused(path: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        read_access(path)
    assert CANARY not in str(caught.value)
    assert CANARY not in repr(caught.value.faults)
    assert caught.value.__cause__ is None
    return caught.value


def test_everything_is_read(file: File) -> None:
    assert read_access(file("access.toml", GOOD)) == Access(
        consumers={
            "first": ConsumerAccess("first", Secret(f"{CANARY}-1"), (1, 7)),
            "second key": ConsumerAccess("second key", Secret(f"{CANARY}-2")),
        },
        tokens=(
            TokenAccess(Secret(f"{CANARY}-3"), ("course-v1:a+b+c",)),
            TokenAccess(Secret(f"{CANARY}-4"), None),
        ),
        account_url_base="https://lms.example/accounts/",
    )


def test_no_secret_or_token_is_shown(file: File) -> None:
    assert CANARY not in repr(read_access(file("access.toml", GOOD)))


def test_an_empty_file_lets_nobody_in(file: File) -> None:
    assert read_access(file("access.toml", "")) == Access(consumers={})


def test_every_fault_is_found_at_once(file: File) -> None:
    error = refused(
        file(
            "access.toml",
            f"""
consumer = 1
[consumers]
three = 3
[consumers.first]
secert = "{CANARY}"
[consumers.second]
secret = " "
organisations = [true]
[tokens.{CANARY}]
courses = "all"
[tokens.{CANARY}2]
courses = [""]
[tokens.""]
[service]
account_url_base = "ftp://x"
""",
        )
    )
    assert error.kinds == {
        "unknown_key": 2,
        "not_a_table": 1,
        "bad_secret": 3,
        "bad_organisations": 1,
        "bad_courses": 2,
        "blank_token": 1,
        "bad_url": 1,
    }
    assert "there is no setting `secert`; did you mean `secret`?" in str(error)
    assert "tokens, number 1, courses" in str(error)


def test_toml_that_cannot_be_parsed_gives_the_line_but_no_content(file: File) -> None:
    error = refused(file("access.toml", f"[tokens.{CANARY}]\n[tokens.{CANARY}]\n"))
    assert [(fault.kind, fault.line) for fault in error.faults] == [("not_toml", 2)]


def test_a_parse_error_at_the_end_of_the_file_has_no_line(file: File) -> None:
    assert refused(file("access.toml", f'a = "{CANARY}')).faults[0].line is None


def test_a_file_that_is_not_there_or_not_text_is_refused(file: File, tmp_path: Path) -> None:
    assert "cannot be read" in str(refused(tmp_path / "gone.toml"))
    assert "is not UTF-8" in str(refused(file("access.toml", b"\xff")))


def test_a_new_file_reads_back_and_belongs_to_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "access.toml"
    made = create_access(path)
    assert read_access(path) == made
    assert list(made.consumers) == ["local"]
    assert len(made.tokens) == 1
    assert made.tokens[0].courses is None
    assert len(made.consumers["local"].secret.reveal()) >= 32
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_each_new_file_has_its_own_secrets(tmp_path: Path) -> None:
    numbers = count()
    made = create_access(tmp_path / "a.toml", draw=lambda: f"secret-{next(numbers)}")
    assert (made.consumers["local"].secret, made.tokens[0].token) == (Secret("secret-0"), Secret("secret-1"))
    assert create_access(tmp_path / "b.toml") != create_access(tmp_path / "c.toml")


def test_an_existing_file_is_never_overwritten(file: File) -> None:
    path = file("access.toml", GOOD)
    with pytest.raises(InputError, match="exists already"):
        create_access(path)
    assert path.read_text() == GOOD


def test_a_file_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        create_access(tmp_path / "gone" / "access.toml")


def test_a_file_that_could_not_be_finished_is_not_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty file would be read as one that lets nobody in."""

    def full(descriptor: int, *arguments: object, **options: object) -> object:
        os.close(descriptor)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fdopen", full)
    with pytest.raises(InputError, match="No space left on device"):
        create_access(tmp_path / "access.toml")
    assert not (tmp_path / "access.toml").exists()
