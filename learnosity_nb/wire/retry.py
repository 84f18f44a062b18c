"""When a failed call is made again, and after how long."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final, TypeVar

import httpx

from .failures import Defeat, Failure, Kind
from .timing import Timing

__all__ = ["RetryBudget", "RetryPolicy", "persist", "retry_after", "server_date"]

Result = TypeVar("Result")

NOT_TAKEN_ON: Final = frozenset({408, 425, 429, 503})
"""Answers by which a service says that it did not begin the work. From a proxy 503 says less: see `Failure`."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how long a call is tried. The waits are in seconds.

    Attributes
    ----------
    attempts
        Attempts of one call at most.
    base, cap
        The wait before attempt n+1 is random between 0 and ``min(cap, base * 2**(n-1))``.
    total
        No attempt begins later than this after the call began, unless the service named the moment.
    ordered_cap
        A ``Retry-After`` is obeyed up to this long.
    rate_pause
        At least so long is waited after HTTP 429 without a ``Retry-After``: the window of the service's rate limits.
    """

    attempts: int = 5
    base: float = 0.5
    cap: float = 20.0
    total: float = 60.0
    ordered_cap: float = 120.0
    rate_pause: float = 5.0

    def wait_after(
        self, failure: Failure, attempt: int, elapsed: float, *, repeatable: bool, random: Callable[[], float]
    ) -> float | None:
        """Return the wait before the next attempt, or None to give up.

        Parameters
        ----------
        failure
            How the last attempt failed.
        attempt
            Its number, from 1.
        elapsed
            Seconds since the call began.
        repeatable
            Whether the call may be carried out twice without harm.
        random
            A number in [0, 1).
        """
        if attempt >= self._attempts_for(failure, repeatable=repeatable):
            return None
        jitter = random() * min(self.cap, self.base * 2 ** (attempt - 1))
        if failure.retry_after is not None:
            ordered = min(failure.retry_after, self.ordered_cap) + jitter
            return ordered if elapsed <= self.total else None
        wait = jitter + (self.rate_pause if failure.meaning == 429 else 0.0)
        return wait if elapsed + wait <= self.total else None

    def _attempts_for(self, failure: Failure, *, repeatable: bool) -> int:
        match failure.kind:
            case Kind.UNREACHED:
                return self.attempts
            case Kind.UNKNOWN_HOST:
                return 2
            case Kind.LOST | Kind.LATE:
                return self.attempts if repeatable else 1
            case Kind.GARBLED:
                return 2 if repeatable else 1
            case Kind.ANSWERED if failure.meaning in NOT_TAKEN_ON and not failure.leaves_doubt:
                return self.attempts
            case Kind.ANSWERED if failure.meaning == 500 or failure.leaves_doubt:  # the work may have been done
                return self.attempts if repeatable else 1
            case _:
                return 1


class RetryBudget:
    """How many retries all calls of a client may still make; safe to share among threads.

    Each retry costs `cost` tokens and each success gives one back. While a
    service is down the budget runs out, and calls fail at once instead of
    adding to the load.

    Parameters
    ----------
    tokens
        The tokens at the start, and the most there can be.
    cost
        Tokens of one retry.
    """

    def __init__(self, tokens: int = 500, cost: int = 5) -> None:
        self._most = tokens
        self._tokens = tokens
        self._cost = cost
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"RetryBudget({self._tokens} of {self._most} tokens)"

    def spend(self) -> bool:
        """Take the cost of one retry; False where too little is left."""
        with self._lock:
            if self._tokens < self._cost:
                return False
            self._tokens -= self._cost
            return True

    def regain(self) -> None:
        """Give one token back after a success."""
        with self._lock:
            self._tokens = min(self._most, self._tokens + 1)


def persist(
    attempt: Callable[[], Result | Failure],
    *,
    policy: RetryPolicy,
    budget: RetryBudget,
    timing: Timing,
    repeatable: bool,
) -> Result | Defeat:
    """Make attempts until one succeeds or the policy says to give up.

    Parameters
    ----------
    attempt
        Makes one attempt; called anew each time, so that a signature is fresh.
    policy, budget, timing
        What decides on the next attempt.
    repeatable
        Whether the call may be carried out twice without harm.
    """
    began = timing.clock()
    failures: list[Failure] = []
    while True:
        outcome = attempt()
        if not isinstance(outcome, Failure):
            budget.regain()
            return outcome
        failures.append(outcome)
        wait = policy.wait_after(
            outcome, len(failures), timing.clock() - began, repeatable=repeatable, random=timing.random
        )
        if wait is None:
            return Defeat(tuple(failures))
        if not budget.spend():
            return Defeat(tuple(failures), circuit_open=True)
        timing.sleep(wait)


def retry_after(headers: httpx.Headers, now: datetime) -> float | None:
    """Return the seconds that a ``Retry-After`` header asks for; None where it is absent or makes no sense.

    The first one counts where there are several. A date is taken relative to
    the server's own ``Date`` where it sent one.
    """
    given = headers.get_list("retry-after")
    if not given:
        return None
    try:
        seconds = float(given[0])
    except ValueError:
        moment = _date(given[0])
        if moment is None:
            return None
        seconds = (moment - (server_date(headers) or now)).total_seconds()
    return seconds if seconds >= 0 else None


def server_date(headers: httpx.Headers) -> datetime | None:
    """Return the moment in the ``Date`` header, or None."""
    return _date(headers.get("date", ""))


def _date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
