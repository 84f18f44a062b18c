from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from learnosity_nb.errors import ColumnError, InputError
from learnosity_nb.pages.page_charts import chart_data
from learnosity_nb.pages.page_data import figure_values, plain_values, table_data, tree_of

GROUPS = {("A", "x"): [10.0, 20.0, 30.0], ("B", "y"): [50.0]}


@pytest.mark.parametrize(
    ("column", "values"),
    [
        (pd.Series([1.5, np.nan, np.inf, -np.inf]), [1.5, None, None, None]),
        (pd.array([1, None], dtype="Int64"), [1, None]),
        (pd.array(["a", None], dtype="str"), ["a", None]),
        (pd.array([True, None], dtype="boolean"), [True, None]),
        ([("a", "b"), ["c"], np.array([1.0, np.nan])], [["a", "b"], ["c"], [1.0, None]]),
        (pd.to_datetime(["2026-01-31T08:00", None]), ["2026-01-31T08:00:00", None]),
        (pd.Series([complex(1, 2)], dtype=object), ["(1+2j)"]),
    ],
)
def test_values_become_json(column, values):
    assert plain_values(pd.Series(column)) == values


def test_a_zone_column_brings_its_ranges():
    frame = pd.DataFrame({"n": [1.0], "n_range": ["below_average"]})
    assert figure_values(frame, {"key": "n", "kind": "zone"})["zones"] == ["below"]
    with pytest.raises(ColumnError, match="n_range"):
        figure_values(frame[["n"]], {"key": "n", "kind": "zone"})


def test_a_tree_is_put_in_order_of_its_levels(faces):
    frame = faces.tree_frame(GROUPS).iloc[::-1]
    assert tree_of(frame, [])["group_path"].tolist() == [(), ("B",), ("A",), ("B", "y"), ("A", "x")]


def test_a_path_that_comes_twice_is_refused(faces):
    frame = faces.tree_frame(GROUPS)
    with pytest.raises(InputError, match="each once"):
        tree_of(pd.concat([frame, frame.tail(1)]), [])


def test_charts_are_those_that_the_groups_have_fields_for(faces):
    frame = tree_of(faces.tree_frame(GROUPS), [])
    kinds = lambda frame, counted: [one["key"] for one in chart_data(frame, "mean_percent", counted)["kinds"]]  # noqa: E731
    of_groups = ["percentiles", "ranking", "funnel", "attempted"]
    assert kinds(frame, faces.distributions(GROUPS)) == ["distribution", "ecdf", *of_groups]
    assert kinds(frame, None) == of_groups
    assert kinds(frame.drop(columns="median_percent"), None) == of_groups[1:]
    assert chart_data(frame[["group_path", "group_name", "group_id"]], "mean_percent", None) is None


def test_a_ranked_field_that_lacks_leaves_the_other_charts(faces):
    frame = tree_of(faces.tree_frame(GROUPS).drop(columns="mean_percent"), [])
    counted = faces.distributions(GROUPS) | {("B", "y"): pd.DataFrame({"value": [], "count": []})}
    data = chart_data(frame, "mean_percent", counted)
    assert [one["key"] for one in data["kinds"]] == ["distribution", "ecdf", "percentiles"]
    assert data["distributions"][-1]["values"] == []


def test_a_spec_has_no_name_and_no_number_of_the_data(faces):
    groups = {("Canary", "Vogel"): [12.25, 99.125]}
    data = chart_data(tree_of(faces.tree_frame(groups), []), "mean_percent", faces.distributions(groups))
    assert all(word not in str(data["kinds"]) for word in ("Canary", "Vogel", "12.25", "99.125"))


def test_a_table_has_a_row_above_it_that_is_not_shown(faces):
    frame = pd.DataFrame({"name": ["a", None], "n": [1, 2], "tag": ["x", None]})
    columns = [faces.column("name", "Name", "text"), faces.column("n", "N", "count")]
    data = table_data(
        frame, title="T", unit="rows", columns=columns, chips={"tag": "Tag"}, sort=None, notes=[], page_size=5
    )
    assert (data["names"], data["parents"]) == (["T", "a", ""], [-1, 0, 0])
    assert data["figures"] == [{"key": "n", "values": [None, 1, 2]}]
    assert data["chips"] == [{"group": "Tag", "of": [[], ["x"], []]}]
