"""What an endpoint is given and what it gives back, and how numbers are written there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["Answer", "Caller", "plain"]

EXACT = 2**53  # from here on the last digits of a whole float would be made up


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and by which address the service was reached.

    Attributes
    ----------
    consumer
        The consumer key whose signature was verified.
    organisations
        The organisations (Item banks) the consumer may name; its first one marks its jobs.
    base_url
        Scheme and host of the request, for URLs in the answer.
    """

    consumer: str
    organisations: tuple[int, ...]
    base_url: str

    @property
    def organisation(self) -> int | None:
        """The organisation of the caller's jobs, if it lists any."""
        return self.organisations[0] if self.organisations else None


@dataclass(frozen=True, slots=True)
class Answer:
    """The data of a successful call.

    Attributes
    ----------
    data
        A list or an object, as JSON data.
    next
        The token of the next page, if there is one.
    """

    data: Any
    next: str | None = None


def plain(number: float | None) -> float | int | None:
    """Return a whole number without a point, as the service writes it: 11 and 56.875."""
    if isinstance(number, float) and number.is_integer() and abs(number) < EXACT:
        return int(number)
    return number
