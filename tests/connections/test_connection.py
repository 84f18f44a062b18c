"""Connections: building, finding again after a restart, jobs, and input that cannot be used."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import learnosity_nb as lnb
from learnosity_nb.connections import building, lines
from learnosity_nb.connections.connection import Connection
from learnosity_nb.local.jobs.worker import ThreadWorker

LEVELS = ["district", "school", "class"]
Crowd = tuple[pd.DataFrame, pd.DataFrame]


def test_a_roster_over_many_files_gives_the_same_dataset(
    crowd: Crowd, local: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = local.build_dataset(crowd[1], LEVELS).walk()
    monkeypatch.setattr(lines, "LINES_PER_FILE", 50)
    many = local.build_dataset(crowd[1], LEVELS)
    assert_frame_equal(many.walk(), one)


def test_time_bounds_are_the_services(crowd: Crowd) -> None:
    sessions, roster = crowd
    sessions["dt_completed"] = pd.date_range("2026-01-01", periods=len(sessions), freq="h", tz="UTC")
    sessions["dt_completed"] += pd.Timedelta("400ms")
    bounds = {"mintime": "2026-01-10T00:00:00.4Z", "maxtime": "2026-01-20T00:00:00.400Z"}  # inclusive, to the fraction
    with lnb.connect_local(sessions=sessions) as lrn:
        built = lrn.build_dataset(roster, LEVELS, **bounds).walk()  # type: ignore[arg-type]
    assert_frame_equal(built, lnb.truncate_summary(lnb.summarize_groups(sessions, roster, LEVELS, **bounds)))  # type: ignore[arg-type]
    assert built["mean_seen_activities"].iloc[0] < 1


def test_a_dataset_is_there_after_a_restart(crowd: Crowd, tmp_path: Path) -> None:
    sessions, roster = crowd
    sessions.to_parquet(tmp_path / "sessions.parquet")
    with lnb.connect_local(tmp_path) as first:
        dataset = first.build_dataset(roster, {"district": "District", "school": "School", "class": "Class"})
        walked, job = dataset.walk(), first.jobs()["reference"].item()
    with lnb.connect_local(tmp_path) as second:
        again = second.open_dataset(dataset.dataset_id)
        assert repr(again) == repr(dataset)
        assert_frame_equal(again.walk(), walked)
        assert second.wait(job)["status"].tolist() == ["completed"]
    assert sorted(path.name for path in tmp_path.iterdir()) == [".learnosity_nb", "sessions.parquet"]


def test_a_changed_sessions_file_counts_in_the_next_dataset(crowd: Crowd, tmp_path: Path) -> None:
    sessions, roster = crowd
    sessions.to_parquet(tmp_path / "sessions.parquet")
    with lnb.connect_local(tmp_path) as lrn:
        before = lrn.build_dataset(roster, LEVELS, ["highest_score"]).group()["highest_score"].item()
        sessions.assign(score=sessions["score"] + 1).to_parquet(tmp_path / "sessions.parquet")
        after = lrn.build_dataset(roster, LEVELS, ["highest_score"]).group()["highest_score"].item()
    assert after == before + 2  # the best user has two sessions


def test_a_frame_changed_after_it_was_given_does_not_count(crowd: Crowd, local: Connection) -> None:
    before = local.build_dataset(crowd[1], LEVELS, ["mean_score"]).walk()
    crowd[0].loc[:, "score"] = 0.0
    assert_frame_equal(local.build_dataset(crowd[1], LEVELS, ["mean_score"]).walk(), before)


def test_a_data_directory_in_the_home_is_found(crowd: Crowd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(variable, str(tmp_path))
    (tmp_path / "data").mkdir()
    crowd[0].to_parquet(tmp_path / "data" / "sessions.parquet")
    with lnb.connect_local("~/data"):
        assert (tmp_path / "data" / ".learnosity_nb").is_dir()


def test_jobs_say_what_was_done(crowd: Crowd, local: Connection) -> None:
    local.build_dataset(crowd[1], LEVELS, ["population"])
    record = local.jobs(status="completed").iloc[0]
    assert record["data"]["users"] == crowd[1]["user_id"].nunique()
    assert record["data"]["warnings"] == {}
    assert record["data"]["sessions"] == {"counted": 900, "unknown": 0, "user_mismatch": 0, "not_counted": 0}
    assert local.jobs(status=["halted"]).empty
    assert local.jobs(references=[record["reference"]])["reference"].tolist() == [record["reference"]]
    with pytest.raises(lnb.InputError, match="status"):
        local.jobs(status="done")


def test_a_session_under_two_users_is_named_and_nothing_is_sent(crowd: Crowd, local: Connection) -> None:
    roster = crowd[1].copy()
    roster.loc[1, "session_id"] = "session 0"
    with pytest.raises(lnb.InputError, match="'session 0' is listed for 2 users"):
        local.build_dataset(roster, LEVELS)
    assert local.jobs().empty


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"fields": ["mean_scor"]}, "did you mean `mean_score`"),
        ({"fields": ["population"], "sort_field": "mean_score"}, "sort_field"),
        ({"sort_order": "up"}, "desc, asc"),
        ({"user_fields": ["score"], "users_sort_field": "max_score"}, "users_sort_field"),
        ({"fields": []}, "fields is empty"),
        ({"mintime": "2026-02-01T00:00:00Z", "maxtime": 0}, "mintime is after maxtime"),
        ({"maxtime": "2026-02-01"}, "time of day"),
    ],
)
def test_wrong_parameters_are_named_before_anything_is_sent(
    crowd: Crowd, local: Connection, options: dict[str, object], said: str
) -> None:
    with pytest.raises(lnb.InputError, match=said):
        local.build_dataset(crowd[1], LEVELS, **options)  # type: ignore[arg-type]
    assert local.jobs().empty


def test_wrong_columns_of_a_roster_are_named(crowd: Crowd, local: Connection) -> None:
    with pytest.raises(lnb.InputError, match="did you mean `pupil`"):
        local.build_dataset(crowd[1].rename(columns={"user_id": "pupil"}), LEVELS)
    with pytest.raises(lnb.InputError, match="no rows"):
        local.build_dataset(crowd[1].iloc[:0], LEVELS)


def test_more_than_fifty_sessions_are_refused_with_the_user_and_nothing_is_sent(
    local: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "initialise", lambda api, request: pytest.fail("something was sent"))
    roster = pd.DataFrame({"user_id": ["ann"], "session_id": [[f"s{n}" for n in range(51)]], "class": ["7a"]})
    with pytest.raises(lnb.InputError, match="user 'ann' has 51 sessions"):
        local.build_dataset(roster, ["class"])


def test_faults_found_by_the_service_are_an_input_error(crowd: Crowd, local: Connection) -> None:
    plan = building.plan_dataset(
        crowd[1],
        LEVELS,
        fields=None,
        user_fields=None,
        sort_field=None,
        sort_order="desc",
        users_sort_field=None,
        users_sort_order="desc",
        mintime=None,
        maxtime=None,
    )
    plan.request["groups"] = plan.request["groups"][:2]  # the uploaded paths have three parts
    with pytest.raises(lnb.InputError, match="path_length: ") as caught:
        building.build(local.api, local.transfers, plan, timeout=None, show=False, on_start=lambda made, job: None)
    assert caught.value.count == len(plan.roster.place_user)
    assert len(caught.value.faults) == 20
    first = caught.value.faults[0]
    assert (first.file, first.line, first.key, first.kind) == ("0.ndjson", 1, "group_path", "path_length")
    assert local.jobs().empty


def test_a_job_that_cannot_be_done_says_why(tmp_path: Path, crowd: Crowd) -> None:
    sessions, roster = crowd
    sessions.to_csv(tmp_path / "sessions.csv", index=False)
    with lnb.connect_local(tmp_path) as lrn:
        (tmp_path / "sessions.csv").write_text("session_id,user_id,score,max_score\ns1,u1,many,20\n", encoding="utf-8")
        with pytest.raises(lnb.JobHalted, match="sessions") as caught:
            lrn.build_dataset(roster, LEVELS)
        halted = lrn.jobs(status="halted").iloc[0]
        assert halted["reference"] == caught.value.reference
        assert halted["error"]["details"][0]["line"] == 2


def test_a_timeout_leaves_the_job_and_remembers_the_dataset(
    crowd: Crowd, local: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(ThreadWorker, "wake", lambda worker: None)  # nobody takes the job
        with pytest.raises(lnb.JobTimeout) as caught:
            local.build_dataset(crowd[1], LEVELS, timeout=0)
    assert "open_dataset(" in caught.value.__notes__[-1]
    local.build_dataset(crowd[1], LEVELS, ["population"])
    assert local.wait(caught.value.reference)["status"].tolist() == ["completed"]
    made = local.jobs(references=[caught.value.reference])["data"].item()["dataset_id"]
    assert len(local.open_dataset(made).groups()) == 3
    assert local.open_dataset(made).levels is not None


def test_waiting_for_an_unknown_job_ends(local: Connection) -> None:
    with pytest.raises(lnb.JobError, match="x-y-z"):
        local.wait("x-y-z", timeout=0)


def test_a_dataset_id_must_be_a_text(local: Connection) -> None:
    with pytest.raises(lnb.InputError, match="dataset_id"):
        local.open_dataset("")


def test_connections_show_where_they_lead(tmp_path: Path, crowd: Crowd) -> None:
    crowd[0].to_csv(tmp_path / "sessions.csv", index=False)
    with lnb.connect_local(tmp_path) as lrn:
        assert repr(lrn) == f"Connection(local, {tmp_path})"
    lrn.close()
    consumer = lnb.Consumer("key-1", "secret-CANARY")
    with lnb.connect(consumer, url="http://127.0.0.1:1") as hosted:
        assert repr(hosted) == "Connection(http://127.0.0.1:1, consumer 'key-1')"
    with pytest.raises(lnb.InputError, match="either a data directory or sessions"):
        lnb.connect_local()


def test_a_hundred_thousand_users_in_four_thousand_groups() -> None:
    count = 100_000
    roster = pd.DataFrame({"user_id": [f"u{n}" for n in range(count)], "session_id": [f"s{n}" for n in range(count)]})
    roster["district"] = [f"d{n % 7}" for n in range(count)]
    roster["class"] = [f"c{n % 4000}" for n in range(count)]
    sessions = pd.DataFrame({"session_id": roster["session_id"], "user_id": roster["user_id"]})
    sessions["score"], sessions["max_score"] = [float(n % 21) for n in range(count)], 20.0
    with lnb.connect_local(sessions=sessions) as lrn:
        dataset = lrn.build_dataset(roster, ["district", "class"], ["population", "mean_score"])
        assert dataset.group()["population"].item() == count
        assert dataset.group(["d3", "c1018"])["population"].item() == 4
        assert lrn.jobs()["data"].item()["groups"] == 1 + 7 + 28_000
