"""When to look at the jobs again, and the thread that does."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Final

from ..errors import DeadlineExceeded, InputError, shorten

__all__ = ["Schedule", "Watch", "check_interval"]

LOG: Final = logging.getLogger("learnosity_nb")
THREAD: Final = "learnosity_nb job monitor"
LEAST_INTERVAL: Final = 0.05
AFTER_FAULT: Final = 60.0
GROWTH: Final = 1.5
MOST_WHILE_OPEN: Final = 5.0
MOST_WHEN_ENDED: Final = 15.0
MOST_AFTER_FAILURE: Final = 60.0


class Schedule:
    """Pauses between looks: short after a change, longer while nothing happens, longest where nobody answers.

    Parameters
    ----------
    interval
        Seconds from one look to the next after a change; the longest pauses are
        multiples of it: 5 while a job is open, 15 when all have ended, 60 after
        failures.
    """

    def __init__(self, interval: float) -> None:
        self._interval = interval
        self._pause = interval

    def after_look(self, *, changed: bool, still_open: bool) -> float:
        """Return the pause after a look that found the jobs changed or not, and some of them open or not."""
        most = MOST_WHILE_OPEN if still_open else MOST_WHEN_ENDED
        self._pause = self._interval if changed else min(self._pause * GROWTH, self._interval * most)
        return self._pause

    def after_failure(self) -> float:
        """Return the pause after a look that failed."""
        self._pause = min(self._pause * 2, self._interval * MOST_AFTER_FAILURE)
        return self._pause


def check_interval(interval: object) -> None:
    """Refuse what is no number of seconds between looks."""
    if isinstance(interval, bool) or not isinstance(interval, int | float) or not LEAST_INTERVAL <= interval < 86_400:
        raise InputError(f"interval must be a number of seconds from {LEAST_INTERVAL}, not {shorten(interval)}.")


class Watch:
    """Looks again and again in a thread of its own, so that it goes on while a notebook's cell runs.

    Parameters
    ----------
    look
        Looks once, and returns the seconds until the next look. What it raises
        is logged.
    """

    def __init__(self, look: Callable[[], float]) -> None:
        self._look = look
        self._changed = threading.Condition()
        self._asked = 0
        self._answered = -1
        self._closed = False
        self._thread = threading.Thread(target=self._run, name=THREAD, daemon=True)
        self._thread.start()

    def wait_first(self, timeout: float) -> None:
        """Wait until there was a look, or until `timeout` seconds have passed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._answered >= 0, timeout)

    def look_now(self, timeout: float | None = None) -> None:
        """Look now and wait until that has been done; not from within a look.

        Raises
        ------
        DeadlineExceeded
            If it took more than `timeout` seconds; it goes on.
        """
        if threading.current_thread() is self._thread:
            return
        with self._changed:
            self._asked += 1
            mine = self._asked
            self._changed.notify_all()
            if not self._changed.wait_for(lambda: self._closed or self._answered >= mine, timeout):
                raise DeadlineExceeded(f"The jobs were not read within {timeout:g} seconds; reading goes on.")

    def close(self) -> None:
        """End the thread after the look it may be at; may be called again."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _run(self) -> None:
        while not self._closed:
            asked = self._asked
            try:
                pause = self._look()
            except Exception:
                LOG.exception("The job monitor could not show the jobs")
                pause = AFTER_FAULT
            with self._changed:
                self._answered = asked
                self._changed.notify_all()
                self._changed.wait_for(self._is_wanted, pause)

    def _is_wanted(self) -> bool:
        return self._closed or self._asked > self._answered
