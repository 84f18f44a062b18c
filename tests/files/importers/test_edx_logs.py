"""edX tracking logs: which events count, for whom, on which day; and lines that cannot be used."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learnosity_nb.errors import InputError
from learnosity_nb.files.columns import ENGAGEMENT, LEARNERS
from learnosity_nb.files.importers import edx_logs, writing
from learnosity_nb.files.importers.edx_logs import import_edx_logs
from learnosity_nb.files.tables import read_table

COURSE = "course-v1:edX+DemoX+Demo_2014"
PROBLEM = {"problem_id": "block-v1:p1", "success": "incorrect"}


def event(event_type: str = "problem_check", data: Any = PROBLEM, **changes: Any) -> dict[str, Any]:
    usual = {
        "username": "ada",
        "event_type": event_type,
        "event_source": "server",
        "time": "2013-12-17T15:38:32.805444+00:00",
        "context": {"course_id": COURSE, "org_id": "edX"},
        "event": data,
    }
    return {**usual, **changes}


def log(path: Path, *lines: Any) -> Path:
    text = b"".join(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n" for line in lines)
    path.write_bytes(text)
    return path


def rows(folder: Path) -> list[tuple[Any, ...]]:
    table = read_table(folder / "engagement.parquet", ENGAGEMENT)
    return sorted(tuple(row.values())[1:] for row in table.to_pylist())


def run(tmp_path: Path, *lines: Any) -> Any:
    return import_edx_logs([log(tmp_path / "tracking.log", *lines)], tmp_path / "data")


DAY = date(2013, 12, 17)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (event(), [("problem", "attempted", "block-v1:p1")]),
        (
            event(data={**PROBLEM, "success": "Correct"}),
            [("problem", "attempted", "block-v1:p1"), ("problem", "completed", "block-v1:p1")],
        ),
        (event(data={"problem_id": "p"}), [("problem", "attempted", "p")]),
        (
            event("play_video", json.dumps({"id": " v1 ", "code": "x"}), event_source="browser"),
            [("video", "viewed", "v1")],
        ),
        (event("play_video", {"id": "v1"}, event_source="mobile"), [("video", "viewed", "v1")]),
        (event("edx.forum.thread.created", {"commentable_id": "t"}), [("discussion", "contributed", "t")]),
        (event("edx.forum.response.created", {"commentable_id": "t"}), [("discussion", "contributed", "t")]),
        (event("edx.forum.comment.created", {"commentable_id": "t"}), [("discussion", "contributed", "t")]),
        (event(data={**PROBLEM, "problem_id": "x" * 300}), [("problem", "attempted", "x" * 255)]),
        (event(username="  ada  "), [("problem", "attempted", "block-v1:p1")]),
        (
            b"Dec 17 15:38:32 host tracking: " + json.dumps(event()).encode() + b"\n",
            [("problem", "attempted", "block-v1:p1")],
        ),
    ],
)
def test_e48_an_event_becomes_its_rows(tmp_path: Path, line: Any, expected: list[tuple[str, ...]]) -> None:
    report = run(tmp_path, line)
    assert rows(tmp_path / "data") == [("ada", DAY, *each, 1) for each in expected]
    assert (report.lines, report.other, report.skipped) == (1, 0, {})
    people = read_table(tmp_path / "data" / "learners.parquet", LEARNERS).to_pylist()
    assert people == [{"course_id": COURSE, "username": "ada", "enrolled": True}]


@pytest.mark.parametrize(
    "line",
    [
        event(event_source="browser"),
        event("problem_graded"),
        event("pause_video", {"id": "v"}),
        event("edx.forum.searched", {"commentable_id": "t"}),
        event("edx.forum.thread.voted", {"commentable_id": "t"}),
        event("/courses/x/info", "{}"),
        event(None),
        {"no": "event"},
    ],
)
def test_e48_an_event_about_something_else_is_passed_over(tmp_path: Path, line: Any) -> None:
    report = run(tmp_path, event(), line)
    assert (report.lines, report.other, report.skipped) == (2, 1, {})
    assert len(rows(tmp_path / "data")) == 1


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (b"not an event\n", "not_json"),
        (b'{"event_type": "problem_check"\n', "not_json"),
        (b"[1, 2]\n", "not_json"),
        (b'{"username": "\xff"}\n', "not_json"),
        (event(username=""), "no_username"),
        (event(username="   "), "no_username"),
        (event(username=None), "no_username"),
        (event(username=7), "no_username"),
        (event(username="x" * 31), "long_username"),
        (event(context={}), "no_course"),
        (event(context=None), "no_course"),
        (event(context={"course_id": " "}), "no_course"),
        (event(data={"success": "correct"}), "no_entity"),
        (event(data={"problem_id": ""}), "no_entity"),
        (event(data={"problem_id": 5}), "no_entity"),
        (event(data=None), "no_event_data"),
        (event(data="not an object"), "no_event_data"),
        (event(data=[]), "no_event_data"),
        (event(time="yesterday"), "bad_time"),
        (event(time=None), "bad_time"),
        (event(time=1387294712), "bad_time"),
        (event(time="0001-01-01T00:00:00+14:00"), "bad_time"),
    ],
)
def test_a_line_that_cannot_be_used_is_named_and_the_others_stay(tmp_path: Path, line: Any, kind: str) -> None:
    report = run(tmp_path, b"\n", event(), line, event(username="bo"))
    assert report.skipped == {kind: 1}
    assert [(fault.kind, fault.file, fault.line) for fault in report.faults] == [(kind, "tracking.log", 3)]
    assert [row[0] for row in rows(tmp_path / "data")] == ["ada", "bo"]


def test_no_message_shows_a_username(tmp_path: Path) -> None:
    report = run(tmp_path, event(), event(username="CANARY" * 6), event(username="CANARY", time="x"))
    assert "CANARY" not in str(report) + repr(report.faults)


@pytest.mark.parametrize(
    ("time", "day"),
    [
        ("2013-12-17T23:30:00-05:00", date(2013, 12, 18)),
        ("2013-12-18T00:30:00+01:00", date(2013, 12, 17)),
        ("2013-12-17T15:38:32Z", date(2013, 12, 17)),
        ("2013-12-17T23:59:59.999999", date(2013, 12, 17)),
    ],
)
def test_e48_a_day_is_one_of_utc(tmp_path: Path, time: str, day: date) -> None:
    run(tmp_path, event(time=time))
    assert rows(tmp_path / "data")[0][1] == day


def test_the_first_twenty_lines_left_out_are_named_and_all_are_counted(tmp_path: Path) -> None:
    report = run(tmp_path, event(), *[event(username="")] * 15, *[b"{\n"] * 15)
    assert report.skipped == {"no_username": 15, "not_json": 15}
    assert [fault.line for fault in report.faults] == list(range(2, 22))
    said = str(report)
    assert "31 lines read: 0 about other things, 30 left out (no_username: 15, not_json: 15)" in said
    assert said.count("tracking.log, line") == 20


@pytest.mark.parametrize("name", ["a.log.gz", "a.log"])
def test_a_compressed_log_is_read_whatever_its_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(gzip.compress(json.dumps(event()).encode()))
    plain = log(tmp_path / "plain.log", event(username="bo"))
    report = import_edx_logs([tmp_path / name, plain], tmp_path / "data")
    assert report.rows == {"learners": 2, "engagement": 2}


@pytest.mark.parametrize("damage", [lambda whole: whole[:-20], lambda whole: whole[:3000] + b"\0" * 200 + whole[3200:]])
def test_a_log_that_breaks_off_keeps_what_came_before(tmp_path: Path, damage: Any) -> None:
    lines = [json.dumps(event(time=str(datetime(2020, 1, 1) + timedelta(hours=n)))) for n in range(5000)]
    (tmp_path / "a.gz").write_bytes(damage(gzip.compress("\n".join(lines).encode())))
    report = import_edx_logs([tmp_path / "a.gz", log(tmp_path / "b.log", event(username="bo"))], tmp_path / "data")
    assert report.skipped["damaged_log"] == 1
    assert report.faults[-1].file == "a.gz"
    assert {row[0] for row in rows(tmp_path / "data")} >= {"bo"}


def test_a_line_without_an_end_does_not_fill_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edx_logs, "LONGEST_LINE", 1000)
    report = run(tmp_path, event(), b"{" * 5500 + b"\n", event(username="bo"))
    assert report.skipped == {"not_json": 1}
    assert report.faults[0].line == 2
    assert report.rows["engagement"] == 2


def test_nothing_to_import_is_an_error_that_says_why_and_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"tracking.log, line 1.*not a JSON object") as caught:
        run(tmp_path, b"nothing\n")
    assert caught.value.kinds == {"not_json": 1}
    assert list((tmp_path / "data").iterdir()) == []


@pytest.mark.parametrize("there", ["engagement.csv", "learners.parquet"])
def test_files_that_are_there_are_not_overwritten(tmp_path: Path, there: str) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / there).write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match=there):
        run(tmp_path, event())
    assert (tmp_path / "data" / there).read_text(encoding="utf-8") == "mine"


def test_a_log_that_is_not_there_or_a_place_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"absent\.log"):
        import_edx_logs([tmp_path / "absent.log"], tmp_path / "data")
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be made"):
        import_edx_logs([], tmp_path / "file" / "data")


EVENTS = st.tuples(
    st.sampled_from(["ada", "bo"]),
    st.integers(0, 3),
    st.sampled_from(["p1", "p2"]),
    st.booleans(),
)


@settings(deadline=None, max_examples=40)
@given(st.lists(EVENTS, min_size=1, max_size=60), st.integers(1, 8))
def test_counts_add_up_however_little_is_kept_in_memory(tmp_path_factory, events, keys_at_once) -> None:
    lines, expected = [], Counter()
    for username, day, problem, solved in events:
        when = datetime(2020, 1, 1 + day, 12, tzinfo=UTC)
        data = {"problem_id": problem, "success": "correct" if solved else "incorrect"}
        lines.append(event(data=data, username=username, time=when.isoformat()))
        for action in ("attempted", "completed")[: 1 + solved]:
            expected[username, when.date(), "problem", action, problem] += 1
    folder = tmp_path_factory.mktemp("log")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writing, "KEYS_AT_ONCE", keys_at_once)
        report = run(folder, *lines)
    found = pd.DataFrame(rows(folder / "data"), columns=["u", "d", "t", "a", "e", "n"])
    assert len(found) == report.rows["engagement"]
    assert found.groupby(["u", "d", "t", "a", "e"])["n"].sum().to_dict() == dict(expected)
