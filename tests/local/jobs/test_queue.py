from __future__ import annotations

import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from uuid import UUID

import pytest

from learnosity_nb.domain.jobs import JobReference
from learnosity_nb.local.jobs.queue import JobQueue, LeaseLost
from learnosity_nb.local.state.database import Database
from learnosity_nb.local.state.directory import open_state
from learnosity_nb.local.state.owners import Owner
from learnosity_nb.local.state.schema import MIGRATIONS

SESSION_JOBS = ("sessionmetadata", "sessionstatuses", "sessionsubscores")
REASON = {"code": 50100, "message": "no", "details": []}


def test_a_new_job_is_queued_and_found_by_its_reference(bench) -> None:
    reference = bench.add(dataset="d")
    assert isinstance(reference, JobReference)
    assert str(UUID(reference)) == reference
    record = bench.record(reference)
    assert (record.status, record.dt_completed, record.data, record.error) == ("queued", None, {}, None)
    assert (record.job_type, record.organisation) == ("quick", 1)
    assert bench.queue.status(reference) == "queued"
    assert bench.queue.has_open()


def test_an_unknown_reference_has_no_status(bench) -> None:
    assert bench.queue.status("nothing") is None
    assert not bench.queue.has_open()


def test_a_job_is_added_together_with_other_rows_or_not_at_all(bench) -> None:
    def add(connection) -> JobReference:
        return bench.queue.add("quick", consumer="key", organisation=None, payload={}, within=connection)

    def add_in_vain() -> None:
        with bench.database.transaction() as connection:
            assert bench.queue.status(add(connection), within=connection) == "queued"
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        add_in_vain()
    assert not bench.queue.has_open()
    with bench.database.transaction() as connection:
        kept = add(connection)
    assert bench.queue.status(kept) == "queued"


def test_jobs_are_claimed_in_the_order_they_were_accepted_whatever_the_clock_said(bench, clock) -> None:
    worker = bench.owner()
    accepted = [bench.add() for _ in range(20)]
    clock.now -= 1
    accepted.append(bench.add())
    assert [bench.queue.claim(worker).reference for _ in accepted] == accepted
    assert bench.queue.claim(worker) is None


def test_a_database_of_before_keeps_the_order_of_its_jobs(tmp_path) -> None:
    state = open_state(tmp_path / "state", data=None)
    with closing(Database(state.database, migrations=MIGRATIONS[:2])) as older, older.transaction() as connection:
        for reference, created in (("c", 2.0), ("b", 1.0), ("a", 2.0)):
            connection.execute(
                "INSERT INTO jobs (reference, type, consumer, status, created, payload) "
                "VALUES (?, 'quick', 'key', 'queued', ?, '{}')",
                (reference, created),
            )
    worker = Owner.open(state.owners, None)
    with closing(Database(state.database)) as newer:
        queue = JobQueue(newer, state.owners)
        added = queue.add("quick", consumer="key", organisation=None, payload={})
        assert [queue.claim(worker).reference for _ in range(4)] == ["b", "a", "c", added]
    worker.close()


@pytest.mark.parametrize("first", SESSION_JOBS)
@pytest.mark.parametrize("second", SESSION_JOBS)
def test_a_session_job_waits_until_the_one_before_it_has_ended(bench, first, second) -> None:
    one, other = bench.owner(), bench.owner()
    earlier, later = bench.add(first), bench.add(second)
    claim = bench.queue.claim(one)
    assert claim.reference == earlier
    assert bench.queue.claim(other) is None
    bench.queue.complete(claim, {})
    assert bench.queue.claim(other).reference == later


def test_session_jobs_of_all_consumers_stand_in_one_line(bench) -> None:
    """They change the same sessions."""
    references = [
        bench.queue.add(SESSION_JOBS[0], consumer=consumer, organisation=organisation, payload={})
        for consumer, organisation in (("key", 1), ("other", None))
    ]
    claim = bench.queue.claim(bench.owner())
    assert claim.reference == references[0]
    assert bench.queue.claim(bench.owner()) is None


def test_other_jobs_run_beside_a_session_job_and_beside_each_other(bench) -> None:
    types = (SESSION_JOBS[0], "quick", SESSION_JOBS[1], "quick")
    running, beside, waiting, also = (bench.add(job_type) for job_type in types)
    claimed = [bench.queue.claim(bench.owner()).reference for _ in range(3)]
    assert claimed == [running, beside, also]
    assert bench.queue.claim(bench.owner()) is None
    assert bench.queue.status(waiting) == "queued"


def test_a_halted_session_job_holds_up_no_other(bench) -> None:
    worker = bench.owner()
    _, later = bench.add(SESSION_JOBS[0]), bench.add(SESSION_JOBS[0])
    bench.queue.halt(bench.queue.claim(worker), REASON)
    assert bench.queue.claim(worker).reference == later


def test_a_session_job_that_was_given_back_keeps_its_place(bench) -> None:
    worker = bench.owner()
    first, _ = bench.add(SESSION_JOBS[0]), bench.add(SESSION_JOBS[0])
    bench.queue.claim(worker)
    bench.queue.release(worker)
    assert bench.queue.claim(worker).reference == first


def test_a_session_job_that_kills_its_workers_holds_up_the_next_until_it_is_halted(bench) -> None:
    server = bench.owner()
    first, second = bench.add(SESSION_JOBS[0]), bench.add(SESSION_JOBS[0])
    for _ in range(3):
        worker = bench.owner(server)
        assert bench.queue.claim(worker).reference == first
        worker.close()
    assert bench.queue.claim(server).reference == second
    assert bench.queue.status(first) == "halted"


def test_a_silent_worker_that_wakes_cannot_write_behind_the_next_session_job(bench, clock) -> None:
    first, second = bench.add(SESSION_JOBS[0]), bench.add(SESSION_JOBS[0])
    silent = bench.queue.claim(bench.owner())
    clock.now += 30
    worker = bench.owner()
    for reference in (first, second):
        claim = bench.queue.claim(worker)
        assert claim.reference == reference
        bench.queue.complete(claim, {})
    with pytest.raises(LeaseLost):
        bench.queue.complete(silent, {})


def test_a_claim_says_what_the_job_is_without_showing_its_payload(bench) -> None:
    reference = bench.add("compile", learner="Ada")
    claim = bench.queue.claim(bench.owner())
    assert (claim.reference, claim.job_type, claim.consumer, claim.organisation) == (reference, "compile", "key", 1)
    assert claim.payload == {"learner": "Ada"}
    assert claim.attempt == 1
    assert "Ada" not in repr(claim)
    assert bench.record(reference).status == "running"


def test_a_running_job_is_not_claimed_while_its_worker_lives_and_its_lease_runs(bench, clock) -> None:
    bench.add()
    assert bench.queue.claim(bench.owner())
    clock.now += 29.9
    assert bench.queue.claim(bench.owner()) is None


def test_a_lease_is_thirty_seconds_where_none_is_named(bench, clock) -> None:
    queue = JobQueue(bench.database, bench.state.owners, clock)
    bench.add()
    queue.claim(bench.owner())
    clock.now += 29.5
    assert queue.claim(bench.owner()) is None
    clock.now += 0.5
    assert queue.claim(bench.owner())


def test_an_idle_worker_looks_for_jobs_while_another_process_writes(bench) -> None:
    with closing(sqlite3.connect(bench.state.database)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert bench.queue.claim(bench.owner()) is None


def test_a_heartbeat_and_a_report_renew_the_lease(bench, clock) -> None:
    reference = bench.add()
    claim = bench.queue.claim(bench.owner())
    for renew in (bench.queue.heartbeat, lambda claim: bench.queue.progress(claim, {"users": 3})):
        clock.now += 29
        renew(claim)
        assert bench.queue.claim(bench.owner()) is None
    assert bench.record(reference).data == {"users": 3}


def test_a_completed_job_keeps_what_it_reported_last(bench, clock) -> None:
    reference = bench.add()
    claim = bench.queue.claim(bench.owner())
    bench.queue.progress(claim, {"users": 3})
    clock.now += 5
    bench.queue.complete(claim, {"users": 7})
    record = bench.record(reference)
    assert (record.status, record.data, record.error) == ("completed", {"users": 7}, None)
    assert record.dt_completed.timestamp() == clock.now
    assert not bench.queue.has_open()


def test_a_halted_job_has_a_reason_and_keeps_its_data(bench, clock) -> None:
    reference = bench.add()
    claim = bench.queue.claim(bench.owner())
    bench.queue.progress(claim, {"users": 3})
    bench.queue.halt(claim, REASON)
    record = bench.record(reference)
    assert (record.status, record.data, record.error) == ("halted", {"users": 3}, REASON)
    assert record.dt_completed.timestamp() == clock.now


@pytest.mark.parametrize(
    ("status", "end"),
    [
        ("completed", lambda queue, claim, connection: queue.complete(claim, {}, within=connection)),
        ("halted", lambda queue, claim, connection: queue.halt(claim, REASON, within=connection)),
    ],
    ids=["completed", "halted"],
)
def test_a_job_ends_together_with_other_writes_or_not_at_all(bench, status, end) -> None:
    reference = bench.add()
    claim = bench.queue.claim(bench.owner())

    def end_in_vain() -> None:
        with bench.database.transaction() as connection:
            end(bench.queue, claim, connection)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        end_in_vain()
    assert bench.record(reference).status == "running"
    with bench.database.transaction() as connection:
        end(bench.queue, claim, connection)
    assert bench.record(reference).status == status


@pytest.mark.parametrize(
    "write",
    [
        lambda queue, claim: queue.heartbeat(claim),
        lambda queue, claim: queue.progress(claim, {}),
        lambda queue, claim: queue.complete(claim, {"by": "the stale worker"}),
        lambda queue, claim: queue.halt(claim, REASON),
    ],
    ids=["heartbeat", "progress", "complete", "halt"],
)
@pytest.mark.parametrize("then", ["queued", "running", "completed", "halted"])
def test_a_worker_that_lost_its_job_cannot_change_it(bench, clock, write, then) -> None:
    reference = bench.add()
    stale_worker = bench.owner()
    stale = bench.queue.claim(stale_worker)
    clock.now += 31
    taker = stale_worker if then == "running" else bench.owner()  # the claim's number tells, even for one worker
    claim = bench.queue.claim(taker)
    if then == "queued":
        bench.queue.release(taker)
    elif then == "completed":
        bench.queue.complete(claim, {"by": "the new worker"})
    elif then == "halted":
        bench.queue.halt(claim, REASON)
    before = bench.record(reference)
    with pytest.raises(LeaseLost, match=reference):
        write(bench.queue, stale)
    assert bench.record(reference) == before
    assert before.status == then


def test_a_lease_that_ran_out_is_good_as_long_as_nobody_took_the_job(bench, clock) -> None:
    reference = bench.add()
    claim = bench.queue.claim(bench.owner())
    clock.now += 1000
    bench.queue.complete(claim, {})
    assert bench.record(reference).status == "completed"


def test_a_dead_workers_job_is_free_at_once_and_counted(bench) -> None:
    server = bench.owner()
    reference = bench.add()
    worker = bench.owner(server)
    bench.queue.claim(worker)
    worker.close()
    claim = bench.queue.claim(bench.owner(server))
    assert claim.reference == reference
    assert claim.attempt == 2
    assert bench.deaths(reference) == 1


@pytest.mark.parametrize("own_server", [True, False], ids=["in process", "served"])
def test_a_dead_servers_jobs_are_queued_again_uncounted(bench, own_server) -> None:
    reference = bench.add()
    for _ in range(5):
        server = bench.owner()
        worker = server if own_server else bench.owner(server)
        assert bench.queue.claim(worker).reference == reference
        server.close()
        worker.close()
    assert bench.queue.claim(bench.owner())
    assert bench.deaths(reference) == 0


@pytest.mark.parametrize("end", ["dies", "falls silent"])
def test_a_job_that_took_three_workers_with_it_is_halted(bench, clock, end) -> None:
    server = bench.owner()
    reference, other = bench.add(), bench.add()
    for attempt in (1, 2, 3):
        worker = bench.owner(server)
        claim = bench.queue.claim(worker)
        assert (claim.reference, claim.attempt) == (reference, attempt)
        if end == "dies":
            worker.close()
        else:
            clock.now += 31
    assert bench.queue.claim(bench.owner(server)).reference == other
    record = bench.record(reference)
    assert record.status == "halted"
    assert record.error["code"] == "poison"
    assert "3 times" in record.error["message"]
    assert record.error["details"] == []
    assert record.dt_completed.timestamp() == clock.now


def test_a_silent_worker_loses_its_job_and_is_counted(bench, clock) -> None:
    reference = bench.add()
    bench.queue.claim(bench.owner())
    clock.now += 30
    assert bench.queue.claim(bench.owner()).reference == reference
    assert bench.deaths(reference) == 1


def test_a_heartbeat_just_before_a_job_would_be_taken_away_saves_it(bench, clock, monkeypatch) -> None:
    bench.add()
    claim = bench.queue.claim(bench.owner())
    clock.now += 31
    transaction = bench.database.transaction

    def after_a_heartbeat():
        monkeypatch.undo()
        bench.queue.heartbeat(claim)
        return transaction()

    monkeypatch.setattr(bench.database, "transaction", after_a_heartbeat)
    assert bench.queue.claim(bench.owner()) is None
    bench.queue.complete(claim, {})


def test_released_jobs_are_queued_again_uncounted_and_only_the_owners(bench) -> None:
    mine, others = bench.owner(), bench.owner()
    bench.add()
    bench.add()
    first, second = bench.queue.claim(mine), bench.queue.claim(others)
    bench.queue.release(mine)
    assert bench.record(first.reference).status == "queued"
    assert bench.record(second.reference).status == "running"
    assert bench.deaths(first.reference) == 0
    with pytest.raises(LeaseLost):
        bench.queue.complete(first, {})


def test_many_workers_claim_every_job_once(bench) -> None:
    references = {bench.add() for _ in range(60)}
    owners = [bench.owner() for _ in range(6)]

    def drain(owner) -> list[str]:
        claimed = []
        while claim := bench.queue.claim(owner):
            claimed.append(claim.reference)
        return claimed

    with ThreadPoolExecutor(6) as pool:
        claimed = [reference for each in pool.map(drain, owners) for reference in each]
    assert len(claimed) == 60
    assert set(claimed) == references


def test_two_processes_share_one_queue_and_run_every_job_once(bench) -> None:
    references = {bench.add() for _ in range(60)}
    script = (
        "import pathlib, sys; from learnosity_nb.local.jobs.queue import JobQueue;"
        "from learnosity_nb.local.state.database import Database;"
        "from learnosity_nb.local.state.owners import Owner;"
        "root = pathlib.Path(sys.argv[1]); database = Database(root / 'state.sqlite3');"
        "queue = JobQueue(database, root / 'owners', lambda: 1_000_000.0); owner = Owner.open(root / 'owners')\n"
        "while claim := queue.claim(owner): queue.complete(claim, {}); print(claim.reference)"
    )
    command = [sys.executable, "-c", script, str(bench.state.root)]
    children = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(2)]
    ran = [line.decode().strip() for child in children for line in child.communicate(timeout=120)[0].splitlines()]
    assert [child.returncode for child in children] == [0, 0]
    assert sorted(ran) == sorted(references)
    assert {bench.queue.status(reference) for reference in references} == {"completed"}


def test_a_reference_can_be_chosen(bench) -> None:
    queue = JobQueue(bench.database, bench.state.owners, new_reference=lambda: UUID(int=7))
    assert queue.add("quick", consumer="key", organisation=None, payload={}) == str(UUID(int=7))


def test_not_a_number_is_not_stored(bench) -> None:
    claim_of = bench.add()
    claim = bench.queue.claim(bench.owner())
    with pytest.raises(ValueError, match="JSON"):
        bench.queue.complete(claim, {"mean": float("nan")})
    assert bench.record(claim_of).status == "running"
