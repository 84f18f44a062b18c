"""The differences of pairs of groups, with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..compute.comparison import cliffs_delta, hedges_g, mean_difference, median_difference_interval
from ..domain.group_paths import GroupPath, group_id
from .measuring import GroupValues, moments

__all__ = ["differences", "group_number"]


def differences(
    pairs: Sequence[tuple[GroupValues, GroupValues]], seeds: Sequence[list[int]], confidence: float
) -> dict[str, Any]:
    """Return the columns of differences, the second of each pair less the first."""
    first, second = (moments([pair[at] for pair in pairs]) for at in (0, 1))
    means, sizes = mean_difference(first, second, confidence), hedges_g(first, second, confidence)
    medians = [_median_interval(*pair, seed, confidence) for pair, seed in zip(pairs, seeds, strict=True)]
    return {
        "mean_difference": means.value,
        "mean_difference_low": means.low,
        "mean_difference_high": means.high,
        "median_difference": [two.median - one.median for one, two in pairs],
        "median_difference_low": [low for low, _ in medians],
        "median_difference_high": [high for _, high in medians],
        "hedges_g": sizes.value,
        "hedges_g_low": sizes.low,
        "hedges_g_high": sizes.high,
        "cliffs_delta": [
            cliffs_delta(one.counts, two.counts) if one.counts and two.counts else np.nan for one, two in pairs
        ],
    }


def group_number(path: GroupPath) -> int:
    """Return a number of a group, as part of a seed, that is the same wherever the group is compared."""
    return int(group_id(path)[:16], 16)


def _median_interval(one: GroupValues, two: GroupValues, seed: list[int], confidence: float) -> tuple[float, float]:
    if one.counts is None or two.counts is None:
        return np.nan, np.nan
    return median_difference_interval(one.counts, two.counts, confidence, np.random.default_rng(seed))
