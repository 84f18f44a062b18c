"""The README: its code runs, and what it shows is what comes out."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

import learnosity_nb as lnb

README = Path(__file__).parent.parent / "README.md"
TEXT = README.read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", TEXT, flags=re.MULTILINE | re.DOTALL)


def blocks(language: str) -> list[str]:
    return [body for found, body in BLOCKS if found == language]


EXPLORE, MAIN_JOB, HOSTED = blocks("python")


def run(block: str, **names: object) -> dict[str, object]:
    exec(compile(block, "README.md", "exec"), names)
    return names


def test_one_line_explores_a_gradebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    marks = [(school, number % 3, f"{school}{number}", number) for school in "AB" for number in range(40)]
    pd.DataFrame(marks, columns=["school", "class", "pupil", "mark"]).to_csv("marks.csv", index=False)
    *lines, shown = EXPLORE.splitlines()
    explorer = run("\n".join([*lines, f"explorer = {shown}"]))["explorer"]
    assert isinstance(explorer, lnb.GroupExplorer)
    assert explorer.value["group_name"].tolist() == ["A", "B"]
    assert explorer.value["mean_percent"].tolist() == [19.5, 19.5]
    explorer.close()


def test_the_main_job_prints_what_the_readme_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    connection = run(MAIN_JOB)["lrn"]
    assert isinstance(connection, lnb.Connection)
    connection.close()
    assert capsys.readouterr().out == blocks("text")[0]
    groups = pd.read_csv(tmp_path / "groups.csv")
    assert groups["population"].iloc[0] == 480


def test_the_main_job_is_fifteen_lines_at_most() -> None:
    assert len(MAIN_JOB.splitlines()) <= 15


def test_the_hosted_block_says_what_is_missing_without_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LEARNOSITY_CONSUMER_KEY", "LEARNER_API_URL"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(lnb.CredentialsError, match="LEARNOSITY_CONSUMER_KEY"):
        run(HOSTED, lnb=lnb)


def test_the_hosted_block_runs_on_any_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    world = lnb.sample_world(learners=60)
    with lnb.connect_local(sessions=world.sessions) as connection:
        monkeypatch.setattr(lnb, "connect", lambda: connection, raising=False)
        explorer = run(HOSTED, lnb=lnb, roster=world.roster)["explorer"]
        assert isinstance(explorer, lnb.GroupExplorer)
        explorer.close()


def test_the_table_names_only_what_there_is() -> None:
    rows = re.findall(r"^\| .*? \| (.*?) \|$", TEXT, flags=re.MULTILINE)
    calls = re.findall(r"(dataset|last_term|explorer|lrn|lnb\.charts|lnb)\.(\w+)", " ".join(rows))
    assert len(calls) > 40
    homes = {
        "dataset": lnb.Dataset,
        "last_term": lnb.Dataset,
        "explorer": lnb.GroupExplorer,
        "lrn": lnb.Connection,
        "lnb.charts": lnb.charts,
        "lnb": lnb,
    }
    for home, name in calls:
        assert hasattr(homes[home], name), name


def test_the_table_names_every_function_and_explorer() -> None:
    missing = {name for name in lnb.__all__ if name not in lnb.errors.__all__ and not re.search(rf"\b{name}\b", TEXT)}
    assert missing <= {"Connection", "Consumer", "Dataset", "JobBatch", "JobReference", "errors", "__version__"}


def test_links_lead_to_files() -> None:
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", TEXT):
        assert (README.parent / target).exists(), target


def test_the_two_commands_are_there() -> None:
    commands = [line for body in blocks("sh")[:2] for line in body.splitlines()]
    assert commands == [
        "pip install '.[lab]' && learnosity-nb demo",
        "pip install -e '.[test]' && python -m pytest",
    ]
