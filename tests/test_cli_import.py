"""``learnosity-nb import``, run as an analyst runs it, up to the frames of the imported course."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner, Result

import learnosity_nb as lnb
from learnosity_nb.cli import main

COURSE = "course-v1:edX+DemoX+Demo_2014"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["import", *(str(argument) for argument in arguments)])


def event(username: str, day: int, success: str = "incorrect") -> dict[str, Any]:
    return {
        "username": username,
        "event_type": "problem_check",
        "event_source": "server",
        "time": f"2026-01-{day:02d}T12:00:00+00:00",
        "context": {"course_id": COURSE},
        "event": {"problem_id": "p1", "success": success},
    }


def test_edx_logs_become_a_course_that_can_be_asked(tmp_path: Path) -> None:
    plain, packed = tmp_path / "a.log", tmp_path / "b.log.gz"
    plain.write_text(
        "".join(json.dumps(event("ada", day)) + "\n" for day in (1, 2, 20, 20)) + "oops\n", encoding="utf-8"
    )
    packed.write_bytes(gzip.compress(json.dumps(event("bo", 10, "correct")).encode()))
    done = run("edx-logs", plain, packed, "-o", tmp_path / "data")
    assert done.exit_code == 0, done.output
    assert "engagement.parquet: 5 rows" in done.output
    assert "6 lines read: 0 about other things, 1 left out (not_json: 1)" in done.output
    assert "a.log, line 5: not a JSON object" in done.output
    with lnb.connect_local(tmp_path / "data") as lrn:
        frame = lrn.learners(COURSE).set_index("username")
        assert frame["problems_attempted"].to_dict() == {"ada": 1, "bo": 0}
        assert frame["in_disengaging"].to_dict() == {"ada": False, "bo": True}
        days = lrn.engagement_timeline(COURSE, "ada", problem_attempts=True)
        assert days.loc["2026-01-20", ["problems_attempted", "problem_attempts"]].tolist() == [1, 2]
        assert len(days) == 20


def test_oulad_becomes_a_course_that_can_be_asked(tmp_path: Path) -> None:
    place = {"code_module": "AAA", "code_presentation": "2013J", "id_student": [1, 2]}
    info = pd.DataFrame({**place, "final_result": ["Pass", "Withdrawn"]})
    clicks = pd.DataFrame({**place, "id_site": 5, "date": [3, 4], "sum_click": [2, 9]})
    for name, frame in (("studentInfo", info), ("studentVle", clicks)):
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
    done = run("oulad", tmp_path, "-o", tmp_path / "data")
    assert done.exit_code == 0, done.output
    with lnb.connect_local(tmp_path / "data") as lrn:
        frame = lrn.learners("course-v1:OU+AAA+2013J").set_index("username")
        assert frame["videos_viewed"].to_dict() == {"1": 1, "2": 1}
        assert frame["in_unenrolled"].to_dict() == {"1": False, "2": True}


@pytest.mark.parametrize("command", ["edx-logs", "oulad"])
def test_what_cannot_be_imported_is_a_message_and_no_traceback(tmp_path: Path, command: str) -> None:
    refused = run(command, tmp_path / "absent", "-o", tmp_path / "data")
    assert refused.exit_code == 1
    assert refused.output.startswith("Error: ")
    assert "absent" in refused.output


def test_import_explains_itself() -> None:
    shown = run("--help")
    assert shown.exit_code == 0
    for command in ("edx-logs", "oulad"):
        assert command in shown.output
        assert run(command, "--help").exit_code == 0
