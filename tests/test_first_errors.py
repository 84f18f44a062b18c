"""The errors a newcomer meets first: each is this package's own and says what to do."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import learnosity_nb as lnb

LEVELS = ["district", "school", "class"]
COURSE = "course-v1:Sample+World+2026"


@dataclass(frozen=True)
class Desk:
    """What a newcomer has in hand."""

    world: Any
    lrn: lnb.Connection
    dataset: lnb.Dataset
    folder: Path

    def summarize(self, **changes: Any) -> pd.DataFrame:
        given = {"sessions": self.world.sessions, "roster": self.world.roster, "levels": LEVELS}
        return lnb.summarize_groups(**given | changes)

    def build(self, **options: Any) -> lnb.Dataset:
        return self.lrn.build_dataset(self.world.roster, **{"levels": LEVELS} | options)

    def file(self, name: str, content: bytes = b"") -> Path:
        (self.folder / name).write_bytes(content)
        return self.folder / name


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    world = lnb.sample_world(learners=60)
    frames = {"sessions": world.sessions, "learners": world.learners, "engagement": world.engagement}
    with lnb.connect_local(**frames, progress=False) as lrn:
        dataset = lrn.build_dataset(world.roster, LEVELS, ["population", "mean_score"], user_fields=["score"])
        yield Desk(world, lrn, dataset, tmp_path_factory.mktemp("desk"))


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("LEARNOSITY_", "LEARNER_"))]:
        monkeypatch.delenv(name)


ERRORS: dict[str, tuple[Callable[[Desk], object], type[Exception], str]] = {
    "columns of another name": (
        lambda desk: desk.summarize(sessions=desk.world.sessions.rename(columns={"session_id": "Session ID"})),
        lnb.ColumnError,
        "no column `session_id`; did you mean `Session ID`",
    ),
    "ids in the index": (
        lambda desk: desk.summarize(sessions=desk.world.sessions.set_index("session_id")),
        lnb.ColumnError,
        r"pass frame\.reset_index\(\)",
    ),
    "a level misspelt": (
        lambda desk: desk.summarize(levels=["district", "scool"]),
        lnb.ColumnError,
        "no column `scool`; did you mean `school`",
    ),
    "levels as one text": (lambda desk: desk.summarize(levels="school"), lnb.InputError, "a list .* not 'school'"),
    "levels as None": (lambda desk: desk.summarize(levels=None), lnb.InputError, "a list .* not None"),
    "levels as a set": (lambda desk: desk.summarize(levels={"school"}), lnb.InputError, "from the top level down"),
    "levels as numbers": (lambda desk: desk.summarize(levels=[1]), lnb.InputError, r"levels\[0\]: .* must be text"),
    "no levels": (lambda desk: desk.summarize(levels=[]), lnb.InputError, "name at least one level"),
    "an unknown field": (
        lambda desk: desk.summarize(fields=["mean_scor"]),
        lnb.InputError,
        "no field `mean_scor`; did you mean `mean_score`",
    ),
    "fields as a number": (lambda desk: desk.summarize(fields=5), lnb.InputError, "a list of field names, not 5"),
    "a Series": (
        lambda desk: desk.summarize(sessions=desk.world.sessions["score"]),
        lnb.InputError,
        "must be a DataFrame .* not Series. Pass a table with columns such as session_id",
    ),
    "a list": (lambda desk: desk.summarize(roster=[1]), lnb.InputError, "The roster must be a DataFrame .* not list"),
    "a frame without columns": (
        lambda desk: desk.summarize(sessions=pd.DataFrame()),
        lnb.ColumnError,
        "no column `max_score`",
    ),
    "scores with a decimal comma": (
        lambda desk: desk.summarize(sessions=desk.world.sessions.assign(score="7,5")),
        lnb.ColumnError,
        r"row 1, score: expected a number such as 7\.5",
    ),
    "a time in words": (
        lambda desk: desk.summarize(mintime="yesterday"),
        lnb.InputError,
        "mintime: expected Unix seconds or a time such as 2026-",
    ),
    "a date for a time": (lambda desk: desk.summarize(mintime="2026-01-01"), lnb.InputError, "a time of day too"),
    "no such file": (lambda desk: desk.summarize(sessions="none.csv"), lnb.InputError, r"There is no file none\.csv"),
    "a workbook as roster": (
        lambda desk: desk.summarize(roster=desk.file("roster.xlsx")),
        lnb.InputError,
        "Save a workbook's sheet as CSV UTF-8",
    ),
    "a workbook called CSV": (
        lambda desk: desk.summarize(roster=desk.file("roster.csv", b"PK\x03\x04")),
        lnb.InputError,
        "is a workbook .* Save its sheet as CSV UTF-8",
    ),
    "nothing to connect to": (lambda desk: lnb.connect_local(), lnb.InputError, "Pass either a data directory or"),
    "a frame for the directory": (
        lambda desk: lnb.connect_local(desk.world.sessions),
        lnb.InputError,
        "Pass a frame by its name: sessions=frame",
    ),
    "a path for the frame": (
        lambda desk: lnb.connect_local(sessions="sessions.csv"),
        lnb.InputError,
        "Read the file first, with pandas.read_csv",
    ),
    "a file for the directory": (
        lambda desk: lnb.connect_local(desk.file("sessions.csv")),
        lnb.InputError,
        "is a file. Pass its directory",
    ),
    "no such directory": (lambda desk: lnb.connect_local("nowhere"), lnb.InputError, "no data directory nowhere"),
    "a directory without data": (
        lambda desk: lnb.connect_local(Path(__file__).parent),
        lnb.InputError,
        "Looked for sessions, .* ending in .parquet, .csv, .ndjson",
    ),
    "a sort field that is not among the fields": (
        lambda desk: desk.build(fields=["population"], sort_field="mean_score"),
        lnb.InputError,
        "sort_field: must be one of population",
    ),
    "a sort order in words": (
        lambda desk: desk.build(sort_order="descending"),
        lnb.InputError,
        "sort_order: must be one of desc, asc",
    ),
    "an empty roster": (
        lambda desk: desk.lrn.build_dataset(desk.world.roster[:0], LEVELS),
        lnb.InputError,
        "The roster has no rows",
    ),
    "a type of dataset that is not": (
        lambda desk: desk.build(dataset_type="summary"),
        lnb.InputError,
        "must be sessions-summary-by-group or",
    ),
    "a group misspelt": (lambda desk: desk.dataset.groups(["Orego"]), lnb.GroupNotFound, "did you mean `Oregon`"),
    "a path as one text": (lambda desk: desk.dataset.groups("Oregon"), lnb.InputError, "Pass a list of group names"),
    "users of a group above the last level": (
        lambda desk: desk.dataset.users(["Oregon"]),
        lnb.InputError,
        "give all 3 parts of the path, not 1",
    ),
    "no job": (lambda desk: desk.lrn.wait(None), lnb.InputError, "wait needs the reference of a job"),
    "a status of jobs": (lambda desk: desk.lrn.jobs(status="done"), lnb.InputError, "queued, running, halted, compl"),
    "a course misspelt": (
        lambda desk: desk.lrn.learners(COURSE[:-1]),
        lnb.ApiError,
        r"no course .* did you mean `course-v1:Sample\+World\+2026`",
    ),
    "a segment misspelt": (
        lambda desk: desk.lrn.learners(COURSE, segments=["disengagin"]),
        lnb.ApiError,
        "no segment 'disengagin'; there are .*disengaging",
    ),
    "no keys": (
        lambda desk: lnb.connect(),
        lnb.CredentialsError,
        r"LEARNOSITY_CONSUMER_KEY and LEARNOSITY_CONSUMER_SECRET .* Without an account, use connect_local",
    ),
    "a key without its secret": (lambda desk: lnb.connect("key"), lnb.InputError, r"must be Consumer\(key, secret\)"),
    "an empty secret": (lambda desk: lnb.Consumer("key", ""), lnb.CredentialsError, "secret must be a text that is n"),
    "an address without https": (
        lambda desk: lnb.connect(lnb.Consumer("k", "s"), url="127.0.0.1:9"),
        lnb.InputError,
        "must begin with https://",
    ),
    "a file of no frame": (lambda desk: lnb.to_csv([1], "x.csv"), lnb.InputError, "writes a DataFrame, not list"),
    "a directory that is not there": (
        lambda desk: lnb.to_csv(desk.dataset.groups(), "nowhere/x.csv"),
        lnb.InputError,
        "no directory nowhere. Create it first",
    ),
    "a summary that is none": (lambda desk: lnb.truncate_summary([1]), lnb.InputError, "the frame of summarize_groups"),
}


@pytest.mark.parametrize("case", ERRORS)
def test_an_error_says_what_to_do(case: str, desk: Desk) -> None:
    call, kind, said = ERRORS[case]
    with pytest.raises(kind, match=said) as caught:
        call(desk)
    assert isinstance(caught.value, lnb.LearnosityError)
    assert "Traceback" not in str(caught.value)


def test_semicolons_and_a_polars_frame_are_no_errors(desk: Desk) -> None:
    polars = pytest.importorskip("polars")
    desk.world.sessions.to_csv(desk.folder / "semicolons.csv", sep=";", index=False)
    expected = desk.summarize()
    pd.testing.assert_frame_equal(desk.summarize(sessions=desk.folder / "semicolons.csv"), expected)
    pd.testing.assert_frame_equal(desk.summarize(roster=polars.from_pandas(desk.world.roster)), expected)


def test_ids_of_another_kind_are_a_warning_that_shows_both(desk: Desk) -> None:
    numbered = desk.world.sessions.assign(session_id=range(len(desk.world.sessions)))
    with pytest.warns(UserWarning, match=r"None of the \d+ listed sessions .* the roster lists '.*', sessions has '0'"):
        desk.summarize(sessions=numbered)


def test_a_lazy_polars_frame_is_told_to_collect(desk: Desk) -> None:
    polars = pytest.importorskip("polars")
    with pytest.raises(lnb.InputError, match=r"not LazyFrame. Pass frame.collect\(\)"):
        desk.summarize(sessions=polars.from_pandas(desk.world.sessions).lazy())


def test_a_port_in_use_is_said_with_what_to_do(desk: Desk) -> None:
    data = desk.folder / "served"
    desk.world.write(data)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        command = [sys.executable, "-m", "learnosity_nb.cli", "serve", "--data", str(data)]
        refused = subprocess.run([*command, f"--port={taken.getsockname()[1]}"], capture_output=True, text=True)
    assert refused.returncode == 1
    assert "Choose another --port; 0 takes a free one" in refused.stderr
