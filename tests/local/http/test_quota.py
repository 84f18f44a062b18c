from __future__ import annotations

import threading

import pytest

from learnosity_nb.local.app import App
from learnosity_nb.local.http.quota import Quota
from learnosity_nb.wire.in_process import InProcessTransport


class Clock:
    def __init__(self) -> None:
        self.now = 1002.0

    def __call__(self) -> float:
        return self.now


def test_calls_within_the_limit_are_let_through_and_the_next_must_wait_for_the_window() -> None:
    clock = Clock()
    quota = Quota(3, clock)
    assert [quota.seconds_to_wait("a") for _ in range(5)] == [0, 0, 0, 3.0, 3.0]
    assert quota.seconds_to_wait("b") == 0
    clock.now = 1004.5
    assert quota.seconds_to_wait("a") == 0.5
    clock.now = 1005.0
    assert quota.seconds_to_wait("a") == 0


def test_without_a_limit_nobody_waits_and_nothing_is_kept() -> None:
    quota = Quota(None)
    assert {quota.seconds_to_wait(number) for number in range(100)} == {0.0}
    assert not quota._made


def test_callers_of_earlier_windows_are_forgotten() -> None:
    clock = Clock()
    quota = Quota(1, clock)
    for number in range(1000):
        clock.now += 5
        quota.seconds_to_wait(number)
    assert len(quota._made) == 1


def test_threads_are_counted_together() -> None:
    quota = Quota(500, Clock())
    waits: list[float] = []
    threads = [
        threading.Thread(target=lambda: waits.extend([quota.seconds_to_wait("a") for _ in range(100)]))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert waits.count(0) == 500
    assert len(waits) == 800


@pytest.fixture
def limited(desk):
    clock = Clock()
    desk.http._transport = InProcessTransport(App(desk.service, quota=Quota(2, clock)))
    return desk, clock


def test_a18_a_burst_over_the_limit_is_told_when_to_go_on(limited) -> None:
    desk, clock = limited
    assert [desk.call("jobs", {}).status_code for _ in range(3)] == [200, 200, 429]
    refused = desk.call("jobs", {})
    assert (refused.json()["meta"]["code"], refused.headers["Retry-After"]) == (42000, "3")
    assert desk.call("jobs", {}, consumer="bare").status_code == 200
    assert desk.call("sessions/scores", {}).status_code == 200
    clock.now += 3
    assert desk.call("jobs", {}).status_code == 200


def test_a_caller_without_the_secret_uses_up_nobodys_quota(limited) -> None:
    desk, _ = limited
    for _ in range(5):
        form = {**desk.form({}), "request": "{ }"}
        assert desk.http.post("/v1/jobs", data=form).status_code == 403
    assert desk.call("jobs", {}).status_code == 200


def test_in_process_there_is_no_limit(desk) -> None:
    assert {desk.call("jobs", {}).status_code for _ in range(50)} == {200}
