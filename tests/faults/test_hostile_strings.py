"""One list of hostile names, every place where a name goes: it stays text, and it stays the name it was.

What a browser shows is tested in a browser, with the explorers and the exported page.
"""

from __future__ import annotations

import csv
import json
import logging
import pickle
import re
from html.parser import HTMLParser
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

import learnosity_nb as lnb
from learnosity_nb.files.exports import write_frame

NAMES = [
    *[
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "</script><script>",
        "<b>bold</b>",
        "</td></table>",
    ],
    *["javascript:alert(1)", "{{7*7}}", "${7*7}", "&lt;b&gt;", "&amp;amp;", "<!--", "]]>", "' onmouseover='alert(1)"],
    *[
        '=HYPERLINK("http://x","y")',
        "+1+cmd|' /C calc'!A0",
        "@SUM(1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "-3.5",
        "－1",
        "＝1+1",
        "'=1",
    ],
    *["../../etc/passwd", "..%2f..%2f", "C:\\x", "a/b", ".", "..", "con", "n" * 300, "a\x00b", "a\r\nSet-Cookie: x=y"],
    *["\u2028", "x\u202eyx", "🧑‍🏫", "'; DROP TABLE jobs;--", '" OR 1=1 --', "%s%n%d", "{0}", "{self.__class__}"],
    *[
        "__proto__",
        "constructor",
        "toString",
        "hasOwnProperty",
        "__class__",
        "$\\alpha$",
        "\\href{javascript:alert(1)}{x}",
    ],
    *[
        'datum["a\'b"]',
        "a.b[c]:d",
        "[x](javascript:alert(1))",
        "`rm -rf`",
        "$(id)",
        "null",
        "NaN",
        "true",
        "1e400",
        "0",
    ],
]
NAMES = [name for name in NAMES if name.strip()]
TABLE_TAGS = {"table", "thead", "tbody", "tr", "th", "td"}
PAGE_TAGS = TABLE_TAGS | {"html", "head", "meta", "title", "style", "body"}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A data set whose schools, classes, users and sessions all have hostile names."""
    folder = tmp_path_factory.mktemp("data")
    lists = [[name] for name in NAMES]  # a text that begins with a bracket would be read as a list
    roster = pd.DataFrame({"user_id": NAMES, "session_id": lists, "school": NAMES, "class": NAMES[::-1]})
    sessions = pd.DataFrame({"session_id": NAMES, "user_id": NAMES, "score": 1.0, "max_score": 2.0})
    sessions.to_parquet(folder / "sessions.parquet")
    learners = pd.DataFrame({"course_id": "course-v1:a+b+c", "username": NAMES, "name": NAMES, "cohort": NAMES})
    learners.assign(email=learners["name"]).to_parquet(folder / "learners.parquet")
    engagement = learners[["course_id", "username"]].assign(
        date="2026-03-01", entity_type="problem", event="attempted", entity_id=NAMES, count=1
    )
    engagement.to_parquet(folder / "engagement.parquet")
    with lnb.connect_local(folder, progress=False) as lrn:
        yield folder, lrn, lrn.build_dataset(roster, levels=["school", "class"], user_fields=["score"])


@pytest.fixture(scope="module")
def walked(built) -> pd.DataFrame:
    return built[2].walk()


@pytest.fixture(autouse=True)
def counted(figures, request):
    yield
    if "built" in request.fixturenames:
        figures["hostile names that stayed text and stayed themselves, over all sinks"] += (
            1 if "name" in request.fixturenames else len(NAMES)
        )


def schools(frame: pd.DataFrame) -> list[str]:
    return sorted(frame.loc[frame["level"] == 1, "school"])


def test_there_are_enough_of_them() -> None:
    assert len(set(NAMES)) == len(NAMES) >= 40


def test_frames_hold_the_names_as_they_are(built, walked) -> None:
    _, _, dataset = built
    assert schools(walked) == sorted(NAMES)
    assert sorted(dataset.groups()["group_name"]) == sorted(NAMES)
    for name, child in zip(NAMES, NAMES[::-1], strict=True):
        assert dataset.groups([name])["group_name"].tolist() == [child]
        assert dataset.users([name, child])["user_id"].tolist() == [name]


def test_file_names_are_made_of_hashes_and_numbers(built) -> None:
    folder, _, _ = built
    state = [path for path in (folder / ".learnosity_nb").rglob("*") if path.is_file()]
    kept = re.compile(r"[a-z0-9.\-_]+|\.gitignore")
    assert len(state) > 5
    assert [path.name for path in state if not kept.fullmatch(path.name)] == []
    assert {path.name for path in folder.iterdir()} == {
        *("sessions.parquet", "learners.parquet", "engagement.parquet", ".learnosity_nb")
    }


def test_the_database_holds_its_tables_still(built) -> None:
    _, lrn, dataset = built
    assert lrn.jobs(status=["completed"])["reference"].size >= 1
    assert dataset.group()["population"].tolist() == [len(NAMES)]


def test_csv_cells_are_no_formulas_and_come_back(walked, tmp_path) -> None:
    path = lnb.to_csv(walked, tmp_path / "out.csv")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    cells = [row["school"] for row in rows if row["level"] == "1"]
    assert not [
        cell for row in rows for cell in (row["school"], row["class"]) if re.match("[=+\\-@\t\r\n＝＋－＠]", cell)
    ]
    plain = [cell[1:] if re.match("'+[=+\\-@\t\r\n＝＋－＠]", cell) else cell for cell in cells]
    assert sorted(plain) == sorted(NAMES)
    assert sorted(next(iter(json.loads(row["group_path"]))) for row in rows if row["level"] == "1") == sorted(NAMES)


def test_excel_cells_are_texts_and_come_back(walked, tmp_path) -> None:
    # Excel's own format has no NUL, and makes every line end a line feed.
    printable = walked[~walked["group_path"].map(lambda path: any(mark in part for part in path for mark in "\x00\r"))]
    book = openpyxl.load_workbook(lnb.to_excel(printable, tmp_path / "out.xlsx"))
    header, *rows = book["school"].iter_rows()
    school = [cell.value for cell in header].index("school")
    assert {row[school].data_type for row in rows} <= {"s", "inlineStr"}
    found = sorted(row[school].value.removeprefix("'") for row in rows)
    assert found == sorted(name.removeprefix("'") for name in schools(printable))


class Page(HTMLParser):
    """Collects the elements, the attributes and the text of a page's cells."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.cells: list[str] = []

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag in {"td", "th"}:
            self.cells.append("")

    def handle_data(self, data) -> None:
        if self.cells:
            self.cells[-1] += data


def read_page(text: str) -> Page:
    page = Page()
    page.feed(text)
    page.close()
    return page


def test_html_tables_show_the_names_as_text(walked, tmp_path) -> None:
    write_frame(walked, tmp_path / "out.html")
    page = read_page((tmp_path / "out.html").read_text(encoding="utf-8"))
    assert page.tags <= PAGE_TAGS
    assert not [name for name in page.attributes if name.startswith("on")]
    shown = {cell.strip() for cell in page.cells}
    assert [name for name in NAMES if not re.search(r"[\x00-\x1f]", name) and name not in shown] == []


def test_notebook_tables_show_the_names_as_text(walked) -> None:
    with pd.option_context("display.max_rows", None, "display.max_columns", None):
        page = read_page(walked._repr_html_())
    assert page.tags <= TABLE_TAGS | {"div", "style", "p"}
    assert not [name for name in page.attributes if name.startswith("on")]


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_errors_quote_the_names_on_one_line(built, name) -> None:
    _, lrn, dataset = built
    for call in (
        lambda: dataset.group([name, name, name]),
        lambda: dataset.group([f"{name}?"]),
        lambda: lrn.learner("course-v1:a+b+c", f"{name}?"),
        lambda: lrn.learners(name),
        lambda: lrn.learners("course-v1:a+b+c", cohort=f"{name}?"),
        lambda: lrn.wait(f"{name}?"[:30] or "x", timeout=0),
        lambda: dataset.distribution([], field=name),
    ):
        with pytest.raises(lnb.LearnosityError) as caught:
            call()
        said = str(caught.value)
        assert [mark for mark in said if not mark.isprintable() and mark != "\n"] == []
        assert name.isprintable() or name not in said
        assert len(said) < 1500


def test_log_lines_are_not_broken_by_names(built, caplog) -> None:
    _, lrn, dataset = built
    with caplog.at_level(logging.DEBUG):
        for name in NAMES:
            assert dataset.groups([name]).shape[0] == 1
            assert lrn.learner("course-v1:a+b+c", name)["username"].tolist() == [name]
    told = [record.getMessage() for record in caplog.records]
    assert not [line for line in told if re.search(r"[\r\n\u2028\u202e\x00]", line)]


def test_learners_come_back_over_urls_json_and_csv(built) -> None:
    _, lrn, _ = built
    frame = lrn.learners("course-v1:a+b+c")
    assert sorted(frame["username"]) == sorted(NAMES)
    for name in NAMES:
        assert lrn.learners("course-v1:a+b+c", cohort=name)["username"].tolist() == [name]
        assert len(lrn.engagement_timeline("course-v1:a+b+c", name)) == 1


def test_frames_survive_pickling_and_parquet(walked, tmp_path: Path) -> None:
    write_frame(walked, tmp_path / "out.parquet")
    assert schools(pd.read_parquet(tmp_path / "out.parquet")) == sorted(NAMES)
    assert schools(pickle.loads(pickle.dumps(walked))) == sorted(NAMES)
