from __future__ import annotations

import threading
from datetime import UTC, datetime

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learnosity_nb.wire.failures import Defeat, Failure, Kind
from learnosity_nb.wire.retry import RetryBudget, RetryPolicy, persist, retry_after

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
POLICY = RetryPolicy()


def answered(status: int, **more) -> Failure:
    return Failure(Kind.ANSWERED, "no", status=status, **more)


def attempts_made(failure: Failure, *, repeatable: bool) -> int:
    attempt = 1
    while POLICY.wait_after(failure, attempt, 0.0, repeatable=repeatable, random=lambda: 0.5) is not None:
        attempt += 1
    return attempt


@pytest.mark.parametrize(
    ("failure", "repeatable", "otherwise"),
    [
        (Failure(Kind.UNREACHED, ""), 5, 5),
        (Failure(Kind.UNKNOWN_HOST, ""), 2, 2),
        (Failure(Kind.TLS, ""), 1, 1),
        (Failure(Kind.LOST, ""), 5, 1),
        (Failure(Kind.LATE, ""), 5, 1),
        (Failure(Kind.TOO_LARGE, ""), 1, 1),
        (Failure(Kind.GARBLED, "", status=200), 2, 1),
        (Failure(Kind.REDIRECTED, "", status=307), 1, 1),
        *[(answered(status), 5, 5) for status in (408, 425, 429)],
        (answered(503, code=10000), 5, 5),
        (answered(503), 5, 1),  # a proxy's: the work may have been done
        *[(answered(status), 5, 1) for status in (500, 502, 504)],
        *[(answered(status), 1, 1) for status in (400, 401, 403, 404, 405, 409, 410, 413, 422, 501, 505)],
        (answered(200, code=42000), 5, 5),
        (answered(200, code=10000), 5, 1),
        (answered(200, code=20004), 1, 1),
    ],
    ids=str,
)
def test_how_often_each_failure_is_tried(failure, repeatable, otherwise):
    assert attempts_made(failure, repeatable=True) == repeatable
    assert attempts_made(failure, repeatable=False) == otherwise


@pytest.mark.parametrize(("attempt", "longest"), [(1, 0.5), (2, 1.0), (3, 2.0), (4, 4.0)])
def test_the_wait_is_random_up_to_a_doubling_limit(attempt, longest):
    def wait(dice: float) -> float | None:
        return POLICY.wait_after(Failure(Kind.UNREACHED, ""), attempt, 0.0, repeatable=True, random=lambda: dice)

    assert [wait(0.0), wait(0.5), wait(1.0)] == [0.0, longest / 2, longest]


def test_the_wait_has_a_cap():
    policy = RetryPolicy(attempts=50)
    assert policy.wait_after(Failure(Kind.LOST, ""), 40, 0.0, repeatable=True, random=lambda: 1.0) == 20.0


@pytest.mark.parametrize(("elapsed", "wait"), [(59.4, 0.5), (59.5, 0.5), (59.6, None), (600.0, None)])
def test_no_attempt_begins_after_the_total(elapsed, wait):
    assert POLICY.wait_after(Failure(Kind.LOST, ""), 1, elapsed, repeatable=True, random=lambda: 1.0) == wait


def test_a_moment_the_service_named_is_waited_for_beyond_the_total():
    asked = answered(503, retry_after=100.0)
    assert POLICY.wait_after(asked, 1, 30.0, repeatable=True, random=lambda: 0.0) == 100.0
    assert POLICY.wait_after(asked, 2, 60.0, repeatable=True, random=lambda: 0.0) == 100.0
    assert POLICY.wait_after(asked, 2, 130.0, repeatable=True, random=lambda: 0.0) is None


def test_many_clients_come_back_after_the_moment_the_service_named_and_not_all_at_once():
    asked = answered(503, retry_after=100.0)
    assert POLICY.wait_after(asked, 1, 0.0, repeatable=True, random=lambda: 1.0) == 100.5


def test_t03_a_429_without_retry_after_is_waited_for_five_seconds_at_least():
    assert POLICY.wait_after(answered(429), 1, 0.0, repeatable=True, random=lambda: 0.0) == 5.0
    assert POLICY.wait_after(answered(429), 1, 0.0, repeatable=True, random=lambda: 1.0) == 5.5


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ([], None),
        ([("Retry-After", "2")], 2.0),
        ([("Retry-After", " 2.5 ")], 2.5),
        ([("Retry-After", "0")], 0.0),
        ([("Retry-After", "Sun, 01 Mar 2026 12:00:30 GMT")], 30.0),
        ([("Retry-After", "Sun, 01 Mar 2026 12:00:30 GMT"), ("Date", "Sun, 01 Mar 2026 12:00:20 GMT")], 10.0),
        ([("Retry-After", "Sun, 01 Mar 2026 12:00:30 -0000")], 30.0),
        ([("Retry-After", "Sun, 01 Mar 2026 14:00:30 +0200")], 30.0),
        ([("Retry-After", "Sun, 01 Mar 2026 11:00:00 GMT")], None),
        ([("Retry-After", "-1")], None),
        ([("Retry-After", "nan")], None),
        ([("Retry-After", "soon")], None),
        ([("Retry-After", "")], None),
        ([("Retry-After", "Sun, 01 Mar 2026 12:00:30 +999999999999")], None),
        ([("Retry-After", "Sun, 99 Mar 99999 12:00:30 GMT")], None),
        ([("Retry-After", "2"), ("Retry-After", "9")], 2.0),
        ([("Retry-After", "1e12")], 1e12),
    ],
    ids=str,
)
def test_t04_retry_after_is_read_or_ignored(headers, seconds):
    assert retry_after(httpx.Headers(headers), NOW) == seconds


@pytest.mark.parametrize("asked", [1e12, float("inf"), 121.0])
def test_t04_retry_after_is_clamped(asked):
    wait = POLICY.wait_after(answered(429, retry_after=asked), 1, 0.0, repeatable=True, random=lambda: 0.0)
    assert wait == 120.0


@settings(deadline=None)
@given(st.text())
def test_t04_no_retry_after_makes_a_crash(text):
    found = retry_after(httpx.Headers([(b"retry-after", text.encode())]), NOW)
    assert found is None or found >= 0


def run(outcomes, time, *, budget=None, repeatable=True):
    script = iter(outcomes)
    return persist(
        lambda: next(script),
        policy=POLICY,
        budget=budget or RetryBudget(),
        timing=time.timing,
        repeatable=repeatable,
    )


def test_attempts_are_made_until_one_succeeds(time):
    assert run([Failure(Kind.UNREACHED, ""), answered(503), "result"], time) == "result"
    assert len(time.slept) == 2


def test_every_failure_is_kept_when_the_call_is_given_up(time):
    failures = [answered(status) for status in (500, 502, 503, 504, 500)]
    assert run([*failures, "never reached"], time) == Defeat(tuple(failures))
    assert len(time.slept) == 4


def test_t14_an_empty_budget_fails_fast(time):
    budget = RetryBudget(tokens=12, cost=5)
    defeat = run([answered(503)] * 9, time, budget=budget)
    assert isinstance(defeat, Defeat)
    assert (len(defeat.failures), defeat.circuit_open) == (3, True)
    assert run([answered(503)] * 9, time, budget=budget) == Defeat((answered(503),), circuit_open=True)
    assert len(time.slept) == 2


def test_t14_successes_fill_the_budget_again(time):
    budget = RetryBudget(tokens=10, cost=5)
    run([answered(503)] * 9, time, budget=budget)
    assert repr(budget) == "RetryBudget(0 of 10 tokens)"
    for _ in range(12):
        run(["result"], time, budget=budget)
    assert repr(budget) == "RetryBudget(10 of 10 tokens)"


def test_t14_a_client_may_retry_a_hundred_times_and_then_once_for_five_successes():
    budget = RetryBudget()
    assert [budget.spend() for _ in range(101)] == [True] * 100 + [False]
    for successes, granted in ((4, False), (1, True), (1, False)):
        for _ in range(successes):
            budget.regain()
        assert budget.spend() == granted


def test_t14_a_budget_shared_by_threads_is_spent_once():
    budget = RetryBudget(tokens=500, cost=1)
    granted: list[int] = []

    def spend() -> None:
        granted.append(sum(budget.spend() for _ in range(100)))

    threads = [threading.Thread(target=spend) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(granted) == 500
