"""Where a frame is from: the dataset, and the call that gave it.

The calls of a `Dataset` note it on their frames, as ``frame.attrs[ORIGIN_KEY]``; an export writes it beside its
file. Only what is listed in `CALLS` is ever taken over, so that nothing else that a frame carries reaches a file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

__all__ = ["CALLS", "ORIGIN_KEY", "Origin", "parse_origin"]

ORIGIN_KEY: Final = "learnosity_nb"
"""The key of ``DataFrame.attrs``; its value is ``{"dataset_id": …, "call": {"method": …, argument: value}}``."""

CALLS: Final[Mapping[str, frozenset[str]]] = {
    "group": frozenset({"group_path", "min_population"}),
    "groups": frozenset({"group_path", "sort_field", "sort_order", "allow_partial", "min_population"}),
    "users": frozenset({"group_path", "allow_partial", "pseudonyms", "min_population"}),
    "walk": frozenset({"group_path", "min_population"}),
    "distribution": frozenset({"group_path", "field", "min_population"}),
    "compare_groups": frozenset({"paths", "field", "confidence", "seed", "min_population"}),
}
"""The methods of a dataset that can be called again, with their arguments. None of them names a user."""


@dataclass(frozen=True, slots=True)
class Origin:
    """A dataset and a call of it.

    Attributes
    ----------
    dataset_id
        The dataset.
    call
        ``{"method": …}`` with the arguments beside it, in JSON's types; None for a call that cannot be repeated.
    """

    dataset_id: str
    call: dict[str, Any] | None = None


def parse_origin(found: object) -> Origin | None:
    """Return the origin that `found`, of a frame's attrs or a file, describes; None where it describes none."""
    if not isinstance(found, Mapping) or not isinstance(found.get("dataset_id"), str):
        return None
    return Origin(found["dataset_id"], _call(found.get("call")))


def _call(found: object) -> dict[str, Any] | None:
    if not isinstance(found, Mapping) or found.get("method") not in CALLS:
        return None
    known = CALLS[found["method"]]
    arguments = {name: _plain(value) for name, value in found.items() if name != "method"}
    if not known.issuperset(arguments) or not all(_is_plain(*pair) for pair in arguments.items()):
        return None
    return {"method": found["method"], **arguments}


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _is_plain(name: str, value: object) -> bool:
    if name == "paths":
        return isinstance(value, list) and all(_is_path(one) for one in value)
    if name == "confidence":
        return isinstance(value, float)
    return value is None or isinstance(value, str | int) or _is_path(value)


def _is_path(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(part, str) for part in value)
