"""States of explorers as dicts that JSON can hold, and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, TypeVar

from ..domain.fields import near_names
from ..errors import Fault, InputError, shorten
from .paging import ORDERS

__all__ = [
    "DISTINCT",
    "ORDER",
    "PAGE",
    "TEXT",
    "TEXTS",
    "TEXT_OR_NULL",
    "TRUTH",
    "Check",
    "read_state",
    "state_dict",
]

VERSION: Final = 1

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Check:
    """What a value of a state must be, in words and as a test."""

    expected: str
    holds: Callable[[object], bool]


def _is_texts(value: object) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(one, str) for one in value)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _distinct(values: Any) -> bool:
    return len(set(values)) == len(values)


TEXTS: Final = Check("expected a list of texts", _is_texts)
DISTINCT: Final = Check("expected a list of different texts", lambda value: _is_texts(value) and _distinct(value))
TEXT: Final = Check("expected a text", _is_text)
TEXT_OR_NULL: Final = Check("expected a text or null", lambda value: value is None or _is_text(value))
ORDER: Final = Check("expected desc or asc", lambda value: value in ORDERS)
PAGE: Final = Check("expected a whole number from 1", lambda value: type(value) is int and value >= 1)
TRUTH: Final = Check("expected true or false", lambda value: isinstance(value, bool))


def state_dict(state: Any) -> dict[str, Any]:
    """Return a state, a dataclass, as a dict that JSON can hold, with the version of its layout."""
    plain = {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(state).items()}
    return {"version": VERSION, **plain}


def read_state(given: object, start: S, checks: Mapping[str, Check]) -> S:
    """Read what `state_dict` returned; keys left out are as in `start`.

    Raises
    ------
    InputError
        Naming every key that is unknown and every value that cannot be used.
    """
    if not isinstance(given, Mapping):
        raise InputError(f"An explorer's state is the dict of its state_dict(), not {shorten(given)}.")
    faults = [_version_fault(given.get("version"))] if given.get("version") != VERSION else []
    values = {key: value for key, value in given.items() if key != "version"}
    for key, value in values.items():
        if key not in checks:
            said = f"a state has no such key{near_names(str(key), checks)}"
            faults.append(Fault("unknown_key", said, key=shorten(key)))
        elif not checks[key].holds(value):
            faults.append(Fault("bad_state", checks[key].expected, key=key, value=shorten(value)))
    if faults:
        raise InputError("This state of an explorer cannot be used.", faults)
    plain: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
    return replace(start, **plain)  # type: ignore[type-var]


def _version_fault(found: object) -> Fault:
    return Fault("version", f"this package reads version {VERSION} of the layout", key="version", value=shorten(found))
