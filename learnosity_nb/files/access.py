"""``access.toml``: who may call the local service."""

from __future__ import annotations

import os
import re
import secrets
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..credentials import Secret
from ..domain.fields import near_names
from ..errors import Fault, InputError, shorten

__all__ = ["Access", "ConsumerAccess", "TokenAccess", "create_access", "guessable_callers", "read_access"]

SECTIONS = ("consumers", "tokens", "service")
PLACE = re.compile(r"at line (\d+)")
SAFE_LENGTH = 16
PUBLISHED_KEY = "yis0TYCu7U9V4o7M"
"""Learnosity's demonstration consumer, whose secret stands in its public examples."""

HEADER = "# Who may call the local service. Keep this file to yourself.\n"


@dataclass(frozen=True, slots=True)
class ConsumerAccess:
    """A consumer that may call the Data API.

    Attributes
    ----------
    key
        The consumer key.
    secret
        The secret that its signatures are made with.
    organisations
        The organisations it may name; its first one marks its jobs. Empty for none.
    """

    key: str
    secret: Secret
    organisations: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class TokenAccess:
    """A token that may call the learner API.

    Attributes
    ----------
    token
        The token.
    courses
        The courses it may read; None for all.
    """

    token: Secret
    courses: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Access:
    """Everything ``access.toml`` says.

    Attributes
    ----------
    consumers
        By consumer key.
    tokens
        In the file's order.
    account_url_base
        What a username is appended to for a learner's account address; None where learners have none.
    """

    consumers: Mapping[str, ConsumerAccess]
    tokens: tuple[TokenAccess, ...] = ()
    account_url_base: str | None = None


def read_access(path: Path) -> Access:
    """Read ``access.toml``.

    Raises
    ------
    InputError
        If it cannot be read, or with every fault it has. No message shows a secret or a token.
    """
    found = _parsed(path)
    faults = _Faults(path.name)
    faults.unknown(found, "", SECTIONS)
    entries = {name: faults.table(found.get(name, {}), name) for name in SECTIONS}
    consumers = {key: _consumer(key, entry, faults) for key, entry in entries["consumers"].items()}
    tokens = [
        _token(token, f"tokens, number {number}", entry, faults)
        for number, (token, entry) in enumerate(entries["tokens"].items(), start=1)
    ]
    base = _account_url_base(entries["service"], faults)
    if faults.found:
        raise InputError(f"{path.name} cannot be used.", faults.found)
    return Access(consumers, tuple(tokens), base)


def create_access(path: Path, *, draw: Callable[[], str] = lambda: secrets.token_urlsafe(32)) -> Access:
    """Write an ``access.toml`` with one consumer, ``local``, and one token for all courses, and return it.

    The file can be read and written by its owner only (mode 0600).

    Parameters
    ----------
    path
        The file; it must not exist.
    draw
        Gives a new secret each time: characters of URL-safe base64.

    Raises
    ------
    InputError
        If the file exists or cannot be written.
    """
    consumer, token = ConsumerAccess("local", Secret(draw())), TokenAccess(Secret(draw()))
    text = (
        f'{HEADER}\n[consumers.{consumer.key}]\nsecret = "{consumer.secret.reveal()}"\n'
        f'\n[tokens."{token.token.reveal()}"]\n'
    )
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
        except OSError:
            path.unlink()  # an empty file would be taken for one without consumers
            raise
    except FileExistsError:
        raise InputError(f"{path} exists already. Remove it to have a new one made.") from None
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}.") from None
    return Access({consumer.key: consumer}, (token,))


def guessable_callers(access: Access) -> list[str]:
    """Return the places of secrets and tokens that are short, or of a consumer whose secret is published."""
    consumers = [
        f"consumers.{consumer.key}"
        for consumer in access.consumers.values()
        if len(consumer.secret.reveal()) < SAFE_LENGTH or consumer.key == PUBLISHED_KEY
    ]
    tokens = [
        f"tokens, number {number}"
        for number, token in enumerate(access.tokens, start=1)
        if len(token.token.reveal()) < SAFE_LENGTH
    ]
    return [*consumers, *tokens]


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise InputError(f"{path.name} is not UTF-8 text.") from None
    except tomllib.TOMLDecodeError as error:  # its message may quote a token
        place = PLACE.search(str(error))
        fault = Fault("not_toml", "not TOML", file=path.name, line=int(place[1]) if place else None)
        raise InputError(f"{path.name} cannot be read.", [fault]) from None


class _Faults:
    """The faults of one file, and the questions each entry is asked."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.found: list[Fault] = []

    def add(self, kind: str, message: str, key: str, value: object = None) -> None:
        shown = None if value is None else shorten(value)
        self.found.append(Fault(kind, message, file=self.file, key=key, value=shown))

    def unknown(self, entry: Mapping[str, Any], place: str, known: tuple[str, ...]) -> None:
        for key in [key for key in entry if key not in known]:
            self.add("unknown_key", f"there is no setting `{key}`{near_names(key, known)}", place)

    def table(self, entry: object, place: str) -> dict[str, Any]:
        if isinstance(entry, dict):
            return entry
        self.add("not_a_table", f"expected a table such as [{place}]", place)
        return {}


def _consumer(key: str, entry: object, faults: _Faults) -> ConsumerAccess:
    place = f"consumers.{key}"
    settings = faults.table(entry, place)
    faults.unknown(settings, place, ("secret", "organisations"))
    secret = settings.get("secret")
    if not isinstance(secret, str) or not secret.strip():
        faults.add("bad_secret", "a consumer needs a secret: a text that is not empty", place)
    organisations = settings.get("organisations", [])
    if not isinstance(organisations, list) or not all(type(number) is int for number in organisations):
        faults.add("bad_organisations", "expected a list of whole numbers", f"{place}.organisations", organisations)
        organisations = []
    return ConsumerAccess(key, Secret(str(secret)), tuple(organisations))


def _token(token: str, place: str, entry: object, faults: _Faults) -> TokenAccess:
    settings = faults.table(entry, place)
    faults.unknown(settings, place, ("courses",))
    if not token.strip():
        faults.add("blank_token", "a token must not be blank", place)
    courses = settings.get("courses")
    if courses is None:
        return TokenAccess(Secret(token))
    if not isinstance(courses, list) or not all(isinstance(course, str) and course.strip() for course in courses):
        faults.add("bad_courses", "expected a list of course identifiers", f"{place}, courses", courses)
        courses = []
    return TokenAccess(Secret(token), tuple(courses))


def _account_url_base(settings: Mapping[str, Any], faults: _Faults) -> str | None:
    faults.unknown(settings, "service", ("account_url_base",))
    base = settings.get("account_url_base")
    if base is None or (isinstance(base, str) and base.startswith(("http://", "https://"))):
        return base
    faults.add("bad_url", "expected an address that begins with https://", "service.account_url_base", base)
    return None
