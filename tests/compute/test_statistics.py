from __future__ import annotations

import numpy as np
import pytest

from learnosity_nb.compute.grouped import GroupedValues, rank_values
from learnosity_nb.compute.statistics import statistic
from learnosity_nb.domain.fields import GROUP_FIELDS, find_group_field

VALUES = GroupedValues(rank_values(np.array([1.0, 2.0, 4.0, 9.0])), np.array([4]))


@pytest.mark.parametrize(
    ("name", "figure"),
    [
        ("lowest_score", 1.0),
        ("highest_percent", 9.0),
        ("mean_score", 4.0),
        ("median_percent", 3.0),
        ("p00_score", 1.0),
        ("p25_score", 1.75),
        ("p90_percent", 7.5),
        ("mean_seen_activities", 4.0),
        ("stddev_score", (38 / 3) ** 0.5),
    ],
)
def test_each_field_is_its_statistic(name: str, figure: float) -> None:
    field = find_group_field(name)
    assert field is not None
    assert statistic(field, VALUES).tolist() == pytest.approx([figure], rel=1e-15)


@pytest.mark.parametrize("name", ["population", "group_count"])
def test_a_counted_field_is_not_taken_over_values(name: str) -> None:
    with pytest.raises(ValueError, match="is counted"):
        statistic(GROUP_FIELDS[name], VALUES)
