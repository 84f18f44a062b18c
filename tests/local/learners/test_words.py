from __future__ import annotations

import pyarrow as pa
import pytest

from learnosity_nb.local.learners.words import NameWords

NAMES = ["Ann O'Brien", None, "", "  ", "Çelik-Yılmaz, ann", "Jean-Luc 'JL' Picard", "J. R. R. Tolkien", "ΣΑΣ 3"]


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("ann", [0, 4]),
        ("ANN", [0, 4]),
        ("o'brien", [0]),
        ("brien", []),
        ("çelik", [4]),
        ("c\u0327elik", [4]),
        ("celik", []),
        ("jl", [5]),
        ("'JL'", [5]),
        ("luc tolkien", [5, 6]),
        ("r", [6]),
        ("3", [7]),
        ("an", []),
        ("", []),
        (" -,. ", []),
        ("'", []),
    ],
)
def test_names_are_found_by_whole_words_in_any_case(query: str, rows: list[int]) -> None:
    assert NameWords(pa.array(NAMES)).rows_with(query).nonzero()[0].tolist() == rows


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("Οδυσσεύς", "ΟΔΥΣΣΕΎΣ"),
        ("Straße", "STRASSE"),
        ("Ünal", "U\u0308NAL"),
        ("ΐδιος", "Ι\u0308\u0301ΔΙΟΣ"),
        ("ﬁna", "FINA"),
    ],
)
def test_case_is_no_matter_in_any_script(name: str, query: str) -> None:
    for known, asked in ((name, query), (query, name)):
        assert NameWords(pa.array([known])).rows_with(asked).tolist() == [True]


@pytest.mark.parametrize("names", [[], [None], [None, None, ""]])
def test_without_a_name_nobody_is_found(names: list[str | None]) -> None:
    assert NameWords(pa.array(names, pa.string())).rows_with("ann").tolist() == [False] * len(names)
