from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learnosity_nb.errors import ColumnError, InputError
from learnosity_nb.files import csv_files
from learnosity_nb.files.columns import SESSIONS
from learnosity_nb.files.csv_files import csv_source
from learnosity_nb.files.tables import read_table

HEADER = "session_id,user_id,score,max_score\n"
File = Callable[[str, str | bytes], Path]


def refused(path: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        read_table(path, SESSIONS)
    return caught.value


def test_ids_keep_their_leading_zeros(file: File) -> None:
    assert read_table(file("a.csv", HEADER + "007,0012,1,2\n"), SESSIONS).to_pylist() == [
        {"session_id": "007", "user_id": "0012", "score": 1.0, "max_score": 2.0}
    ]


@pytest.mark.parametrize(
    "content",
    [
        HEADER + "s,u,1,2\n",
        HEADER + "s,u,1,2",
        "\ufeff" + HEADER + "s,u,1,2\n",
        HEADER.replace("\n", "\r\n") + "s,u,1,2\r\n",
        "\n" + HEADER + "\ns,u,1,2\n\n\n",
        HEADER.replace(",", ";") + "s;u;1;2\n",
        HEADER.replace(",", "\t") + "s\tu\t1\t2\n",
        'note,"session_id","user_id",score,max_score\n"a ""b"",\nc",s,u,"1",2\n',
        '"session_id";"user_id";"score";"max_score";"Note, incl. bonus, late ""work"", retakes, other"\ns;u;1;2;\n',
        '"Note,\n,,,,";session_id;user_id;score;max_score\n;s;u;1;2\n',
        '5" disk;session_id;user_id;score;max_score;",,,,,,,"\n;s;u;1;2;\n',
        "sep=;\r\n" + HEADER.replace(",", ";") + "s;u;1;2\n",
        '\ufeff"SEP=|"\n' + HEADER.replace(",", "|") + "s|u|1|2",
        "sep=,\nsession_id,user_id,score,max_score,;;;;;;;\ns,u,1,2,\n",
    ],
    ids=[
        "plain",
        "no-final-newline",
        "bom",
        "crlf",
        "blank-lines",
        "semicolons",
        "tabs",
        "quotes",
        "delimiters-in-quotes",
        "delimiters-in-a-quoted-line-break",
        "a-lone-quote",
        "a-named-semicolon",
        "a-named-bar",
        "a-named-comma",
    ],
)
def test_the_same_row_however_it_is_written(content: str, file: File) -> None:
    assert read_table(file("a.csv", content), SESSIONS).to_pylist() == [
        {"session_id": "s", "user_id": "u", "score": 1.0, "max_score": 2.0}
    ]


def test_empty_cells_are_null_quoted_or_not(file: File) -> None:
    rows = read_table(file("a.csv", HEADER + 's,u,,""\n'), SESSIONS).to_pylist()
    assert rows == [{"session_id": "s", "user_id": "u", "score": None, "max_score": None}]


@pytest.mark.parametrize("content", [HEADER, HEADER.strip(), HEADER.strip() + "\r\n"])
def test_a_header_alone_is_an_empty_table(content: str, file: File) -> None:
    table = read_table(file("a.csv", content), SESSIONS)
    assert (table.num_rows, table.column_names) == (0, ["session_id", "user_id", "score", "max_score"])


def test_a_decimal_comma_is_a_fault_that_shows_the_point(file: File) -> None:
    error = refused(file("a.csv", HEADER.replace(",", ";") + "s;u;7,5;10\n"))
    assert "a.csv, line 2, score: expected a number such as 7.5" in str(error)


def test_faults_name_the_line_also_after_cells_with_line_breaks_and_blank_lines(file: File) -> None:
    error = refused(file("a.csv", HEADER + '"s\n\n1",u,1,2\n\ns2,u,x,2\ns3,,1,2\n'))
    assert [(fault.line, fault.key) for fault in error.faults] == [(6, "score"), (7, "user_id")]


def test_a_line_that_names_the_delimiter_is_counted_as_a_line(file: File) -> None:
    error = refused(file("a.csv", "sep=;\n" + HEADER.replace(",", ";") + "s;u;x;2\n"))
    assert [(fault.line, fault.key) for fault in error.faults] == [(3, "score")]
    assert "a.csv is empty" in str(refused(file("a.csv", "sep=;\n")))


def test_rows_of_the_wrong_length_are_all_named(file: File) -> None:
    error = refused(file("a.csv", HEADER + "a,b,1\n" * 25 + "a,b,1,2\n" + "a,b,1,2,3\n"))
    assert error.kinds == {"row_length": 26}
    assert str(error.faults[0]) == "a.csv, line 2: expected 4 cells as in the header, found 3"


def test_a_quote_that_is_never_closed_is_a_fault_not_lost_rows(file: File) -> None:
    error = refused(file("a.csv", HEADER + 's,u,1,2\nt,u,1,"2\nv,u,1,2\n'))
    assert [(fault.kind, fault.line) for fault in error.faults] == [("not_csv", 3)]


def test_a_lone_quote_inside_a_cell_is_text(file: File) -> None:
    assert read_table(file("a.csv", HEADER + 's,5" disk,1,2\n'), SESSIONS)["user_id"].to_pylist() == ['5" disk']


def test_lines_that_are_not_utf8_are_named(file: File) -> None:
    error = refused(file("a.csv", HEADER.encode() + b"s,u,1,2\ns2,Jos\xe9,1,2\n"))
    assert [(fault.kind, fault.line) for fault in error.faults] == [("bad_encoding", 3)]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf\r\n \n", "is empty"),
        ("a,b\n".encode("utf-16"), "UTF-16"),
        ("a,b\n".encode("utf-16-be"), "no column"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"PK\x03\x04", "workbook"),
        (b"PAR1", "Rename it to end in .parquet"),
    ],
)
def test_other_formats_are_told_apart(content: bytes, said: str, file: File) -> None:
    assert said in str(refused(file("a.csv", content)))


def test_a_directory_in_place_of_a_file_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.csv").mkdir()
    with pytest.raises(InputError, match=r"a\.csv cannot be read: "):
        csv_source(tmp_path / "a.csv", {"score": "number"})


def test_a_row_longer_than_the_block_is_refused(file: File, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_files, "BLOCK", 64)
    assert "a row is longer than 64 bytes" in str(refused(file("a.csv", HEADER + "s" * 200 + ",u,1,2\n")))


def test_a_header_without_known_columns_names_what_is_missing(file: File) -> None:
    error = refused(file("a.csv", "pupil,mark\nx,1\n"))
    assert isinstance(error, ColumnError)
    assert "no column `user_id`; did you mean `pupil`?" in str(error)
    assert "no column `score`; did you mean `mark`?" in str(error)
    assert str(error).startswith(
        "a.csv cannot be used: it has none of the columns needed. Those it has: 'pupil, mark'."
    )


def test_a_header_that_is_one_column_is_shown(file: File) -> None:
    error = refused(file("a.csv", HEADER.replace(",", "|") + "s|u|1|2\n"))
    assert "Those it has: 'session_id|user_id|score|max_score'." in str(error)


def test_a_header_name_that_comes_twice_is_a_fault(file: File) -> None:
    error = refused(file("a.csv", "session_id,user_id,score,score,max_score\ns,u,1,1,2\n"))
    assert [(fault.kind, fault.key) for fault in error.faults] == [("column_twice", "score")]


words = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=5).filter(
    lambda text: text.strip() and not text.startswith("\ufeff")
)


@settings(deadline=None, max_examples=150)
@given(users=st.lists(words, min_size=1, max_size=6), newline=st.sampled_from(["\n", "\r\n"]))
def test_what_pythons_csv_writes_is_read_back(users: list[str], newline: str, tmp_path_factory: object) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator=newline, quoting=csv.QUOTE_ALL)
    writer.writerow(["session_id", "user_id", "score", "max_score"])
    writer.writerows([[f"s{number}", user, 1, 2] for number, user in enumerate(users)])
    path = tmp_path_factory.mktemp("csv") / "a.csv"  # type: ignore[attr-defined]
    path.write_bytes(text.getvalue().encode())
    assert read_table(path, SESSIONS)["user_id"].to_pylist() == users
