"""Reading the parameters of a request, and collecting everything that is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ...domain.times import parse_time
from ...errors import Fault, shorten
from ..refusals import refuse_faults

__all__ = ["RequestReader"]


class RequestReader:
    """The parameters of one request, read one by one.

    Parameters
    ----------
    request
        The request.
    """

    def __init__(self, request: Mapping[str, Any]) -> None:
        self._request = request
        self._faults: list[tuple[int, Fault]] = []

    def fault(self, code: int, key: str, message: str, value: object = None) -> None:
        """Note what is wrong with a parameter."""
        shown = None if value is None else shorten(value)
        self._faults.append((code, Fault(f"error_{code}", message, key=key, value=shown)))

    def refuse(self) -> None:
        """Refuse the request if anything is wrong with it, naming all of it; the first fault gives the code."""
        refuse_faults(self._faults)

    def given(self, key: str) -> Any:
        """Return a parameter; None where it is absent or null."""
        return self._request.get(key)

    def objects(self, key: str, most: int) -> list[Any]:
        """Return a list that must be there with 1 to `most` entries of any kind; empty where it is not right."""
        found = self.given(key)
        if found is None:
            self.fault(20000, key, f"is missing; give a list of 1 to {most}")
        elif not isinstance(found, list):
            self.fault(20003, key, "must be a list", found)
        elif not found:
            self.fault(20001, key, f"is empty; give 1 to {most}")
        elif len(found) > most:
            self.fault(20002, key, f"may hold {most}, not {len(found):,}")
        else:
            return found
        return []

    def texts(self, key: str, most: int) -> tuple[str, ...] | None:
        """Return a list of at most `most` texts; None where it is absent."""
        found = self.given(key)
        if found is None:
            return None
        if not isinstance(found, list):
            self.fault(20003, key, "must be a list of texts", found)
            return None
        if len(found) > most:
            self.fault(20002, key, f"may hold {most:,}, not {len(found):,}")
        for position, text in enumerate(found):
            if not isinstance(text, str):
                self.fault(20003, f"{key}[{position}]", "must be a text", text)
        return tuple(dict.fromkeys(text for text in found if isinstance(text, str)))

    def choice(self, key: str, among: Sequence[str], default: str) -> str:
        """Return one of several texts."""
        found = self.given(key)
        if found is None:
            return default
        if not isinstance(found, str) or found not in among:
            self.fault(20004, key, f"must be {' or '.join(among)}", found)
            return default
        return found

    def flag(self, key: str) -> bool:
        """Return true or false; false where it is absent."""
        found = self.given(key)
        if not isinstance(found, bool | None):
            self.fault(20003, key, "must be true or false", found)
        return found is True

    def time(self, key: str) -> datetime | None:
        """Return a time; None where it is absent."""
        found = self.given(key)
        try:
            return None if found is None else parse_time(found)
        except ValueError as error:
            self.fault(20004, key, str(error), found)
            return None
