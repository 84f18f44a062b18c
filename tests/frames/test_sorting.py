from __future__ import annotations

from functools import cmp_to_key

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learnosity_nb.errors import InputError
from learnosity_nb.frames.sorting import sort_frame

names = st.text(alphabet="ab\uff5e\U0001f600É", max_size=3)  # U+FF5E comes before U+1F600, but not as UTF-16 units
rows = st.lists(st.tuples(names, st.sampled_from([None, 1.0, 2.0, -1.5]), st.sampled_from([None, 3, 7]), names))


def frame_of(given_rows: list[tuple[str, float | None, int | None, str]]) -> pd.DataFrame:
    columns = list(zip(*given_rows, strict=True)) or [()] * 4
    dtypes = {"group_name": "str", "mean": "float64", "population": "Int64", "place": "str"}
    series = {
        name: pd.Series(list(values), dtype=dtype)
        for (name, dtype), values in zip(dtypes.items(), columns, strict=True)
    }
    return pd.DataFrame({**series, "row": np.arange(len(given_rows))})


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("field", ["mean", "population", "group_name", "place"])
@given(given_rows=rows)
@settings(deadline=None, max_examples=40)
def test_nulls_come_last_and_ties_by_name(field: str, order: str, given_rows: list) -> None:
    position = {"group_name": 0, "mean": 1, "population": 2, "place": 3}[field]

    def compare(one: tuple, other: tuple) -> int:
        left, right = one[1][position], other[1][position]
        if left == right:
            return (one[1][0] > other[1][0]) - (one[1][0] < other[1][0]) or one[0] - other[0]
        if left is None or right is None:
            return 1 if left is None else -1
        return ((left > right) - (left < right)) * (1 if order == "asc" else -1)

    expected = [number for number, _ in sorted(enumerate(given_rows), key=cmp_to_key(compare))]
    found = sort_frame(frame_of(given_rows), field, order)
    assert found["row"].tolist() == expected
    assert found.index.tolist() == list(range(len(given_rows)))


def test_ties_can_stand_by_another_column() -> None:
    frame = pd.DataFrame({"username": ["b", "a", "c"], "score": [1, 1, 2]})
    assert sort_frame(frame, "score", "desc", tie="username")["username"].tolist() == ["c", "a", "b"]
    assert frame["username"].tolist() == ["b", "a", "c"]


@pytest.mark.parametrize("field", ["group_path", "no such column", None])
def test_a_column_without_an_order_is_refused(field: str) -> None:
    frame = pd.DataFrame({"group_name": ["a"], "group_path": [("a",)]})
    with pytest.raises(InputError, match="no column"):
        sort_frame(frame, field, "asc")


def test_the_order_is_one_of_two_words() -> None:
    with pytest.raises(InputError, match="asc or desc, not 'ascending'"):
        sort_frame(frame_of([]), "mean", "ascending")
