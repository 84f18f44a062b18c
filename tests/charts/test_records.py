from __future__ import annotations

import json

import altair as alt
import numpy as np
import pandas as pd

from learnosity_nb.charts import split_chart
from learnosity_nb.charts.records import records


def test_rows_become_json() -> None:
    frame = pd.DataFrame(
        {
            "text": ["a", None],
            "whole": pd.array([1, None], dtype="Int64"),
            "number": [np.inf, 0.5],
            "time": pd.to_datetime(["2026-02-01", None]),
            "flag": [True, False],
            "numpy": pd.Series([np.float64(2.5), pd.NA], dtype="object"),
        }
    )
    rows = records(frame)
    assert rows == [
        {"text": "a", "whole": 1, "number": None, "time": "2026-02-01T00:00:00", "flag": True, "numpy": 2.5},
        {"text": None, "whole": None, "number": 0.5, "time": None, "flag": False, "numpy": None},
    ]
    json.dumps(rows, allow_nan=False)


def test_hashed_names_become_numbers_in_order_of_use() -> None:
    first = alt.Chart(pd.DataFrame({"a": [1]})).mark_point().encode(x="a:Q")
    second = alt.Chart(pd.DataFrame({"a": [2]})).mark_line().encode(x="a:Q")
    spec, datasets = split_chart(first + second + first)
    assert datasets == {"data_1": [{"a": 1}], "data_2": [{"a": 2}]}
    assert [part["data"] for part in spec["layer"]] == [{"name": "data_1"}, {"name": "data_2"}, {"name": "data_1"}]
    other = alt.Chart(pd.DataFrame({"a": [5]})).mark_point().encode(x="a:Q")
    assert split_chart(other + second)[0]["layer"][0] == spec["layer"][0]


def test_inline_values_stay_where_they_are() -> None:
    chart = alt.Chart(alt.InlineData(values=[{"a": 1}], name="mine")).mark_point().encode(x="a:Q")
    spec, datasets = split_chart(chart)
    assert spec["data"] == {"name": "mine", "values": [{"a": 1}]}
    assert datasets == {}
