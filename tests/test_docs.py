"""The documentation names what there is."""

from __future__ import annotations

import re
from pathlib import Path

from learnosity_nb.domain import policy

CHOICES = (Path(__file__).parent.parent / "notebooks" / "choices.md").read_text(encoding="utf-8")


def test_every_choice_of_policy_is_documented_and_every_documented_one_exists() -> None:
    constants = {name for name in vars(policy) if name.isupper()}
    named = set(re.findall(r"`([A-Z][A-Z_]+)`", CHOICES))
    assert named == constants


def test_tables_are_whole() -> None:
    for table in re.findall(r"(?:^\|.*\n)+", CHOICES, flags=re.MULTILINE):
        widths = {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}
        assert len(widths) == 1, table
