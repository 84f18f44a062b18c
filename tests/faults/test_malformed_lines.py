"""P6: every malformed line of an input file is named by its kind and its line; every wrong parameter by its key.

The 42 kinds are generated, 25 of each. What is wrong with lines is hidden among right ones in many files; what is
wrong with a whole file or a request gets one of its own; and what is strange but can be read must be taken.
"""

from __future__ import annotations

import gzip
import json
import math
import random
import subprocess
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import learnosity_nb as lnb
from learnosity_nb.errors import ApiError
from learnosity_nb.wire.datasets import group_files, initialise, start
from learnosity_nb.wire.polling import poll
from learnosity_nb.wire.timing import Timing

EACH = 25
FAULTS_SHOWN = 20
GROWTH = 300
TYPE = "sessions-summary-by-group"
GOOD = {"user_id": "u1", "session_id": ["s1"], "group_path": ["x", "y"]}
WORDS = ["Oregon", "7b", "Zoë", "日本", "O'Neill", "a/b", "🎓", "</script>", "=1+1"]
Dice = random.Random


def line(dice: Dice, **changes: Any) -> bytes:
    user = dice.randrange(10**6)
    whole = {"user_id": f"u{user}", "session_id": [f"s{user}"], "group_path": [dice.choice(WORDS), dice.choice(WORDS)]}
    whole.update(changes)
    return json.dumps(whole, ensure_ascii=dice.random() < 0.5).encode()


def without(dice: Dice, key: str) -> bytes:
    return json.dumps({name: value for name, value in json.loads(line(dice)).items() if name != key}).encode()


def inserted(dice: Dice, *pieces: bytes) -> bytes:
    """Put one of the pieces somewhere into a text of the line."""
    return line(dice, user_id="left|right").replace(b"|", dice.choice(pieces))


def more(dice: Dice, *values: bytes) -> bytes:
    return line(dice)[:-1] + b', "more": ' + dice.choice(values) + b"}"


def cut(dice: Dice) -> bytes:
    whole = line(dice)
    return whole[: dice.randrange(1, len(whole))]


def doubled(dice: Dice) -> bytes:
    key = dice.choice(sorted(GOOD))
    return line(dice)[:-1] + f', "{key}": {json.dumps(GOOD[key])}}}'.encode()


SCALARS = [None, 5, 1.5, True, {}, ""]
NOT_TEXTS = [None, 5, 1.5, True, {}, [], "", " ", "\t"]

LINE_KINDS: dict[str, tuple[str, Callable[[Dice], bytes]]] = {
    "N01 not JSON": ("not_json", lambda dice: dice.choice([b"user u in x", b"<xml/>", b"{'a': 1}", b"{]", b"nil"])),
    "N02 trailing comma": ("not_json", lambda dice: line(dice)[:-1] + dice.choice([b",}", b"},", b",,}"])),
    "N03 cut off": ("not_json", cut),
    "N07 UTF-16": ("nul_byte", lambda dice: line(dice).decode().encode("utf-16-be").replace(b"\n", b"")),
    "N08 not UTF-8": ("not_utf8", lambda dice: inserted(dice, b"\xff", b"\xed\xa0\x80", b"\xc0\x80", b"\x80", b"\xe9")),
    "N09 NUL": ("nul_byte", lambda dice: inserted(dice, b"\x00", b"a\x00b")),
    "N11 array": (
        "not_an_object",
        lambda dice: b"[" + b", ".join(line(dice) for _ in range(dice.randint(0, 3))) + b"]",
    ),
    "N12 over many lines": ("not_json", lambda dice: dice.choice([b"{", b'"user_id": "u",', b"],", b"}", b"[{"])),
    "N13 no object": ("not_an_object", lambda dice: dice.choice([b'"u"', b"5", b"-1.5e3", b"true", b"null", b'""'])),
    "N14 a key is missing": ("missing_key", lambda dice: without(dice, dice.choice(sorted(GOOD)))),
    "N20 depth": ("path_length", lambda dice: line(dice, group_path=["x"] * dice.choice([0, 1, 3, 9]))),
    "N21 bad part": (
        "bad_path_part",
        lambda dice: line(dice, group_path=dice.sample(["x", dice.choice(NOT_TEXTS)], 2)),
    ),
    "N22 a key twice": ("duplicate_key", doubled),
    "N23 depth of nesting": ("too_deep", lambda dice: more(dice, *(b"[" * n + b"]" * n for n in (20_000, 100_000)))),
    "N24 long": ("long_line", lambda dice: line(dice, more="x" * dice.choice([1_000_000, 1_200_000]))),
    "N25 no numbers": (
        "not_json",
        lambda dice: more(dice, b"NaN", b"Infinity", b"-Infinity", b"9" * 5000, b"01", b"+1"),
    ),
    "N26 half a pair": ("lone_surrogate", lambda dice: inserted(dice, b"\\ud83d", b"\\ude00", b"\\udfff\\ud800")),
    "N35 CSV": ("not_json", lambda dice: dice.choice([b"user_id,session_id", b"u1,s1,x,y", b"u1;s1,x", b"a,b"])),
}
"""Each kind of wrong line: what it is called, and one that is drawn by lot."""

MORE_LINE_KINDS: dict[str, tuple[str, Callable[[Dice], bytes]]] = {
    "N14 bad user": ("bad_user_id", lambda dice: line(dice, user_id=dice.choice(NOT_TEXTS))),
    "N16 bad session": (
        "bad_session_id",
        lambda dice: line(dice, session_id=dice.choice([*SCALARS, [None], ["s", 1]])),
    ),
    "N17 51 sessions": ("too_many_sessions", lambda dice: line(dice, session_id=[f"s{n}" for n in range(51)])),
    "N20 no path": ("bad_group_path", lambda dice: line(dice, group_path=dice.choice([*SCALARS, "x/y"]))),
}


@dataclass(frozen=True)
class File:
    """A whole file: the lines of which it is made, and what the service makes of it."""

    content: bytes
    code: int | None = None
    kinds: dict[str, int] | None = None
    warnings: dict[str, int] | None = None
    sessions: dict[str, int] | None = None
    population: int | None = None
    groups: int | None = None


def plain(dice: Dice, count: int | None = None) -> list[bytes]:
    numbers = dice.sample(range(10**6), count or dice.randint(1, 6))
    return [json.dumps({**GOOD, "user_id": f"u{n}", "session_id": [f"s{n}"]}).encode() for n in numbers]


def ended(lines: list[bytes], end: bytes = b"\n", start: bytes = b"") -> bytes:
    return start + b"".join(one + end for one in lines)


def blank(dice: Dice) -> File:
    lines = plain(dice)
    content = b"".join(one + dice.choice([b"\n\n", b"\n \t\n", b"\n"]) for one in lines)
    return File(content, population=len(lines))


def shared(dice: Dice) -> File:
    first, second = ({**GOOD, "user_id": user, "group_path": ["x", dice.choice(WORDS)]} for user in ("one", "two"))
    lines = [*plain(dice), json.dumps(first).encode(), json.dumps(second).encode()]
    dice.shuffle(lines)
    return File(ended(lines), 20011, {"shared_session": 1})


def merged(dice: Dice) -> File:
    paths = [["x", "y"], ["x", "z"]][: dice.randint(1, 2)]
    lines = [json.dumps({**GOOD, "group_path": path}).encode() for path in paths for _ in range(dice.randint(1, 3))]
    return File(ended(lines), population=1, sessions={"counted": len(paths)})


def look(name: str) -> str:
    """Return a name as the eye takes it."""
    seen = "".join(mark for mark in unicodedata.normalize("NFC", name) if unicodedata.category(mark) != "Cf")
    return " ".join(seen.casefold().split())


def named(dice: Dice, *names: str) -> File:
    """Names that look alike, or odd, are names of their own, and are warned of."""
    lines = [json.dumps({**GOOD, "user_id": f"u{n}", "session_id": [], "group_path": [name, "y"]}).encode()
             for n, name in enumerate(names)]  # fmt: skip
    similar = sum(count > 1 for count in Counter(map(look, set(names))).values())
    marked = sum(any(mark in name for mark in "\u202e\u2066") for name in set(names))
    warnings = {"similar_names": similar, "direction_marks": marked}
    return File(
        ended(lines),
        population=len(names),
        groups=len(set(names)),
        warnings={kind: n for kind, n in warnings.items() if n},
    )


def unknown(dice: Dice) -> File:
    known, strange = [f"s{n}" for n in range(1, dice.randint(2, 12))], [f"none{n}" for n in range(dice.randint(1, 20))]
    lines = [json.dumps({**GOOD, "user_id": f"u{one[1:]}", "session_id": [one]}).encode() for one in known]
    lines.append(json.dumps({**GOOD, "user_id": "stranger", "session_id": strange}).encode())
    return File(ended(lines), population=len(known) + 1, sessions={"counted": len(known), "unknown": len(strange)})


def warned(dice: Dice, kind: str, *wrong: bytes) -> File:
    lines = [*plain(dice), *wrong]
    dice.shuffle(lines)
    return File(ended(lines), warnings={kind: len(wrong)})


FILE_KINDS: dict[str, Callable[[Dice], File]] = {
    "N04 no last line end": lambda dice: File(b"\n".join(lines := plain(dice)), population=len(lines)),
    "N05 CRLF": lambda dice: File(ended(lines := plain(dice), b"\r\n"), population=len(lines)),
    "N06 byte order mark": lambda dice: File(ended(lines := plain(dice), start=b"\xef\xbb\xbf"), population=len(lines)),
    "N10 blank lines": blank,
    "N15 unknown key": lambda dice: warned(dice, "unknown_key", *(more(dice, b"1") for _ in range(dice.randint(1, 9)))),
    "N16 bare session": lambda dice: warned(
        dice, "bare_session_id", *(line(dice, session_id=f"t{dice.random()}") for _ in range(dice.randint(1, 9)))
    ),
    "N17 no sessions": lambda dice: File(ended([line(dice, session_id=[], user_id="u")]), population=1),
    "N18 session of two users": shared,
    "N19 user twice": merged,
    "N27 look-alikes": lambda dice: named(dice, *dice.sample(["é", "e\u0301", "É", "Å", "\u212b", "A\u030a"], 3)),
    "N28 spaces and case": lambda dice: named(dice, *dice.sample(["x", "x ", " x", "X", "x\u00a0", "x\u200b"], 3)),
    "N29 direction marks": lambda dice: named(dice, f"\u202e{dice.choice(WORDS)}", f"{dice.choice(WORDS)}\u2066"),
    "N30 many groups": lambda dice: named(dice, *(f"group {dice.random()} {n}" for n in range(dice.randint(200, 900)))),
    "N31 unknown sessions": unknown,
    "N32 no line": lambda dice: File(dice.choice([b"\n", b" ", b"\r\n\r\n", b"\t\n \n", b"\xef\xbb\xbf\n"]), 50000),
    "N33 empty": lambda dice: File(dice.choice([b"", b"\xef\xbb\xbf"]), 50000),
    "N34 gzip": lambda dice: File(
        gzip.compress(ended(plain(dice)), mtime=0).replace(b"\n", b""), 20009, {"compressed": 1}
    ),
}
MISSING = object()


def request(dice: Dice, **changes: Any) -> dict[str, Any]:
    base = {"dataset_type": TYPE, "file_count": 1, "groups": [{"key": "a"}, {"key": "b"}]}
    return {key: value for key, value in {**base, **changes}.items() if value is not MISSING}


def options(**found: Any) -> dict[str, Any]:
    return {"options": found}


def backwards(dice: Dice) -> tuple[dict[str, Any], str]:
    late = dice.choice([2_000_000_000, "2033-05-18T03:33:20Z", "2033-05-18T05:33:20+02:00"])
    bad = dice.choice(["yesterday", "2026-02-30", [], True, "1e400"])
    reversed_bounds = {"mintime": late, "maxtime": "2020-01-01T00:00:00Z"}
    faults = [(reversed_bounds, "filters.mintime"), ({"maxtime": bad}, "filters.maxtime")]
    filters, key = dice.choice(faults)
    return request(dice, filters=filters), key


REQUEST_KINDS: dict[str, Callable[[Dice], tuple[dict[str, Any], str]]] = {
    "N36 file_count": lambda dice: (
        request(dice, file_count=dice.choice([0, 101, "x", True, 1.5, -1, [], {}, "0", "1.0", MISSING])),
        "file_count",
    ),
    "N38 sort field": lambda dice: (
        request(dice, **options(fields=["population"], default_sort_field=dice.choice(["mean_score", "x", 5, ""]))),
        "options.default_sort_field",
    ),
    "N39 times": backwards,
    "N40 fields": lambda dice: (
        request(
            dice, **options(fields=["population", dice.choice(["population", "p5_score", "mean", 5, "", "p100_score"])])
        ),
        "options.fields[1]",
    ),
    "N40 levels": lambda dice: (
        request(dice, groups=[{"key": "a"}, dice.choice([{"key": "a"}, {}, {"key": 5}, "b", {"key": " "}])]),
        "groups[1]",
    ),
}


class Intake:
    """Sends files to the service by the real client."""

    def __init__(self, world: Any) -> None:
        self.api, self.files = world.clients(world.transport, random.Random(0))

    def upload(self, *contents: bytes, count: int | None = None) -> str:
        made = initialise(self.api, request(random.Random(0), file_count=count or len(contents)))
        for url, content in zip(made.input_urls, contents, strict=False):
            self.files.put(url, lambda content=content: [content], len(content))
        return made.dataset_id

    def refused(self, *contents: bytes, count: int | None = None) -> ApiError:
        dataset_id = self.upload(*contents, count=count)
        with pytest.raises(ApiError) as caught:
            start(self.api, TYPE, dataset_id)
        return caught.value

    def build(self, content: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the job's data and the root's group file."""
        dataset_id = self.upload(content)
        [state] = poll(self.api, start(self.api, TYPE, dataset_id))
        [root] = group_files(self.api, self.files, TYPE, dataset_id, [[]], include=["distribution"])
        return state.data, root


@pytest.fixture(scope="module")
def intake(world) -> Intake:
    return Intake(world)


@pytest.mark.parametrize("number", range(EACH))
def test_wrong_lines_among_right_ones_are_named_by_kind_and_line(intake, number, figures) -> None:
    """One line of every kind, in an order drawn by lot; the service names 20 faults at a time."""
    dice = random.Random(number)
    kinds = list({**LINE_KINDS, **MORE_LINE_KINDS}.values())
    dice.shuffle(kinds)
    for portion in (kinds[: len(kinds) // 2], kinds[len(kinds) // 2 :]):
        lines, expected = [line(dice)], []
        for kind, make in portion:
            lines += [line(dice) for _ in range(dice.randrange(4))]
            lines.append(make(dice))
            place = sum(len(one) + 1 for one in lines[:-1])
            expected.append((kind, len(lines), place))
        lines.append(line(dice))
        error = intake.refused(ended(lines))
        *faults, counts = error.details
        found = Counter((fault["kind"], fault["line"], fault["byte"], fault["file"]) for fault in faults)
        # A line may have several faults, and lack several keys: each must be of its kind.
        assert set(found) == {(*each, "0.ndjson") for each in expected}
        assert counts["count"] == len(faults) <= FAULTS_SHOWN
        assert all(fault["message"] for fault in faults)
    figures["malformed lines named by kind and line"] += len(kinds)


@pytest.mark.parametrize("kind", FILE_KINDS)
def test_a_strange_file_is_taken_or_refused_as_it_should(intake, kind, figures) -> None:
    for number in range(EACH):
        dice = random.Random(f"{kind} {number}")
        file = FILE_KINDS[kind](dice)
        if file.code is not None:
            error = intake.refused(file.content)
            assert error.code == file.code
            assert file.kinds is None or error.details[-1]["kinds"] == file.kinds
        else:
            data, root = intake.build(file.content)
            assert data["warnings"] == (file.warnings or {})
            assert file.population in {None, root["self"][root["fields"].index("population")]}
            assert file.groups in {None, root["rows_total"]}
            assert (file.sessions or {}).items() <= {"counted": 0, **data["sessions"]}.items()
        figures["strange files taken or refused as they should"] += 1


@pytest.mark.parametrize("kind", REQUEST_KINDS)
def test_a_wrong_parameter_is_named_by_its_key(intake, kind, figures) -> None:
    for number in range(EACH):
        asked, key = REQUEST_KINDS[kind](random.Random(f"{kind} {number}"))
        with pytest.raises(ApiError) as caught:
            initialise(intake.api, asked)
        assert caught.value.code in {20000, 20003, 20004}
        assert [detail["key"].startswith(key) for detail in caught.value.details] == [True]
        figures["wrong parameters named by their key"] += 1


def test_n37_missing_files_are_named(intake, figures) -> None:
    for number in range(EACH):
        dice = random.Random(number)
        count = dice.randint(2, 100)
        sent = dice.randrange(count)
        error = intake.refused(*([ended(plain(dice))] * sent), count=count)
        assert error.code == 50000
        assert f"{count - sent} input files not uploaded ({sent}.ndjson" in str(error)
        figures["strange files taken or refused as they should"] += 1


def scores(dice: Dice) -> tuple[float | None, float | None]:
    return dice.choice([None, 0.0, -5.0, 30.0, 1e-9, 1e99]), dice.choice([None, 0.0, 20.0, 1e99])


def test_n41_n42_no_score_makes_a_figure_that_json_cannot_hold(figures) -> None:
    for number in range(EACH):
        dice = random.Random(number)
        rows = [(f"s{n}", f"u{n}", *scores(dice)) for n in range(dice.randint(1, 9))]
        sessions = pd.DataFrame(rows, columns=["session_id", "user_id", "score", "max_score"])
        sessions = sessions.astype({"score": "float64", "max_score": "float64"})
        roster = sessions[["session_id", "user_id"]].assign(group=[dice.choice("xy") for _ in rows])
        with lnb.connect_local(sessions=sessions, progress=False) as lrn:
            lrn.api.timing = Timing(sleep=lambda seconds: time.sleep(seconds / 10))
            walked = lrn.build_dataset(roster, levels=["group"]).walk()
        text = json.dumps(json.loads(walked.to_json()), allow_nan=False)
        assert not [word for word in ("NaN", "Infinity") if word in text]
        numbers = walked.select_dtypes("float64").to_numpy().ravel()
        assert not any(math.isinf(found) for found in numbers)
        figures["strange files taken or refused as they should"] += 1


MILLION = """
import json, re, sys
import pyarrow.compute, pyarrow.json
from pathlib import Path
from learnosity_nb.local.datasets.intake import read_lines
def peak():  # ru_maxrss would be that of the process that started this one
    return int(re.findall(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[0])
before = peak()
read = read_lines(Path(sys.argv[1]), "0.ndjson", 2)
print(json.dumps([read.faults.as_dict(), read.warnings.as_dict(), read.lines.num_rows, (peak() - before) // 1024]))
"""


def read_million(path: Path, other: Callable[[Dice], bytes]) -> tuple[list[int], list[Any]]:
    """Read a file with a thousand other lines among a million; return their places, and what was found of them."""
    dice = random.Random(7)
    places = set(dice.sample(range(1_000_000), 1000))
    with path.open("wb") as file:
        for number in range(1_000_000):
            file.write(other(dice) if number in places else line(dice))
            file.write(b"\n")
    package = str(Path(__file__).parents[2])
    run = subprocess.run(
        [sys.executable, "-c", MILLION, str(path)], capture_output=True, check=True, env={"PYTHONPATH": package}
    )
    *found, megabytes = json.loads(run.stdout)
    print(f"{megabytes} MB")
    assert 20 < megabytes < GROWTH, f"{megabytes} MB"
    return [number + 1 for number in sorted(places)], found


@pytest.mark.soak
def test_a_thousand_wrong_lines_among_a_million_are_found_in_bounded_memory(tmp_path, figures) -> None:
    places, (faults, warnings, rows) = read_million(tmp_path / "file", lambda dice: without(dice, "user_id"))
    assert (faults["kinds"], warnings["kinds"], rows) == ({"missing_key": 1000}, {}, 0)
    assert [fault["line"] for fault in faults["first"]] == places[:FAULTS_SHOWN]
    figures["wrong lines found among a million"] += 1000


@pytest.mark.soak
def test_a_million_lines_with_a_thousand_odd_ones_are_kept_in_bounded_memory(tmp_path, figures) -> None:
    places, (faults, warnings, rows) = read_million(tmp_path / "file", lambda dice: more(dice, b"1"))
    assert (faults["kinds"], warnings["kinds"], rows) == ({}, {"unknown_key": 1000}, 1_000_000)
    assert [fault["line"] for fault in warnings["first"]] == places[:FAULTS_SHOWN]
    figures["odd lines found among a million"] += 1000
