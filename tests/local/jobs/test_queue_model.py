"""The queue against a model of twenty lines: whatever workers do, each job ends once, in its turn, and none is lost."""

from __future__ import annotations

import random
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from learnosity_nb.local.jobs.queue import Claim, JobQueue, LeaseLost
from learnosity_nb.local.state.database import Database
from learnosity_nb.local.state.directory import open_state
from learnosity_nb.local.state.owners import Owner

LEASE = 30.0
SESSION_JOBS = ("sessionstatuses", "sessionmetadata")


@dataclass
class Job:
    job_type: str
    status: str = "queued"
    attempt: int = 0
    deaths: int = 0
    owner: Owner | None = None
    lease_until: float = 0.0
    ended: int = 0


class QueueMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        state = open_state(self.folder, data=None)
        references = random.Random(7)
        self.now = 1_000_000.0
        self.owners = state.owners
        self.database = Database(state.database)
        self.database.read("PRAGMA synchronous = OFF")
        self.queue = JobQueue(
            self.database, self.owners, lambda: self.now, lambda: UUID(int=references.getrandbits(128)), lease=LEASE
        )
        self.jobs: dict[str, Job] = {}  # in the order they were accepted
        self.line: list[str] = []  # session jobs in the order they ended
        self.claims: list[Claim] = []
        self.alive: dict[str, Owner] = {}

    def teardown(self) -> None:
        for owner in self.alive.values():
            owner.close()
        self.alive.clear()
        if self.jobs:
            self.open_worker(served=False)
            [worker] = self.alive.values()
            while claim := self.queue.claim(worker):
                self.queue.complete(claim, {})
            worker.close()
        assert not self.queue.has_open()
        self.database.close()
        shutil.rmtree(self.folder)

    @initialize()
    def begin(self) -> None:
        self.open_worker(served=True)
        self.add("quick")

    @precondition(lambda self: sum(not job.ended for job in self.jobs.values()) < 3)
    @rule(job_type=st.sampled_from(["quick", *SESSION_JOBS]))
    def add(self, job_type: str) -> None:
        reference = self.queue.add(job_type, consumer="key", organisation=None, payload={})
        self.jobs[reference] = Job(job_type)

    @rule(seconds=st.sampled_from([-5.0, 0.5, 29.5, 30.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @precondition(lambda self: len(self.alive) < 4)
    @rule(served=st.booleans())
    def open_worker(self, served: bool) -> None:
        servers = [owner for owner in self.alive.values() if owner.server == owner.id]
        worker = Owner.open(self.owners, servers[0].id if served and servers else None)
        self.alive[worker.id] = worker

    @precondition(lambda self: self.alive)
    @rule(data=st.data())
    def die(self, data: st.DataObject) -> None:
        owner_id = data.draw(st.sampled_from(list(self.alive)))
        self.alive.pop(owner_id).close()

    @precondition(lambda self: self.alive)
    @rule(data=st.data())
    def claim(self, data: st.DataObject) -> None:
        worker = data.draw(st.sampled_from(list(self.alive.values())))
        self.lose_jobs()
        line_moves = not any(job.status == "running" and job.job_type in SESSION_JOBS for job in self.jobs.values())
        accepted = [
            reference
            for reference, job in self.jobs.items()
            if job.status == "queued" and (line_moves or job.job_type not in SESSION_JOBS)
        ]
        claim = self.queue.claim(worker)
        assert ([claim.reference] if claim else []) == accepted[:1]
        if claim:
            job = self.jobs[claim.reference]
            job.status, job.owner, job.lease_until = "running", worker, self.now + LEASE
            job.attempt += 1
            assert claim.attempt == job.attempt
            self.claims.append(claim)

    def lose_jobs(self) -> None:
        for reference, job in self.jobs.items():
            if job.status != "running":
                continue
            died = job.owner.id not in self.alive
            silent = not died and job.lease_until <= self.now
            if died or silent:
                blamed = silent or (job.owner.server != job.owner.id and job.owner.server in self.alive)
                job.deaths += blamed
                job.status, job.owner = "queued", None
                if job.deaths == 3:
                    job.status, job.ended = "halted", job.ended + 1
                    if job.job_type in SESSION_JOBS:
                        self.line.append(reference)

    def holds(self, claim: Claim) -> bool:
        job = self.jobs[claim.reference]
        return job.status == "running" and job.owner.id == claim.owner and job.attempt == claim.attempt

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), write=st.sampled_from(["heartbeat", "progress", "complete", "halt"]))
    def write(self, data: st.DataObject, write: str) -> None:
        claim = data.draw(st.sampled_from(self.claims[-4:]))
        held = self.holds(claim)
        argument = {
            "heartbeat": (),
            "progress": ({},),
            "complete": ({},),
            "halt": ({"code": 50100, "message": "no", "details": []},),
        }
        try:
            getattr(self.queue, write)(claim, *argument[write])
        except LeaseLost:
            assert not held
            return
        assert held
        job = self.jobs[claim.reference]
        job.lease_until = self.now + LEASE
        if write in ("complete", "halt"):
            job.status = {"complete": "completed", "halt": "halted"}[write]
            job.owner, job.ended = None, job.ended + 1
            if job.job_type in SESSION_JOBS:
                self.line.append(claim.reference)

    @precondition(lambda self: self.alive)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        worker = data.draw(st.sampled_from(list(self.alive.values())))
        self.queue.release(worker)
        for job in self.jobs.values():
            if job.status == "running" and job.owner is worker:
                job.status, job.owner = "queued", None

    @invariant()
    def the_queue_is_as_the_model(self) -> None:
        rows = self.database.read("SELECT * FROM jobs")
        stored = {row["reference"]: (row["status"], row["attempt"], row["deaths"], row["owner"]) for row in rows}
        assert stored == {
            reference: (job.status, job.attempt, job.deaths, job.owner.id if job.owner else None)
            for reference, job in self.jobs.items()
        }
        line = [reference for reference, job in self.jobs.items() if job.job_type in SESSION_JOBS]
        assert self.line == line[: len(self.line)]
        assert all(job.ended == (job.status in ("completed", "halted")) for job in self.jobs.values())


def test_the_queue_behaves_as_its_model() -> None:
    run_state_machine_as_test(QueueMachine, settings=settings(max_examples=60, stateful_step_count=50, deadline=None))
