"""When the monitor looks again, and that its thread waits for nobody."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from learnosity_nb.errors import DeadlineExceeded
from learnosity_nb.explorers.job_watch import Schedule, Watch

LONG = 1e6  # seconds; no test waits for it


@pytest.fixture
def looks() -> list[int]:
    return []


@pytest.fixture
def watch(looks: list[int]) -> Iterator[Watch]:
    def look() -> float:
        looks.append(1)
        return LONG

    watch = Watch(look)
    yield watch
    watch.close()


def test_pauses_grow_while_nothing_happens_and_begin_anew_with_a_change() -> None:
    schedule = Schedule(2.0)
    pauses = [schedule.after_look(changed=False, still_open=True) for _ in range(6)]
    assert pauses == [3.0, 4.5, 6.75, 10.0, 10.0, 10.0]
    assert schedule.after_look(changed=True, still_open=True) == 2.0
    assert [schedule.after_look(changed=False, still_open=False) for _ in range(9)][-1] == 30.0


def test_failures_are_followed_by_the_longest_pauses() -> None:
    schedule = Schedule(1.0)
    assert [schedule.after_failure() for _ in range(8)] == [2, 4, 8, 16, 32, 60, 60, 60]
    assert schedule.after_look(changed=False, still_open=True) == 5.0


def test_the_first_look_is_at_once(watch: Watch, looks: list[int]) -> None:
    watch.wait_first(30)
    assert len(looks) == 1


def test_a_look_that_is_asked_for_begins_after_the_question(watch: Watch, looks: list[int]) -> None:
    for _ in range(3):
        before = len(looks)
        watch.look_now(30)
        assert len(looks) > before


def test_it_looks_again_of_itself() -> None:
    enough = threading.Event()
    looks: list[int] = []

    def look() -> float:
        looks.append(1)
        if len(looks) == 3:
            enough.set()
        return 0.0 if len(looks) < 3 else LONG

    watch = Watch(look)
    assert enough.wait(30)
    watch.close()


def test_waiting_for_a_look_has_an_end() -> None:
    go_on = threading.Event()

    def look() -> float:
        go_on.wait(30)
        return LONG

    watch = Watch(look)
    with pytest.raises(DeadlineExceeded, match="not read within 0 seconds"):
        watch.look_now(0)
    watch.wait_first(0)
    watch.close()
    go_on.set()


def test_nobody_waits_for_a_watch_that_was_closed() -> None:
    begun, go_on = threading.Event(), threading.Event()
    looks: list[int] = []

    def look() -> float:
        looks.append(1)
        begun.set()
        go_on.wait(60)
        return 0.0

    watch = Watch(look)
    assert begun.wait(30)
    watch.close()
    watch.close()
    watch.look_now(30)
    waiter = threading.Thread(target=watch.wait_first, args=(LONG,), daemon=True)
    waiter.start()
    waiter.join(30)
    assert not waiter.is_alive()
    go_on.set()
    watch._thread.join(30)
    assert not watch._thread.is_alive()
    assert len(looks) == 1


def test_a_look_that_raises_is_logged_and_the_next_one_comes(caplog: pytest.LogCaptureFixture) -> None:
    looks: list[int] = []

    def look() -> float:
        looks.append(1)
        if len(looks) == 1:
            raise ZeroDivisionError
        return LONG

    watch = Watch(look)
    watch.wait_first(30)
    watch.look_now(30)
    watch.close()
    assert len(looks) == 2
    assert "could not show the jobs" in caplog.text


def test_asking_for_a_look_within_a_look_waits_for_nothing() -> None:
    made: list[Watch] = []
    came_back: list[int] = []
    ready = threading.Event()

    def look() -> float:
        ready.wait(30)
        made[0].look_now()
        came_back.append(1)
        return LONG

    made.append(Watch(look))
    ready.set()
    made[0].look_now(30)
    made[0].close()
    assert came_back
