from __future__ import annotations

import hashlib
import uuid
from pathlib import Path

import pandas as pd
import pytest

from learnosity_nb.domain.group_paths import parse_levels
from learnosity_nb.errors import InputError
from learnosity_nb.files.columns import TABLES
from learnosity_nb.files.data_directory import DataDirectory
from learnosity_nb.files.rosters import check_roster
from learnosity_nb.files.sample_world import SampleWorld, sample_world
from learnosity_nb.files.tables import check_table

LEVELS = parse_levels(["district", "school", "class"])
SHA256 = {
    "sessions": "062e77ef2009e99047d43b5321709cb3cf096ccf8d5722c8a1881c20212465e5",
    "roster": "601a08ccfb7cf27558ee22edfed10a9ca042f7b78c95459ac9ce6778497c8daf",
    "learners": "3e2bf7dce01b74dedfaf8b58f1b42bb960359fbce0138074cf97bc5ad5b3d15f",
    "engagement": "0aac7240b163a2acdf4bee3c2837da3de38fb7c41371cbbb8facc3a1924fc12d",
    "responses": "366959b6c962a97a68873aafb5728e552c9db7e29d0aca39dfebb4e25954cf5c",
    "items": "57d048c8f2828fc672637188796134854d2ce69fe587b43ecf3f582ee6d5de5e",
}


@pytest.fixture(scope="module")
def world() -> SampleWorld:
    return sample_world()


def test_the_files_of_a_small_world_are_the_same_on_every_machine(tmp_path: Path) -> None:
    files = sample_world(seed=7, learners=40).write(tmp_path)
    assert {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()} == SHA256


def test_another_seed_gives_another_world() -> None:
    assert not sample_world(1, 40).sessions.equals(sample_world(2, 40).sessions)


def test_every_table_passes_its_own_check(world: SampleWorld) -> None:
    assert set(world.tables) == set(TABLES)
    for name, frame in world.tables.items():
        if name == "roster":
            assert check_roster(frame, LEVELS).num_rows == len(frame)
        else:
            checked = check_table(frame, TABLES[name])
            assert set(checked.column_names) == set(frame.columns) == set(TABLES[name].names)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_written_world_is_a_data_directory_with_the_same_rows(kind: str, tmp_path: Path) -> None:
    world = sample_world(3, 60)
    files = world.write(tmp_path / "data", kind)  # type: ignore[arg-type]
    assert [path.name for path in files.values()] == [f"{name}.{kind}" for name in world.tables]
    directory = DataDirectory(tmp_path / "data")
    for name, frame in world.tables.items():
        if name == "roster":
            roster = directory.read_roster(LEVELS)
            assert roster is not None
            assert roster.equals(check_roster(frame, LEVELS))
        else:
            assert directory.read(name).to_pydict() == check_table(frame, TABLES[name]).to_pydict()  # type: ignore[union-attr]


def test_districts_schools_and_classes_are_nested_and_uneven(world: SampleWorld) -> None:
    sizes = world.roster.groupby(["district", "school", "class"]).user_id.nunique()
    assert ("Oregon", "Springfield", "7b") in sizes.index
    assert sizes.index.get_level_values("district").nunique() == 3
    assert (world.roster.groupby("school").district.nunique() == 1).all()
    assert sizes.min() == 1
    assert sizes["Oregon", "Springfield", "9c"] == 1
    assert sizes.max() >= 25


def test_the_roster_lists_every_learner_and_every_session_once(world: SampleWorld) -> None:
    assert set(world.roster.user_id) == set(world.learners.username)
    listed = world.roster.session_id.dropna()
    assert listed.is_unique
    assert set(listed) == set(world.sessions.session_id)
    by_session = world.sessions.set_index("session_id").user_id
    assert (by_session[listed].to_numpy() == world.roster.user_id[listed.index].to_numpy()).all()


def test_some_learners_have_no_session_and_a_few_two_classes(world: SampleWorld) -> None:
    assert 5 < world.roster.session_id.isna().sum() < 60
    classes = world.roster.groupby("user_id")["class"].nunique()
    assert 1 <= (classes > 1).sum() <= 20
    assert classes.max() == 2


def test_session_ids_are_uuids(world: SampleWorld) -> None:
    assert all(str(uuid.UUID(text)) == text and uuid.UUID(text).version == 5 for text in world.sessions.session_id)


def test_sessions_have_every_status_and_some_no_score(world: SampleWorld) -> None:
    assert set(world.sessions.status) == {"Completed", "Incomplete", "Discarded"}
    assert 1 <= world.sessions.score.isna().sum() < 60
    assert (world.sessions.dt_completed.isna() == (world.sessions.status == "Incomplete")).all()
    ended = world.sessions.dropna(subset="dt_completed")
    assert (ended.dt_completed > ended.dt_started).all()


def test_sessions_add_up_from_their_responses(world: SampleWorld) -> None:
    responses = world.responses.assign(
        tried=world.responses.max_score.where(world.responses.attempted, 0.0),
        unscored=world.responses.max_score.where(world.responses.score.isna(), 0.0),
    )
    groups = responses.groupby("session_id")
    sessions = world.sessions.set_index("session_id")
    expected = {
        "score": groups.score.sum(min_count=1),
        "max_score": groups.max_score.sum(),
        "attempted_max_score": groups.tried.sum(),
        "unscored_max_score": groups.unscored.sum(),
        "num_attempted": groups.attempted.sum(),
        "num_questions": groups.size(),
    }
    for name, column in expected.items():
        pd.testing.assert_series_equal(
            column.astype(float).sort_index(), sessions[name].astype(float).sort_index(), check_names=False
        )
    assert (sessions.score.dropna() <= sessions.max_score[sessions.score.notna()]).all()
    assert world.responses.response_id.is_unique


def test_items_belong_to_the_responses_and_have_subscores(world: SampleWorld) -> None:
    assert set(world.items.item_reference) == set(world.responses.item_reference)
    assert world.items.groupby("activity_id").subscore_id.nunique().min() >= 2


@pytest.mark.parametrize(("seed", "learners"), [(2026, 480), (1, 5000)])
def test_a_quarter_of_the_learners_is_inactive(seed: int, learners: int) -> None:
    engagement = sample_world(seed, learners).engagement
    end = engagement.date.max() + pd.Timedelta(days=1)
    recent = engagement[engagement.date >= end - pd.Timedelta(days=14)]
    assert 0.2 <= 1 - recent.username.nunique() / learners <= 0.3


def test_engagement_covers_five_weeks_with_quiet_week_ends(world: SampleWorld) -> None:
    days = world.engagement.groupby("date").username.nunique()
    assert len(days) == 35
    assert days.index.min() == pd.Timestamp("2026-01-12")  # a Monday
    by_weekday = days.groupby(days.index.day_of_week).mean()
    assert by_weekday[5] < 0.7 * by_weekday[1]


def test_engagement_rows_are_distinct_and_counted(world: SampleWorld) -> None:
    keys = ["username", "date", "entity_type", "event", "entity_id"]
    assert not world.engagement.duplicated(keys).any()
    assert world.engagement["count"].min() == 1
    pairs = set(zip(world.engagement.entity_type, world.engagement.event, strict=True))
    assert pairs == {
        ("problem", "attempted"),
        ("problem", "completed"),
        ("video", "viewed"),
        ("discussion", "contributed"),
    }


def test_problems_are_completed_on_a_day_they_were_attempted_and_some_never(world: SampleWorld) -> None:
    keys = ["username", "date", "entity_id"]
    tried = world.engagement[world.engagement.event == "attempted"]
    solved = world.engagement[world.engagement.event == "completed"]
    assert len(solved.merge(tried, on=keys)) == len(solved)
    assert set(tried.username) - set(solved.username)


def test_learners_have_ties_in_their_week(world: SampleWorld) -> None:
    week = world.engagement[world.engagement.date >= pd.Timestamp("2026-02-09")]
    totals = week[week.event == "attempted"].groupby("username", observed=True).entity_id.nunique()
    assert totals.duplicated().any()


def test_everybody_is_invented(world: SampleWorld) -> None:
    assert world.learners.name.str.fullmatch(r"Synthetic Learner \d{4}").all()
    assert world.learners.email.str.endswith("@example.invalid").all()
    assert set(world.learners.enrollment_mode) == {"audit", "verified", "honor"}
    assert set(world.learners.cohort.dropna()) == {"Group A", "Group B"}
    assert world.learners.cohort.isna().any()
    assert 1 <= (~world.learners.enrolled).sum() <= 40
    assert set(world.learners.course_id) == {world.course_id} == {"course-v1:Sample+World+2026"}


@pytest.mark.parametrize("learners", [1, 2, 30, 5000])
def test_worlds_of_any_size(learners: int) -> None:
    world = sample_world(1, learners)
    assert len(world.learners) == learners
    assert world.roster.user_id.nunique() == learners
    schools = world.roster.groupby("school").district.nunique()
    assert (schools == 1).all()


def test_files_that_exist_are_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "items.parquet").write_bytes(b"mine")
    with pytest.raises(InputError, match=r"holds items\.parquet already"):
        sample_world(1, 5).write(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["items.parquet"]


def test_a_place_that_is_no_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="cannot be made"):
        sample_world(1, 5).write(tmp_path / "file")


def test_another_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="csv or parquet"):
        sample_world(1, 5).write(tmp_path, "xlsx")  # type: ignore[arg-type]


@pytest.mark.parametrize(("seed", "learners"), [(-1, 5), (1.5, 5), (True, 5), (1, 0), (1, 1_000_001), (1, "5")])
def test_seeds_and_sizes_out_of_range_are_refused(seed: int, learners: int) -> None:
    with pytest.raises(InputError, match="must be a whole number from"):
        sample_world(seed, learners)


def test_the_world_shows_its_size_not_its_rows(world: SampleWorld) -> None:
    assert repr(world).startswith("SampleWorld(rows of sessions: ")
    assert "Synthetic" not in repr(world)


def test_a_data_directory_may_begin_at_home_and_holds_data_files_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    paths = sample_world(learners=1).write("~/world")
    assert sorted(paths.values()) == sorted((tmp_path / "world").iterdir())
