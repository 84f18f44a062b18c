"""A mirror: everything once, whatever interrupts it, and later only what changed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from filelock import FileLock
from pandas.testing import assert_frame_equal

import learnosity_nb as lnb
from learnosity_nb.connections import mirroring
from learnosity_nb.connections.connection import Connection
from learnosity_nb.connections.mirror_journal import Journal, Marks
from learnosity_nb.files.sample_world import SampleWorld
from learnosity_nb.wire.client import DataApi
from learnosity_nb.wire.envelope import Answer
from learnosity_nb.wire.sessions import SessionPage

Call = Callable[..., Answer]


@pytest.fixture(scope="module")
def world() -> SampleWorld:
    return lnb.sample_world(seed=4, learners=300)


@pytest.fixture
def source(world: SampleWorld, tmp_path: Path) -> Iterator[Connection]:
    world.write(tmp_path / "source", format="parquet")
    with lnb.connect_local(tmp_path / "source") as connection:
        yield connection


class Line:
    """The way to the service: it counts the calls, and can break."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[dict[str, object]] = []
        self.break_at: int | None = None
        self.with_error: BaseException = lnb.ConnectionFailed("the network is down")
        whole = DataApi.call

        def call(api: DataApi, endpoint: str, action: str, request: dict[str, object], **options: object) -> Answer:
            if endpoint == "sessions/responses":
                self.asked.append(dict(request))
                if len(self.asked) == self.break_at:
                    raise self.with_error
            return whole(api, endpoint, action, request, **options)  # type: ignore[arg-type]

        monkeypatch.setattr(DataApi, "call", call)


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Line:
    return Line(monkeypatch)


def files(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def ids(directory: Path) -> list[str]:
    return pd.read_parquet(directory / "sessions.parquet")["session_id"].tolist()


def test_a_mirror_holds_the_sessions_and_responses_of_its_source(
    source: Connection, world: SampleWorld, tmp_path: Path
) -> None:
    done = lnb.mirror(source, tmp_path / "mine")
    assert (done.taken, done.sessions, done.responses) == (len(world.sessions),) * 2 + (len(world.responses),)
    assert (done.since, done.resumed) == (None, False)
    assert files(done.directory) == [".learnosity_nb", "responses.parquet", "sessions.parquet"]
    with lnb.connect_local(done.directory) as own:
        levels = ["district", "school", "class"]
        built = own.build_dataset(world.roster, levels, activity_ids=None).walk()
        given = world.sessions.drop(columns="unscored_max_score")
        assert_frame_equal(built, lnb.truncate_summary(lnb.summarize_groups(given, world.roster, levels)))
        keys = ["session_id", "response_id"]
        mine = own.sessions(what="responses").sort_values(keys, ignore_index=True)
        theirs = source.sessions(what="responses").sort_values(keys, ignore_index=True)
        assert_frame_equal(mine, theirs)


def test_an_interrupted_mirror_of_ten_thousand_sessions_ends_with_exactly_ten_thousand(
    line: Line, tmp_path: Path
) -> None:
    count = 10_000
    sessions = pd.DataFrame(
        {"session_id": [f"s{n}" for n in range(count)], "user_id": [f"u{n % 3000}" for n in range(count)]}
    )
    sessions["score"], sessions["max_score"] = [float(n % 21) for n in range(count)], 20.0
    sessions["dt_completed"] = pd.Timestamp("2026-01-01", tz="UTC") + pd.to_timedelta(
        [n // 7 for n in range(count)], "min"
    )
    target = tmp_path / "mine"
    with lnb.connect_local(sessions=sessions) as source:
        for break_at in (73, 74, 150):
            line.break_at = break_at
            with pytest.raises(lnb.ConnectionFailed, match="network") as caught:
                lnb.mirror(source, target)
            assert "call mirror again" in caught.value.__notes__[0]
            assert files(target) == [".learnosity_nb"]
        done = lnb.mirror(source, target)
    assert (done.taken, done.sessions, done.resumed) == (count, count, True)
    assert len(line.asked) == 200 + 1 + 3, "each page came once, beside the three calls that failed"
    assert sorted(ids(target)) == sorted(sessions["session_id"])
    assert {len(asked["status"]) for asked in line.asked} == {4}  # type: ignore[arg-type]
    assert {asked["limit"] for asked in line.asked} == {50}


def test_an_interruption_at_any_page_changes_nothing(line: Line, tmp_path: Path) -> None:
    lnb.sample_world(seed=4, learners=140).write(tmp_path / "source", format="parquet")
    with lnb.connect_local(tmp_path / "source") as source:
        whole = lnb.mirror(source, tmp_path / "whole")
        calls = len(line.asked)
        assert calls > 5
        expected = pq.read_table(tmp_path / "whole" / "sessions.parquet")
        for stop in range(1, calls + 1):
            line.asked, line.break_at, line.with_error = [], stop, KeyboardInterrupt()
            with pytest.raises(KeyboardInterrupt):
                lnb.mirror(source, tmp_path / f"cut {stop}")
            line.break_at = None
            done = lnb.mirror(source, tmp_path / f"cut {stop}")
            assert (done.sessions, done.responses, done.resumed) == (whole.sessions, whole.responses, stop > 1)
            assert pq.read_table(done.directory / "sessions.parquet").equals(expected)
            assert len(line.asked) == calls + 1


@pytest.mark.parametrize("cut", [1, 40])
def test_a_page_that_was_cut_off_is_taken_again(source: Connection, line: Line, tmp_path: Path, cut: int) -> None:
    line.break_at = 4
    with pytest.raises(lnb.ConnectionFailed):
        lnb.mirror(source, tmp_path / "mine")
    (journal,) = (tmp_path / "mine").glob(".learnosity_nb/mirror/*.ndjson")
    journal.write_bytes(journal.read_bytes()[:-cut])
    line.asked, line.break_at = [], None
    done = lnb.mirror(source, tmp_path / "mine")
    assert len(ids(done.directory)) == len(set(ids(done.directory))) == done.sessions == len(source.sessions())
    assert not list((tmp_path / "mine").glob(".learnosity_nb/mirror/*.ndjson"))


def test_a_later_run_takes_only_what_was_updated_since(
    source: Connection, line: Line, world: SampleWorld, tmp_path: Path
) -> None:
    first = lnb.mirror(source, tmp_path / "mine")
    changed = world.sessions.query("status == 'Completed'").head(70)
    source.wait(source.update_session_statuses(changed.assign(status="Discarded")))
    line.asked = []
    second = lnb.mirror(source, tmp_path / "mine")
    assert (second.taken, second.sessions, second.responses) == (70, first.sessions, first.responses)
    assert second.since is not None
    assert {asked["mintime"] for asked in line.asked} == {int(second.since.timestamp())}
    assert len(line.asked) == 3
    kept = pd.read_parquet(tmp_path / "mine" / "sessions.parquet").set_index("session_id")
    assert set(kept.loc[changed["session_id"], "status"]) == {"Discarded"}
    assert kept.index.is_unique


def test_an_interrupted_later_run_loses_nothing(
    source: Connection, line: Line, world: SampleWorld, tmp_path: Path
) -> None:
    lnb.mirror(source, tmp_path / "mine")
    before = ids(tmp_path / "mine")
    source.wait(source.update_session_statuses(world.sessions.head(180).assign(status="Incomplete")))
    line.asked, line.break_at = [], 3
    with pytest.raises(lnb.ConnectionFailed):
        lnb.mirror(source, tmp_path / "mine")
    assert ids(tmp_path / "mine") == before
    done = lnb.mirror(source, tmp_path / "mine")
    assert done.resumed
    assert len({json.dumps(asked["mintime"]) for asked in line.asked}) == 1
    kept = pd.read_parquet(tmp_path / "mine" / "sessions.parquet").set_index("session_id")["status"]
    assert set(kept[world.sessions["session_id"].head(180)]) == {"Incomplete"}
    assert sorted(kept.index) == sorted(before)


def test_without_its_files_a_mirror_begins_again(source: Connection, tmp_path: Path) -> None:
    first = lnb.mirror(source, tmp_path / "mine")
    (tmp_path / "mine" / "responses.parquet").unlink()
    again = lnb.mirror(source, tmp_path / "mine")
    assert (again.since, again.taken, again.responses) == (None, first.sessions, first.responses)


def test_without_its_files_what_an_interrupted_later_run_left_is_not_enough(
    source: Connection, line: Line, world: SampleWorld, tmp_path: Path
) -> None:
    first = lnb.mirror(source, tmp_path / "mine")
    source.wait(source.update_session_statuses(world.sessions.head(180).assign(status="Incomplete")))
    line.asked, line.break_at = [], 3
    with pytest.raises(lnb.ConnectionFailed):
        lnb.mirror(source, tmp_path / "mine")
    (tmp_path / "mine" / "sessions.parquet").unlink()
    again = lnb.mirror(source, tmp_path / "mine")
    assert (again.sessions, again.responses, again.resumed) == (first.sessions, first.responses, False)


def test_a_service_that_names_no_next_page_is_at_its_end(source: Connection, line: Line, tmp_path: Path) -> None:
    line.break_at = 3
    with pytest.raises(lnb.ConnectionFailed):
        lnb.mirror(source, tmp_path / "mine")
    (journal,) = (tmp_path / "mine").glob(".learnosity_nb/mirror/*.ndjson")
    *pages, last = [json.loads(page) for page in journal.read_text(encoding="utf-8").splitlines()]
    journal.write_text("".join(json.dumps(page) + "\n" for page in [*pages, {**last, "next": None}]), encoding="utf-8")
    line.asked = []
    assert lnb.mirror(source, tmp_path / "mine").sessions == 100
    assert line.asked == []


def test_mirrors_with_other_filters_add_to_the_same_files(
    source: Connection, world: SampleWorld, tmp_path: Path
) -> None:
    sizes = world.sessions["activity_id"].value_counts()
    first = lnb.mirror(source, tmp_path / "mine", activity_id="reading-check")
    assert (first.taken, first.sessions) == (sizes["reading-check"],) * 2
    second = lnb.mirror(source, tmp_path / "mine", activity_id=["number-check"])
    assert (second.taken, second.sessions, second.since) == (sizes["number-check"], sizes.sum(), None)
    assert sorted(ids(tmp_path / "mine")) == sorted(world.sessions["session_id"])
    third = lnb.mirror(source, tmp_path / "mine", activity_id="reading-check")
    assert (third.taken, third.sessions) == (0, sizes.sum())
    assert third.since is not None


def test_more_than_a_thousand_users_are_several_requests(
    source: Connection, world: SampleWorld, tmp_path: Path
) -> None:
    users = [*(f"stranger {n}" for n in range(1000)), *world.sessions["user_id"].unique()]
    done = lnb.mirror(source, tmp_path / "mine", user_id=users, status=["Completed"])
    assert done.sessions == (world.sessions["status"] == "Completed").sum()


def test_a_bound_of_ones_own_is_kept(source: Connection, line: Line, world: SampleWorld, tmp_path: Path) -> None:
    middle = world.sessions["dt_started"].median()
    done = lnb.mirror(source, tmp_path / "mine", mintime=middle)
    assert 0 < done.sessions < len(world.sessions)
    assert done.since == pd.Timestamp(middle).floor("s")
    assert line.asked[0]["mintime"] == int(middle.timestamp())


def test_a_mirror_of_nothing_is_a_directory_of_empty_tables(source: Connection, tmp_path: Path) -> None:
    done = lnb.mirror(source, tmp_path / "mine", activity_id="none")
    assert (done.taken, done.sessions, done.responses) == (0, 0, 0)
    with lnb.connect_local(done.directory) as own:
        assert own.sessions().empty


def test_a_place_that_the_service_forgot_means_to_begin_again(source: Connection, line: Line, tmp_path: Path) -> None:
    line.break_at = 5
    with pytest.raises(lnb.ConnectionFailed):
        lnb.mirror(source, tmp_path / "mine")
    line.asked, line.break_at = [], 1
    line.with_error = lnb.ApiError("next is not known", code=20004, status=400)
    done = lnb.mirror(source, tmp_path / "mine")
    assert line.asked[0]["next"]
    assert "next" not in line.asked[1]
    assert len(ids(done.directory)) == len(set(ids(done.directory))) == len(source.sessions())


@pytest.mark.parametrize("error", [lnb.ServerError("down", status=503), lnb.ApiError("no right", status=403)])
def test_what_the_service_refuses_at_a_later_page_is_raised(
    source: Connection, line: Line, tmp_path: Path, error: lnb.ApiError
) -> None:
    line.break_at, line.with_error = 3, error
    with pytest.raises(lnb.ApiError) as caught:
        lnb.mirror(source, tmp_path / "mine")
    assert caught.value is error


def test_a_session_on_two_pages_is_there_once_as_on_the_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mirroring, "ROWS_AT_ONCE", 2)
    journal = Journal(tmp_path / "j.ndjson")
    for number, score in enumerate([1, 2, 3]):
        pair = [{"session_id": name, "user_id": "u", "score": score} for name in ("always", f"only {number}")]
        journal.add(SessionPage((*pair, pair[0]), str(number), 5))  # type: ignore[arg-type]
    sessions, responses = mirroring._tables([journal])
    assert sessions.select(["session_id", "score"]).to_pylist() == [
        {"session_id": "only 0", "score": 1.0},
        {"session_id": "only 1", "score": 2.0},
        {"session_id": "only 2", "score": 3.0},
        {"session_id": "always", "score": 3.0},
    ]
    assert responses.num_rows == 0


def test_sessions_that_no_mirror_put_there_are_left_alone(
    source: Connection, world: SampleWorld, tmp_path: Path
) -> None:
    own = tmp_path / "own"
    own.mkdir()
    world.sessions.head(1).to_parquet(own / "sessions.parquet")
    with pytest.raises(lnb.InputError, match="sessions of its own"):
        lnb.mirror(source, own)
    (own / "sessions.parquet").rename(own / "elsewhere.parquet")
    (own / "responses.csv").write_text("session_id\n", encoding="utf-8")
    with pytest.raises(lnb.InputError, match=r"holds responses\.csv"):
        lnb.mirror(source, own)
    assert files(own) == ["elsewhere.parquet", "responses.csv"]


def test_other_tables_of_the_directory_stay(source: Connection, world: SampleWorld, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    lnb.to_csv(world.items, tmp_path / "mine" / "items.csv")
    done = lnb.mirror(source, tmp_path / "mine")
    with lnb.connect_local(done.directory) as own:
        job = own.recalculate_subscores(own.sessions(activity_id="number-check")["session_id"].head(3))
        assert own.wait(job)["status"].tolist() == ["completed"]


def test_two_mirrors_do_not_write_to_one_directory(source: Connection, tmp_path: Path) -> None:
    lnb.mirror(source, tmp_path / "mine", activity_id="none")
    with (
        FileLock(tmp_path / "mine" / ".learnosity_nb" / "mirror" / "lock"),
        pytest.raises(lnb.StateError, match="Another"),
    ):
        lnb.mirror(source, tmp_path / "mine")


def test_a_place_that_cannot_be_written_is_named(source: Connection, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(lnb.StateError, match="cannot be written"):
        lnb.mirror(source, tmp_path / "file")


def test_files_of_ones_own_put_in_place_of_the_mirrors_are_refused(source: Connection, tmp_path: Path) -> None:
    lnb.mirror(source, tmp_path / "mine")
    (tmp_path / "mine" / "sessions.parquet").write_bytes(b"spoiled")
    with pytest.raises(lnb.InputError, match="not a file of sessions that were mirrored"):
        lnb.mirror(source, tmp_path / "mine")


def test_a_wrong_filter_is_named_before_anything_is_made(source: Connection, tmp_path: Path) -> None:
    with pytest.raises(lnb.InputError, match="status"):
        lnb.mirror(source, tmp_path / "mine", status="done")
    assert not (tmp_path / "mine").exists()


def test_what_was_kept_is_on_the_disk_or_the_error_says_so(tmp_path: Path) -> None:
    with pytest.raises(lnb.StateError, match="cannot be written"):
        Journal(tmp_path / "no folder" / "j.ndjson").add(SessionPage((), None, 1))


def test_marks_that_cannot_be_read_are_none(tmp_path: Path) -> None:
    marks = Marks(tmp_path / "marks.json")
    assert marks.read() == {}
    marks.write({"key": 7})
    assert Marks(tmp_path / "marks.json").read() == {"key": 7}
    (tmp_path / "marks.json").write_bytes(b'{"key": "x"}')
    assert marks.read() == {}
