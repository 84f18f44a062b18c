from __future__ import annotations

import logging
import threading

import pytest

from learnosity_nb.errors import CredentialsError, Fault, InputError, StateError
from learnosity_nb.local.jobs.queue import LeaseLost
from learnosity_nb.local.jobs.worker import Outcome, ThreadWorker, run_next
from learnosity_nb.local.refusals import Refusal
from learnosity_nb.local.state.failures import Busy, DiskFull
from learnosity_nb.local.state.owners import is_alive, owner_of


def never(context) -> Outcome:
    raise AssertionError("this job was not to be run")


def raising(error: BaseException):
    def handler(context) -> Outcome:
        raise error

    return handler


def test_nothing_to_do_is_said(bench) -> None:
    assert run_next(bench.queue, bench.owner(), {}) is False


def test_a_handler_gets_its_job_and_its_outcome_is_stored(bench) -> None:
    owner = bench.owner()
    reference = bench.add("compile", dataset="d")
    seen = []

    def compile_dataset(context) -> Outcome:
        seen.append((context.reference, context.payload, context.consumer, context.organisation))
        assert owner_of(context.attempt) == owner.id
        context.report({"users": 1})
        assert bench.record(reference).data == {"users": 1}
        return Outcome({"users": 2})

    assert run_next(bench.queue, owner, {"compile": compile_dataset}) is True
    assert seen == [(reference, {"dataset": "d"}, "key", 1)]
    assert bench.record(reference).status == "completed"
    assert bench.record(reference).data == {"users": 2}


def test_a_handlers_own_writes_are_stored_with_the_completion(bench) -> None:
    def commit(connection) -> None:
        connection.execute("INSERT INTO meta VALUES ('flipped', x'')")

    reference = bench.add()
    run_next(bench.queue, bench.owner(), {"quick": lambda context: Outcome(commit=commit)})
    assert bench.record(reference).status == "completed"
    assert len(bench.database.read("SELECT * FROM meta")) == 1


def test_writes_that_fail_take_the_completion_back_and_halt_the_job(bench) -> None:
    def commit(connection) -> None:
        connection.execute("INSERT INTO meta VALUES ('flipped', x'')")
        raise DiskFull("no space left")

    reference = bench.add()
    run_next(bench.queue, bench.owner(), {"quick": lambda context: Outcome(commit=commit)})
    assert bench.record(reference).status == "halted"
    assert bench.record(reference).error["message"] == "no space left"
    assert bench.database.read("SELECT * FROM meta") == []


@pytest.mark.parametrize(
    ("error", "code", "message", "details"),
    [
        (
            InputError("2 lines are wrong.", [Fault("x", "no", line=1), Fault("x", "no", line=2)]),
            20004,
            "2 lines are wrong.",
            [{"kind": "x", "message": "no", "line": 1}, {"kind": "x", "message": "no", "line": 2}],
        ),
        (Refusal(20012, "no such session", ["a"]), 20012, "no such session", ["a"]),
        (CredentialsError("no consumer"), 50100, "no consumer", []),
        (StateError("the directory is gone"), 50100, "the directory is gone", []),
    ],
)
def test_an_error_of_ours_halts_the_job_with_its_reason(bench, error, code, message, details) -> None:
    reference = bench.add()
    assert run_next(bench.queue, bench.owner(), {"quick": raising(error)}) is True
    assert bench.record(reference).status == "halted"
    assert bench.record(reference).error == {"code": code, "message": message, "details": details}


def test_any_other_error_halts_the_job_and_its_text_is_shown_nowhere(bench, caplog) -> None:
    reference = bench.add()
    run_next(bench.queue, bench.owner(), {"quick": raising(KeyError("ada@example.org"))})
    error = bench.record(reference).error
    assert error["code"] == 50100
    assert "KeyError" in error["message"]
    assert reference in caplog.text
    assert "test_worker.py" in caplog.text
    assert "ada@example.org" not in caplog.text + error["message"]


def test_a_job_without_a_handler_is_halted(bench) -> None:
    reference = bench.add("unheard of")
    assert run_next(bench.queue, bench.owner(), {}) is True
    assert bench.record(reference).error["code"] == 50100


def test_an_interrupt_passes_through_and_leaves_the_job_to_its_lease(bench, clock) -> None:
    reference = bench.add()
    with pytest.raises(KeyboardInterrupt):
        run_next(bench.queue, bench.owner(), {"quick": raising(KeyboardInterrupt())})
    assert bench.record(reference).status == "running"
    clock.now += 31
    run_next(bench.queue, bench.owner(), {"quick": lambda context: Outcome()})
    assert bench.record(reference).status == "completed"


def test_a_busy_database_is_not_the_jobs_fault(bench) -> None:
    reference = bench.add()
    run_next(bench.queue, bench.owner(), {"quick": raising(Busy("locked"))})
    assert bench.record(reference).status == "queued"
    assert bench.deaths(reference) == 0


@pytest.mark.parametrize("then", ["reports", "returns", "raises"])
def test_a_handler_that_lost_its_job_changes_nothing(bench, clock, then) -> None:
    reference = bench.add()
    taken = []

    def slow(context) -> Outcome:
        clock.now += 31
        taken.append(bench.queue.claim(bench.owner()))
        if then == "reports":
            with pytest.raises(LeaseLost):
                context.report({"by": "the stale worker"})
            context.report({"by": "the stale worker"})
        if then == "raises":
            raise ValueError
        return Outcome({"by": "the stale worker"}, commit=never)

    assert run_next(bench.queue, bench.owner(), {"quick": slow}) is True
    assert bench.record(reference).status == "running"
    bench.queue.complete(taken[0], {"by": "the new worker"})
    assert bench.record(reference).data == {"by": "the new worker"}


def test_a_long_job_keeps_its_lease(live_bench, until) -> None:
    reference = live_bench.add()

    def lease() -> float:
        return live_bench.database.read("SELECT lease_until FROM jobs")[0][0]

    def long(context) -> Outcome:
        first = lease()
        until(lambda: lease() > first + 0.1)
        assert live_bench.queue.claim(live_bench.owner()) is None
        return Outcome()

    run_next(live_bench.queue, live_bench.owner(), {"quick": long})
    assert live_bench.record(reference).status == "completed"
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("heartbeat")]


def test_a_heartbeat_outlives_a_fault_of_the_database_and_ends_with_its_claim(
    live_bench, until, monkeypatch, caplog
) -> None:
    beats = []

    def faulty(claim) -> None:
        beats.append(claim)
        raise Busy("locked") if len(beats) < 3 else LeaseLost

    def long(context) -> Outcome:
        until(lambda: not [thread for thread in threading.enumerate() if thread.name.startswith("heartbeat")])
        return Outcome()

    live_bench.add()
    monkeypatch.setattr(live_bench.queue, "heartbeat", faulty)
    run_next(live_bench.queue, live_bench.owner(), {"quick": long})
    assert len(beats) == 3
    assert caplog.text.count("Could not renew the lease") == 2


@pytest.fixture
def start(bench):
    started = []

    def make(handlers, **options) -> ThreadWorker:
        started.append(ThreadWorker(bench.queue, bench.state.owners, handlers, **{"poll": 0.01, **options}))
        return started[-1]

    yield make
    for worker in started:
        worker.close()


def test_a_thread_runs_what_is_queued_and_what_others_add_while_something_is_open(bench, clock, start, until) -> None:
    gate = threading.Event()

    def waiting(context) -> Outcome:
        assert gate.wait(60)
        return Outcome()

    worker = start({"quick": lambda context: Outcome(), "waiting": waiting})
    first = bench.add()
    clock.now += 1
    second = bench.add("waiting")
    worker.wake()
    until(lambda: bench.queue.status(first) == "completed")
    until(lambda: bench.queue.status(second) == "running")
    third = bench.add()  # nobody calls for this one
    gate.set()
    until(lambda: bench.queue.status(third) == "completed")


def test_a_thread_ends_when_nothing_is_open_and_another_is_started_when_called(bench, start, until) -> None:
    worker = start({"quick": lambda context: Outcome()}, idle_looks=2)
    for _ in range(2):
        bench.add()
        worker.wake()
        until(lambda: worker._thread is None)
        assert not bench.queue.has_open()


def test_a_thread_takes_over_a_job_whose_worker_dies(bench, start, until) -> None:
    other = bench.owner()
    reference = bench.add()
    bench.queue.claim(other)
    worker = start({"quick": lambda context: Outcome()}, idle_looks=0)
    worker.wake()
    assert bench.queue.status(reference) == "running"
    other.close()
    until(lambda: bench.queue.status(reference) == "completed")


def test_calls_from_many_threads_start_one_thread(bench, start, until) -> None:
    worker = start({"quick": lambda context: Outcome()})
    references = [bench.add() for _ in range(20)]
    before = set(threading.enumerate())
    callers = [threading.Thread(target=worker.wake) for _ in range(8)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    started = set(threading.enumerate()) - before
    assert len([thread for thread in started if thread.name == "learnosity_nb jobs"]) <= 1
    until(lambda: all(bench.queue.status(reference) == "completed" for reference in references))


def test_closing_waits_for_the_running_job(bench, start, until) -> None:
    gate = threading.Event()

    def waiting(context) -> Outcome:
        gate.wait(60)
        return Outcome()

    worker = start({"quick": waiting})
    reference, left = bench.add(), bench.add()
    worker.wake()
    until(lambda: bench.queue.status(reference) == "running")
    threading.Timer(0.05, gate.set).start()
    worker.close(patience=60)
    assert [bench.queue.status(each) for each in (reference, left)] == ["completed", "queued"]
    assert not is_alive(bench.state.owners, worker.owner.id)
    worker.wake()
    assert bench.queue.status(left) == "queued"


def test_a_job_that_outlasts_the_closing_is_queued_again_uncounted(bench, start, until) -> None:
    gate, ended = threading.Event(), threading.Event()

    def waiting(context) -> Outcome:
        gate.wait(60)
        try:
            context.report({})
        finally:
            ended.set()
        return Outcome({"by": "the stopped worker"})

    worker = start({"quick": waiting})
    reference = bench.add()
    worker.wake()
    until(lambda: bench.queue.status(reference) == "running")
    worker.close(patience=0)
    assert bench.queue.status(reference) == "queued"
    assert bench.deaths(reference) == 0
    gate.set()
    assert ended.wait(60)
    worker._thread.join()
    assert bench.record(reference).data == {}


def test_where_there_are_no_threads_jobs_are_run_before_the_call_returns(bench, start, monkeypatch) -> None:
    def refuse(thread) -> None:
        raise RuntimeError("can't start new thread")

    worker = start({"quick": lambda context: Outcome()})
    references = [bench.add() for _ in range(3)]
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuse)
        worker.wake()
    assert [bench.queue.status(reference) for reference in references] == ["completed"] * 3


@pytest.mark.parametrize("error", [Busy("locked"), ZeroDivisionError("ada@example.org")])
def test_a_thread_outlives_a_fault_of_the_queue(bench, start, until, monkeypatch, caplog, error) -> None:
    claim = bench.queue.claim
    faults = [error, error]

    def faulty(owner):
        if faults:
            raise faults.pop()
        return claim(owner)

    monkeypatch.setattr(bench.queue, "claim", faulty)
    worker = start({"quick": lambda context: Outcome()})
    reference = bench.add()
    with caplog.at_level(logging.WARNING):
        worker.wake()
        until(lambda: bench.queue.status(reference) == "completed")
    assert caplog.text.count("Could not work on jobs") == 2
    assert "ada@example.org" not in caplog.text
