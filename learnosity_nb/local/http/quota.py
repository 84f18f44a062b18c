"""How many calls a caller may make: a limit for each five seconds, as the Data API has them.

Source: "Rate Limiting With the Data API": windows of five seconds for each consumer and endpoint; HTTP 429, 42000.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Hashable
from typing import Final

__all__ = ["WINDOW_SECONDS", "Quota"]

WINDOW_SECONDS: Final = 5.0


class Quota:
    """Counts calls; safe to share among threads.

    Parameters
    ----------
    calls
        Calls of one caller in one window; None for any number.
    clock
        Seconds that never run backwards.
    """

    def __init__(self, calls: int | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._calls = calls
        self._clock = clock
        self._window = -1
        self._made: Counter[Hashable] = Counter()
        self._lock = threading.Lock()

    def seconds_to_wait(self, caller: Hashable) -> float:
        """Count a call; return 0 where it is within the limit, else the seconds until the next window."""
        if self._calls is None:
            return 0.0
        now = self._clock()
        with self._lock:
            window = int(now // WINDOW_SECONDS)
            if window != self._window:
                self._window = window
                self._made.clear()
            self._made[caller] += 1
            if self._made[caller] <= self._calls:
                return 0.0
        return (window + 1) * WINDOW_SECONDS - now
