from __future__ import annotations

import base64
import hashlib
import hmac
import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest

from learnosity_nb.credentials import Secret
from learnosity_nb.errors import StateError
from learnosity_nb.files.pseudonyms import pseudonym, pseudonym_column, read_salt

SALT = Secret("0f" * 32)


def test_a_pseudonym_is_the_start_of_a_keyed_digest() -> None:
    digest = hmac.new(b"\x0f" * 32, "Zoë".encode(), hashlib.sha256).digest()
    assert pseudonym(SALT, "Zoë") == base64.b32encode(digest).decode()[:10]
    assert pseudonym(SALT, "Zoe") != pseudonym(SALT, "Zoë") != pseudonym(Secret("0e" * 32), "Zoë")


def test_half_a_surrogate_pair_has_a_pseudonym_too() -> None:
    assert len(pseudonym(SALT, "\ud800")) == 10


def test_a_column_keeps_its_index_and_its_repetitions() -> None:
    users = pd.Series(["b", "a", "b"], index=[3, 1, 2], name="user_id", dtype="str")
    found = pseudonym_column(SALT, users)
    assert found.tolist() == [pseudonym(SALT, user) for user in "bab"]
    assert (found.index.tolist(), found.name, str(found.dtype)) == ([3, 1, 2], "user_id", "str")
    assert str(pseudonym_column(SALT, users.iloc[:0]).dtype) == "str"


def test_a_salt_is_made_once(tmp_path: Path) -> None:
    path = tmp_path / "new" / "salt"
    made = read_salt(path)
    assert read_salt(path, draw=lambda: "unused") == made
    assert len(bytes.fromhex(made.reveal())) == 32
    assert made.reveal() not in repr(made)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no file modes")
def test_a_salt_is_its_owners_alone(tmp_path: Path) -> None:
    read_salt(tmp_path / "salt")
    assert stat.S_IMODE((tmp_path / "salt").stat().st_mode) == 0o600


def test_many_who_ask_at_once_get_the_same(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        salts = list(pool.map(read_salt, [tmp_path / "salt"] * 40))
    assert len(set(salts)) == 1


def test_what_a_process_left_unfinished_is_no_salt(tmp_path: Path) -> None:
    (tmp_path / "salt.part").write_text("0f0f")
    assert len(read_salt(tmp_path / "salt").reveal()) == 64
    assert not (tmp_path / "salt.part").exists()


@pytest.mark.parametrize("text", ["", "0f" * 31, "zz" * 32, "0f" * 32 + "é"])
def test_a_file_with_something_else_is_refused_without_showing_it(tmp_path: Path, text: str) -> None:
    (tmp_path / "salt").write_text(text, encoding="utf-8")
    with pytest.raises(StateError, match="does not hold a salt") as caught:
        read_salt(tmp_path / "salt")
    assert not text or text not in str(caught.value)


def test_a_place_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StateError, match="file"):
        read_salt(tmp_path / "file" / "salt")
