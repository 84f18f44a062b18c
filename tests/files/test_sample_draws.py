from __future__ import annotations

import numpy as np
import pytest

from learnosity_nb.files.sample_draws import Draws, negative_binomial


def test_the_bits_are_pinned() -> None:
    assert Draws(2026, "pin").bits(4).tolist() == [259534042, 1618519077, 1468974832, 2596348591]


def test_subjects_have_streams_of_their_own() -> None:
    assert Draws(1, "a").bits(5).tolist() != Draws(1, "b").bits(5).tolist()
    assert Draws(1, "a").bits(5).tolist() != Draws(2, "a").bits(5).tolist()


@pytest.mark.parametrize("bound", [1, 2, 10, 86400, 2**31])
def test_whole_numbers_stay_below_their_bound(bound: int) -> None:
    drawn = Draws(3, "below").below(bound, 4000)
    assert drawn.dtype == np.int64
    assert 0 <= drawn.min() <= drawn.max() < bound
    assert abs(drawn.mean() - (bound - 1) / 2) <= 0.05 * bound


def test_each_number_may_have_its_own_bound() -> None:
    bounds = np.arange(1, 1001)
    assert (Draws(3, "below").below(bounds, 1000) < bounds).all()


def test_things_happen_as_often_as_said() -> None:
    draws = Draws(4, "happens")
    assert not draws.happens(0, 1000).any()
    assert draws.happens(1000, 1000).all()
    assert abs(draws.happens(300, 100_000).mean() - 0.3) < 0.01


def test_positions_are_picked_by_weight() -> None:
    counts = np.bincount(Draws(5, "pick").pick((1, 0, 3), 8000), minlength=3)
    assert counts[1] == 0
    assert abs(counts[2] / counts[0] - 3) < 0.3


def test_bells_have_mean_0_and_deviation_1000() -> None:
    drawn = Draws(6, "bell").bell(50_000)
    assert abs(drawn.mean()) < 15
    assert abs(drawn.std() - 1000) < 15


def test_shuffling_keeps_every_number() -> None:
    assert sorted(Draws(7, "shuffle").shuffled(100).tolist()) == list(range(100))


def test_counts_follow_the_negative_binomial_with_shape_2() -> None:
    ends = negative_binomial((1, 3), longest=30)
    row = np.repeat(np.array([0, 1]), 40_000)
    counts = Draws(8, "counts").counts(ends, row)
    for number, mean in enumerate((1, 3)):
        own = counts[row == number]
        assert abs(own.mean() - mean) < 0.08
        assert abs(own.var() - (mean + mean**2 / 2)) < 0.3


@pytest.mark.parametrize("method", ["bits", "bell", "shuffled"])
def test_nothing_can_be_drawn(method: str) -> None:
    assert len(getattr(Draws(1, "none"), method)(0)) == 0
