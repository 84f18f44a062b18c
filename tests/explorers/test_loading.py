"""Reads in another thread: answers come back in order, late ones are dropped."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from typing import Any

import pytest

from learnosity_nb.errors import DeadlineExceeded
from learnosity_nb.explorers.loading import Loader


class Heard:
    def __init__(self) -> None:
        self.done: list[Any] = []
        self.failed: list[BaseException] = []

    def start(self, loader: Loader, topic: str, read: Any) -> None:
        loader.start(topic, read, self.done.append, self.failed.append)


@pytest.fixture
def heard() -> Heard:
    return Heard()


def test_an_answer_waits_for_settle_where_no_loop_runs(heard: Heard) -> None:
    loader = Loader()
    heard.start(loader, "view", lambda: threading.current_thread().name)
    loader.settle(30)
    assert len(heard.done) == 1
    assert heard.done[0].startswith("learnosity_nb explorer")
    loader.close()


def test_an_answer_comes_back_to_the_running_loop(heard: Heard) -> None:
    async def kernel() -> None:
        came = asyncio.Event()
        threads = []

        def done(_: object) -> None:
            threads.append(threading.current_thread())
            came.set()

        loader = Loader()
        loader.start("view", lambda: 1, done, heard.failed.append)
        await asyncio.wait_for(came.wait(), 30)
        assert threads == [threading.current_thread()]
        loader.close()

    asyncio.run(kernel())
    assert not heard.failed


def test_a_loop_that_has_ended_is_no_error(heard: Heard, by_hand: Any) -> None:
    loader = Loader(by_hand)

    async def kernel() -> None:
        heard.start(loader, "view", lambda: 1)

    asyncio.run(kernel())
    by_hand.run()
    loader.settle(30)
    assert heard.done == [1]


def test_only_the_newest_answer_of_a_topic_counts(heard: Heard, by_hand: Any) -> None:
    loader = Loader(by_hand)
    for number in range(3):
        heard.start(loader, "view", lambda number=number: number)
    heard.start(loader, "ask", lambda: "reply")
    by_hand.run()
    loader.settle(30)
    assert heard.done == [2, "reply"]


def test_a_stale_read_never_begins_and_one_that_runs_is_dropped(heard: Heard, by_hand: Any) -> None:
    loader = Loader(by_hand)
    heard.start(loader, "view", lambda: "late")
    future, work = by_hand.waiting.pop()
    future.set_running_or_notify_cancel()
    loader.forget("view")
    future.set_result(work())
    heard.start(loader, "view", lambda: pytest.fail("began"))
    loader.forget("view")
    by_hand.run()
    loader.settle(30)
    assert not heard.done
    assert not heard.failed


def test_an_error_is_handed_over(heard: Heard, by_hand: Any) -> None:
    loader = Loader(by_hand)
    heard.start(loader, "view", lambda: 1 / 0)
    by_hand.run()
    loader.settle(30)
    assert isinstance(heard.failed[0], ZeroDivisionError)


def test_settle_waits_for_what_an_answer_starts(heard: Heard) -> None:
    loader = Loader()
    loader.start("view", lambda: 1, lambda _: heard.start(loader, "view", lambda: 2), heard.failed.append)
    loader.settle(30)
    assert heard.done == [2]
    loader.close()


def test_settle_says_when_it_waited_long_enough(heard: Heard, by_hand: Any) -> None:
    loader = Loader(by_hand)
    heard.start(loader, "view", lambda: 1)
    with pytest.raises(DeadlineExceeded, match="still reading after 0 seconds"):
        loader.settle(0)
    by_hand.run()
    loader.settle(30)
    assert heard.done == [1]


def test_a_future_of_others_is_never_cancelled(heard: Heard) -> None:
    shared: Future[str] = Future()
    loader = Loader()
    loader.expect("bundle", shared, heard.done.append, heard.failed.append)
    loader.close()
    loader.close()
    shared.set_result("text")
    loader.settle(30)
    assert not heard.done
