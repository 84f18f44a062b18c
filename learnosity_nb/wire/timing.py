"""The clocks, the sleep and the dice of the client, which tests replace."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

__all__ = ["Timing", "utc_now"]


def utc_now() -> datetime:
    """Return the present moment, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Timing:
    """Where the client takes time and chance from.

    Attributes
    ----------
    clock
        Seconds that never run backwards: deadlines and waits.
    now
        The wall clock in UTC: signatures and dates in headers.
    sleep
        Waits that many seconds.
    random
        A number in [0, 1): jitter.
    """

    clock: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = utc_now
    sleep: Callable[[float], None] = time.sleep
    random: Callable[[], float] = random.random
