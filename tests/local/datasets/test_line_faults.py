from __future__ import annotations

import json

import pytest

from learnosity_nb.errors import FAULTS_SHOWN, Fault
from learnosity_nb.local.datasets.line_faults import MAX_SESSIONS, FaultLog, LineReader

GOOD = {"user_id": "u", "session_id": ["s"], "group_path": ["x", "y"]}


@pytest.fixture
def reader() -> LineReader:
    return LineReader("0.ndjson", 2)


def read(reader: LineReader, **changes):
    return reader.read(7, 99, json.dumps({**GOOD, **changes}).encode())


def test_a_right_line_is_read(reader) -> None:
    assert read(reader) == ("u", ["s"], ["x", "y"])
    assert read(reader, session_id="s") == ("u", ["s"], ["x", "y"])
    assert dict(reader.warnings.kinds) == {"bare_session_id": 1}
    assert not reader.faults.kinds


def test_a_fault_says_file_line_byte_key_and_value(reader) -> None:
    assert read(reader, user_id=["a", 5]) is None
    assert reader.faults.first == [
        Fault("bad_user_id", "user_id must be a text that is not blank", "0.ndjson", 7, 99, "user_id", "['a', 5]")
    ]


def test_all_faults_of_a_line_are_named_at_once(reader) -> None:
    assert read(reader, user_id=" ", session_id=["", 1, "s"], group_path=["x", None, ""]) is None
    found = [(fault.kind, fault.key, fault.value) for fault in reader.faults.first]
    assert found == [
        ("bad_user_id", "user_id", "' '"),
        ("bad_session_id", "session_id[0]", "''"),
        ("bad_session_id", "session_id[1]", "1"),
        ("path_length", "group_path", "['x', None, '']"),
        ("bad_path_part", "group_path[1]", "None"),
        ("bad_path_part", "group_path[2]", "''"),
    ]


@pytest.mark.parametrize("bare", ["", "  "])
def test_a_blank_bare_session_is_a_fault_with_its_value(reader, bare) -> None:
    assert read(reader, session_id=bare) is None
    [fault] = reader.faults.first
    assert (fault.kind, fault.value) == ("bad_session_id", repr(bare))


def test_a_long_value_is_cut(reader) -> None:
    assert read(reader, group_path="x" * 500) is None
    assert len(reader.faults.first[0].value) == 80


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("[1]", "an array (send one object per line"),
        ('"x"', "a text"),
        ("true", "true or false"),
        ("null", "null"),
        ("5", "a number"),
        ("5.5", "a number"),
    ],
)
def test_a_line_that_is_no_object_is_named(reader, text, kind) -> None:
    assert reader.read(1, 0, text.encode()) is None
    assert reader.faults.first[0].message.startswith(f"each line must be one JSON object, not {kind}")


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("{", "each object must stand whole on one line"),
        ('{"a": 1},', "each object must stand whole on one line"),
        ("[{", "send one object per line, not one array"),
        ("user_id,session_id", "this looks like CSV"),
        ('  "user_id": "u",', None),
        ("],", None),
        ("}", None),
        ("NaN", None),
    ],
)
def test_a_hint_is_given_where_there_is_one(reader, text, hint) -> None:
    reader.read(1, 0, text.encode())
    [fault] = reader.faults.first
    assert fault.kind == "not_json"
    assert fault.message.startswith("not JSON: ")
    assert (hint or "") in fault.message
    assert (";" in fault.message) == (hint is not None)


def test_unknown_keys_are_warned_of_in_their_order(reader) -> None:
    assert read(reader, zebra=1, ant=2) is not None
    assert [fault.message for fault in reader.warnings.first] == [
        "the key 'zebra' is not used",
        "the key 'ant' is not used",
    ]


@pytest.mark.parametrize(("count", "faults"), [(MAX_SESSIONS, 0), (MAX_SESSIONS + 1, 1)])
def test_a_user_has_at_most_50_sessions(reader, count, faults) -> None:
    read(reader, session_id=[f"s{number}" for number in range(count)])
    assert reader.faults.kinds["too_many_sessions"] == faults


def test_a_log_keeps_the_first_20_and_counts_all() -> None:
    log = FaultLog()
    for number in range(FAULTS_SHOWN + 5):
        log.add(Fault("odd" if number % 2 else "even", "is wrong", line=number))
    assert [fault.line for fault in log.first] == list(range(FAULTS_SHOWN))
    assert log.as_dict()["kinds"] == {"even": 13, "odd": 12}
    assert json.loads(json.dumps(log.as_dict())) == log.as_dict()
    assert log.as_dict()["first"][0] == {"kind": "even", "message": "is wrong", "line": 0}
