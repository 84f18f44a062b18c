"""Reading for an explorer while the kernel stays free: one thread, and only the newest answer counts."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any, Final

from ..errors import DeadlineExceeded

__all__ = ["Loader"]

THREAD: Final = "learnosity_nb explorer"


@dataclass(frozen=True, slots=True)
class _Order:
    topic: str
    number: int
    done: Callable[[Any], None]
    failed: Callable[[BaseException], None]
    ours: bool


class Loader:
    """Runs reads in one thread and hands their answers back in the caller's.

    Answers come back on the event loop that ran when the read was started, as a
    notebook kernel's does; without one they wait for `settle`. A read makes
    every earlier read of its topic stale: the answer of a stale one is dropped.

    Parameters
    ----------
    executor
        Runs the reads; a thread of its own when omitted.
    """

    def __init__(self, executor: Executor | None = None) -> None:
        self._is_own = executor is None
        self._executor = executor or ThreadPoolExecutor(1, thread_name_prefix=THREAD)
        self._newest: dict[str, int] = {}
        self._under_way: dict[Future[Any], _Order] = {}

    def start(
        self,
        topic: str,
        read: Callable[[], Any],
        done: Callable[[Any], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        """Start a read and return at once.

        Parameters
        ----------
        topic
            What it is about.
        read
            Runs in the thread.
        done, failed
            Called in this thread with what `read` returned or raised, unless
            the read has become stale.
        """
        self.forget(topic)
        self._expect(self._executor.submit(read), _Order(topic, self._newest[topic], done, failed, ours=True))

    def expect(
        self,
        topic: str,
        future: Future[Any],
        done: Callable[[Any], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        """Wait for what another thread makes; `future` may have others who wait for it, and is never cancelled."""
        self.forget(topic)
        self._expect(future, _Order(topic, self._newest[topic], done, failed, ours=False))

    def forget(self, topic: str) -> None:
        """Make the reads of a topic stale; one that has not begun never will."""
        self._newest[topic] = self._newest.get(topic, 0) + 1
        for future, order in self._under_way.items():
            if order.topic == topic and order.ours:
                future.cancel()

    def deliver(self) -> None:
        """Hand over the answers that have come."""
        for future in [one for one in self._under_way if one.done()]:
            order = self._under_way.pop(future, None)
            if order is None or future.cancelled() or not self._is_newest(order):
                continue
            error = future.exception()
            if error is None:
                order.done(future.result())
            else:
                order.failed(error)

    def settle(self, timeout: float | None = None) -> None:
        """Wait until every read has ended, and hand over the answers.

        Raises
        ------
        DeadlineExceeded
            If one has not ended after `timeout` seconds; it goes on.
        """
        while self._under_way:
            late = wait(self._under_way, timeout).not_done
            self.deliver()
            if late:
                raise DeadlineExceeded(f"The explorer is still reading after {timeout:g} seconds; it goes on.")

    def close(self) -> None:
        """Drop what is under way and end the thread if it is its own; may be called again."""
        for topic in list(self._newest):
            self.forget(topic)
        if self._is_own:
            self._executor.shutdown(wait=False, cancel_futures=True)

    def _expect(self, future: Future[Any], order: _Order) -> None:
        loop = _running_loop()
        self._under_way[future] = order
        if loop is not None:
            future.add_done_callback(lambda _: _call_soon(loop, self.deliver))

    def _is_newest(self, order: _Order) -> bool:
        return self._newest[order.topic] == order.number


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _call_soon(loop: asyncio.AbstractEventLoop, call: Callable[[], None]) -> None:
    with contextlib.suppress(RuntimeError):  # the loop has ended: nobody waits any more
        loop.call_soon_threadsafe(call)
