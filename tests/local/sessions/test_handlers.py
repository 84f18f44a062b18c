from __future__ import annotations

import threading
from typing import Any

import pytest

from learnosity_nb.local.jobs.worker import JobContext, run_next

KINDS = {"sessionsubscores": "session_id", "sessionstatuses": "statuses", "sessionmetadata": "session_metadata"}


def add(room, job_type: str, *entries: Any) -> str:
    return room.queue.add(job_type, consumer="key", organisation=None, payload={KINDS[job_type]: list(entries)})


def run(room, job_type: str, *entries: Any) -> dict[str, Any]:
    reference = add(room, job_type, *entries)
    assert run_next(room.queue, room.owner(), room.handlers)
    [record] = room.queue.records("key", references=[reference])[0]
    assert record.status == "completed", record
    return record.data


def response(session_id: str, score: float | None, item: str | None = "i") -> dict[str, Any]:
    return {
        "session_id": session_id,
        "response_id": f"{session_id}-{score}",
        "score": score,
        "max_score": 2.0,
        "item_reference": item,
    }


@pytest.fixture
def scored(room_of):
    sessions = [
        {"session_id": f"s{n}", "user_id": "u", "score": 1.0, "max_score": 9.0, "activity_id": "act" if n else None}
        for n in range(4)
    ]
    return room_of(
        sessions,
        responses=[response("s0", 1.5), response("s1", 2.0), response("s1", None), response("s2", None)],
        items=[{"activity_id": "act", "item_reference": "i", "subscore_id": "x", "subscore_title": "X"}],
    )


def scores(room) -> dict[str, tuple]:
    rows = room.store.table().to_pylist()
    return {row["session_id"]: (row.get("status"), row["score"], row["max_score"]) for row in rows}


def test_statuses_without_a_completed_one_have_no_followup(scored) -> None:
    entries = [{"session_id": "s1", "status": "Discarded"}, {"session_id": "s2", "status": "Incomplete"}]
    data = run(scored, "sessionstatuses", *entries)
    assert data == {"updated": 2, "statuses": {"Discarded": 1, "Incomplete": 1}, "followup": []}
    assert scores(scored) == {
        "s0": (None, 1.0, 9.0),
        "s1": ("Discarded", 1.0, 9.0),
        "s2": ("Incomplete", 1.0, 9.0),
        "s3": (None, 1.0, 9.0),
    }


def test_completed_sessions_are_scored_again(scored) -> None:
    data = run(scored, "sessionstatuses", *({"session_id": f"s{n}", "status": "Completed"} for n in range(4)))
    rescoring, subscores, *others = data["followup"]
    assert [(each["session_id"], each["score"]) for each in rescoring["sessions"]] == [
        ("s0", 1.5),
        ("s1", 2),
        ("s2", None),
    ]
    assert rescoring["ignored_sessions"] == ["s3"]
    assert [each["session_id"] for each in subscores["sessions"]] == ["s1", "s2"]
    assert subscores["ignored_sessions"] == ["s0", "s3"]
    assert [(each["task"], each["status"]) for each in others] == [
        ("push_events", "not_available_locally"),
        ("adaptive_reports", "not_available_locally"),
    ]
    completed = {"s0": (1.5, 2.0), "s1": (2.0, 4.0), "s2": (None, 2.0), "s3": (1.0, 9.0)}
    assert scores(scored) == {name: ("Completed", *figures) for name, figures in completed.items()}


def test_subscores_leave_the_score_of_a_session(scored) -> None:
    data = run(scored, "sessionsubscores", "s1", "s3")
    assert [each["session_id"] for each in data["sessions"]] == ["s1"]
    assert data["ignored_sessions"] == ["s3"]
    assert scores(scored)["s1"] == (None, 1.0, 9.0)


def test_a_session_that_is_gone_when_the_job_runs_is_no_fault(scored) -> None:
    data = run(scored, "sessionstatuses", {"session_id": "gone", "status": "Completed"})
    assert data["followup"][0]["ignored_sessions"] == ["gone"]
    assert "gone" not in scores(scored)


def test_a_worker_whose_lease_ran_out_writes_nothing(scored) -> None:
    entry = {"session_id": "s1", "metadata": '{"by": "the stale worker"}'}
    reference = add(scored, "sessionmetadata", entry)
    taken = []

    def slow(job: JobContext) -> Any:
        outcome = scored.handlers["sessionmetadata"](job)
        scored.now += 31
        taken.append(scored.queue.claim(scored.owner()))
        return outcome

    assert run_next(scored.queue, scored.owner(), {"sessionmetadata": slow})
    assert taken[0].reference == reference
    assert scored.queue.status(reference) == "running"
    assert scored.store.updates.last_change() == 0
    scored.queue.complete(taken[0], {})
    assert scored.queue.status(reference) == "completed"


def test_two_workers_on_one_store_write_each_result_once(scored) -> None:
    with scored.database.transaction() as connection:
        connection.execute("CREATE TABLE written (session_id TEXT, change INTEGER)")
        for moment in ("INSERT", "UPDATE"):
            connection.execute(
                f"CREATE TRIGGER log_{moment} AFTER {moment} ON session_updates "
                "BEGIN INSERT INTO written VALUES (NEW.session_id, NEW.change); END"
            )
    references = [add(scored, "sessionmetadata", {"session_id": f"m{n}", "metadata": "{}"}) for n in range(30)]
    references += [add(scored, "sessionstatuses", {"session_id": f"t{n}", "status": "Completed"}) for n in range(30)]

    def work() -> None:
        owner = scored.owner()
        while run_next(scored.queue, owner, scored.handlers):
            pass

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert {scored.queue.status(reference) for reference in references} == {"completed"}
    written = scored.database.read("SELECT session_id, change FROM written")
    assert sorted(row["session_id"] for row in written) == sorted(f"{kind}{n}" for kind in "mt" for n in range(30))
    assert sorted(row["change"] for row in written) == list(range(1, 61))
