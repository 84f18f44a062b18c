"""The kernel's own promises; the figures themselves are checked in `tests/test_summaries_*.py`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from learnosity_nb.compute.summary import DISTRIBUTED, Summary, summarize
from learnosity_nb.domain.fields import parse_fields

Make = Callable[..., Any]


@pytest.fixture
def small(roster_of: Make, sessions_of: Make) -> Callable[..., Summary]:
    """Two schools with two and three users; one of them never sat a session."""
    marks = {"ann": 4.0, "bob": 4.0, "cy": 10.0, "di": 4.0, "eve": None}
    roster = roster_of([(user, [f"s-{user}"], ("A" if user < "c" else "B",)) for user in marks])
    table = sessions_of(
        [
            {
                "session_id": f"s-{user}",
                "user_id": user,
                "score": mark,
                "max_score": 8.0,
                "dt_completed": datetime(2026, 1, 1, tzinfo=UTC),
            }
            for user, mark in marks.items()
        ]
    )

    def run(fields: list[str], **options: Any) -> Summary:
        return summarize(roster, table, parse_fields(fields) if fields else (), **options)

    return run


def test_figures_come_in_the_order_asked_for_with_their_kinds(small: Make) -> None:
    names = ["mean_score", "population", "group_count", "p90_percent"]
    figures = small(names).figures
    assert list(figures) == names
    assert {name: values.dtype for name, values in figures.items()} == {
        "mean_score": np.float64,
        "population": np.int64,
        "group_count": np.int64,
        "p90_percent": np.float64,
    }
    assert figures["population"].tolist() == [5, 2, 3]
    assert figures["group_count"].tolist() == [2, 0, 0]
    assert figures["mean_score"].tolist() == [5.5, 4, 7]


def test_no_fields_are_no_figures(small: Make) -> None:
    summary = small([])
    assert summary.figures == {}
    assert summary.distributions == {}
    assert summary.tree.sizes == (1, 2)


def test_distributions_are_counted_for_score_and_percent_also_when_no_field_asks(small: Make) -> None:
    spread = small(["population"], distributions=True).distributions
    assert list(spread) == list(DISTRIBUTED)
    score = spread["score"]
    assert list(zip(score.groups.tolist(), score.values.tolist(), score.counts.tolist(), strict=True)) == [
        (0, 4.0, 3),
        (0, 10.0, 1),
        (1, 4.0, 2),
        (2, 4.0, 1),
        (2, 10.0, 1),
    ]
    assert spread["percent"].values.tolist() == [50, 125, 50, 50, 125]


def test_distributions_do_not_come_unasked(small: Make) -> None:
    assert small(["mean_score", "mean_percent"]).distributions == {}


def test_distributions_change_no_figure(small: Make) -> None:
    fields = ["mean_seen_activities", "mean_score", "stddev_percent"]
    plain, spread = small(fields), small(fields, distributions=True)
    for name in fields:
        np.testing.assert_array_equal(plain.figures[name], spread.figures[name])


def test_bounds_reach_the_sessions(small: Make) -> None:
    summary = small(["population", "mean_score", "mean_seen_activities"], mintime=datetime(2026, 1, 2, tzinfo=UTC))
    assert summary.figures["population"].tolist() == [5, 2, 3]
    assert np.isnan(summary.figures["mean_score"]).all()
    assert summary.figures["mean_seen_activities"].tolist() == [0, 0, 0]
    assert summary.counted.uncounted == 5
