from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learnosity_nb.charts.spreads import (
    STEPS,
    counted_values,
    distribution_rows,
    ecdf_rows,
    middle_rows,
    outline_rows,
    said_of_thinning,
    value_at,
)
from learnosity_nb.errors import ColumnError, InputError

Spread = Callable[[Sequence[float]], pd.DataFrame]


def counts_of(values: Sequence[float]) -> pd.DataFrame:
    found, counts = np.unique(np.asarray(values, dtype=np.float64), return_counts=True)
    return pd.DataFrame({"value": found, "count": counts})


def test_the_bins_of_real_marks_are_what_sql_counts(chem97: pd.DataFrame, spread: Spread) -> None:
    bars = distribution_rows(spread(chem97["score"].tolist()))
    query = """
        select score, count(*), 100.0 * count(*) / sum(count(*)) over () from chem97 group by score order by score
    """
    with duckdb.connect() as database:
        database.register("chem97", chem97)
        expected = database.execute(query).fetchall()
    assert [(float(row.label), row.count_) for row in bars.rename(columns={"count": "count_"}).itertuples()] == [
        (score, count) for score, count, _ in expected
    ]
    assert bars["share"].tolist() == pytest.approx([share for _, _, share in expected])


def test_an_empty_bin_has_a_row(spread: Spread) -> None:
    bars = distribution_rows(spread([1, 1, 2, 4]))
    assert bars["count"].tolist() == [2, 1, 0, 1]
    assert bars["label"].tolist() == ["1", "2", "3", "4"]
    assert bars["group"].tolist() == [""] * 4


def test_groups_share_their_edges(spread: Spread) -> None:
    bars = distribution_rows({"a": spread([1, 2]), "b": spread([9])})
    edges = [part[["start", "end"]].to_numpy().tolist() for _, part in bars.groupby("group", sort=False)]
    assert edges[0] == edges[1]
    assert bars.groupby("group")["share"].sum().tolist() == pytest.approx([100, 100])


def test_a_number_of_bins_and_edges_by_hand(spread: Spread) -> None:
    values = spread([0.1, 33.0, 71.3, 100.0])
    assert len(distribution_rows(values, bins=4)) <= 4
    with pytest.raises(InputError, match="from 3 to 200, or edges, not 2"):
        distribution_rows(values, bins=2)
    assert distribution_rows(values, bins=[0, 50, 100])["count"].tolist() == [2, 2]


def test_values_that_nobody_has_and_missing_ones_do_not_count() -> None:
    frame = pd.DataFrame({"value": [2.0, np.nan, 1.0, np.inf], "count": [3, 5, 0, 2]})
    assert counted_values(frame).to_dict("list") == {"value": [2.0], "count": [3]}


@pytest.mark.parametrize("rows", [distribution_rows, ecdf_rows, middle_rows])
def test_an_empty_distribution_has_no_rows(rows: Callable[[pd.DataFrame], pd.DataFrame], spread: Spread) -> None:
    found = rows(spread([]))
    assert not len(found)
    assert rows(spread([1]))[:0].dtypes.equals(found.dtypes)


def test_the_outline_goes_from_zero_to_zero(spread: Spread) -> None:
    outline = outline_rows(distribution_rows({"a": spread([1, 2, 2])}))
    assert outline["value"].tolist() == [0.5, 0.5, 1.5, 2.5]
    assert outline["share"].tolist() == pytest.approx([0, 100 / 3, 200 / 3, 0])


@settings(deadline=None)
@given(st.lists(st.integers(-50, 150), min_size=1, max_size=80))
def test_the_steps_are_the_shares_at_or_below(values: list[int]) -> None:
    steps = ecdf_rows(counts_of(values))
    assert steps["share"].iloc[0] == 0
    for step in steps[1:].itertuples():
        assert step.share == pytest.approx(100 * sum(value <= step.value for value in values) / len(values))


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32), st.integers(STEPS + 1, 5000))
def test_thinned_steps_are_exact_and_never_half_a_point_low(seed: int, size: int) -> None:
    values = np.sort(np.random.default_rng(seed).normal(size=size))
    steps = ecdf_rows(counts_of(values.tolist()))
    assert len(steps) <= STEPS + 1
    drawn = steps["share"].to_numpy()[np.searchsorted(steps["value"], values, side="right") - 1]
    true = 100 * np.arange(1, size + 1) / size
    assert np.all(true - drawn >= -1e-9)
    assert np.all(true - drawn < 100 / STEPS + 1e-9)
    assert steps["share"].iloc[-1] == 100


def test_thinning_is_said(spread: Spread) -> None:
    many, few = spread(list(range(1000))), spread([1, 2])
    assert said_of_thinning(few, ecdf_rows(few)) is None
    assert "200 steps" in str(said_of_thinning(many, ecdf_rows(many)))
    two = {"a": many, "b": few}
    assert "less than 1 points too low" in str(said_of_thinning(two, ecdf_rows(two)))


@settings(deadline=None)
@given(st.lists(st.integers(0, 20), min_size=1, max_size=50))
def test_the_middle_is_the_median(values: list[int]) -> None:
    assert middle_rows(counts_of(values))["value"].tolist() == [statistics.median(values)]


@settings(deadline=None)
@given(st.lists(st.integers(0, 20), min_size=1, max_size=50), st.floats(0, 1))
def test_a_quantile_is_numpys(values: list[int], share: float) -> None:
    assert value_at(counts_of(values), share) == pytest.approx(np.quantile(values, share))


def test_no_more_than_six_groups(spread: Spread) -> None:
    with pytest.raises(InputError, match="1 to 6 distributions, not 7"):
        distribution_rows({str(number): spread([1]) for number in range(7)})


def test_a_frame_that_is_no_distribution_is_told_so() -> None:
    with pytest.raises(ColumnError) as failure:
        ecdf_rows({"Oregon": pd.DataFrame({"value": [1.0]}), "Kestrel": pd.DataFrame({"n": [1]})})
    assert [fault.key for fault in failure.value.faults] == ["Oregon", "Kestrel", "Kestrel"]
