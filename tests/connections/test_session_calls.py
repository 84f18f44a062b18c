"""Calls on sessions against the local service: changes, their effects, refusals, and reading everything back."""

from __future__ import annotations

import copy
import pickle
import warnings
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import learnosity_nb as lnb
from learnosity_nb.connections import batches
from learnosity_nb.connections.connection import Connection
from learnosity_nb.files.sample_world import SampleWorld
from learnosity_nb.wire import session_jobs
from learnosity_nb.wire.client import DataApi

LEVELS = ["district", "school", "class"]


@pytest.fixture(scope="module")
def world() -> SampleWorld:
    return lnb.sample_world(seed=3, learners=640)


@pytest.fixture
def directory(world: SampleWorld, tmp_path: Path) -> Path:
    world.write(tmp_path, format="parquet")
    return tmp_path


@pytest.fixture
def lrn(directory: Path) -> Iterator[Connection]:
    with lnb.connect_local(directory) as connection:
        yield connection


@pytest.fixture
def known(world: SampleWorld) -> pd.DataFrame:
    return world.sessions[["session_id", "user_id", "status"]].astype("str")


def test_a_thousand_statuses_are_ten_requests_and_one_result(lrn: Connection, known: pd.DataFrame) -> None:
    frame = known.head(1000).assign(status=["Discarded", "Incomplete"] * 500)
    batch = lrn.update_session_statuses(frame)
    assert isinstance(batch, lnb.JobBatch)
    assert len(batch) == len(set(batch)) == 10
    ended = lrn.wait(batch)
    assert ended["reference"].tolist() == list(batch)
    assert set(ended["status"]) == {"completed"}
    now = lrn.sessions(what="statuses").set_index("session_id")["status"]
    assert now[frame["session_id"]].tolist() == frame["status"].tolist()
    untouched = known.iloc[1000:]
    assert now[untouched["session_id"]].tolist() == untouched["status"].tolist()


@pytest.mark.parametrize(("rows", "jobs"), [(1, 1), (100, 1), (101, 2), (200, 2)])
def test_requests_hold_a_hundred_sessions(lrn: Connection, known: pd.DataFrame, rows: int, jobs: int) -> None:
    result = lrn.update_session_statuses(known.head(rows).assign(status="Completed"))
    assert isinstance(result, lnb.JobReference if jobs == 1 else lnb.JobBatch)
    assert len(lrn.wait(result)) == jobs


def test_jobs_are_found_again_after_a_restart(directory: Path, known: pd.DataFrame) -> None:
    with lnb.connect_local(directory) as first:
        batch = first.update_session_statuses(known.head(250).assign(status="Discarded"))
    kept = [str(reference) for reference in batch]
    with lnb.connect_local(directory) as second:
        assert second.wait(kept)["status"].tolist() == ["completed"] * 3
        assert set(second.sessions(session_id=known["session_id"].head(250))["status"]) == {"Discarded"}


def test_a_discarded_session_leaves_the_next_summary(lrn: Connection, world: SampleWorld) -> None:
    done = world.sessions.query("status == 'Completed' and score.notna()")
    gone = done.head(5)
    lrn.wait(lrn.update_session_statuses(gone.assign(status="Discarded")))
    built = lrn.build_dataset(world.roster, LEVELS).walk()
    left = world.sessions.astype({"status": "str"})
    left.loc[left["session_id"].isin(gone["session_id"]), "status"] = "Discarded"
    assert_frame_equal(built, lnb.truncate_summary(lnb.summarize_groups(left, world.roster, LEVELS)))


def test_every_fault_of_a_frame_is_named_and_nothing_is_sent(lrn: Connection, known: pd.DataFrame) -> None:
    frame = known.head(300).assign(status="Completed")
    frame.loc[3, "status"] = "Done"
    frame.loc[250, "user_id"] = None
    frame.loc[299, "session_id"] = frame.loc[0, "session_id"]
    with pytest.raises(lnb.InputError) as caught:
        lrn.update_session_statuses(frame)
    places = {(fault.line, fault.key) for fault in caught.value.faults}
    assert places == {(4, "status"), (251, "user_id"), (300, "session_id")}
    assert lrn.jobs().empty


def test_a_refused_request_names_its_rows_and_what_was_accepted_before(lrn: Connection, known: pd.DataFrame) -> None:
    frame = known.head(350).assign(status="Discarded")
    frame.loc[210, "session_id"] = "nobody's"
    frame.loc[220, "user_id"] = "somebody else"
    with pytest.raises(lnb.InputError, match="20016") as caught:
        lrn.update_session_statuses(frame)
    places = [(fault.line, fault.key, fault.value) for fault in caught.value.faults]
    assert places == [(211, "session_id", '"nobody\'s"'), (221, "user_id", "'somebody else'")]
    request, accepted = caught.value.__notes__
    assert "rows 201 to 300 of 350; no later row was sent" in request
    listed = eval(accepted.partition("wait(")[2].rstrip(")."))
    assert lrn.wait(listed)["status"].tolist() == ["completed"] * 2
    changed = lrn.sessions(status="Discarded", what="statuses")["session_id"]
    assert set(frame["session_id"].head(200)) <= set(changed)
    assert not set(frame["session_id"].iloc[200:300]) & set(changed) - set(
        known.query("status == 'Discarded'")["session_id"]
    )


@pytest.mark.parametrize("stop", [lnb.UncertainOutcome("its answer was lost"), KeyboardInterrupt()])
def test_a_request_that_may_have_arrived_names_its_rows_and_what_was_accepted_before(
    lrn: Connection, known: pd.DataFrame, monkeypatch: pytest.MonkeyPatch, stop: BaseException
) -> None:
    sent = []

    def lose_the_second(api: DataApi, updates: list[object]) -> lnb.JobReference:
        sent.append(len(updates))
        if len(sent) == 2:
            raise stop
        return session_jobs.update_statuses(api, updates)  # type: ignore[arg-type]

    monkeypatch.setattr("learnosity_nb.connections.session_calls.update_statuses", lose_the_second)
    with pytest.raises(type(stop)) as caught:
        lrn.update_session_statuses(known.head(300).assign(status="Completed"))
    assert sent == [100, 100]
    assert "rows 101 to 200 of 300" in caught.value.__notes__[0]
    assert lrn.jobs()["reference"].item() in caught.value.__notes__[1]


def test_details_that_name_no_entry_leave_the_services_own_error() -> None:
    def refuse(part: object) -> lnb.JobReference:
        raise lnb.ApiError("no such session", code=20016, details=["text", {"key": "statuses[0]"}, {"message": "x"}])

    with pytest.raises(lnb.ApiError, match="no such session") as caught:
        batches.in_batches(["a"], refuse, what="statuses", show=False)
    assert caught.value.__notes__ == ["This was the request for rows 1 to 1 of 1; no later row was sent."]


@pytest.mark.parametrize("call", ["update_session_statuses", "set_session_metadata"])
def test_a_frame_without_rows_has_nothing_to_send(lrn: Connection, known: pd.DataFrame, call: str) -> None:
    with pytest.raises(lnb.InputError, match="There are no"):
        getattr(lrn, call)(known.head(0).assign(metadata=None))


def test_metadata_is_read_back(lrn: Connection, known: pd.DataFrame) -> None:
    tags = [{"type": "assignment_type", "name": "homework"}]
    frame = known.head(150).drop(columns="status")
    frame["metadata"] = pd.Series([{"row": row, "deep": {"ä": [1, None]}} for row in range(150)], dtype=object)
    frame["session_tags"] = pd.Series([tags] * 150, dtype=object)
    lrn.wait(lrn.set_session_metadata(frame))
    for what in ("scores", "statuses", "sessions"):
        found = lrn.sessions(what=what, include_metadata=True).set_index("session_id")["metadata"]
        assert found[frame["session_id"]].tolist() == [
            {"row": row, "deep": {"ä": [1, None]}, "session_tags": tags} for row in range(150)
        ]
        assert found[known["session_id"].iloc[150:]].map(len).sum() == 0
    some = lrn.sessions(session_id=frame["session_id"].iloc[7], include_metadata=["row", "absent"])
    assert some["metadata"].tolist() == [{"row": 7}]
    lrn.wait(lrn.set_session_metadata(frame.head(1).assign(metadata=['{"new": true}'], session_tags=None)))
    assert lrn.sessions(session_id=frame["session_id"][0], include_metadata=True)["metadata"].tolist() == [
        {"new": True}
    ]


def test_subscores_are_computed_and_read_back(lrn: Connection, world: SampleWorld) -> None:
    ids = world.sessions.query("activity_id == 'number-check'")["session_id"].head(120)
    batch = lrn.recalculate_subscores(ids)
    assert len(batch) == 2
    assert batch.ignored_sessions == ()  # type: ignore[union-attr]
    lrn.wait(batch)
    scores = lrn.sessions(session_id=list(ids)).set_index("session_id")
    assert {one["id"] for one in scores["subscores"].iloc[0]} == {"arithmetic", "algebra", "geometry"}
    own = world.responses.groupby("session_id")["score"].sum()
    totals = scores["subscores"].map(lambda parts: sum(part["score"] or 0 for part in parts))
    assert (totals == own[totals.index]).all()
    assert lrn.sessions(activity_id="reading-check")["subscores"].map(len).sum() == 0


def test_sessions_passed_over_are_warned_about_once_and_kept(lrn: Connection, known: pd.DataFrame) -> None:
    strange = [f"strange {number}" for number in range(101)]
    ids = [*strange[:60], *known["session_id"].head(60), *strange[60:]]
    with pytest.warns(UserWarning, match="101 sessions are passed over.*'strange 0'.* …") as caught:
        batch = lrn.recalculate_subscores(ids)
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert batch.ignored_sessions == tuple(strange)  # type: ignore[union-attr]
    assert set(lrn.wait(batch)["status"]) == {"completed"}


def test_one_request_of_subscores_is_one_reference(lrn: Connection, known: pd.DataFrame) -> None:
    with pytest.warns(UserWarning, match="1 sessions"):
        job = lrn.recalculate_subscores(["strange", known["session_id"][0], "strange"])
    assert isinstance(job, lnb.JobReference)
    assert job.ignored_sessions == ("strange",)  # type: ignore[attr-defined]
    for kept in (pickle.loads(pickle.dumps(job)), copy.copy(job)):
        assert kept == job
        assert kept.ignored_sessions == ("strange",)
    with warnings.catch_warnings():
        assert lrn.wait(str(job))["status"].tolist() == ["completed"]


@pytest.mark.parametrize(
    ("ids", "said"),
    [
        (["a", "", 3], "session_ids\\[1\\].*\n.*session_ids\\[2\\]"),
        ([], "There are no sessions"),
        (pd.DataFrame(), "column"),
    ],
)
def test_ids_that_cannot_be_ids_are_refused(lrn: Connection, ids: list[str], said: str) -> None:
    with pytest.raises(lnb.InputError, match=said):
        lrn.recalculate_subscores(ids)
    assert lrn.jobs().empty


def test_sessions_come_whole_with_the_values_of_the_files(lrn: Connection, world: SampleWorld) -> None:
    found = lrn.sessions(what="sessions").set_index("session_id")
    given = world.sessions.set_index("session_id").loc[found.index]
    assert len(found) == len(world.sessions) > 1000
    for name in (
        "user_id",
        "activity_id",
        "status",
        "score",
        "max_score",
        "num_attempted",
        "dt_started",
        "dt_completed",
    ):
        assert_frame_equal(found[[name]], given[[name]], check_dtype=False)
    assert (found["attempted_max_score"] == given["attempted_max_score"]).all()


def test_responses_come_whole(lrn: Connection, world: SampleWorld) -> None:
    keys = ["session_id", "response_id"]
    found = lrn.sessions(what="responses").sort_values(keys, ignore_index=True)
    given = world.responses.sort_values(keys, ignore_index=True)
    assert_frame_equal(found[list(given.columns)], given, check_dtype=False)


def test_more_than_a_thousand_ids_are_several_calls(lrn: Connection, known: pd.DataFrame) -> None:
    ids = [*known["session_id"], *[f"strange {number}" for number in range(1500)]]
    assert len(ids) > 2000
    found = lrn.sessions(session_id=ids, what="statuses")
    assert sorted(found["session_id"]) == sorted(known["session_id"])


def test_filters_pick_sessions(lrn: Connection, world: SampleWorld) -> None:
    given = world.sessions
    user = given["user_id"].iloc[0]
    assert set(lrn.sessions(user_id=user)["session_id"]) == set(given.query("user_id == @user")["session_id"])
    found = lrn.sessions(activity_id="number-check", status=["Incomplete", "Discarded"])
    expected = given.query("activity_id == 'number-check' and status != 'Completed'")
    assert set(found["session_id"]) == set(expected["session_id"])
    middle = given["dt_completed"].median()
    late = lrn.sessions(mintime_completed=middle, what="statuses")
    assert set(late["session_id"]) == set(given[given["dt_completed"] >= middle]["session_id"])


@pytest.mark.parametrize("what", ["scores", "statuses", "sessions", "responses"])
def test_no_sessions_are_a_frame_of_the_same_dtypes(lrn: Connection, what: str) -> None:
    none = lrn.sessions(session_id="strange", what=what)
    assert none.empty
    assert none.dtypes.equals(lrn.sessions(user_id="learner0001", what=what).dtypes)
    assert lrn.sessions(user_id=[], what=what).dtypes.equals(none.dtypes)


def test_a_frame_of_sessions_can_be_summarised_again(lrn: Connection, world: SampleWorld) -> None:
    pulled = lrn.sessions(what="sessions")
    again = lnb.summarize_groups(pulled, world.roster, LEVELS)
    assert_frame_equal(again, lnb.summarize_groups(world.sessions, world.roster, LEVELS))


def test_what_cannot_be_listed_is_refused(lrn: Connection) -> None:
    with pytest.raises(lnb.InputError, match="what must be one of"):
        lrn.sessions(what="marks")
    with pytest.raises(lnb.InputError, match="no metadata"):
        lrn.sessions(what="responses", include_metadata=True)
    with pytest.raises(lnb.InputError, match="mintime_started is after"):
        lrn.sessions(mintime_started=9, maxtime_started=8)


def test_frames_of_responses_and_items_give_subscores() -> None:
    world = lnb.sample_world(learners=40)
    with lnb.connect_local(sessions=world.sessions, responses=world.responses, items=world.items) as lrn:
        chosen = world.sessions["session_id"].head(3).tolist()
        done = lrn.wait(lrn.recalculate_subscores(chosen))
        assert [one["session_id"] for one in done["data"].item()["sessions"]] == chosen
    with pytest.raises(lnb.InputError, match="need sessions=DataFrame"):
        lnb.connect_local(learners=world.learners, items=world.items)
