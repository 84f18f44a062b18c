"""What was read or made before, kept for the next time."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

__all__ = ["Kept"]

T = TypeVar("T")


class Kept:
    """The newest results by key; for several threads.

    Parameters
    ----------
    most
        How many are kept; the ones not asked for longest go first.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._results: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what is kept under `key`, else make it; outside the lock, so that nobody waits."""
        with self._lock:
            if key in self._results:
                self._results.move_to_end(key)
                kept: T = self._results[key]
                return kept
        made = make()
        with self._lock:
            self._results[key] = made
            if len(self._results) > self._most:
                self._results.popitem(last=False)
        return made

    def holds(self, *keys: Hashable) -> bool:
        """Whether all of these are kept."""
        with self._lock:
            return all(key in self._results for key in keys)
