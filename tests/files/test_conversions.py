"""The fast way and the exact way must agree on every column."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from learnosity_nb.errors import ColumnError
from learnosity_nb.files.columns import Column, Kind
from learnosity_nb.files.conversions import ARROW_TYPES, convert_column, fast_column
from learnosity_nb.files.findings import Findings
from learnosity_nb.files.values import read_value

KINDS: list[Kind] = ["text", "number", "whole", "time", "boolean", "date"]

texts = st.one_of(
    st.text(max_size=4),
    st.sampled_from(
        [
            "",
            " ",
            "7",
            "007",
            "-3",
            "+5",
            " 5",
            "0x10",
            "7.5",
            "1e5",
            "1e400",
            "-1e101",
            "nan",
            "-inf",
            "infinity",
            "True",
            "no",
            "1",
        ]
    ),
    st.sampled_from(["2026-01-31", "0000-01-01", "9999-12-31T23:59-01:00", "20260131", "2026-02-30", "1769860800000"]),
    st.integers(-(2**70), 2**70).map(str),
    st.floats().map(str),
    st.datetimes().map(str),
    st.datetimes(timezones=st.timezones()).map(datetime.isoformat),
    st.dates().map(str),
)
arrow_columns = st.one_of(
    st.lists(st.none() | texts).map(lambda values: pa.array(values, pa.string())),
    st.lists(st.none() | texts).map(lambda values: pa.array(values, pa.large_string())),
    st.lists(st.none() | texts).map(lambda values: pa.array(values, pa.string()).dictionary_encode()),
    st.lists(st.none() | st.integers(-(2**63), 2**63 - 1)).map(lambda values: pa.array(values, pa.int64())),
    st.lists(st.none() | st.integers(0, 2**64 - 1)).map(lambda values: pa.array(values, pa.uint64())),
    st.lists(st.none() | st.integers(-1, 2)).map(lambda values: pa.array(values, pa.int8())),
    st.lists(st.none() | st.floats()).map(lambda values: pa.array(values, pa.float64())),
    st.lists(st.none() | st.integers(-5, 2**40).map(float)).map(lambda values: pa.array(values, pa.float64())),
    st.lists(st.none() | st.booleans()).map(lambda values: pa.array(values, pa.bool_())),
    st.lists(st.none() | st.dates()).map(lambda values: pa.array(values, pa.date32())),
    st.lists(st.none() | st.datetimes()).map(lambda values: pa.array(values, pa.timestamp("us"))),
    st.lists(st.none() | st.datetimes()).map(lambda values: pa.array(values, pa.timestamp("us", "America/Sao_Paulo"))),
    st.lists(st.none()).map(lambda values: pa.array(values, pa.null())),
    st.just(pa.array([10**13], pa.timestamp("s"))),
    st.just(pa.array([1], pa.duration("s"))),
    st.just(pa.array([1], pa.decimal128(5, 2))),
)


def one_by_one(column: pa.ChunkedArray, kind: Kind) -> pa.ChunkedArray | None:
    try:
        values = [read_value(value, kind) for value in column.to_pylist()]
    except (ValueError, OverflowError):
        return None
    return pa.chunked_array([pa.array(values, ARROW_TYPES[kind])])


@settings(deadline=None, max_examples=400)
@given(column=arrow_columns, kind=st.sampled_from(KINDS))
@example(column=pa.array(["2026-01-31T08:00:00.123456+05:30", None]), kind="time")
@example(column=pa.array(["2026-01-31 08:00", "2026-01-31"]), kind="time")
@example(column=pa.array(["1769860800", "0"]), kind="time")
@example(column=pa.array(["2026-01-31", None]), kind="date")
@example(column=pa.array(["+5", "7.5"]), kind="number")
@example(column=pa.array(["true", "0"]), kind="boolean")
@example(column=pa.array([100_000_000_000]), kind="time")
def test_the_fast_way_agrees_with_reading_each_value_or_declines(column: pa.Array, kind: Kind) -> None:
    raw = pa.chunked_array([column])
    fast = fast_column(raw, kind)
    if fast is not None:
        exact = one_by_one(raw, kind)
        assert exact is not None
        assert fast.equals(exact)


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize(
    ("zone", "days"),
    [
        ("America/New_York", [date(2026, 1, 31), date(2026, 2, 1), None]),
        ("+09:30", [date(2026, 2, 1), date(2026, 2, 1), None]),
        ("UTC", [date(2026, 2, 1), date(2026, 2, 1), None]),
        (None, [date(2026, 2, 1), date(2026, 2, 1), None]),
    ],
)
def test_the_day_of_a_time_with_a_zone_is_the_day_there(unit: str, zone: str | None, days: list[date | None]) -> None:
    times = pa.array([datetime(2026, 2, 1, 4), datetime(2026, 2, 1, 12), None], pa.timestamp(unit, zone))
    fast = fast_column(pa.chunked_array([times]), "date")
    assert fast is not None
    assert fast.to_pylist() == days
    assert [read_value(text, "date") for text in times.cast(pa.string()).to_pylist()] == days


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["a", None, "007"], "text"),
        ([1, 2], "text"),
        (["1.5", "", "2"], "number"),
        ([1.5, float("nan")], "number"),
        ([1.0, float("nan")], "whole"),
        (["5", "-6"], "whole"),
        (["2026-01-31T08:00:00Z", "2026-01-31 08:00:00+02:00"], "time"),
        (["2026-01-31", "2026-01-31T08:00:00.5"], "time"),
        ([1769860800.0, None], "time"),
        (["1769860800"], "time"),
        ([date(2026, 1, 31)], "time"),
        ([datetime(2026, 1, 31)], "date"),
        (["2026-01-31"], "date"),
        (["True", "false"], "boolean"),
        ([0, 1], "boolean"),
        ([None, None], "boolean"),
    ],
)
def test_usual_columns_go_the_fast_way(values: list[Any], kind: Kind) -> None:
    assert fast_column(pa.chunked_array([pa.array(values, from_pandas=True)]), kind) is not None


@pytest.mark.parametrize("value", [1.1e100, -1.1e100, float("inf")])
@pytest.mark.parametrize("other", [1.0, None, float("nan")])
@pytest.mark.parametrize("kind", [pa.float64(), pa.string()])
def test_a_number_too_large_to_reckon_with_is_a_fault_the_fast_way_too(
    value: float, other: float | None, kind: pa.DataType
) -> None:
    findings = Findings(None, lambda rows: [row + 1 for row in rows])
    values = [1e100, other, value]
    texts = [None if each is None else str(each) for each in values]
    raw = pa.chunked_array([pa.array(texts if kind == pa.string() else values, kind)])
    assert fast_column(raw, "number") is None
    assert convert_column(raw, Column("score", "number", "points"), findings).to_pylist()[::2] == [1e100, None]
    with pytest.raises(ColumnError, match="row 3, score: expected a"):
        findings.raise_if_any("no")


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (pa.array([True]), "number"),
        (pa.array([1], pa.duration("s")), "number"),
        (pa.array([b"a"]), "text"),
        (pa.array([10**13], pa.timestamp("s")), "time"),
        (pa.array([10**18], pa.timestamp("s")), "date"),
    ],
)
def test_a_column_of_the_wrong_kind_is_a_fault_in_each_row(values: pa.Array, kind: Kind) -> None:
    findings = Findings(None, lambda rows: [row + 1 for row in rows])
    converted = convert_column(pa.chunked_array([values]), Column("a", kind, "a column"), findings)
    assert converted.equals(pa.chunked_array([pa.array([None], ARROW_TYPES[kind])]))
    with pytest.raises(ValueError, match="row 1, a: expected"):
        findings.raise_if_any("no")


@pytest.mark.parametrize(
    ("values", "kind", "name"),
    [
        (pd.period_range("2026-01", periods=2, freq="M"), "text", "pandas.period"),
        (pd.period_range("2026-01", periods=2, freq="M"), "number", "pandas.period"),
        pytest.param(
            *(pd.Categorical(pd.period_range("2026-01", periods=2, freq="M")), "text", "pandas.period"),
            marks=pytest.mark.skipif(int(pa.__version__.split(".")[0]) < 25, reason="older Arrow makes no such array"),
        ),
        (pd.interval_range(0, 2), "text", "pandas.interval"),
        (pd.date_range("2026-01-01", periods=2), "text", "timestamp"),
        (pd.Categorical(pd.date_range("2026-01-01", periods=2)), "text", "timestamp"),
        (pd.to_timedelta([1, 2], unit="s"), "text", "duration"),
        (pa.array([0, 1], pa.date32()), "text", "date32"),
    ],
)
def test_a_column_that_would_be_read_as_something_else_is_one_fault(values: Any, kind: Kind, name: str) -> None:
    findings = Findings(None, lambda rows: [row + 1 for row in rows])
    found = values if isinstance(values, pa.Array) else pa.array(pd.Series(values), from_pandas=True)
    converted = convert_column(pa.chunked_array([found]), Column("term", kind, "a term", filled=True), findings)
    assert converted.equals(pa.chunked_array([pa.nulls(2, ARROW_TYPES[kind])]))
    with pytest.raises(ColumnError, match=rf"term: the column holds values of type {name}.*\.astype\(str\)") as caught:
        findings.raise_if_any("no")
    assert [fault.kind for fault in caught.value.faults] == [f"bad_{kind}"]


def test_an_extension_of_text_is_text() -> None:
    raw = pa.chunked_array([pa.array(['"a"', None], pa.json_())])
    assert convert_column(raw, Column("a", "text", "a"), Findings(None, list)).to_pylist() == ['"a"', None]


def test_a_pandas_column_of_the_right_kind_is_not_copied() -> None:
    series = pd.Series([1.0, 2.0, 3.0])
    raw = pa.chunked_array([pa.array(series, from_pandas=True)])
    converted = convert_column(raw, Column("score", "number", "points"), Findings(None, list))
    assert converted.chunk(0).buffers()[1].address == series.to_numpy().ctypes.data


def test_a_private_column_shows_no_value() -> None:
    findings = Findings(None, lambda rows: [row + 1 for row in rows])
    convert_column([b"Ada"], Column("name", "text", "a name", private=True), findings)
    with pytest.raises(ValueError, match="expected text") as caught:
        findings.raise_if_any("no")
    assert "Ada" not in str(caught.value)


def test_missing_and_blank_values_of_a_filled_column_are_faults_both_ways() -> None:
    column = Column("user_id", "text", "who", required=True, filled=True)
    for raw in (["a", None, " ", "", 2.5], pa.chunked_array([["a", None, " ", "", "b"]])):
        findings = Findings(None, lambda rows: [row + 1 for row in rows])
        convert_column(raw, column, findings)
        with pytest.raises(ValueError) as caught:
            findings.raise_if_any("no")
        places = {(fault.kind, fault.line) for fault in caught.value.faults}  # type: ignore[attr-defined]
        assert places - {("bad_text", 5)} == {("missing_value", 2), ("blank_text", 3), ("missing_value", 4)}


@settings(deadline=None)
@given(st.lists(st.sampled_from(["a", "b", "c", "", " ", None]), max_size=8), st.integers(0, 8))
@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_a_repeating_column_is_a_dictionary_of_the_same_texts(
    kind: pa.DataType, values: list[str | None], cut: int
) -> None:
    chunks = [pa.array(part, kind) for part in (values[:cut], values[cut:])]
    plain = pa.chunked_array(chunks)
    for raw in (plain, pa.chunked_array([chunk.dictionary_encode() for chunk in chunks])):
        read, said = [], []
        for repeats in (False, True):
            findings = Findings(None, list)
            read.append(convert_column(raw, Column("x", "text", "", filled=True, repeats=repeats), findings))
            said.append(_faults(findings))
        assert read[1].type == pa.dictionary(pa.int32(), pa.string())
        assert read[0].to_pylist() == read[1].to_pylist()
        assert said[0] == said[1]


def _faults(findings: Findings) -> object:
    try:
        findings.raise_if_any("no")
    except ColumnError as error:
        return error.faults
    return ()


def test_a_dictionary_that_has_a_text_twice_is_read_as_one_text() -> None:
    twice = pa.DictionaryArray.from_arrays(pa.array([0, 1, 0], pa.int8()), pa.array(["a", "a"]))
    column = Column("x", "text", "", filled=True, repeats=True)
    read = convert_column(pa.chunked_array([twice]), column, Findings(None, list))
    assert read.combine_chunks().dictionary.to_pylist() == ["a"]
