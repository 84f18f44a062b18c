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


def test_the_main_job_prints_what_the_readme_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(compile(blocks("python")[0], "README.md", "exec"), names)
    connection = names["lrn"]
    assert isinstance(connection, lnb.Connection)
    connection.close()
    assert capsys.readouterr().out == blocks("text")[0]
    groups = pd.read_csv(tmp_path / "groups.csv")
    assert groups["population"].iloc[0] == 480


def test_the_hosted_block_says_what_is_missing_without_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LEARNOSITY_CONSUMER_KEY", raising=False)
    with pytest.raises(lnb.CredentialsError, match="LEARNOSITY_CONSUMER_KEY"):
        exec(compile(blocks("python")[1], "README.md", "exec"), {"lnb": lnb})


def test_the_table_names_only_what_there_is() -> None:
    rows = re.findall(r"^\| .*? \| (.*?) \|$", TEXT, flags=re.MULTILINE)
    calls = re.findall(r"(dataset|lrn|lnb)\.(\w+)\(", " ".join(rows))
    assert len(calls) > 8
    homes = {"dataset": lnb.Dataset, "lrn": lnb.Connection, "lnb": lnb}
    for home, name in calls:
        assert callable(getattr(homes[home], name))


def test_links_lead_to_files() -> None:
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", TEXT):
        assert (README.parent / target).exists(), target


def test_the_two_commands_are_there() -> None:
    commands = [line for body in blocks("sh")[:2] for line in body.splitlines()]
    assert commands == [
        "pip install '.[lab]' && learnosity-nb demo",
        "pip install -e '.[test]' && python -m pytest",
    ]
