"""The documentation names what there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import learnosity_nb as lnb
from learnosity_nb.domain import policy

PAGES = Path(__file__).parent.parent / "notebooks"
CHOICES = (PAGES / "choices.md").read_text(encoding="utf-8")
NEEDS = (PAGES / "learner_needs.md").read_text(encoding="utf-8")


def test_every_choice_of_policy_is_documented_and_every_documented_one_exists() -> None:
    constants = {name for name in vars(policy) if name.isupper()}
    named = set(re.findall(r"`([A-Z][A-Z_]+)`", CHOICES))
    assert named == constants


def test_the_calls_that_answer_a_need_exist() -> None:
    calls = re.findall(r"(lrn|lnb)\.(\w+)\(", NEEDS)
    assert len(calls) > 8
    for home, name in calls:
        assert callable(getattr({"lrn": lnb.Connection, "lnb": lnb}[home], name))


@pytest.mark.parametrize("page", [CHOICES, NEEDS])
def test_tables_are_whole(page: str) -> None:
    for table in re.findall(r"(?:^\|.*\n)+", page, flags=re.MULTILINE):
        widths = {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}
        assert len(widths) == 1, table
