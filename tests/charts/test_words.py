from __future__ import annotations

import pandas as pd
import pytest

from learnosity_nb.charts.words import counted, field_title, measure_of, number_text, ordinal


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.001, "0"),
        (1204.0, "1,204"),
        (62.4666, "62.47"),
        (0.125, "0.13"),
        (-0.125, "-0.13"),
        (10.0, "10"),
        (0.5, "0.5"),
        (9.99e20, "999,000,000,000,000,000,000"),
        (-4.25e301, "-4.25e+301"),
        (float("inf"), "inf"),
        (float("nan"), "nan"),
    ],
)
def test_numbers_are_short(value: float, text: str) -> None:
    assert number_text(value) == text


@pytest.mark.parametrize(
    ("field", "title"),
    [
        ("mean_percent", "Mean percent of maximum"),
        ("median_score", "Median score (points)"),
        ("p05_score", "5th percentile of score (points)"),
        ("p50_score", "50th percentile of score (points)"),
        ("stddev_percent", "Standard deviation of percent of maximum"),
        ("highest_score", "Highest score (points)"),
        ("population", "Learners"),
        ("group_count", "Groups directly below"),
        ("mean_seen_activities", "Mean activities seen"),
        ("mean_attempted_percent", "Mean attempted (percent of maximum)"),
        ("something_new", "something_new"),
    ],
)
def test_a_field_has_a_title_with_its_unit(field: str, title: str) -> None:
    assert field_title(field) == title


@pytest.mark.parametrize(
    ("field", "columns", "measure"),
    [
        ("score", [], "score"),
        ("p10_percent", [], "percent"),
        ("population", ["median_percent"], "percent"),
        ("population", ["mean_score", "mean_attempted_percent"], "score"),
        ("something_new", ["made_up_percent"], "score"),
    ],
)
def test_what_a_field_is_about(field: str, columns: list[str], measure: str) -> None:
    assert measure_of(field, pd.DataFrame(columns=columns)) == measure


def test_counting_and_ordering_words() -> None:
    assert [counted(1, "group"), counted(2410, "group")] == ["1 group", "2,410 groups"]
    assert [ordinal(number) for number in (1, 2, 3, 4, 11, 12, 13, 21, 95)] == [
        "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "95th",
    ]  # fmt: skip
