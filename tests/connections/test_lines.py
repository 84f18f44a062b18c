from __future__ import annotations

import json
from collections import defaultdict

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learnosity_nb.compute.roster import Roster, encode_roster
from learnosity_nb.connections.lines import encode_lines, encode_user_lines, file_count, refuse_long
from learnosity_nb.errors import InputError

names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=3) | st.sampled_from(
    ['"', "\\", "\n", "\x7f", "é", "\U0001f600", '","', '"]']
)
rows = st.lists(st.tuples(names, st.tuples(names, names), st.integers(0, 3)), min_size=1, max_size=12)


def roster_of(placed: list[tuple[str, tuple[str, str], int]]) -> Roster:
    """Give each user in each group that many sessions, whose ids are like the user's."""
    sessions = [[f"{user}{row}-{number}" for number in range(count)] for row, (user, _, count) in enumerate(placed)]
    columns = [[user for user, *_ in placed], sessions, *([path[at] for _, path, _ in placed] for at in range(2))]
    types = [pa.string(), pa.list_(pa.string()), pa.string(), pa.string()]
    arrays = [pa.array(values, kind) for values, kind in zip(columns, types, strict=True)]
    return encode_roster(pa.table(arrays, ["user_id", "session_id", "a", "b"]), ["a", "b"])


@settings(deadline=None)
@given(placed=rows, files=st.integers(1, 4))
def test_the_files_hold_each_user_once_in_each_group_with_all_sessions(placed, files) -> None:
    expected = defaultdict(list)
    for row, (user, path, count) in enumerate(placed):
        expected[user, path] += [f"{user}{row}-{number}" for number in range(count)]
    found = list(encode_lines(roster_of(placed), files))
    assert len(found) == files
    lines = [json.loads(line) for file in found for line in file.decode().split("\n")[:-1]]
    assert {(line["user_id"], tuple(line["group_path"])): line["session_id"] for line in lines} == expected
    assert len(lines) == len(expected)


@settings(deadline=None)
@given(placed=rows, files=st.integers(1, 4))
def test_lines_without_sessions_are_the_same_without_them(placed, files) -> None:
    roster = roster_of(placed)
    full, short = (
        [json.loads(line) for file in encode(roster, files) for line in file.decode().split("\n")[:-1]]
        for encode in (encode_lines, encode_user_lines)
    )
    assert short == [{key: line[key] for key in ("user_id", "group_path")} for line in full]


def test_a_roster_takes_a_file_for_each_fifty_thousand_places_and_a_hundred_at_most(monkeypatch) -> None:
    roster = roster_of([(f"u{number}", ("a", "b"), 0) for number in range(7)])
    assert file_count(roster) == 1
    monkeypatch.setattr("learnosity_nb.connections.lines.LINES_PER_FILE", 3)
    assert file_count(roster) == 3
    monkeypatch.setattr("learnosity_nb.connections.lines.MAX_FILES", 2)
    assert file_count(roster) == 2


def test_more_sessions_than_a_line_holds_name_their_users() -> None:
    refuse_long(roster_of([("u1", ("a", "b"), 50)]))
    with pytest.raises(InputError) as raised:
        refuse_long(roster_of([("u1", ("a", "b"), 50), ("u2", ("a", "b"), 51)]))
    assert "u2" in str(raised.value)
    assert "u1" not in str(raised.value)
