"""What the lines of an input file may hold; a fault is said when the dataset is started, with its kind and place."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

GOOD = b'{"user_id": "u", "session_id": ["s"], "group_path": ["x", "y"]}'


def changed(**changes: Any) -> bytes:
    return json.dumps({**json.loads(GOOD), **changes}).encode()


def without(key: str) -> bytes:
    return json.dumps({k: v for k, v in json.loads(GOOD).items() if k != key}).encode()


LINES = {
    "N01 not JSON": (b"user u in x", "not_json", None),
    "N02 trailing comma": (GOOD[:-1] + b",}", "not_json", None),
    "N02 comma after": (GOOD + b",", "not_json", None),
    "N07 UTF-16": (GOOD.decode().encode("utf-16-le"), "nul_byte", None),
    "N08 invalid UTF-8": (GOOD.replace(b'"u"', b'"\xff"'), "not_utf8", None),
    "N08 a surrogate in UTF-8": (GOOD.replace(b'"u"', b'"\xed\xa0\x80"'), "not_utf8", None),
    "N09 a NUL byte": (GOOD.replace(b'"u"', b'"\x00"'), "nul_byte", None),
    "N09 a NUL after": (GOOD + b"\x00", "nul_byte", None),
    "N11 an array": (b"[" + GOOD + b"]", "not_an_object", None),
    "N12 an object over two lines": (GOOD[:40], "not_json", None),
    "two objects": (GOOD + GOOD, "not_json", None),
    "N13 a text": (b'"u"', "not_an_object", None),
    "N13 a number": (b"5", "not_an_object", None),
    "N13 true": (b"true", "not_an_object", None),
    "N13 null": (b"null", "not_an_object", None),
    "N14 no user": (without("user_id"), "missing_key", None),
    "N14 no session": (without("session_id"), "missing_key", None),
    "N14 no path": (without("group_path"), "missing_key", None),
    "user is null": (changed(user_id=None), "bad_user_id", "user_id"),
    "user is a number": (changed(user_id=5), "bad_user_id", "user_id"),
    "user is blank": (changed(user_id=" \t\u3000"), "bad_user_id", "user_id"),
    "session is null": (changed(session_id=None), "bad_session_id", "session_id"),
    "N16 session is empty": (changed(session_id=""), "bad_session_id", "session_id[0]"),
    "a session is blank": (changed(session_id=["s", " "]), "bad_session_id", "session_id[1]"),
    "a session is a number": (changed(session_id=[1]), "bad_session_id", "session_id[0]"),
    "51 sessions": (changed(session_id=[f"s{number}" for number in range(51)]), "too_many_sessions", None),
    "N20 path too short": (changed(group_path=["x"]), "path_length", "group_path"),
    "N20 path too long": (changed(group_path=["x", "y", "z"]), "path_length", "group_path"),
    "N20 path empty": (changed(group_path=[]), "path_length", "group_path"),
    "path is a text": (changed(group_path="x/y"), "bad_group_path", "group_path"),
    "path is null": (changed(group_path=None), "bad_group_path", "group_path"),
    "N21 an empty part": (changed(group_path=["x", ""]), "bad_path_part", "group_path[1]"),
    "N21 a blank part": (changed(group_path=["\u2028", "y"]), "bad_path_part", "group_path[0]"),
    "N21 a null part": (changed(group_path=["x", None]), "bad_path_part", "group_path[1]"),
    "N21 a number": (changed(group_path=["x", 7]), "bad_path_part", "group_path[1]"),
    "N22 a key twice": (GOOD[:-1] + b', "user_id": "v"}', "duplicate_key", None),
    "N22 a key twice, deeper": (GOOD[:-1] + b', "more": {"a": 1, "a": 2}}', "duplicate_key", None),
    "N23 very deep": (GOOD[:-1] + b', "more": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "too_deep", None),
    "N24 a long line": (changed(more="x" * 1_000_000), "long_line", None),
    "N24 a long user": (changed(user_id="x" * 2_000_000), "long_line", None),
    "N25 NaN": (GOOD[:-1] + b', "more": NaN}', "not_json", None),
    "N25 Infinity": (GOOD[:-1] + b', "more": -Infinity}', "not_json", None),
    "N25 a very long number": (GOOD[:-1] + b', "more": ' + b"9" * 5000 + b"}", "not_json", None),
    "N26 half a surrogate pair": (GOOD.replace(b'"u"', b'"\\ud83d"'), "lone_surrogate", None),
    "N26 the other half": (GOOD.replace(b'"x"', b'"\\ude00"'), "lone_surrogate", None),
    "N34 gzip": (gzip.compress(GOOD).replace(b"\n", b""), "compressed", None),
    "N35 CSV": (b"user_id,session_id,group_path", "not_json", None),
}


@pytest.mark.parametrize(("wrong", "kind", "key"), LINES.values(), ids=LINES)
def test_a_wrong_line_is_named_by_kind_line_byte_and_key(api, wrong, kind, key) -> None:
    content = b"\n".join([changed(user_id="a"), b"", wrong, changed(user_id="c"), b""])
    answer = api.start(api.upload(content))
    assert answer.refused == (400, 20009)
    *faults, counts = answer.meta["details"]
    assert counts == {"kinds": {kind: 1}, "count": 1}
    [fault] = faults
    place = {"file": "0.ndjson", "line": 3, "byte": len(changed(user_id="a")) + 2}
    assert {name: fault[name] for name in ("kind", *place)} == {"kind": kind, **place}
    assert fault.get("key") == key
    assert len(fault.get("value", "")) <= 80


@pytest.mark.parametrize(
    ("content", "line", "hint"),
    [
        (b"[\n" + GOOD + b",\n" + GOOD + b"\n]", 1, "one object per line, not one array"),
        (b"[" + GOOD + b"," + GOOD + b"]", 1, "one object per line, not one array"),
        (json.dumps(json.loads(GOOD), indent=2).encode(), 1, "stand whole on one line"),
        (b"user_id,session_id\nu,s\n", 1, "looks like CSV"),
        (GOOD + b"\n" + GOOD[:30], 2, "stand whole on one line"),
        (gzip.compress(GOOD), 1, "send it unpacked"),
        (GOOD.decode().encode("utf-16"), 1, "if the file is UTF-16"),
    ],
    ids=["array of lines", "array", "pretty-printed", "CSV", "N03 cut off", "gzip", "UTF-16"],
)
def test_a_file_of_another_kind_gets_a_hint(api, content, line, hint) -> None:
    answer = api.start(api.upload(content))
    assert answer.refused == (400, 20009)
    first = answer.meta["details"][0]
    assert first["line"] == line
    assert hint in first["message"]


def test_no_line_of_a_pretty_printed_object_is_taken_for_csv(api) -> None:
    answer = api.start(api.upload(json.dumps(json.loads(GOOD), indent=2).encode()))
    assert "CSV" not in json.dumps(answer.meta["details"])


@pytest.mark.parametrize(
    "line",
    [
        changed(user_id="x" * 900_000),
        GOOD[:-1] + b', "more": [{"deep": 1e400}, 123456789012345678901234567890, null], "": {}}',
        changed(session_id="s"),
        changed(session_id=[]),
        changed(session_id=["s", "s"]),
        changed(session_id=[f"s{number}" for number in range(50)]),
        changed(user_id="e\u0301", group_path=["é", "e\u0301"]),
        changed(user_id="\u202eabc", group_path=["x ", " x"]),
        changed(user_id="\u0000", group_path=["\\", '"']),
        GOOD.replace(b"user_id", b"user\\u005fid"),
        GOOD.replace(b'"u"', b'"\\ud83d\\ude00"'),
    ],
    ids=[
        *["long user", "N15 unknown key", "bare session", "N17 no session", "N18 session twice", "50 sessions"],
        *["N27 look-alikes", "N29 bidi and spaces", "escaped NUL", "escaped key", "surrogate pair"],
    ],
)
def test_a_strange_line_that_can_be_read_is_taken(api, line) -> None:
    assert api.start(api.upload(line)).status == 200


@pytest.mark.parametrize("content", [b"", b"\n\n", b" \n\t\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
def test_a_dataset_without_any_line_is_not_started(api, content) -> None:
    """N10, N32, N33."""
    assert api.start(api.upload(content)).refused == (400, 50000)


def test_one_empty_file_among_others_is_no_fault(api) -> None:
    assert api.start(api.upload(b"", GOOD)).status == 200


def test_what_is_kept_of_unusual_lines(api) -> None:
    """N06, N16, N18, N19: a byte order mark, a bare session, doubles; one user in two groups counts once above."""
    api.have(api.session("s1", "u", 3), api.session("s2", "u", 5), api.session("s3", "\x00", 7))
    lines = [
        api.line("u", "s1", "x", "y"),
        api.line("u", ["s1", "s2", "s2"], "x", "y"),
        api.line("u", ["s1"], "x", "z"),
        api.line("\x00", ["s3", "nowhere"], "x ", "y"),
    ]
    dataset_id = api.upload(b"\xef\xbb\xbf" + api.ndjson(lines), options={"fields": ["population", "mean_score"]})
    ended = api.wait(api.start(dataset_id).data["job_reference"])
    assert ended["data"]["sessions"] == {"counted": 4, "unknown": 1, "user_mismatch": 0, "not_counted": 0}
    rows = {tuple(row[1]): row[3:] for row in api.file(dataset_id, "x")["rows"]}
    assert rows == {("x", "y"): [1, 8], ("x", "z"): [1, 3]}
    assert api.file(dataset_id)["self"][3:] == [2, 7.5]
    assert {tuple(row[1]) for row in api.file(dataset_id)["rows"]} == {("x",), ("x ",)}
