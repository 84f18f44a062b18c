from __future__ import annotations

import math

import numpy as np
import pytest

from learnosity_nb.compute.engagement import COUNTS, METRICS, RATIO
from learnosity_nb.compute.ranges import Ranges
from learnosity_nb.compute.segments import SEGMENTS, find_segments

INF = math.inf
PLAIN = dict.fromkeys(METRICS, Ranges((0.0, 2.0), (2.0, 5.0), (5.0, INF)))


def segments(
    enrolled: bool = True, active: bool = True, before: bool = True, ranges: dict[str, Ranges] = PLAIN, **values: float
) -> list[str]:
    given = {metric: np.array([values.get(metric, math.nan if metric == RATIO else 0.0)]) for metric in METRICS}
    [bits] = find_segments(np.array([enrolled]), np.array([active]), np.array([before]), given, ranges).tolist()
    return [name for place, name in enumerate(SEGMENTS) if bits >> place & 1]


@pytest.mark.parametrize(
    ("active", "before", "found"),
    [(True, True, []), (True, False, []), (False, True, ["disengaging"]), (False, False, ["inactive"])],
)
def test_two_weeks_of_activity_tell_inactive_from_disengaging(active: bool, before: bool, found: list[str]) -> None:
    assert segments(active=active, before=before) == found
    assert segments(enrolled=False, active=active, before=before) == ["unenrolled", *found]


@pytest.mark.parametrize("metric", COUNTS)
def test_one_count_above_average_is_highly_engaged(metric: str) -> None:
    assert segments(**{metric: 5.0}) == ["highly_engaged"]
    assert segments(**{metric: 4.99}) == []


@pytest.mark.parametrize(("ratio", "found"), [(5.0, ["struggling"]), (INF, ["struggling"]), (4.99, []), (math.nan, [])])
def test_a_ratio_above_average_is_struggling_and_none_at_all_is_not(ratio: float, found: list[str]) -> None:
    assert segments(**{RATIO: ratio}) == found


def test_a_learner_may_be_highly_engaged_and_struggling() -> None:
    assert segments(enrolled=False, videos_viewed=9.0, **{RATIO: INF}) == ["unenrolled", "highly_engaged", "struggling"]


def test_without_a_range_above_average_nobody_is_in_it() -> None:
    narrow = dict.fromkeys(METRICS, Ranges((0.0, 4.0), (4.0, INF), None))
    assert segments(ranges=narrow, videos_viewed=99.0, **{RATIO: INF}) == []


def test_infinity_is_above_average_where_the_range_begins_at_infinity() -> None:
    wide = dict.fromkeys(METRICS, Ranges((0.0, 1.0), (1.0, INF), (INF, INF)))
    assert segments(ranges=wide, **{RATIO: INF}) == ["struggling"]
    assert segments(ranges=wide, **{RATIO: 1e9}) == []
