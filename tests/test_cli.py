"""The command line, run as an analyst runs it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click
import pandas as pd
import pytest
from click.testing import CliRunner, Result

import learnosity_nb as lnb
from learnosity_nb.cli import main
from learnosity_nb.files.sample_world import MOST_LEARNERS

LEVELS = ["district", "school", "class"]


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def world(tmp_path: Path) -> Path:
    folder = tmp_path / "world"
    assert run("sample", folder, "--learners", "60").exit_code == 0
    return folder


def summarize(world: Path, output: Path, *more: str) -> Result:
    sources = ("--sessions", world / "sessions.csv", "--roster", world / "roster.csv")
    return run("summarize", *sources, "--levels", "district, school,class", "-o", output, *more)


def test_sample_writes_the_same_files_for_the_same_seed(world: Path, tmp_path: Path) -> None:
    again = run("sample", tmp_path / "again", "--learners", "60")
    other = run("sample", tmp_path / "other", "--learners", "60", "--seed", "1")
    assert again.exit_code == other.exit_code == 0
    for path in world.iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes()
    assert (world / "sessions.csv").read_bytes() != (tmp_path / "other" / "sessions.csv").read_bytes()
    assert str(tmp_path / "again" / "sessions.csv") in again.output


def test_sample_does_not_overwrite(world: Path) -> None:
    before = (world / "sessions.csv").read_bytes()
    refused = run("sample", world, "--learners", "70")
    assert refused.exit_code == 1
    assert "sessions.csv" in refused.output
    assert (world / "sessions.csv").read_bytes() == before


@pytest.mark.parametrize("learners", [0, MOST_LEARNERS + 1])
def test_sample_refuses_a_number_of_learners_it_cannot_make(tmp_path: Path, learners: int) -> None:
    refused = run("sample", tmp_path / "world", "--learners", str(learners))
    assert refused.exit_code == 2
    assert f"{learners} is not in the range 1<=x<={MOST_LEARNERS}" in refused.output
    assert not (tmp_path / "world").exists()


def test_summarize_writes_what_summarize_groups_gives(world: Path, tmp_path: Path) -> None:
    done = summarize(world, tmp_path / "groups.parquet", "--fields", "population,mean_score")
    assert done.exit_code == 0, done.output
    frame = pd.read_parquet(tmp_path / "groups.parquet")
    expected = lnb.summarize_groups(
        world / "sessions.csv", world / "roster.csv", LEVELS, fields=["population", "mean_score"]
    )
    assert done.output == f"{tmp_path / 'groups.parquet'}: {len(expected)} groups\n"
    assert list(map(tuple, frame["group_path"])) == list(expected["group_path"])
    assert frame["population"].tolist() == expected["population"].tolist()
    pd.testing.assert_series_equal(frame["mean_score"], expected["mean_score"])


def test_summarize_writes_csv_with_the_path_as_json(world: Path, tmp_path: Path) -> None:
    assert summarize(world, tmp_path / "groups.csv").exit_code == 0
    frame = pd.read_csv(tmp_path / "groups.csv")
    assert json.loads(frame["group_path"][1]) == [frame["group_name"][1]]
    assert len(frame.columns) == 4 + 3 + 20


def test_summarize_writes_a_workbook_with_a_sheet_for_each_level_and_its_provenance(
    world: Path, tmp_path: Path
) -> None:
    assert summarize(world, tmp_path / "groups.xlsx").exit_code == 0
    assert list(pd.read_excel(tmp_path / "groups.xlsx", sheet_name=None)) == ["all", *LEVELS]
    assert lnb.verify(tmp_path / "groups.xlsx")


def test_summarize_writes_html_with_escaped_cells(tmp_path: Path) -> None:
    roster = pd.DataFrame({"user_id": ["a"], "session_id": ["s"], "class": ["<script>alert(1)</script>"]})
    sessions = pd.DataFrame({"session_id": ["s"], "user_id": ["a"], "score": [1.0], "max_score": [2.0]})
    roster.to_csv(tmp_path / "r.csv", index=False)
    sessions.to_csv(tmp_path / "s.csv", index=False)
    sources = ("--sessions", tmp_path / "s.csv", "--roster", tmp_path / "r.csv")
    assert run("summarize", *sources, "--levels", "class", "-o", tmp_path / "out.html").exit_code == 0
    page = (tmp_path / "out.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_summarize_keeps_to_the_time_bounds(world: Path, tmp_path: Path) -> None:
    bounds = ["--maxtime", "2000-01-01T00:00:00Z"]
    with pytest.warns(UserWarning, match="None of the 110 listed sessions counts"):
        done = summarize(world, tmp_path / "none.parquet", *bounds, "--fields", "population,mean_score")
    assert done.exit_code == 0
    frame = pd.read_parquet(tmp_path / "none.parquet")
    assert frame["mean_score"].isna().all()
    assert frame["population"][0] == 60


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--fields", "mean_scor"), "did you mean `mean_score`"),
        (("--mintime", "yesterday"), "mintime"),
    ],
)
def test_a_wrong_option_is_a_message_and_no_traceback(
    world: Path, tmp_path: Path, more: tuple[str, str], said: str
) -> None:
    refused = summarize(world, tmp_path / "groups.csv", *more)
    assert refused.exit_code == 1
    assert refused.output.startswith("Error: ")
    assert said in refused.output
    assert not (tmp_path / "groups.csv").exists()


def test_an_output_of_another_kind_is_refused(world: Path, tmp_path: Path) -> None:
    refused = summarize(world, tmp_path / "groups.docx")
    assert refused.exit_code == 1
    assert ".csv, .parquet or .html" in refused.output


def test_serve_says_what_it_looked_for_in_an_empty_directory(tmp_path: Path) -> None:
    refused = run("serve", "--data", tmp_path)
    assert refused.exit_code == 1
    assert "sessions" in refused.output


def test_every_command_explains_itself() -> None:
    shown = run("--help")
    assert shown.exit_code == 0
    for command in ("serve", "sample", "summarize", "import", "demo"):
        assert command in shown.output
        assert run(command, "--help").exit_code == 0
    assert run("--version").output == f"learnosity-nb, version {lnb.__version__}\n"


COMMANDS = [main, *main.commands.values()]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_help_reads_as_a_manual(command: click.Command) -> None:
    shown = CliRunner().invoke(command, ["--help"], prog_name="…").output
    assert re.search(r"^ +learnosity-nb \w+", shown, flags=re.MULTILINE), "an example to copy"
    assert max(map(len, shown.splitlines())) <= 80
    assert all(parameter.help for parameter in command.params if isinstance(parameter, click.Option))


def test_the_examples_of_the_help_are_commands_with_their_options() -> None:
    for command in COMMANDS:
        examples = re.findall(r"^ +learnosity-nb ((?:.*\\\n)*.*)$", command.help or "", flags=re.MULTILINE)
        for words in (example.replace("\\\n", " ").split() for example in examples):
            known = {option for parameter in main.commands[words[0]].params for option in parameter.opts}
            assert {word for word in words if word.startswith("-")} <= known | {"--help", "-o"}
