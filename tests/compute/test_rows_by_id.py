from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learnosity_nb.compute.rows_by_id import RowsById

TEXTS = st.lists(st.text("ab\u00e9\U0001f600", max_size=3), max_size=30)


@settings(deadline=None)
@given(TEXTS)
def test_every_row_is_found_by_its_text_and_by_no_other(texts: list[str]) -> None:
    rows = RowsById(pa.array(texts, pa.string()))
    for wanted in {*texts, "", "b", "zz"}:
        assert rows.find(wanted).tolist() == [row for row, text in enumerate(texts) if text == wanted]


@settings(deadline=None)
@given(TEXTS)
def test_the_order_is_by_text_and_row(texts: list[str]) -> None:
    order = RowsById(pa.chunked_array([pa.array(texts, pa.string())])).order.tolist()
    assert order == sorted(range(len(texts)), key=lambda row: (texts[row], row))


@pytest.mark.parametrize("column", [pa.array([], pa.string()), pa.chunked_array([], pa.string())])
def test_an_empty_column_has_no_rows(column) -> None:
    assert RowsById(column).find("a").tolist() == []
