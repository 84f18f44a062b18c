"""Every figure of every group against DuckDB, on real pupils and on a large made-up world."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from learnosity_nb import summarize_groups, summarize_users
from learnosity_nb.domain.fields import DEFAULT_FIELDS

FIELDS = [*DEFAULT_FIELDS, "p00_score", "p05_score", "p95_score", "p05_percent", "p95_percent", "p99_percent"]
SqlSummary = Callable[[pa.Table, pa.Table, Sequence[str], Sequence[str]], pd.DataFrame]


def assert_agree(found: pd.DataFrame, by_sql: pd.DataFrame) -> None:
    expected = by_sql.set_index("group_path").reindex(found["group_path"])
    assert len(found) == len(by_sql) == found["group_path"].nunique()
    for name in FIELDS:
        np.testing.assert_allclose(
            found[name].to_numpy("float64", na_value=np.nan),
            expected[name].to_numpy("float64", na_value=np.nan),
            rtol=1e-9,
            atol=1e-9,
            err_msg=name,
        )


def group(frame: pd.DataFrame, *path: str) -> pd.Series:
    return frame[frame["group_path"] == path].iloc[0]


@pytest.fixture(scope="module")
def chemistry(chem97: pd.DataFrame) -> tuple[pa.Table, pa.Table]:
    """The exam of each pupil, and an unmarked practice session of most; what was attempted is made up."""
    number = chem97["student"].astype("int64")
    exam = pd.DataFrame(
        {
            "session_id": "exam-" + chem97["student"],
            "user_id": chem97["student"],
            "activity_id": "exam",
            "score": chem97["score"],
            "max_score": 10.0,
            "attempted_max_score": np.minimum(10.0, chem97["score"] + number % 5),
        }
    )
    practised = chem97[number % 7 > 0]
    practice = pd.DataFrame(
        {
            "session_id": "practice-" + practised["student"],
            "user_id": practised["student"],
            "activity_id": "practice",
            "score": np.nan,
            "max_score": 6.0,
            "attempted_max_score": (number % 6).where(number % 4 > 0)[practised.index].astype("float64"),
        }
    )
    sessions = pd.concat([practice, exam])
    places = chem97[["lea", "school", "student"]].rename(columns={"student": "user_id"})
    roster = sessions[["user_id", "session_id"]].merge(places, on="user_id")
    tables = [pa.Table.from_pandas(frame, preserve_index=False) for frame in (sessions, roster)]
    return tables[0], tables[1]


@pytest.fixture(scope="module")
def chemistry_groups(chemistry: tuple[pa.Table, pa.Table]) -> pd.DataFrame:
    return summarize_groups(*chemistry, levels=["lea", "school"], fields=FIELDS)


def test_all_figures_of_all_chemistry_groups_are_those_of_sql(
    chemistry: tuple[pa.Table, pa.Table], chemistry_groups: pd.DataFrame, sql_summary: SqlSummary
) -> None:
    assert chemistry_groups["level"].value_counts().to_dict() == {0: 1, 1: 131, 2: 2410}
    assert_agree(chemistry_groups, sql_summary(*chemistry, ["lea", "school"], FIELDS))


def test_the_chemistry_figures_are_the_published_ones(chemistry_groups: pd.DataFrame) -> None:
    root = group(chemistry_groups)
    assert (root["population"], root["group_count"]) == (31_022, 131)
    assert root["mean_score"] == pytest.approx(5.812585, abs=5e-7)
    assert root["stddev_score"] == pytest.approx(3.319167, abs=5e-7)
    first = group(chemistry_groups, "001")
    assert (first["population"], first["group_count"], first["median_score"]) == (41, 2, 10)
    assert first["mean_score"] == pytest.approx(8.585366, abs=5e-7)


def test_a_school_with_one_pupil_has_no_standard_deviation(chemistry_groups: pd.DataFrame) -> None:
    alone = chemistry_groups[(chemistry_groups["level"] == 2) & (chemistry_groups["population"] == 1)]
    assert len(alone) == 162
    assert alone["stddev_score"].isna().all()
    assert (alone["lowest_score"] == alone["p95_score"]).all()


def test_the_pupils_own_scores_are_the_published_ones(chemistry: tuple[pa.Table, pa.Table]) -> None:
    users = summarize_users(*chemistry, levels=["lea", "school"], user_fields=["score", "seen_activities"])
    counts = {0: 3688, 2: 3627, 4: 4619, 6: 5739, 8: 6668, 10: 6681}
    assert users["score"].value_counts().to_dict() == counts
    assert users["seen_activities"].value_counts().to_dict() == {2: 26_591, 1: 4_431}


def star_tables(star: pd.DataFrame, levels: list[str]) -> tuple[pa.Table, pa.Table]:
    """A session for each pupil, year and subject; the scale's end stands for the maximum."""
    long = star.melt(["pupil", *dict.fromkeys(["grade", *levels])], ["read", "math"], "subject", "score")
    sessions = pa.table(
        {
            "session_id": pa.array(long["pupil"] + "-" + long["grade"] + "-" + long["subject"]),
            "user_id": pa.array(long["pupil"]),
            "activity_id": pa.array(long["subject"]),
            "score": pa.array(long["score"], from_pandas=True),
            "max_score": pa.array(np.full(len(long), 800.0)),
        }
    )
    roster = sessions.select(["user_id", "session_id"])
    for level in levels:
        roster = roster.append_column(level, pa.array(long[level]))
    return sessions, roster


def test_the_kindergarten_has_its_published_sizes(star: pd.DataFrame, sql_summary: SqlSummary) -> None:
    sessions, roster = star_tables(star[star["grade"] == "K"], ["school", "teacher"])
    found = summarize_groups(sessions, roster, ["school", "teacher"], FIELDS)
    assert found["level"].value_counts().to_dict() == {0: 1, 1: 79, 2: 339}
    assert group(found)["population"] == 6325
    assert_agree(found, sql_summary(sessions, roster, ["school", "teacher"], FIELDS))


def test_a_pupil_of_several_classes_counts_once_in_each_group_above(
    star: pd.DataFrame, sql_summary: SqlSummary
) -> None:
    levels = ["area", "school", "grade", "teacher"]
    sessions, roster = star_tables(star, levels)
    found = summarize_groups(sessions, roster, levels, FIELDS)
    by_level = found.groupby("level")["population"].sum()
    assert group(found)["population"] == 11_598
    assert 11_598 < by_level[1] < by_level[2] < by_level[3] == by_level[4] == 26_796
    moved = star.groupby("pupil")["school"].nunique()
    assert by_level[2] == moved.sum()
    assert (moved > 1).sum() == 446
    assert_agree(found, sql_summary(sessions, roster, levels, FIELDS))


@pytest.mark.filterwarnings("ignore:.*(do not count|sessions counts):UserWarning")  # the world lists such sessions
@pytest.mark.parametrize("seed", [1, 2])
def test_a_large_made_up_world_agrees_with_sql(seed: int, sql_summary: SqlSummary) -> None:
    sessions, roster = made_up_world(np.random.default_rng(seed), users=4000)
    found = summarize_groups(sessions, roster, ["district", "school", "class"], FIELDS)
    assert found["population"].min() == 1
    assert_agree(found, sql_summary(sessions, roster, ["district", "school", "class"], FIELDS))


def made_up_world(rng: np.random.Generator, users: int) -> tuple[pa.Table, pa.Table]:
    """Users in several groups; null, negative and zero marks; names that come back under other parents."""
    count = rng.integers(0, 7, users)
    owner = np.repeat(np.arange(users), count)
    n = len(owner)
    top = rng.choice([0.0, 2.5, 10.0, 20.0], n, p=[0.05, 0.2, 0.5, 0.25])
    score = np.where(rng.random(n) < 0.1, np.nan, (rng.uniform(-0.2, 1, n) * top).round(2))
    sessions = pd.DataFrame(
        {
            "session_id": np.char.add("s", np.arange(n).astype(str)),
            "user_id": np.char.add("u", np.where(rng.random(n) < 0.02, 0, owner).astype(str)),
            "score": score,
            "max_score": np.where(rng.random(n) < 0.01, np.nan, top),
            "activity_id": np.where(rng.random(n) < 0.1, None, np.char.add("a", rng.integers(0, 4, n).astype(str))),
            "status": rng.choice(["Completed", "Completed", "Completed", "Incomplete", None], n),
            "attempted_max_score": np.where(rng.random(n) < 0.2, np.nan, (rng.random(n) * top).round(1)),
        }
    )
    lines = pd.DataFrame({"user_id": np.char.add("u", owner.astype(str)), "session_id": sessions["session_id"]})
    lines = pd.concat([lines, lines.sample(frac=0.2, random_state=int(rng.integers(1000)))])
    idle = pd.DataFrame({"user_id": [f"u{user}" for user in np.flatnonzero(count == 0)], "session_id": None})
    gone = pd.DataFrame({"user_id": ["u1", "u2"], "session_id": ["gone-1", "gone-2"]})
    roster = pd.concat([lines, idle, gone]).sample(frac=1, random_state=int(rng.integers(1000)))
    home = pd.Series(rng.integers(0, 400, len(roster)), index=range(len(roster)))
    number = roster["user_id"].str[1:].astype("int64").to_numpy()
    leaf = np.where(rng.random(len(roster)) < 0.1, home, number % 397)
    leaf[:30] = 400 + np.arange(30)  # classes of one pupil
    columns = {
        "district": [f"district {one % 3}" for one in leaf],
        "school": [f"school {one % 12 // 3}" for one in leaf],
        "class": [f"class {one // 12}" for one in leaf],
    }
    tables = [sessions, roster.reset_index(drop=True).assign(**columns)]
    sessions_table, roster_table = (pa.Table.from_pandas(frame, preserve_index=False) for frame in tables)
    return sessions_table, roster_table
