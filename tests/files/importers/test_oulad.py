"""OULAD on a tiny hand-made set of its files."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from learnosity_nb.errors import InputError
from learnosity_nb.files.columns import ENGAGEMENT, LEARNERS
from learnosity_nb.files.importers.oulad import import_oulad
from learnosity_nb.files.tables import read_table

FILES = {
    "studentInfo": """\
code_module,code_presentation,id_student,gender,region,final_result
AAA,2013J,11391,M,East Anglian Region,Pass
AAA,2013J,28400,F,Scotland,Withdrawn
BBB,2013B,11391,M,East Anglian Region,Fail
""",
    "studentVle": """\
code_module,code_presentation,id_student,id_site,date,sum_click
AAA,2013J,11391,546652,-10,4
AAA,2013J,11391,546652,-10,1
AAA,2013J,11391,546614,0,11
AAA,2013J,28400,546614,365,1
BBB,2013B,11391,600000,27,2
""",
    "vle": """\
id_site,code_module,code_presentation,activity_type,week_from,week_to
546652,AAA,2013J,forumng,?,?
546614,AAA,2013J,homepage,?,?
600000,BBB,2013B,ouelluminate,?,?
""",
    "assessments": """\
code_module,code_presentation,id_assessment,assessment_type,date,weight
AAA,2013J,1752,TMA,19,10
""",
    "studentAssessment": """\
id_assessment,id_student,date_submitted,is_banked,score
1752,11391,18,0,78
1752,28400,22,0,39
1752,30268,-1,1,60
1752,31604,17,0,?
""",
}
AAA, BBB = "course-v1:OU+AAA+2013J", "course-v1:OU+BBB+2013B"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "oulad"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def rows(folder: Path) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in read_table(folder / "engagement.parquet", ENGAGEMENT).to_pylist()]


def test_clicks_and_assessments_become_engagement(source: Path, tmp_path: Path) -> None:
    report = import_oulad(source, tmp_path / "data")
    assert rows(tmp_path / "data") == [
        (AAA, "11391", date(2013, 9, 21), "discussion", "contributed", "546652", 5),
        (AAA, "11391", date(2013, 10, 1), "video", "viewed", "546614", 11),
        (AAA, "11391", date(2013, 10, 19), "problem", "attempted", "1752", 1),
        (AAA, "11391", date(2013, 10, 19), "problem", "completed", "1752", 1),
        (AAA, "28400", date(2013, 10, 23), "problem", "attempted", "1752", 1),
        (AAA, "28400", date(2014, 10, 1), "video", "viewed", "546614", 1),
        (AAA, "31604", date(2013, 10, 18), "problem", "attempted", "1752", 1),
        (BBB, "11391", date(2013, 2, 28), "discussion", "contributed", "600000", 2),
    ]
    assert (report.lines, report.other, report.skipped) == (3 + 5 + 3 + 1 + 4, 1, {})
    assert report.rows == {"learners": 4, "engagement": 8}


def test_a_withdrawn_learner_is_not_enrolled(source: Path, tmp_path: Path) -> None:
    import_oulad(source, tmp_path / "data")
    people = read_table(tmp_path / "data" / "learners.parquet", LEARNERS).to_pylist()
    assert [tuple(row.values()) for row in people] == [
        (AAA, "11391", True),
        (AAA, "28400", False),
        (AAA, "31604", True),
        (BBB, "11391", True),
    ]


def test_files_beside_the_two_main_ones_may_be_missing(source: Path, tmp_path: Path) -> None:
    for name in ("vle", "assessments", "studentAssessment"):
        (source / f"{name}.csv").unlink()
    import_oulad(source, tmp_path / "data")
    assert {row[3:5] for row in rows(tmp_path / "data")} == {("video", "viewed")}


@pytest.mark.parametrize(
    ("name", "line", "kind"),
    [
        ("studentVle", "AAA,2013J,11391,546652,0", "row_length"),
        ("studentVle", "AAA,2013J,11391,546652,x,1", "bad_number"),
        ("studentVle", "AAA,2013J,11391,546652,999999999,1", "bad_number"),
        ("studentVle", "AAA,2013J,11391,546652,0,0", "bad_number"),
        ("studentVle", "AAA,2013J,,546652,0,1", "missing_value"),
        ("studentVle", "AAA,2013J,11391,546652,0,99999999999999999999", "bad_number"),
        ("studentVle", "AAA,13J,11391,546652,0,1", "bad_course"),
        ("studentVle", "AAA,0000J,11391,546652,0,1", "bad_course"),
        ("studentVle", "A A,2013J,11391,546652,0,1", "bad_course"),
        ("studentInfo", "AAA,2013J,11391,M,Wales,Pass", "duplicate_learner"),
        ("studentAssessment", "9,11391,18,0,78", "unknown_assessment"),
        ("studentAssessment", "1752,11391,18,0,good", "bad_number"),
        ("studentAssessment", "1752,11391,?,0,50", "bad_number"),
    ],
)
def test_a_row_that_cannot_be_used_is_named_and_the_others_stay(
    source: Path, tmp_path: Path, name: str, line: str, kind: str
) -> None:
    import_oulad(source, tmp_path / "plain")
    path = source / f"{name}.csv"
    number = path.read_text(encoding="utf-8").count("\n") + 1
    path.write_text(f"{FILES[name]}{line}\n\n", encoding="utf-8")
    report = import_oulad(source, tmp_path / "data")
    assert report.skipped == {kind: 1}
    assert [(fault.file, fault.line) for fault in report.faults] == [(f"{name}.csv", number)]
    assert rows(tmp_path / "data") == rows(tmp_path / "plain")


def test_a_row_that_is_not_csv_ends_its_file_only(source: Path, tmp_path: Path) -> None:
    path = source / "studentInfo.csv"
    path.write_text(FILES["studentInfo"] + "x" * 200_000 + "\n", encoding="utf-8")
    report = import_oulad(source, tmp_path / "data")
    assert report.skipped == {"not_csv": 1}
    assert report.rows["engagement"] == 8


@pytest.mark.parametrize("missing", ["studentInfo", "studentVle"])
def test_a_main_file_that_is_missing_is_an_error(source: Path, tmp_path: Path, missing: str) -> None:
    (source / f"{missing}.csv").unlink()
    with pytest.raises(InputError, match=f"{missing}.csv"):
        import_oulad(source, tmp_path / "data")
    assert list((tmp_path / "data").iterdir()) == []


def test_a_file_that_lacks_a_column_is_an_error(source: Path, tmp_path: Path) -> None:
    (source / "studentVle.csv").write_text("id_student,date\n", encoding="utf-8")
    with pytest.raises(InputError, match="lacks code_module, code_presentation, id_site, sum_click"):
        import_oulad(source, tmp_path / "data")
